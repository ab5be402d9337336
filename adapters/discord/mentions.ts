// Words to Chiffon: a mention, a direct message, what is said in a task's thread.
import type { Logger } from 'pino';
import { makeRecent } from '../../core/chat/recent.ts';
import { isBareCommand, numberedAnswer } from '../../core/chat/typed-answer.ts';
import type { HandledIncoming, Incoming } from '../../core/ports/chat.ts';
import type { Admission } from './admission.ts';
import { stranger } from './admission.ts';
import type { Answers } from './answers.ts';
import type { Api } from './api.ts';
import { isClosed, isGone } from './api-error.ts';
import type { Places } from './places.ts';
import type { Questions } from './questions.ts';
import { readMessage } from './read-message.ts';
import { sentAtMs } from './reference.ts';
import type { Roots } from './roots.ts';

type Parts = {
  readonly api: Api;
  readonly self: () => string;
  readonly places: Places;
  readonly answers: Answers;
  readonly questions: Questions;
  readonly roots: Roots;
  readonly handle: (incoming: Incoming) => Promise<HandledIncoming>;
  readonly admission: Admission;
  readonly log: Logger;
};

const rememberedAtMost = 5_000;

export function makeMentions(parts: Parts) {
  const { answers, places, questions } = parts;
  const seen = makeRecent<true>(rememberedAtMost);
  const hinted = makeRecent<true>(rememberedAtMost);
  const turnedAway = makeRecent<true>(rememberedAtMost);

  return async (payload: unknown): Promise<void> => {
    const written = readMessage(payload, parts.self());
    if (written === null || seen.has(written.id)) return;
    const { id, channel, guild, text } = written;
    const whyNot = parts.admission.whyNot(guild);
    if (whyNot !== null && guild !== null) return;
    const isForUs = guild === null || written.isMention || written.repliesTo !== null;
    if (!isForUs && !questions.waitIn(channel)) return;
    seen.set(id, true);
    const person = guild === null && whyNot === null ? await parts.admission.inDirect(written.person) : written.person;
    if (whyNot !== null || person === null) return turnAway(channel, id, whyNot ?? stranger);
    const where = await places.where(channel);
    const thread =
      where.thread ?? (written.repliesTo === null ? undefined : await parts.roots.find(channel, written.repliesTo));
    answers.asked(id, { type: 'message', channel, message: id });
    const question = thread === undefined ? undefined : questions.of(thread);
    if (text === '') return question === undefined ? undefined : hint(channel, id, question.secret);
    const user = person.id.replace('discord:', '');
    if (question?.secret === true && !isBareCommand(text)) return refuseSecret(channel, id, user);
    if (!isForUs) return;
    const answer = numberedAnswer(text);
    if (answer !== null && answer.task !== question?.task) return refuseAnswer(channel, id, user);
    await parts.handle({
      ...{ conversation: where.conversation, person, messageId: id },
      content:
        answer === null || question === undefined
          ? { type: 'text', text }
          : { type: 'answer', task: question.task, question: question.number, text: answer.text },
      ...(thread === undefined ? {} : { thread }),
      ...(written.plan ? { plan: written.plan } : {}),
      sentAt: new Date(sentAtMs(id)).toISOString(),
    });
  };

  /** Once, whatever else they write. */
  async function turnAway(channel: string, id: string, sentence: string): Promise<void> {
    if (turnedAway.has(channel)) return;
    turnedAway.set(channel, true);
    answers.asked(id, { type: 'message', channel, message: id });
    await answers.say(id, sentence);
  }

  /** Words that are not for the bot to read, where a question waits: said once for a thread. */
  async function hint(channel: string, id: string, secret: boolean): Promise<void> {
    if (hinted.has(channel)) return;
    hinted.set(channel, true);
    await answers.say(
      id,
      secret
        ? 'A secret is asked for: give it with the button of the question, where nobody else sees it.'
        : 'I can read here only what mentions me or replies to me: mention me with your answer, or use the question’s buttons.',
    );
  }

  /** It is not handed over: what everybody could read is a secret no more. */
  async function refuseSecret(channel: string, id: string, user: string): Promise<void> {
    const advice = 'Take another secret, and give it with the button of the question, where nobody else sees it.';
    await answers.say(
      id,
      (await takeAway(channel, id))
        ? `<@${user}>, a secret was written where others could read it. I took the message away and did not use it. ${advice}`
        : `<@${user}>, a secret was written where others can read it. Delete that message; I may not, and I did not use it. ${advice}`,
      [user],
    );
  }

  /** Answers have buttons and threads here; as a request it would stand in the log for ever, a secret that is in it too. */
  async function refuseAnswer(channel: string, id: string, user: string): Promise<void> {
    const taken = (await takeAway(channel, id))
      ? 'in case it is a secret, I took the message away'
      : 'if it is a secret, delete the message, for I may not';
    const advice = 'Answer with the question’s buttons, or in its thread.';
    await answers.say(id, `<@${user}>, I did not use that answer; ${taken}. ${advice}`, [user]);
  }

  async function takeAway(channel: string, id: string): Promise<boolean> {
    return parts.api.delete(channel, id).then(
      () => true,
      (error: unknown) => {
        if (isClosed(error)) return false;
        if (isGone(error)) return true;
        throw error;
      },
    );
  }
}
