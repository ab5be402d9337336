// A message is posted once for its key, also when the program died between the post and its record. The homeserver drops a repeated
// transaction id of the same device for a day; beyond that, and for a bot on another machine, the key stands in the message itself,
// and a new life looks for it among the last of its own messages before it posts where it has not posted yet.
import { createHash } from 'node:crypto';
import type { Urgency } from '../../core/chat/channel-budget.ts';
import { makeRecent } from '../../core/chat/recent.ts';
import type { Api } from './api.ts';
import { isTooLarge, isUnknownToken, MatrixRefusal, waitMs } from './api-error.ts';
import type { Content, Mark } from './content.ts';
import { contentOf, fileContentOf, markOf } from './content.ts';
import { isRedacted } from './event.ts';
import type { Message } from './message.ts';

export type Posting = {
  readonly room: string;
  readonly key: string;
  readonly parts: readonly Message[];
  readonly urgency: Urgency;
  readonly root: string | null;
  readonly relation: () => Content | null;
  readonly answer?: true;
};

export type Posted = { readonly event: string; readonly mark: Mark };

/** Only what was under way at the end of an earlier life may be there without a record. */
const lookedAt = 30;
const rememberedAtMost = 5_000;

export function makePostOnce({ api, self }: { readonly api: Api; readonly self: string }) {
  /** By room: the own messages that were the last there at the first post of this life, by their keys. */
  const before = makeRecent<Promise<ReadonlyMap<string, string>>>(rememberedAtMost);

  function lastOwn(room: string): Promise<ReadonlyMap<string, string>> {
    const known = before.get(room);
    if (known !== undefined) return known;
    const filter = { senders: [self], types: ['m.room.message', 'm.room.encrypted'] };
    const asked = api.page(room, { limit: lookedAt, filter }).then(async ({ events }) => {
      const found = new Map<string, string>();
      for (const sent of events) {
        const event = await api.opened(room, sent);
        const mark = event.sender === self && !isRedacted(event) ? markOf(event.content) : null;
        if (mark !== null) found.set(mark.key, event.event_id);
      }
      return found;
    });
    before.set(room, asked);
    asked.catch(() => before.delete(room));
    return asked;
  }

  async function contentFor(room: string, message: Message, mark: Mark, relation: Content | null): Promise<Content> {
    const { file } = message;
    if (file === null) return contentOf(message, mark, relation);
    try {
      const upload = await api.upload(room, file.text, file.name);
      const content = fileContentOf(message, file.name, upload, Buffer.byteLength(file.text));
      return { ...contentOf(message, mark, relation), ...content };
    } catch (error) {
      // The message does without rather than hold up all that follows, unless the homeserver is away for messages as well.
      if (!(error instanceof MatrixRefusal) || waitMs(error) !== null || isUnknownToken(error)) throw error;
      const note = isTooLarge(error)
        ? 'The file is not here: it is larger than the homeserver takes.'
        : 'The file is not here: the homeserver does not take files.';
      const without = { ...message, body: `${message.body}\n${note}`, html: `${message.html}<br>${note}` };
      return contentOf(without, mark, relation);
    }
  }

  /** Resolves to the first message. */
  return async (posting: Posting): Promise<Posted> => {
    const { room, root } = posting;
    let first: Posted | undefined;
    for (const [index, message] of posting.parts.entries()) {
      const key = keyOf(index === 0 ? posting.key : `${posting.key} part ${index + 1}`);
      const plan = message.plan === null ? undefined : { ...message.plan };
      const mark: Mark = {
        key,
        ...(root === null ? {} : { root }),
        ...(posting.answer === true ? { answer: true } : {}),
        ...(plan === undefined ? {} : { plan: { task: plan.task, revision: plan.revision, hash: plan.hash } }),
      };
      const there = (await lastOwn(room)).get(key);
      const event =
        there ??
        (await api.send(room, 'm.room.message', await contentFor(room, message, mark, posting.relation()), key, {
          urgency: posting.urgency,
        }));
      first ??= { event, mark };
    }
    if (first === undefined) throw new TypeError('a view was rendered as nothing');
    return first;
  };
}

/** What names a posting in a transaction id and in the message. */
export function keyOf(name: string): string {
  return createHash('sha256').update(name).digest('hex').slice(0, 32);
}
