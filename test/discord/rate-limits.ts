// Discord's rate limits: a bucket for each route and its channel, guild or webhook; 50 requests a second in all; and no more
// than 10,000 invalid requests in ten minutes. The sizes of buckets are not promised by Discord; these are what bots see.
// https://docs.discord.com/developers/topics/rate-limits
import { createHash } from 'node:crypto';
import type { Clock } from './clock.ts';

export type BucketRule = { readonly name: string; readonly limit: number; readonly perMs: number };
export type Scope = 'user' | 'shared' | 'global';
/** Its body is Discord's; `code` only where Discord gives one. */
export type TooMany = {
  readonly scope: Scope;
  readonly retryAfterMs: number;
  readonly code?: number;
  readonly message?: string;
};
export type Headers = Readonly<Record<string, string>>;
export type Verdict = { readonly headers: Headers; readonly tooMany?: TooMany };

type Window = { used: number; resetsAt: number };
export type Asked = {
  /** None for the interaction callback. */
  readonly rule: BucketRule | undefined;
  readonly major: string;
  /** Interactions and their webhooks do not count for the global limit. */
  readonly countsGlobally: boolean;
};

const globalRule: BucketRule = { name: 'global', limit: 50, perMs: 1_000 };
const invalidRule: BucketRule = { name: 'invalid', limit: 10_000, perMs: 600_000 };

/** `generous`: the headers are there and nothing runs out. */
export function makeRateLimits(clock: Clock, generous: boolean, ignored: (reason: string) => void) {
  const windows = new Map<string, Window>();
  /** When somebody was told to wait: since when, and until when. */
  const told = new Map<string, { sinceMs: number; untilMs: number }>();
  const given: Record<Scope, number> = { user: 0, shared: 0, global: 0 };

  const windowOf = (key: string, { perMs }: BucketRule): Window => {
    const known = windows.get(key);
    if (known && known.resetsAt > clock.now()) return known;
    const fresh = { used: 0, resetsAt: clock.now() + perMs };
    windows.set(key, fresh);
    return fresh;
  };
  /** Takes one; else the time to wait in ms. */
  const take = (key: string, rule: BucketRule): number => {
    const window = windowOf(key, rule);
    if (window.used >= rule.limit) return Math.max(1, window.resetsAt - clock.now());
    window.used += 1;
    return 0;
  };
  const headersOf = (key: string, rule: BucketRule, limit: number): Headers => {
    const { used, resetsAt } = windowOf(key, rule);
    return {
      'X-RateLimit-Limit': String(limit),
      'X-RateLimit-Remaining': String(Math.max(0, limit - used)),
      'X-RateLimit-Reset': (resetsAt / 1000).toFixed(3),
      'X-RateLimit-Reset-After': (Math.max(0, resetsAt - clock.now()) / 1000).toFixed(3),
      'X-RateLimit-Bucket': createHash('sha256').update(rule.name).digest('hex').slice(0, 32),
    };
  };
  /** Requests on their way at the moment of the refusal are nobody's fault. */
  const patienceMs = 250;
  const tell = (key: string, tooMany: TooMany): TooMany => {
    given[tooMany.scope] += 1;
    const { now } = clock;
    const known = told.get(key);
    if (known && now() - known.sinceMs > patienceMs && known.untilMs - now() > patienceMs)
      ignored(
        `${key} is asked again ${now() - known.sinceMs} ms after a 429 that said to wait ${known.untilMs - known.sinceMs} ms`,
      );
    if (!known || known.untilMs <= now()) told.set(key, { sinceMs: now(), untilMs: now() + tooMany.retryAfterMs });
    return tooMany;
  };

  return {
    given,
    /** What the request is told, before it is done. */
    ask({ rule, major, countsGlobally }: Asked): Verdict {
      if (generous) return { headers: rule ? headersOf(`${rule.name} ${major}`, rule, 1_000_000) : {} };
      if (countsGlobally) {
        const waitMs = take('global', globalRule);
        if (waitMs > 0) return { headers: {}, tooMany: tell('global', { scope: 'global', retryAfterMs: waitMs }) };
      }
      if (!rule) return { headers: {} };
      const key = `${rule.name} ${major}`;
      const waitMs = take(key, rule);
      const headers = headersOf(key, rule, rule.limit);
      return waitMs === 0 ? { headers } : { headers, tooMany: tell(key, { scope: 'user', retryAfterMs: waitMs }) };
    },
    /** A limit within a route, of which the headers say nothing until it is met: the time to wait in ms, or 0. */
    takeHidden: (rule: BucketRule, major: string): number => (generous ? 0 : take(`${rule.name} ${major}`, rule)),
    /** A refusal that did not come of counting. */
    force: (tooMany: TooMany): TooMany => {
      given[tooMany.scope] += 1;
      return tooMany;
    },
    /** 401, 403 and 429 count, but for 429 of a shared limit. True: Cloudflare answers in Discord's place. */
    countInvalid: (): void => void take('invalid', invalidRule),
    banned: (): boolean => windowOf('invalid', invalidRule).used >= invalidRule.limit,
    invalidRequests: (): number => windowOf('invalid', invalidRule).used,
  };
}

export type RateLimits = ReturnType<typeof makeRateLimits>;

export function tooManyAnswer({ scope, retryAfterMs, code, message }: TooMany): { headers: Headers; body: unknown } {
  const seconds = retryAfterMs / 1000;
  return {
    headers: {
      'Retry-After': String(Math.ceil(seconds)),
      'X-RateLimit-Scope': scope,
      ...(scope === 'global' && { 'X-RateLimit-Global': 'true' }),
    },
    body: {
      message: message ?? (scope === 'shared' ? 'The resource is being rate limited.' : 'You are being rate limited.'),
      retry_after: seconds,
      global: scope === 'global',
      ...(code !== undefined && { code }),
    },
  };
}
