// A message is posted once for its key, also when the program died between the post and its record. Discord drops a repeated nonce
// for some minutes; after that, a new life looks whether the last messages there are what it is about to post.
import { createHash } from 'node:crypto';
import { RESTJSONErrorCodes } from 'discord.js';
import type { Urgency } from '../../core/chat/channel-budget.ts';
import { makeRecent } from '../../core/chat/recent.ts';
import type { Api, ApiMessage } from './api.ts';
import { isClosed, isOneOf, mayHaveGotThrough } from './api-error.ts';
import type { Message } from './message.ts';
import { isNewer, parseReference } from './reference.ts';
import type { KnownBy } from './same-message.ts';
import { isSameMessage, looksSame } from './same-message.ts';
import type { Destination } from './threads.ts';

export type Posting = {
  readonly destination: Destination;
  readonly key: string;
  readonly parts: readonly Message[];
  readonly urgency: Urgency;
  /** The task's first message: what is older cannot be it. */
  readonly root: string | null;
  readonly knownBy: KnownBy;
};

/** Only what was under way at the end of an earlier life may be there without a record: among the last of the own messages. */
const lookedAt = 5;
const firstMs = 60_000;
const rememberedAtMost = 10_000;

export function makePostOnce({ api, self, nowMs }: { api: Api; self: () => string; nowMs: () => number }) {
  const begunMs = nowMs();
  /** Where this life has posted words already, and what it has posted. */
  const posted = makeRecent<true>(rememberedAtMost);
  const own = makeRecent<true>(rememberedAtMost);
  const lists = makeRecent<Promise<readonly ApiMessage[]>>(rememberedAtMost);
  /** Keys whose post failed without a clear no: it may be there, and Discord may have forgotten the nonce. */
  const uncertain = makeRecent<true>(rememberedAtMost);

  /** The own messages that were the last there; each is taken for one post at most, and never what this life posted. */
  async function lastOwn(channel: string, again: boolean): Promise<readonly ApiMessage[]> {
    const there = again ? undefined : lists.get(channel);
    if (there !== undefined) return there;
    const listed = api
      .list(channel)
      .then((all) => all.filter(({ author }) => author.id === self()))
      // Who may not look at the history has Discord's nonces alone.
      .catch((error: unknown) => {
        if (isClosed(error)) return [];
        throw error;
      });
    lists.set(channel, listed);
    listed.catch(() => lists.delete(channel));
    return listed;
  }

  async function there(posting: Posting, name: string, message: Message, isFirst: boolean) {
    const { destination, root, knownBy } = posting;
    const isUncertain = uncertain.has(name);
    if (!isUncertain && (destination.fresh || !isFirst)) return undefined;
    const after = root === null ? '0' : parseReference(root).message;
    const last = await lastOwn(destination.channel, isUncertain);
    // The same words may be said twice: only the very last ones can be those that were under way.
    const isExact = knownBy === 'words' && !isUncertain;
    const candidates = last.slice(0, isExact ? posting.parts.length : Math.max(lookedAt, posting.parts.length));
    return candidates.find(
      (each) => !own.has(each.id) && isNewer(each.id, after) && isSameMessage(each, message, knownBy),
    );
  }

  async function postPart(posting: Posting, name: string, message: Message, isFirst: boolean): Promise<ApiMessage> {
    const { destination, urgency } = posting;
    const adopted = await there(posting, name, message, isFirst);
    if (adopted !== undefined) {
      if (!looksSame(adopted, message)) await api.edit(adopted.channel_id, adopted.id, message, { urgency });
      return adopted;
    }
    const nonce = createHash('sha256').update(name).digest('hex').slice(0, 25);
    const send = (each: Message, replyTo: string | null) =>
      api.post(destination.channel, { message: each, nonce, replyTo }, urgency);
    try {
      return await send(message, destination.replyTo);
    } catch (error) {
      if (mayHaveGotThrough(error)) uncertain.set(name, true);
      if (isOneOf(error, tooLarge) && message.files.length > 0)
        return send(withoutFiles(message, 'it is larger than Discord takes'), destination.replyTo);
      if (!isOneOf(error, notPermitted)) throw error;
      // To reply and to attach take permissions of their own; what is said matters more.
      if (message.files.length > 0)
        return send(withoutFiles(message, 'Chiffon lacks the permission Attach Files here'), null);
      if (destination.replyTo !== null) return send(message, null);
      throw error;
    }
  }

  /** Resolves to the first message's id. */
  return async (posting: Posting): Promise<ApiMessage> => {
    let first: ApiMessage | undefined;
    const { channel } = posting.destination;
    const isFirst =
      posting.knownBy === 'words' ? !posted.has(channel) : nowMs() < begunMs + firstMs || !posted.has(channel);
    for (const [index, message] of posting.parts.entries()) {
      const name = index === 0 ? posting.key : `${posting.key} part ${index + 1}`;
      const made = await postPart(posting, name, message, isFirst);
      uncertain.delete(name);
      if (posting.knownBy === 'words') posted.set(channel, true);
      own.set(made.id, true);
      first ??= made;
    }
    if (first === undefined) throw new TypeError('a view was rendered as nothing');
    return first;
  };
}

const notPermitted = [
  RESTJSONErrorCodes.MissingPermissions,
  RESTJSONErrorCodes.CannotReplyWithoutPermissionToReadMessageHistory,
];
const tooLarge = [RESTJSONErrorCodes.RequestEntityTooLarge];
const contentAtMost = 2_000;

function withoutFiles(message: Message, why: string): Message {
  const sentence = `\n-# The file is not here: ${why}.`;
  return { ...message, files: [], content: `${message.content.slice(0, contentAtMost - sentence.length)}${sentence}` };
}
