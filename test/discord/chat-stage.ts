// The Discord chat as the bot has it, on the tests' Discord: what people send lands in `taken`, and a test answers for the bot.
import { Writable } from 'node:stream';
import type { Logger } from 'pino';
import pino from 'pino';
import { makeDiscordChat } from '../../adapters/discord/discord-chat.ts';
import type { BudgetLimits } from '../../core/chat/channel-budget.ts';
import type { ConversationId } from '../../core/ids.ts';
import { toActorId, toConversationId, toTaskId } from '../../core/ids.ts';
import type { Chat, ChatHandlers, Incoming, PlanView, QuestionView } from '../../core/ports/chat.ts';
import { samplePlan, sampleQuestion } from '../builders/views.ts';
import { makeChatMemory } from '../fakes/chat-memory.ts';
import type { DiscordOptions, DiscordServer } from './start.ts';
import { startDiscord } from './start.ts';

export type ChatStage = {
  readonly discord: DiscordServer;
  readonly taken: readonly Incoming[];
  readonly looked: readonly (ConversationId | null)[];
  /** Why the connection ended for good. */
  readonly lost: readonly Error[];
  readonly logged: readonly string[];
  readonly log: Logger;
  /** What the bot does with what people send; a request becomes #7 unless a test says otherwise. */
  handle: ChatHandlers['handle'];
  suggest: ChatHandlers['suggest'];
  readonly handlers: ChatHandlers;
  /** Another process of the bot, or the next life of one. */
  readonly makeChat: (more?: { readonly token?: string }) => Chat;
  readonly startChat: () => Promise<Chat>;
  readonly general: ConversationId;
  [Symbol.asyncDispose](): Promise<void>;
};

/** Limits of one's own that get in nobody's way. */
const generous: BudgetLimits = {
  lane: { requests: 1_000, withinMs: 1_000 },
  all: { requests: 10_000, withinMs: 1_000 },
};

export async function openChatStage(
  options: DiscordOptions & { readonly budget?: 'real'; readonly everywhere?: boolean } = {},
): Promise<ChatStage> {
  const discord = await startDiscord({ limits: 'generous', ...options });
  const taken: Incoming[] = [];
  const looked: (ConversationId | null)[] = [];
  const lost: Error[] = [];
  const logged: string[] = [];
  const log = pino(
    { level: 'trace' },
    new Writable({
      write: (chunk: Buffer, _encoding, done) => {
        logged.push(chunk.toString());
        done();
      },
    }),
  );
  const chats: Chat[] = [];
  const stage: ChatStage = {
    discord,
    taken,
    looked,
    lost,
    logged,
    log,
    handle: async (incoming) => ({
      task: incoming.content.type === 'request' ? toTaskId(7) : null,
      refused: false,
    }),
    suggest: async () => [],
    makeChat: (more = {}) =>
      makeDiscordChat({
        ...{ token: more.token ?? discord.token, apiUrl: discord.apiUrl, log },
        ...(options.everywhere === true ? {} : { guildId: discord.guild.id }),
        clock: { now: () => new Date(discord.clock.now()) },
        ...(options.budget === 'real' ? {} : { limits: generous }),
      }),
    startChat: async () => {
      const chat = stage.makeChat();
      await chat.start(stage.handlers);
      chats.push(chat);
      return chat;
    },
    handlers: {
      handle: async (incoming) => {
        taken.push(incoming);
        discord.world.signal.tell();
        return stage.handle(incoming);
      },
      suggest: (about, typed) => stage.suggest(about, typed),
      lookAgain: (conversation) => {
        looked.push(conversation);
        discord.world.signal.tell();
      },
      memory: makeChatMemory(),
      lost: (why) => {
        lost.push(why);
        discord.world.signal.tell();
      },
    },
    general: toConversationId(`discord:${discord.channel('general').id}`),
    [Symbol.asyncDispose]: async () => {
      for (const chat of chats) await chat.close();
      await discord.stop();
    },
  };
  return stage;
}

export function planOf(task: number, changes: Partial<PlanView> = {}): PlanView {
  return {
    ...samplePlan,
    ...{ task: toTaskId(task), requester: toActorId('discord:100000000000000001'), request: 'deploy uptime kuma' },
    ...changes,
  };
}

export function questionOf(task: number, changes: Partial<QuestionView> = {}): QuestionView {
  return { ...sampleQuestion, task: toTaskId(task), ...changes };
}

/** The message of a reference, in whatever channel. */
export function messageAt(discord: DiscordServer, reference: string) {
  const [channel = '', message = ''] = reference.split('/');
  const found = discord.world.channels.get(channel)?.messages.find(({ id }) => id === message);
  if (found === undefined) throw new Error(`there is no message ${reference}`);
  return found;
}
