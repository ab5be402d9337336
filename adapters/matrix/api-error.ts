// What a homeserver's no means: wait, try again, or a sentence for people that says what is missing.
import type { Verdict } from '../../core/chat/send-queue.ts';
import { ChiffonError } from '../../core/error.ts';

/** The homeserver's own no, by its code (https://spec.matrix.org/latest/client-server-api/#standard-error-response). */
export class MatrixRefusal extends Error {
  readonly status: number;
  /** E.g. `M_FORBIDDEN`; empty where what answered is no homeserver. */
  readonly errcode: string;
  readonly retryAfterMs: number | undefined;

  constructor(what: { status: number; errcode?: string; error?: string; retryAfterMs?: number | undefined }) {
    super([what.status, what.errcode ?? '', what.error ?? ''].filter((part) => part !== '').join(' '));
    this.name = 'MatrixRefusal';
    this.status = what.status;
    this.errcode = what.errcode ?? '';
    this.retryAfterMs = what.retryAfterMs;
  }
}

/** Never 0: an answer without a time is not an invitation to ask again at once. */
const shortestWaitMs = 50;
const unsaidWaitMs = 5_000;

/** A homeserver counts all that a user sends, in whatever room: everything waits. */
export function judge(error: unknown): Verdict {
  const ms = waitMs(error);
  if (ms !== null) return { type: 'wait', ms, scope: 'all' };
  return mayHaveGotThrough(error) ? { type: 'again' } : { type: 'failed' };
}

/** For how long it wants no more; null when that is not what it says. */
export function waitMs(error: unknown): number | null {
  if (!(error instanceof MatrixRefusal) || (error.status !== 429 && error.errcode !== 'M_LIMIT_EXCEEDED')) return null;
  const said = error.retryAfterMs ?? 0;
  return Math.max(shortestWaitMs, said > 0 ? said : unsaidWaitMs);
}

/** The homeserver said nothing, or that it broke: what was asked may have been done all the same. */
export function mayHaveGotThrough(error: unknown): boolean {
  if (error instanceof MatrixRefusal) return error.status >= 500;
  return error instanceof Error && !(error instanceof ChiffonError) && error.name !== 'AbortError';
}

/** The homeserver is away, broken or has enough for now: the same thing later may well go through. What else throws is a fault of ours. */
export function isAway(error: unknown): boolean {
  if (error instanceof MatrixRefusal) return error.status >= 500 || waitMs(error) !== null;
  return (
    error instanceof Error && 'code' in error && typeof error.code === 'string' && /^E(?!RR_)[A-Z]+/.test(error.code)
  );
}

function isOneOf(error: unknown, codes: readonly string[]): boolean {
  return error instanceof MatrixRefusal && codes.includes(error.errcode);
}

export const isNotFound = (error: unknown): boolean =>
  isOneOf(error, ['M_NOT_FOUND']) || (error instanceof MatrixRefusal && error.status === 404);
/** The room is not for the bot, or not any more. */
export const isForbidden = (error: unknown): boolean => isOneOf(error, ['M_FORBIDDEN', 'M_GUEST_ACCESS_FORBIDDEN']);
export const isTooLarge = (error: unknown): boolean =>
  isOneOf(error, ['M_TOO_LARGE']) || (error instanceof MatrixRefusal && error.status === 413);
export const isUnknownToken = (error: unknown): boolean =>
  isOneOf(error, ['M_UNKNOWN_TOKEN', 'M_MISSING_TOKEN', 'M_USER_DEACTIVATED', 'M_USER_SUSPENDED', 'M_USER_LOCKED']);
export const isAborted = (error: unknown): boolean => error instanceof Error && error.name === 'AbortError';

/** `why`: what is known about a room that may not be written to. */
export function toChiffonError(error: unknown, why = 'Chiffon is not in the Matrix room, or may not write there.') {
  if (error instanceof ChiffonError) return error;
  const cause = { cause: error };
  if (isUnknownToken(error))
    return new ChiffonError('CHAT_LOGIN_FAILED', 'The homeserver does not accept Chiffon’s login (any more).', cause);
  if (isForbidden(error) || isNotFound(error)) return new ChiffonError('CHAT_UNREACHABLE', why, cause);
  if (waitMs(error) !== null)
    return new ChiffonError('CHAT_FAILED', 'The homeserver takes no more requests for now.', cause);
  if (error instanceof MatrixRefusal)
    return new ChiffonError('CHAT_FAILED', `The homeserver refused a request: ${error.message}.`, cause);
  return new ChiffonError('CHAT_FAILED', 'The Matrix homeserver cannot be reached, or does not answer.', cause);
}
