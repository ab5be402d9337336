// The chat platforms that the settings name, as chats. Libraries of platforms that are not used are not loaded.
import { join } from 'node:path';
import type { Logger } from 'pino';
import { ChiffonError } from '../core/error.ts';
import type { Chat } from '../core/ports/chat.ts';
import { clock } from './compose.ts';
import type { MatrixSettings, Settings } from './settings.ts';

/** Throws CHAT_LOGIN_FAILED for what only a person can mend. A platform that is away is waited for, and that is said. */
export async function openPlatforms(settings: Settings, log: Logger): Promise<readonly Chat[]> {
  const chats: Chat[] = [];
  if (settings.discord !== undefined) chats.push(await openDiscord(settings.discord, log));
  if (settings.matrix !== undefined) chats.push(await openMatrix(matrixOptions(settings.matrix, settings), log));
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

type MatrixOptions = MatrixSettings & { readonly sessionFile: string };

function matrixOptions(matrix: MatrixSettings, { dataFolder }: Settings): MatrixOptions {
  return { ...matrix, sessionFile: join(dataFolder, 'matrix-session.json') };
}

async function openMatrix(matrix: MatrixOptions, log: Logger): Promise<Chat> {
  const [{ makeMatrixChat }, { checkMatrix }, { openSession }] = await Promise.all([
    import('../adapters/matrix/matrix-chat.ts'),
    import('../adapters/matrix/check-matrix.ts'),
    import('../adapters/matrix/session.ts'),
  ]);
  const check = await checkMatrix(matrix);
  if (check.type === 'unreachable') log.warn(`${check.sentence} It is tried again until it answers.`);
  else if (check.type !== 'ready') throw new ChiffonError('CHAT_LOGIN_FAILED', check.sentence);
  else {
    for (const note of check.notes) log.warn(note);
    // A password is only known to be right once it was used; the login is kept.
    if (matrix.accessToken === undefined) await openSession(matrix);
  }
  return makeMatrixChat({ ...matrix, log, clock });
}

/** For `doctor`. */
export async function checkPlatforms(settings: Settings): Promise<readonly PlatformCheck[]> {
  const { discord, matrix } = settings;
  const checks: PlatformCheck[] = [];
  if (discord !== undefined) {
    const { checkDiscord } = await import('../adapters/discord/check-discord.ts');
    checks.push({ platform: 'Discord', ...(await checkDiscord(discord)) });
  }
  if (matrix !== undefined) {
    const { checkMatrix } = await import('../adapters/matrix/check-matrix.ts');
    checks.push({ platform: 'Matrix', ...(await checkMatrix(matrixOptions(matrix, settings))) });
  }
  return checks;
}

/** `ready` with notes, or what is wrong and what to do, in a sentence. */
type PlatformCheck = {
  readonly platform: string;
  readonly type: string;
  readonly sentence: string;
  readonly notes?: readonly string[];
};
