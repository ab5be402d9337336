// Discord as a chat: the plan card with its buttons in the channel, a thread for each task's run, answers to the one who asked.
// What it knows it knows from one start to the next stop; the log knows the rest.
import type { Logger } from 'pino';
import type { BudgetLimits } from '../../core/chat/channel-budget.ts';
import { ChiffonError } from '../../core/error.ts';
import type { Chat } from '../../core/ports/chat.ts';
import type { Clock } from '../../core/ports/clock.ts';
import { checkDiscord } from './check-discord.ts';
import type { Life } from './life.ts';
import { beginLife } from './life.ts';
import { isConversation } from './reference.ts';

export type DiscordOptions = {
  readonly token: string;
  /** The one server that is served; all that the bot is in where none is named. */
  readonly guildId?: string | undefined;
  /** Another server than Discord's own, for tests. */
  readonly apiUrl?: string | undefined;
  readonly log: Logger;
  readonly clock: Clock;
  readonly limits?: BudgetLimits;
};

/** About what Discord allows; its answers are obeyed all the same (https://docs.discord.com/developers/topics/rate-limits). */
const discordsLimits: BudgetLimits = {
  lane: { requests: 5, withinMs: 5_000 },
  all: { requests: 45, withinMs: 1_000 },
};

export function makeDiscordChat({ limits = discordsLimits, ...options }: DiscordOptions): Chat {
  const { log } = options;
  let life: Life | null = null;

  const alive = (): Life => {
    if (life === null) throw new ChiffonError('CHAT_FAILED', 'Chiffon is not connected to Discord.');
    return life;
  };
  const stop = async (): Promise<void> => {
    const ending = life;
    await ending?.end();
    if (life === ending) life = null;
  };

  return {
    platform: 'discord',
    name: 'discord',
    heardBy: 'leader',
    threads: true,
    logFiles: true,
    serves: isConversation,
    async start(handlers) {
      const check = await checkDiscord(options);
      switch (check.type) {
        case 'ready':
          for (const note of check.notes) log.warn({}, note);
          break;
        case 'not-permitted':
          // A channel may allow what the server does not.
          log.warn({}, check.sentence);
          break;
        case 'unreachable':
          throw new ChiffonError('CHAT_FAILED', check.sentence);
        default:
          throw new ChiffonError('CHAT_LOGIN_FAILED', check.sentence);
      }
      await stop();
      life = await beginLife({ ...options, limits }, handlers);
    },
    stop,
    answer: async (incoming, view) => alive().answer(incoming, view),
    post: async (conversation, key, view, root) => alive().post(conversation, key, view, root),
    update: async (conversation, reference, view) => alive().update(conversation, reference, view),
    bringUpToDate: async (messages) => alive().bringUpToDate(messages),
    close: stop,
  };
}
