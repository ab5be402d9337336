// What an error of Discord's API means: wait, try again, or a sentence for people that says what is missing.
import { DiscordAPIError, HTTPError, RateLimitError, RESTJSONErrorCodes } from 'discord.js';
import type { Verdict } from '../../core/chat/send-queue.ts';
import { ChiffonError } from '../../core/error.ts';

/** Never 0: an answer without a time is not an invitation to ask again at once. */
const shortestWaitMs = 50;
const unsaidWaitMs = 5_000;
/** Three edits in six seconds (30046), a burst of writes (20028), a service that is overloaded (130000). */
const slowDown: ReadonlyMap<number, { readonly ms: number; readonly scope: 'job' | 'lane' }> = new Map([
  [RESTJSONErrorCodes.MaximumNumberOfEditsToMessagesOlderThanOneHourReached, { ms: 2_000, scope: 'job' }],
  [RESTJSONErrorCodes.ChannelSendRateLimit, { ms: unsaidWaitMs, scope: 'lane' }],
  [RESTJSONErrorCodes.ActionCannotBePerformedDueToSlowmodeRateLimit, { ms: unsaidWaitMs, scope: 'lane' }],
  [RESTJSONErrorCodes.APIResourceOverloaded, { ms: unsaidWaitMs, scope: 'lane' }],
]);

export function judge(error: unknown): Verdict {
  if (error instanceof RateLimitError) {
    const ms = Math.max(shortestWaitMs, error.retryAfter > 0 ? error.retryAfter : unsaidWaitMs);
    return { type: 'wait', ms, scope: error.global || error.scope === 'global' ? 'all' : 'lane' };
  }
  const slow = slowDown.get(codeOf(error) ?? 0);
  if (slow !== undefined) return { type: 'wait', ...slow };
  return mayHaveGotThrough(error) ? { type: 'again' } : { type: 'failed' };
}

/** Discord said nothing, or that it broke: what was asked may have been done all the same. */
export function mayHaveGotThrough(error: unknown): boolean {
  if (error instanceof DiscordAPIError) return error.status >= 500;
  if (error instanceof HTTPError) return true;
  return error instanceof Error && !(error instanceof ChiffonError) && !isUnlogged(error);
}

/** Discord's own number for what is wrong. */
function codeOf(error: unknown): number | undefined {
  return error instanceof DiscordAPIError && typeof error.code === 'number' ? error.code : undefined;
}

export function isOneOf(error: unknown, codes: readonly number[]): boolean {
  return codes.includes(codeOf(error) ?? -1);
}

export const isGone = (error: unknown): boolean => isOneOf(error, [RESTJSONErrorCodes.UnknownMessage]);
export const isArchived = (error: unknown): boolean =>
  isOneOf(error, [RESTJSONErrorCodes.InvalidActionOnArchivedThread]);
/** It is not there, or not for the bot. */
export const isClosed = (error: unknown): boolean => isOneOf(error, closed) || isForbidden(error);
/** Discord has more reasons than it lists; a 403 without a number is of something on the way. */
const isForbidden = (error: unknown): boolean =>
  error instanceof DiscordAPIError && error.status === 403 && (codeOf(error) ?? 0) > 0;
/** What is said there is not to Discord's liking, e.g. for a link that it takes for harmful; it would not be the next time, either. */
export const isUnsayable = (error: unknown): boolean =>
  error instanceof DiscordAPIError && error.status === 400 && !isClosed(error) && judge(error).type === 'failed';
const closed = [
  RESTJSONErrorCodes.UnknownChannel,
  RESTJSONErrorCodes.MissingAccess,
  RESTJSONErrorCodes.MissingPermissions,
  RESTJSONErrorCodes.ThreadLocked,
  RESTJSONErrorCodes.InvalidActionOnArchivedThread,
  RESTJSONErrorCodes.CannotSendMessagesToThisUser,
  RESTJSONErrorCodes.CannotSendMessagesInNonTextChannel,
  RESTJSONErrorCodes.CannotExecuteActionOnThisChannelType,
];

/** `missing`: the permissions that the bot lacks there, as far as it is known. */
export function toChiffonError(error: unknown, missing: readonly string[] = []): ChiffonError {
  if (error instanceof ChiffonError) return error;
  const cause = { cause: withoutBody(error) };
  if (isUnlogged(error) || (error instanceof DiscordAPIError && error.status === 401))
    return new ChiffonError('CHAT_LOGIN_FAILED', 'Discord does not accept DISCORD_TOKEN (any more).', cause);
  if (isClosed(error)) return new ChiffonError('CHAT_UNREACHABLE', unreachable(codeOf(error) ?? 0, missing), cause);
  if (error instanceof RateLimitError)
    return new ChiffonError('CHAT_FAILED', 'Discord takes no more requests for now.', cause);
  if (error instanceof DiscordAPIError)
    return new ChiffonError('CHAT_FAILED', `Discord refused a request: ${error.message} (${error.code}).`, cause);
  return new ChiffonError('CHAT_FAILED', 'Discord cannot be reached, or does not answer.', cause);
}

const noServerInCommon = 50_278;

function unreachable(code: number, missing: readonly string[]): string {
  const give = (names: readonly string[]): string => `give Chiffon ${names.join(', ')} there`;
  switch (code) {
    case RESTJSONErrorCodes.UnknownChannel:
      return 'The Discord channel is gone.';
    case RESTJSONErrorCodes.ThreadLocked:
      return 'The Discord thread is locked: unlock it, or give Chiffon Manage Threads there.';
    case RESTJSONErrorCodes.CannotSendMessagesToThisUser:
    case noServerInCommon:
      return 'That person takes no direct messages from Chiffon.';
    case RESTJSONErrorCodes.MissingAccess:
      return `Chiffon cannot see the Discord channel: ${give([...new Set(['View Channel', ...missing])])}.`;
    case RESTJSONErrorCodes.MissingPermissions:
      return `Chiffon may not write in the Discord channel: ${give(missing.length > 0 ? missing : ['Send Messages'])}.`;
    default:
      return `Discord does not let Chiffon write in that channel (${code}).`;
  }
}

/** After a refused token discord.js forgets it and asks nothing more. */
function isUnlogged(error: unknown): boolean {
  return error instanceof Error && error.message.startsWith('Expected token to be set');
}

/** The library keeps the request with its error: what was to be shown belongs in no log. */
function withoutBody(error: unknown): unknown {
  if (error instanceof DiscordAPIError)
    return new Error(`${error.method} ${pathOf(error.url)}: ${error.status}, ${error.code}: ${error.message}`);
  if (error instanceof HTTPError) return new Error(`${error.method} ${pathOf(error.url)}: ${error.status}`);
  return error;
}

/** The tokens of interactions stand in paths. */
export function pathOf(url: string): string {
  return url.replace(/^https?:\/\/[^/]+/, '').replace(/\/(interactions|webhooks)\/(\d+)\/[^/?]+/, '/$1/$2/…');
}
