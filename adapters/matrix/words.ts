// Words to Chiffon: after `!chiffon`, with a mention, in a room of two, or in a task's thread.
import type { OpenQuestion } from '../../core/chat/open-questions.ts';
import { isBareCommand, numberedAnswer } from '../../core/chat/typed-answer.ts';
import type { TaskId } from '../../core/ids.ts';
import { toTaskId } from '../../core/ids.ts';
import type { HandledIncoming, Incoming } from '../../core/ports/chat.ts';
import type { Answers } from './answers.ts';
import type { Api } from './api.ts';
import { isForbidden, isNotFound } from './api-error.ts';
import { planNamed } from './content.ts';
import type { Written } from './event.ts';
import type { OwnMessages } from './own-messages.ts';
import type { Places } from './places.ts';
import { keyOf } from './post-once.ts';
import type { Questions } from './questions.ts';
import { parseReference, referenceOf } from './reference.ts';
import { ownSentence } from './views/markup.ts';

type Parts = {
  readonly self: string;
  /** How people call the bot. */
  readonly name: string;
  readonly api: Api;
  readonly places: Places;
  readonly own: OwnMessages;
  readonly answers: Answers;
  readonly questions: Questions;
  /** Whether all that is said in a room is said to the bot. */
  readonly isDirect: (room: string) => Promise<boolean>;
  readonly handle: (incoming: Incoming) => Promise<HandledIncoming>;
};

const command = /^!chiffon\b[:,]?\s*/i;

export function makeWords(parts: Parts) {
  const { self, places, own, answers, questions } = parts;
  const calledAtStart = new RegExp(
    `^@?(?:${[self, self.slice(1).split(':')[0] ?? '', parts.name]
      .filter((name) => name !== '')
      .map(escaped)
      .join('|')})\\s*[:,]?\\s+`,
    'i',
  );

  return async (room: string, written: Written): Promise<void> => {
    if (written.sender === self) return;
    const { id, sender, sentAt, thread, replyTo } = written;
    const root = (await rootAt(room, thread)) ?? (await rootAt(room, replyTo));
    const called = calledText(written);
    const direct = await parts.isDirect(room);
    const said = called ?? written.body.trim();
    const text = said === '' && called !== null ? 'help' : said;
    const answer = numberedAnswer(text);
    const asked = answer === null ? undefined : questions.ofTask(answer.task);
    // A secret that is told in the wrong room is nobody's to read, whether Chiffon was called or not.
    if (called === null && root === null && !direct && asked?.secret !== true) return;
    const person = await places.personIn(room, sender);
    if (person === null) return;
    answers.asked(id, {
      room,
      replyTo: id,
      thread: threadFor(room, written, root),
      ofTask: root !== null,
      calls: null,
    });
    const conversation = await places.conversationOf(room);
    const card = written.isReply && replyTo !== null ? await own.of({ room, event: replyTo }) : null;
    const about = {
      ...{ conversation, person, messageId: id, sentAt },
      ...(root === null ? {} : { thread: root }),
      // A yes to an older card is no yes to a newer one.
      ...(card?.plan === undefined ? {} : { plan: planNamed(card.plan) }),
    };
    if (answer !== null && asked === undefined) return refuseAnswer(room, id, answer.task);
    const plan = await planMeant(text, room, root);
    if (plan !== null) {
      await parts.handle({ ...about, content: { type: 'details', ...plan } });
      return;
    }
    const question = asked ?? (root === null ? undefined : await questions.of(root));
    if (question?.secret === true && !isBareCommand(text)) {
      if (!direct) return refuseSecret(room, id, question.task);
      return answered(question, answer?.text ?? text);
    }
    if (answer !== null && asked !== undefined) return answered(asked, answer.text);
    const secret = direct && called === null && root === null ? questions.secretOf(person.id) : undefined;
    if (secret !== undefined && !isBareCommand(text)) return refuseRequest(room, id, secret.task);
    if (text !== '') await parts.handle({ ...about, content: { type: 'text', text } });

    async function answered({ task, number, secret: isSecret }: OpenQuestion, given: string): Promise<void> {
      await parts.handle({ ...about, content: { type: 'answer', task, question: number, text: given } });
      if (isSecret) await takeAway(room, id);
    }
  };

  /** The reference of the first message of the task that one of the bot's messages is about. */
  async function rootAt(room: string, event: string | null): Promise<string | null> {
    if (event === null) return null;
    const mark = await own.of({ room, event });
    if (mark === null || (mark.answer === true && mark.root === undefined)) return null;
    return mark.root ?? referenceOf({ room, event });
  }

  /** `details` in a task's thread, or with its number: all that its card has no room for. */
  async function planMeant(text: string, room: string, root: string | null) {
    const typed = /^[/!]?details(?:\s+#?(\d{1,9}))?$/i.exec(text);
    if (typed === null) return null;
    const numbered = typed[1];
    const at = root === null ? null : parseReference(root);
    const plan = at === null || at.room !== room ? undefined : (await own.of(at))?.plan;
    const task = numbered === undefined ? plan?.task : Number(numbered);
    if (task === undefined) return null;
    const revision = own.revisionOf(task) ?? (plan?.task === task ? plan.revision : 1);
    return { task: toTaskId(task), revision };
  }

  /** Who speaks in a thread is answered there. */
  function threadFor(room: string, { thread }: Written, root: string | null): string | null {
    if (thread !== null) return thread;
    const at = root === null ? null : parseReference(root);
    return at !== null && at.room === room ? at.event : null;
  }

  /** What is said to the bot; null when it is not called. */
  function calledText({ body, mentions }: Written): string | null {
    const text = body.trim();
    if (command.test(text)) return text.replace(command, '').trim();
    // What a client says of mentions is believed; before that, only the whole id was one.
    const isMentioned = mentions === undefined ? text.includes(self) : mentions.includes(self);
    if (!isMentioned) return null;
    return `${text} `
      .replace(calledAtStart, '')
      .replaceAll(self, ' ')
      .replace(/[ \t]+/g, ' ')
      .trim();
  }

  /** It is not handed over: what everybody could read is a secret no more. */
  async function refuseSecret(room: string, event: string, task: TaskId): Promise<void> {
    const gone = await takeAway(room, event);
    const first = gone
      ? 'A secret was written where others could read it. I took the message away and did not use it.'
      : 'A secret was written where others can read it. Delete that message; I may not, and I did not use it.';
    await say(
      event,
      `${first} Take another secret, and tell me in a room of the two of us: \`answer #${task} <secret>\`.`,
    );
  }

  /** It answers what nobody asks, and may be a secret all the same: as a request it would stand in the log for ever. */
  async function refuseAnswer(room: string, event: string, task: TaskId): Promise<void> {
    const gone = await takeAway(room, event);
    await say(event, `I know of no question of #${task} that waits, so I did not use that answer; ${taken(gone)}.`);
  }

  /** In a room of two words are a request, but not while a secret is asked of who says them: they may mean it for the answer. */
  async function refuseRequest(room: string, event: string, task: TaskId): Promise<void> {
    const gone = await takeAway(room, event);
    await say(
      event,
      `#${task} asks you for a secret, so I did not take that for a request; ${taken(gone)}. Answer with \`answer #${task} <secret>\` or in its thread, and begin a request with \`!chiffon\`.`,
    );
  }

  function taken(gone: boolean): string {
    return gone
      ? 'in case it is a secret, I took the message away'
      : 'if it is a secret, delete the message, for I may not';
  }

  function say(event: string, text: string): Promise<void> {
    return answers.say(event, ownSentence(text));
  }

  async function takeAway(room: string, event: string): Promise<boolean> {
    return parts.api.redact(room, event, keyOf(`redact ${event}`)).then(
      () => true,
      (error: unknown) => {
        if (isForbidden(error) || isNotFound(error)) return false;
        throw error;
      },
    );
  }
}

function escaped(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
}
