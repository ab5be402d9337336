// The chat platforms that the settings name, as chats. Libraries of platforms that are not used are not loaded.
import type { Logger } from 'pino';
import { ChiffonError } from '../core/error.ts';
import type { Chat } from '../core/ports/chat.ts';
import { clock } from './compose.ts';
import type { Settings } from './settings.ts';

/** Throws CHAT_LOGIN_FAILED for what only a person can mend. A platform that is away is waited for, and that is said. */
export async function openPlatforms(settings: Settings, log: Logger): Promise<readonly Chat[]> {
  const chats: Chat[] = [];
  if (settings.discord !== undefined) chats.push(await openDiscord(settings.discord, log));
  return chats;
}

async function openDiscord(discord: NonNullable<Settings['discord']>, log: Logger): Promise<Chat> {
  const [{ makeDiscordChat }, { checkDiscord }] = await Promise.all([
    import('../adapters/discord/discord-chat.ts'),
    import('../adapters/discord/check-discord.ts'),
  ]);
  const { type, sentence } = await checkDiscord(discord);
  if (type === 'unreachable') log.warn(`${sentence} It is tried again until it answers.`);
  // A channel may allow what its server does not.
  else if (type !== 'ready' && type !== 'not-permitted') throw new ChiffonError('CHAT_LOGIN_FAILED', sentence);
  return makeDiscordChat({ ...discord, log, clock });
}

/** For `doctor`. */
export async function checkPlatforms(settings: Settings): Promise<readonly PlatformCheck[]> {
  const { discord } = settings;
  if (discord === undefined) return [];
  const { checkDiscord } = await import('../adapters/discord/check-discord.ts');
  return [{ platform: 'Discord', ...(await checkDiscord(discord)) }];
}

/** `ready` with notes, or what is wrong and what to do, in a sentence. */
type PlatformCheck = {
  readonly platform: string;
  readonly type: string;
  readonly sentence: string;
  readonly notes?: readonly string[];
};
