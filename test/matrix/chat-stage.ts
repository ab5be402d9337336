// The Matrix chat as the bot has it, on a real homeserver: what people send lands in `taken`, and a test answers for the bot.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { Writable } from 'node:stream';
import pino from 'pino';
import { expect, vi } from 'vitest';
import { makeMatrixChat } from '../../adapters/matrix/matrix-chat.ts';
import type { ConversationId } from '../../core/ids.ts';
import { toActorId, toConversationId, toTaskId } from '../../core/ids.ts';
import type { Chat, ChatHandlers, ChatMemory, Incoming, PlanView } from '../../core/ports/chat.ts';
import { samplePlan } from '../builders/views.ts';
import { makeChatMemory } from '../fakes/chat-memory.ts';
import type { Account } from './accounts.ts';
import type { Person } from './people.ts';
import { sharedSynapse } from './synapse.ts';
import type { SynapseAddress } from './synapse-server.ts';

export type ChatStage = {
  readonly homeserver: SynapseAddress & Awaited<ReturnType<typeof sharedSynapse>>;
  readonly bot: Account;
  readonly ada: Person;
  /** Made by ada; the bot is in it. */
  readonly room: string;
  readonly conversation: ConversationId;
  readonly taken: Incoming[];
  readonly looked: readonly (ConversationId | null)[];
  readonly logged: readonly string[];
  readonly lost: readonly Error[];
  readonly memory: ReturnType<typeof makeChatMemory>;
  /** What the bot does with what people send. */
  handle: ChatHandlers['handle'];
  /** Another process of the bot, or the next life of one; not started. */
  readonly makeChat: (more?: Partial<Parameters<typeof makeMatrixChat>[0]>) => Chat;
  readonly startChat: (more?: Partial<Parameters<typeof makeMatrixChat>[0]>, memory?: ChatMemory) => Promise<Chat>;
  readonly until: (holds: () => void | Promise<void>, timeoutMs?: number) => Promise<void>;
  readonly untilTaken: (count: number) => Promise<readonly Incoming[]>;
  [Symbol.asyncDispose](): Promise<void>;
};

type Homeserver = Awaited<ReturnType<typeof sharedSynapse>>;

export async function openChatStage(
  options: {
    readonly homeserver?: Homeserver;
    readonly roomVersion?: string;
    /** Who have accounts already, for an account takes a homeserver longer than a room. */
    readonly people?: { readonly bot: Account; readonly ada: Person };
  } = {},
): Promise<ChatStage> {
  const homeserver = options.homeserver ?? (await sharedSynapse());
  const { bot, ada } = options.people ?? (await openPeople(homeserver));
  const folder = await mkdtemp(path.join(tmpdir(), 'chiffon-matrix-'));
  const room = await ada.createRoom({
    ...{ name: 'the homelab', invite: [bot.userId] },
    ...(options.roomVersion === undefined ? {} : { version: options.roomVersion }),
  });
  await homeserver.as(bot).join(room);
  const taken: Incoming[] = [];
  const looked: (ConversationId | null)[] = [];
  const logged: string[] = [];
  const lost: Error[] = [];
  const log = pino(
    { level: 'trace' },
    new Writable({
      write: (chunk: Buffer, _encoding, done) => {
        logged.push(chunk.toString());
        done();
      },
    }),
  );
  const memory = makeChatMemory();
  const chats: Chat[] = [];
  const until = (holds: () => void | Promise<void>, timeoutMs = 20_000): Promise<void> =>
    vi.waitFor(holds, { timeout: timeoutMs, interval: 20 });
  const stage: ChatStage = {
    ...{ homeserver, bot, ada, room, taken, looked, logged, lost, memory, until },
    conversation: toConversationId(`matrix:${room}`),
    handle: async () => ({ task: null, refused: false }),
    makeChat: (more = {}) =>
      makeMatrixChat({
        homeserverUrl: homeserver.url,
        accessToken: bot.accessToken,
        sessionFile: path.join(folder, 'matrix-session.json'),
        rooms: [],
        invitesFrom: [homeserver.serverName],
        log,
        clock: { now: () => new Date() },
        ...more,
      }),
    startChat: async (more = {}, kept = memory) => {
      const chat = stage.makeChat(more);
      await chat.start({
        handle: async (incoming) => {
          taken.push(incoming);
          return stage.handle(incoming);
        },
        suggest: async () => [],
        lookAgain: (conversation) => void looked.push(conversation),
        memory: kept,
        lost: (why) => void lost.push(why),
      });
      chats.push(chat);
      return chat;
    },
    untilTaken: async (count) => {
      await until(() => expect(taken.length).toBeGreaterThanOrEqual(count));
      return taken;
    },
    [Symbol.asyncDispose]: async () => {
      for (const chat of chats) await chat.close();
      await rm(folder, { recursive: true, force: true });
    },
  };
  return stage;
}

export async function openPeople(homeserver: Homeserver): Promise<{ readonly bot: Account; readonly ada: Person }> {
  const [bot, ada] = await Promise.all([homeserver.account('chiffon'), homeserver.person('ada')]);
  return { bot, ada };
}

export function planOf(task: number, changes: Partial<PlanView> = {}): PlanView {
  return {
    ...samplePlan,
    ...{ task: toTaskId(task), requester: toActorId('matrix:@ada:chiffon.test'), request: 'deploy uptime kuma' },
    ...changes,
  };
}

/** The event of a reference. */
export function eventOf(reference: string): string {
  return reference.slice(reference.indexOf('/$') + 1);
}
