// A person who needs no living bot: what they ask and decide is decided and appended as a bot's handler does it. So a test can
// speak while every bot is dead, and to several tasks at once, where a scripted terminal would wait for each run.
import { randomUUID } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { readPolicyText } from '../../bot/policy-file.ts';
import type { Submitted } from '../../bot/submit.ts';
import { makeSubmit } from '../../bot/submit.ts';
import type { TaskId } from '../../core/ids.ts';
import { toActorId, toConversationId } from '../../core/ids.ts';
import type { TaskEvent, TaskEventType } from '../../core/task/event.ts';
import { finalEventTypes } from '../../core/task/event.ts';
import type { Lab } from './lab.ts';
import { until } from './until.ts';

export type Desk = {
  readonly ask: (request: string) => Promise<TaskId>;
  readonly approve: (task: TaskId) => Promise<Submitted>;
  readonly cancel: (task: TaskId) => Promise<Submitted>;
  readonly history: (task: TaskId) => Promise<readonly TaskEvent[]>;
  /** Resolves when the task's stream holds such an event, the n-th where n is given. */
  readonly sees: (task: TaskId, type: TaskEventType, nth?: number, timeoutMs?: number) => Promise<void>;
  /** Asked, planned and approved. */
  readonly order: (request: string) => Promise<TaskId>;
  /** Resolves to how it ended. */
  readonly ends: (task: TaskId, timeoutMs?: number) => Promise<TaskEventType>;
};

/** `name`: the terminal whose person this is; that terminal's bot shows the conversation. */
export function openDesk(lab: Pick<Lab, 'store' | 'env'>, name = 'local'): Desk {
  const { store } = lab;
  const person = { id: toActorId(`terminal:${name}`), name, roles: [] };
  const clock = { now: () => new Date() };
  const submit = makeSubmit({ log: store, clock });
  const policyFile = lab.env.POLICY_FILE ?? '';
  const readPolicy = async () => readPolicyText(policyFile, await readFile(policyFile, 'utf8'));
  const history = async (task: TaskId) => (await store.readTask(task)).map(({ event }) => event);

  async function ask(request: string): Promise<TaskId> {
    for (;;) {
      const task = await store.nextTask();
      const submitted = await submit(task, person.id, {
        type: 'receive',
        conversation: toConversationId(`terminal:${name}`),
        requester: person.id,
        request,
        messageId: randomUUID(),
      });
      if (submitted.type === 'accepted') return task;
    }
  }
  async function approve(task: TaskId): Promise<Submitted> {
    const now = clock.now().toISOString();
    return submit(task, person.id, { type: 'approve', person, on: {}, policy: await readPolicy(), now });
  }
  async function sees(task: TaskId, type: TaskEventType, nth = 1, timeoutMs = 60_000): Promise<void> {
    let types: readonly string[] = [];
    const what = () => `${type} of #${task}, ${nth} times (${types.join(' ')})`;
    await until(
      async () => {
        types = (await history(task)).map((event) => event.type);
        return types.filter((each) => each === type).length >= nth;
      },
      { timeoutMs, what },
    );
  }

  return {
    ...{ ask, approve, history, sees },
    cancel: async (task) =>
      submit(task, person.id, { type: 'cancel', person, policy: await readPolicy(), reason: 'no more' }),
    order: async (request) => {
      const task = await ask(request);
      await sees(task, 'plan.proposed');
      await approve(task);
      return task;
    },
    ends: async (task, timeoutMs = 60_000) => {
      let types: readonly TaskEventType[] = [];
      const what = () => `an end of #${task} (${types.join(' ')})`;
      return until(
        async () => {
          types = (await history(task)).map((event) => event.type);
          return types.find((type) => (finalEventTypes as readonly string[]).includes(type));
        },
        { timeoutMs, what },
      );
    },
  };
}
