// Brings messages of an earlier life to what they should say: looks at them a page at a time, and edits only those that differ.
import type { Logger } from 'pino';
import type { ConversationId } from '../../core/ids.ts';
import type { ShownMessage, View } from '../../core/ports/chat.ts';
import type { Api, ApiMessage } from './api.ts';
import { isClosed, toChiffonError } from './api-error.ts';
import type { Message } from './message.ts';
import { channelOf, isNewer, parseReference, referenceOf } from './reference.ts';
import { looksSame } from './same-message.ts';

type Parts = {
  readonly api: Api;
  readonly render: (view: View, channel: string) => readonly Message[];
  readonly update: (conversation: ConversationId, reference: string, view: View) => Promise<'shown' | 'gone'>;
  /** `root`: the message that it replies to. */
  readonly known: (message: ShownMessage, root: string | null) => void;
  readonly log: Logger;
};

export function makeUpToDate({ api, render, update, known, log }: Parts) {
  return async (
    messages: readonly ShownMessage[],
  ): Promise<{ readonly gone: readonly string[]; readonly isWhole: boolean }> => {
    let isWhole = true;
    const missed = (error: unknown): void => {
      const fault = toChiffonError(error);
      if (fault.retryable) isWhole = false;
      log.warn({ err: fault }, 'a message could not be brought up to date');
    };
    for (const message of messages) known(message, null);
    // What moves is edited anyway, and nobody misses it when it is gone.
    const still = messages.filter(({ view }) => view.type !== 'progress');
    const channels = Map.groupBy(still, ({ reference }) => parseReference(reference).channel);
    const gone = await Promise.all([...channels].map(([channel, shown]) => inChannel(channel, shown, missed)));
    for (const { conversation, reference, view } of messages)
      if (view.type === 'progress') await update(conversation, reference, view);
    return { gone: gone.flat(), isWhole };
  };

  async function inChannel(
    channel: string,
    shown: readonly ShownMessage[],
    missed: (error: unknown) => void,
  ): Promise<readonly string[]> {
    const left = shown.toSorted((one, other) => (isNewer(idOf(one), idOf(other)) ? -1 : 1));
    const gone: string[] = [];
    const edits: Promise<void>[] = [];
    const bring = async (message: ShownMessage): Promise<void> => {
      try {
        if ((await update(message.conversation, message.reference, message.view)) === 'gone')
          gone.push(message.reference);
      } catch (error) {
        missed(error);
      }
    };
    while (left[0] !== undefined) {
      const page = await pageFrom(channel, idOf(left[0]), left.length);
      const oldest = page?.at(-1)?.id;
      // Without the history's permission Discord shows nothing; an edit needs none and says whether it is there.
      if (page === null || oldest === undefined) {
        edits.push(...left.splice(0).map(bring));
        break;
      }
      const there = new Map(page.map((message) => [message.id, message]));
      while (left[0] !== undefined && !isNewer(oldest, idOf(left[0]))) {
        const [message] = left.splice(0, 1);
        if (message === undefined) break;
        const found = there.get(idOf(message));
        if (found === undefined) {
          gone.push(message.reference);
          continue;
        }
        const root = found.message_reference?.message_id;
        if (root !== undefined) known(message, referenceOf(channel, root));
        if (!isTrue(found, message)) edits.push(bring(message));
      }
    }
    await Promise.all(edits);
    return gone;
  }

  async function pageFrom(channel: string, newest: string, wanted: number): Promise<readonly ApiMessage[] | null> {
    try {
      return await api.list(channel, { before: String(BigInt(newest) + 1n), limit: limitFor(wanted) });
    } catch (error) {
      if (isClosed(error)) return null;
      throw toChiffonError(error);
    }
  }

  function isTrue(there: ApiMessage, { conversation, view }: ShownMessage): boolean {
    const [message] = render(view, channelOf(conversation));
    return message === undefined || looksSame(there, message);
  }
}

const idOf = ({ reference }: ShownMessage): string => parseReference(reference).message;
const limitFor = (wanted: number): number => (wanted === 1 ? 1 : 100);
