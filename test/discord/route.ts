// What a REST route is: its path, its rate limit, and what it does with a call.
import { formError } from './api-error.ts';
import type { Upload } from './multipart.ts';
import type { BucketRule, RateLimits } from './rate-limits.ts';
import type { World } from './world.ts';

export type Call = {
  readonly world: World;
  readonly limits: RateLimits;
  readonly params: Readonly<Record<string, string>>;
  readonly query: URLSearchParams;
  readonly body: unknown;
  readonly files: readonly Upload[];
};
export type Answer = { readonly status: number; readonly body?: unknown };

export type Method = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
export type Route = {
  readonly method: Method;
  /** E.g. `/channels/:channel/messages/:message`. The first parameter is the one that the limit counts for. */
  readonly path: string;
  /** None: the route is outside of all limits. */
  readonly limit: BucketRule | undefined;
  /** An interaction's token in the path stands for the bot's. */
  readonly byToken?: true;
  handle(call: Call): Answer;
};

export const noContent: Answer = { status: 204 };

export function param({ params }: Call, name: string): string {
  const value = params[name];
  if (value === undefined) throw new Error(`the route has no :${name}`);
  return value;
}

/** A whole number of the query. */
export function queryNumber(
  { query }: Call,
  name: string,
  { or, min, max }: { or: number; min: number; max: number },
): number {
  const text = query.get(name);
  if (text === null) return or;
  const value = Number(text);
  if (!Number.isInteger(value) || value < min || value > max)
    throw formError([name], 'NUMBER_TYPE_MAX', `int value should be between ${min} and ${max}.`);
  return value;
}

export type Matched = {
  readonly route: Route;
  readonly params: Readonly<Record<string, string>>;
  readonly major: string;
};

export function matchRoute(routes: readonly Route[], method: string, pathname: string): Matched | undefined {
  const parts = pathname.split('/').slice(1).map(decodeURIComponent);
  for (const route of routes) {
    if (route.method !== method) continue;
    const pattern = route.path.split('/').slice(1);
    if (pattern.length !== parts.length) continue;
    const params: Record<string, string> = {};
    const fits = pattern.every((piece, place) => {
      const part = parts[place] ?? '';
      if (!piece.startsWith(':')) return piece === part;
      params[piece.slice(1)] = part;
      // Ids are numbers; only a token is not. So `@me` and `@original` are never taken for one.
      return piece === ':token' || /^\d{1,20}$/.test(part);
    });
    if (fits)
      return {
        route,
        params,
        major: [params.channel ?? params.guild ?? params.application ?? '', params.token ?? ''].join('/'),
      };
  }
  return undefined;
}
