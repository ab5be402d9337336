// One person at a terminal, or lines on standard input: what to wait for, when to leave, and with which exit code.

import type { ConversationId, TaskId } from '../core/ids.ts';
import type { Chat, HandledIncoming, Incoming } from '../core/ports/chat.ts';
import type { Store } from '../core/ports/event-log.ts';
import { replay } from '../core/task/evolve.ts';
import type { TaskStatus } from '../core/task/state.ts';
import { openTasks } from './conversation/find-task.ts';
import { parseCommand } from './conversation/parse-command.ts';
import type { Bot } from './start-bot.ts';

type SessionChat = Omit<Chat, 'start'> & {
  readonly conversation: ConversationId;
  start(handlers: { readonly handle: (incoming: Incoming) => Promise<unknown> }): Promise<void>;
};

type Parts = {
  readonly bot: Bot;
  readonly chat: SessionChat;
  readonly store: Store;
  /** Lines are handled one after the other, each when the one before has settled; the end of input ends the session. */
  readonly scripted: boolean;
  /** Resolves when there is no more input. */
  readonly ended: Promise<void>;
};

const beingPlanned: readonly TaskStatus[] = ['received', 'planning'];
const running: readonly TaskStatus[] = ['approved', 'running'];

/** Resolves to the exit code: 0 when every task that this session touched succeeded and nothing was refused, else 1. */
export async function runTerminalSession(parts: Parts): Promise<number> {
  const { bot, chat, store } = parts;
  const touched = new Set<TaskId>();
  let refused = false;
  let leave: () => void = () => {};
  const left = new Promise<void>((resolve) => {
    leave = resolve;
  });

  const handle = async (incoming: Incoming): Promise<HandledIncoming> => {
    const intention = incoming.content.type === 'text' ? parseCommand(incoming.content.text) : null;
    if (parts.scripted && (intention === null || waitsForRuns(intention.type)))
      await until(parts, [...beingPlanned, ...running]);
    const handled = await bot.handleIncoming(chat, incoming);
    if (handled.task !== null) touched.add(handled.task);
    refused ||= handled.refused;
    if (intention?.type === 'quit') leave();
    else if (parts.scripted) await until(parts, beingPlanned);
    return handled;
  };
  await chat.start({ handle });
  await Promise.race([left, parts.ended]);
  if (parts.scripted) await until(parts, [...beingPlanned, ...running]);
  await bot.caughtUp();
  if (!parts.scripted) return 0;
  const states = await Promise.all([...touched].map(async (task) => replay(task, await store.readTask(task)).status));
  return !refused && states.every((status) => status === 'succeeded') ? 0 : 1;
}

/** The terminal's tasks that run now, for the question on Ctrl-C. */
export async function runningTasks(store: Store, conversation: ConversationId): Promise<readonly TaskId[]> {
  return (await openTasks(store, conversation, running)).map((state) => state.task);
}

/** A script that says `approve` and then `log` means the log of the whole run; only these are for a run that goes on. */
function waitsForRuns(type: ReturnType<typeof parseCommand>['type']): boolean {
  return !['cancel', 'status', 'agents', 'catalogue', 'cost', 'help'].includes(type);
}

/** Resolves when no task of the terminal is in one of these states. */
async function until({ bot, store, chat }: Parts, statuses: readonly TaskStatus[]): Promise<void> {
  for (;;) {
    let wake: () => void = () => {};
    const changed = new Promise<void>((resolve) => {
      wake = resolve;
    });
    const unsubscribe = store.subscribe(() => wake());
    await bot.caughtUp();
    const waiting = await openTasks(store, chat.conversation, statuses);
    if (waiting.length > 0) await changed;
    unsubscribe();
    if (waiting.length === 0) return;
  }
}
