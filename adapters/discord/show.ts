// Shows views as messages: a new one in its place, a newer state of one that is there.

import { RESTJSONErrorCodes } from 'discord.js';
import type { Logger } from 'pino';
import type { Urgency } from '../../core/chat/channel-budget.ts';
import { makeRecent } from '../../core/chat/recent.ts';
import type { ConversationId } from '../../core/ids.ts';
import type { ProgressView, View } from '../../core/ports/chat.ts';
import type { Api } from './api.ts';
import { isArchived, isClosed, isGone, isOneOf, isUnsayable, toChiffonError } from './api-error.ts';
import type { Message } from './message.ts';
import type { makePostOnce } from './post-once.ts';
import { channelOf, parseReference, referenceOf, sentAtMs } from './reference.ts';
import type { KnownBy } from './same-message.ts';
import type { Destination, Threads } from './threads.ts';

export type ShowParts = {
  readonly api: Api;
  readonly threads: Threads;
  readonly postOnce: ReturnType<typeof makePostOnce>;
  readonly render: (view: View, channel: string) => readonly Message[];
  /** Hears of each view that is shown, and where. */
  readonly shown: (conversation: ConversationId, reference: string, view: View, root: string | null) => void;
  readonly missing: (channel: string) => readonly string[];
  readonly nowMs: () => number;
  readonly log: Logger;
};

/** Discord takes three edits in six seconds of what is older than an hour. */
const pace = { everyMs: 1_250, oldEveryMs: 2_500, oldAfterMs: 55 * 60_000 };
const goneAtMost = 1_000;

export function makeShow(parts: ShowParts) {
  const { api, threads, log } = parts;
  /** Live messages that were found gone after `update` had answered. */
  const gone = makeRecent<true>(goneAtMost);

  async function post(conversation: ConversationId, key: string, view: View, root: string | null): Promise<string> {
    const channel = channelOf(conversation);
    try {
      threads.callAfter(view);
      const put = (destination: Destination, messages: readonly Message[]) =>
        parts.postOnce({
          ...{ destination, key, root, parts: messages },
          urgency: urgencyOf(view),
          knownBy: knownBy[view.type] ?? 'words',
        });
      const send = (destination: Destination) =>
        put(destination, parts.render(view, channel)).catch((error: unknown) => {
          if (!isUnsayable(error)) throw error;
          log.error({ err: toChiffonError(error), key }, 'Discord does not take a message: a sentence stands for it');
          return put(destination, [insteadOf(view)]);
        });
      const destination = await threads.destination(channel, view, root);
      const made = await send(destination).catch(async (error: unknown) => {
        if (destination.threadOf === null || !isClosed(error)) throw error;
        if (isArchived(error) && (await opened(destination.channel))) return send(destination);
        log.warn({ reason: toChiffonError(error).message }, 'a thread cannot be written to: the channel is used');
        threads.giveUp(destination.threadOf);
        return send(await threads.destination(channel, view, root));
      });
      const reference = referenceOf(made.channel_id, made.id);
      parts.shown(conversation, reference, view, root);
      // It may be answered there; without a thread it has its buttons.
      if (view.type === 'question') await threads.open(root ?? reference, view.task).catch(() => {});
      return reference;
    } catch (error) {
      throw toChiffonError(error, parts.missing(channel));
    }
  }

  async function opened(thread: string): Promise<boolean> {
    try {
      await api.openThread(thread);
      return true;
    } catch (error) {
      if (isClosed(error)) return false;
      throw error;
    }
  }

  /** Resolves when Discord has it, or a newer state. */
  async function edit(reference: string, message: Message, urgency: Urgency, everyMs = 0): Promise<void> {
    const at = parseReference(reference);
    const send = () => api.edit(at.channel, at.message, message, { urgency, slot: reference, everyMs });
    try {
      await send();
    } catch (error) {
      if (!isArchived(error) || !(await opened(at.channel))) throw error;
      await send();
    }
  }

  /** A state that is followed by others is not waited for. The last one is: else nobody would send it after a crash. */
  async function updateLive(
    reference: string,
    message: Message,
    view: ProgressView,
    channel: string,
  ): Promise<'shown' | 'gone'> {
    if (gone.has(reference)) return 'gone';
    const isLast = hasEnded(view);
    const isOld = parts.nowMs() - sentAtMs(parseReference(reference).message) > pace.oldAfterMs;
    const everyMs = isOld ? pace.oldEveryMs : isLast ? 0 : pace.everyMs;
    const shown = edit(reference, message, isLast ? 'decisive' : 'progress', everyMs).catch((error: unknown) => {
      if (isLost(error, reference, channel)) gone.set(reference, true);
      else if (isLast && !isClosed(error) && !isUnsayable(error)) throw toChiffonError(error);
      else log.info({ err: toChiffonError(error) }, 'a live message was not brought up to date');
    });
    if (isLast) await shown;
    return gone.has(reference) ? 'gone' : 'shown';
  }

  async function update(conversation: ConversationId, reference: string, view: View): Promise<'shown' | 'gone'> {
    const channel = channelOf(conversation);
    const [message] = parts.render(view, channel);
    if (message === undefined) return 'shown';
    threads.callAfter(view);
    parts.shown(conversation, reference, view, null);
    if (view.type === 'progress') return updateLive(reference, message, view, channel);
    try {
      await edit(reference, message, 'decisive');
      return 'shown';
    } catch (error) {
      if (isLost(error, reference, channel)) return 'gone';
      if (isUnsayable(error)) {
        log.error({ err: toChiffonError(error), reference }, 'Discord does not take the newer state of a message');
        return 'shown';
      }
      throw toChiffonError(error, parts.missing(channel));
    }
  }

  return { post, update };
}

/** Without a word from outside, and without the buttons: nobody decides on what they cannot see. */
function insteadOf(view: View): Message {
  const about = 'task' in view && view.task !== null ? `#${view.task}` : 'Chiffon';
  const content = `⚠ ${about}: Discord does not take this message, perhaps for words or a link in it. \`/status\` shows how it stands.`;
  return { content, components: [], files: [], pings: [] };
}

const knownBy: Partial<Record<View['type'], KnownBy>> = { plan: 'buttons', question: 'buttons', progress: 'step' };

/** The message is gone, or the thread that it was in. */
function isLost(error: unknown, reference: string, channel: string): boolean {
  const isInThread = parseReference(reference).channel !== channel;
  return isGone(error) || (isInThread && isOneOf(error, [RESTJSONErrorCodes.UnknownChannel]));
}

function urgencyOf(view: View): Urgency {
  return view.type === 'progress' || view.type === 'log' || view.type === 'notice' ? 'milestone' : 'decisive';
}

function hasEnded({ step, steps }: ProgressView): boolean {
  const state = steps.find(({ number }) => number === step)?.state;
  return state !== 'waiting' && state !== 'starting' && state !== 'running';
}
