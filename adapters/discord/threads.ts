// Where a view goes: cards, questions and refusals into the channel, where people see them; all else of a task into the thread of
// its first message. Where there is no thread to be had, into the channel as a reply to that message.
import { RESTJSONErrorCodes } from 'discord.js';
import type { Logger } from 'pino';
import { makeRecent } from '../../core/chat/recent.ts';
import type { TaskId } from '../../core/ids.ts';
import type { View } from '../../core/ports/chat.ts';
import type { Api } from './api.ts';
import { isClosed, isOneOf, isUnsayable } from './api-error.ts';
import type { Places } from './places.ts';
import { parseReference } from './reference.ts';
import { label } from './views/markup.ts';

export type Destination = {
  readonly channel: string;
  readonly replyTo: string | null;
  /** The root whose thread it is. */
  readonly threadOf: string | null;
  /** It was made just now: nothing of an earlier life is in it. */
  readonly fresh: boolean;
};

export type Threads = ReturnType<typeof makeThreads>;

const rememberedAtMost = 10_000;
const nameAtMost = 100;
const inChannel: ReadonlySet<View['type']> = new Set(['plan', 'question', 'refusal']);

export function makeThreads({ api, places, log }: { api: Api; places: Places; log: Logger }) {
  /** By root: the thread's id, or null where there is none to be had. */
  const known = makeRecent<string | null>(rememberedAtMost);
  const names = makeRecent<string>(rememberedAtMost);

  /** A thread that a message starts has the message's id. */
  async function threadOf(root: string, task: TaskId | null): Promise<{ id: string | null; fresh: boolean }> {
    const there = known.get(root);
    if (there !== undefined) return { id: there, fresh: false };
    const { channel, message } = parseReference(root);
    if ((await places.of(channel)).kind !== 'channel') return remember(root, null, false);
    try {
      const plainName = `#${task ?? ''}`;
      await api.startThread(channel, message, names.get(String(task)) ?? plainName).catch((error: unknown) => {
        // A word in it that the server does not allow must not keep the task from its thread.
        if (!isUnsayable(error) || isOneOf(error, [...noThread, alreadyThere])) throw error;
        return api.startThread(channel, message, plainName);
      });
      return remember(root, message, true);
    } catch (error) {
      if (isOneOf(error, [alreadyThere])) return remember(root, message, false);
      if (!isClosed(error) && !isOneOf(error, noThread) && !isUnsayable(error)) throw error;
      log.warn({ code: codeName(error), task }, 'a task has no thread: its messages go into the channel');
      return remember(root, null, false);
    }
  }

  function remember(root: string, id: string | null, fresh: boolean) {
    known.set(root, id);
    return { id, fresh };
  }

  return {
    async destination(channel: string, view: View, root: string | null): Promise<Destination> {
      const inTheChannel = { channel, threadOf: null, fresh: false };
      if (root === null) return { ...inTheChannel, replyTo: null };
      const { message } = parseReference(root);
      if (inChannel.has(view.type)) return { ...inTheChannel, replyTo: message };
      const { id, fresh } = await threadOf(root, taskOf(view));
      if (id !== null) return { channel: id, replyTo: null, threadOf: root, fresh };
      const isDirect = (await places.of(channel)).kind === 'direct';
      return { ...inTheChannel, replyTo: isDirect ? null : message };
    },

    /** So that a question can be answered there. */
    open: (root: string, task: TaskId) => threadOf(root, task),

    /** It is deleted, or locked and not to be opened. */
    giveUp: (root: string): void => known.set(root, null),

    /** Permissions changed: what could not be had may be had now. */
    tryAgain(channel: string | null): void {
      for (const root of known.keys())
        if (known.get(root) === null && (channel === null || parseReference(root).channel === channel))
          known.delete(root);
    },

    /** It is looked for again when it is needed. */
    forget: (root: string): void => known.delete(root),

    isGivenUp: (root: string): boolean => known.get(root) === null,

    /** What a thread will be called. */
    callAfter(view: View): void {
      if (!('request' in view)) return;
      names.set(String(view.task), label(`#${view.task} ${view.request.replace(/\s+/g, ' ').trim()}`, nameAtMost));
    },
  };
}

const alreadyThere = RESTJSONErrorCodes.ThreadAlreadyCreatedForMessage;
const noThread = [
  RESTJSONErrorCodes.UnknownMessage,
  RESTJSONErrorCodes.MaximumActiveThreads,
  RESTJSONErrorCodes.MaximumThreadParticipantsReached,
];

function codeName(error: unknown): string {
  return error instanceof Error ? error.name : 'unknown';
}

function taskOf(view: View): TaskId | null {
  return 'task' in view ? view.task : null;
}
