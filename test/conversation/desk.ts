// What people send in a conversation, and what is answered to them: the bot's own handling over a stage's log.
import { makeHandleIncoming } from '../../bot/conversation/handle-incoming.ts';
import { makeTaskTableHandler } from '../../bot/projectors/task-table.ts';
import { refusal } from '../../core/error.ts';
import type { TaskId } from '../../core/ids.ts';
import type { Policy } from '../../core/policy/policy.ts';
import type { Chat, Incoming, Person, View } from '../../core/ports/chat.ts';
import type { Life } from './stage.ts';
import { now } from './stage.ts';

export function openDesk(stage: Life, policy: Policy, change: Partial<Chat> = {}) {
  const answers: View[] = [];
  const { store, submit } = stage;
  const table = makeTaskTableHandler(store);
  let [sent, read] = [0, 0];
  const never = async () => refusal('INTERNAL', 'nothing is read here');
  const handle = makeHandleIncoming({
    ...{ store, submit, readPolicy: async () => policy, clock: { now: () => new Date(now) }, newId: () => 'id' },
    readRepository: Object.assign(never, { current: () => null }),
    showReport: never,
    tasksAreCurrent: async () => {
      for (const stored of await store.readAfter(read, 10_000)) {
        await table(stored);
        read = stored.seq;
      }
    },
  });
  const chat = {
    ...stage.chat,
    ...change,
    start: async () => {},
    answer: async (_: Incoming, view: View) => void answers.push(view),
  };
  const send = (change: Pick<Incoming, 'content'> & Partial<Incoming>) => {
    sent += 1;
    return handle(chat, {
      ...{ conversation: stage.chat.conversation, person: stage.person, messageId: `sent-${sent}` },
      ...change,
    });
  };
  return {
    answers,
    send,
    say: (text: string, messageId: string, person: Person = stage.person) =>
      send({ content: { type: 'text', text }, messageId, person }),
    press: (task: TaskId, messageId: string, person: Person = stage.person) =>
      send({ content: { type: 'button', button: 'retry', task, revision: 0, hashPrefix: '' }, messageId, person }),
  };
}
