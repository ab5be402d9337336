// One chat's conversations, shown by one bot at a time: what the log says, and what runs right now.
import { setTimeout as wait } from 'node:timers/promises';
import { z } from 'zod';
import { progressSchema } from '../../core/contracts/messages.ts';
import type { ConversationId } from '../../core/ids.ts';
import { toTaskId } from '../../core/ids.ts';
import type { Chat, ChatHandlers, ChatMemory } from '../../core/ports/chat.ts';
import type { Fence, ProjectorStore, SealedStore } from '../../core/ports/event-log.ts';
import { makeQueue } from '../../core/queue.ts';
import { replay } from '../../core/task/evolve.ts';
import type { BotParts } from '../bot-parts.ts';
import type { LiveProgress } from '../live-progress.ts';
import { makeLiveProgress, restoreProgress } from '../live-progress.ts';
import { pumpProgress } from '../progress-pump.ts';
import { makeConversationHandler } from '../projectors/conversation.ts';
import { lookAgain } from '../projectors/look-again.ts';
import { updateProgress } from '../projectors/progress-messages.ts';
import type { Progressed } from './progressed.ts';
import { projectorRunner } from './run-projectors.ts';
import { startedWhileItLasts } from './while-it-lasts.ts';
import type { End, LedWork } from './while-leading.ts';
import { whileLeading } from './while-leading.ts';

type Parts = BotParts & {
  readonly chat: Chat;
  /** What a platform hands over while it is shown here. */
  readonly handlers: Omit<ChatHandlers, 'lookAgain' | 'memory' | 'lost'>;
  readonly progressed: Progressed;
  readonly repositoryName: string;
};

const paceMs = 50;
const openAtMost = 1_000;
const projector = 'conversation';
/** How long a bot that stops takes for what is not shown yet. */
const lastWordsMs = 3_000;

/** What the bot that hears the agents tells all bots, for their live lines. */
const liveSchema = z.discriminatedUnion('type', [
  z.object({
    type: z.literal('live.progress'),
    task: z.number().transform(toTaskId),
    step: z.number(),
    progress: z.array(progressSchema),
  }),
  z.object({
    type: z.literal('live.lines'),
    task: z.number().transform(toTaskId),
    step: z.number(),
    lines: z.number(),
  }),
]);

export async function leadConversation(parts: Parts): Promise<LedWork> {
  const { store, chat, log } = parts;
  const name = `conversation:${chat.name}`;
  await beginAtHead(parts, name);
  return whileLeading({ name, store, log, begin: (...led) => show(parts, name, ...led) });
}

async function show(parts: Parts, name: string, fence: Fence, over: AbortSignal, giveUp: () => void): Promise<End> {
  const { store, chat, bus, log } = parts;
  const progress = makeLiveProgress(parts.clock);
  const chatOf = (conversation: ConversationId) => (chat.serves(conversation) ? chat : undefined);
  await restore(parts, progress);
  const stopListening = await startedWhileItLasts(
    over,
    bus.listen((message) => hear(progress, message)),
  );
  const stopPump = pumpProgress({
    progress,
    paceMs,
    log,
    show: async (task) => {
      const { conversation } = replay(task, await store.readTask(task));
      if (conversation !== null && chat.serves(conversation))
        await updateProgress({ store, chat, conversation, task, fence }, progress);
    },
  });
  const { run, stop } = projectorRunner({ ...parts, fence });
  const showing = { store, progress, fence, log, repository: () => parts.repositoryName };
  const handle = makeConversationHandler({ ...showing, chatOf });
  // One after the other: what looks again and what goes on must not both take a message for lost.
  const turns = makeQueue();
  const look = (only: ConversationId | null) => turns(() => lookAgain({ ...showing, chat }, only));
  if (chat.heardBy === 'leader') {
    const lookLater = (only: ConversationId | null): void => {
      // The table says where to look; waiting for it must not keep the conversation from going on.
      parts.progressed
        .caughtUp(['task-table'], over)
        .then(() => look(only))
        .catch((error: unknown) => log.warn({ err: error }, 'looking at a conversation again failed'));
    };
    const lost = (why: Error): void => {
      log.error({ err: why }, 'a chat platform is lost');
      giveUp();
    };
    const starting = chat.start({ ...parts.handlers, lookAgain: lookLater, memory: memoryOf(parts, fence), lost });
    await startedWhileItLasts(
      over,
      starting.then(() => () => chat.stop()),
    ).catch(async (error: unknown) => {
      // It is begun anew before long: nothing of this time may go on.
      stopPump();
      await stopListening();
      throw error;
    });
    lookLater(null);
  }
  const shown = run(name, (stored) => turns(() => handle(stored)));
  return async (leads) => {
    stopPump();
    try {
      if (chat.heardBy === 'leader') {
        // What happened up to now would not be seen before the next start.
        if (leads) await Promise.race([shown.caughtUp(), wait(lastWordsMs, undefined, { ref: false })]);
        await chat.stop();
      }
      await stopListening();
    } finally {
      await stop();
    }
  };
}

/** Beside what was delivered to it, for it is of the same kind: what is outside, by a key of the chat's own. */
export function memoryOf(
  { store, chat }: { readonly store: ProjectorStore & SealedStore; readonly chat: Pick<Chat, 'name'> },
  fence: Fence,
): ChatMemory {
  const owner = `chat:${chat.name}`;
  return {
    recall: (key) => store.delivered(owner, key),
    keep: (key, value) => store.saveDelivered(owner, key, value, fence),
    recallSealed: (prefix) => store.sealed(owner, prefix),
    keepSealed: (changes) => store.saveSealed(owner, changes, fence),
  };
}

function hear(progress: LiveProgress, message: unknown): void {
  const parsed = liveSchema.safeParse(message);
  if (!parsed.success) return;
  const { task, step } = parsed.data;
  if (parsed.data.type === 'live.progress') progress.advance(task, step, parsed.data.progress);
  else progress.addLines(task, step, parsed.data.lines);
}

/** Runs that were shown by another bot, or before a restart. */
async function restore({ store, chat }: Parts, progress: LiveProgress): Promise<void> {
  for (const row of await store.listTasks({ states: ['running', 'paused'], limit: openAtMost })) {
    if (!chat.serves(row.conversation)) continue;
    await restoreProgress(progress, row.task, store);
  }
}

/** A chat that was never shown begins with what comes: what is older is not its own, or is offered again. */
async function beginAtHead({ store }: Parts, name: string): Promise<void> {
  const key = `begun:${name}`;
  if ((await store.delivered(projector, key)) !== undefined) return;
  const earlier = await store.checkpoint(projector);
  await store.saveCheckpoint(name, earlier > 0 ? earlier : (await store.head()).seq);
  await store.saveDelivered(projector, key, 'yes');
}
