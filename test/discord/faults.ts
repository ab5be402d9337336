// What goes wrong on purpose: answers given in Discord's place, limits that nobody counted, and requests that are done while
// their answers never arrive.
import type { Scope, TooMany } from './rate-limits.ts';
import type { Signal } from './signal.ts';

/** Which requests are meant: `POST /channels/:channel/messages`, as the routes are written; the rest narrows it. */
export type Matcher = { readonly route: string; readonly channel?: string; readonly contentIncludes?: string };
export type CannedAnswer = {
  readonly status: number;
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
  /** Before the answer. */
  readonly delayMs?: number;
  /** Done as asked before it is answered so, as by a proxy that times out; else nothing is done. */
  readonly applied?: true;
  /** One unless told. */
  readonly times?: number;
};
export type ForcedLimit = { readonly scope: Scope; readonly retryAfterMs: number; readonly times?: number };

export type Hold = {
  /** Answers withheld so far. */
  readonly held: number;
  /** The answers go out after all, and no more are withheld. */
  release(): void;
  /** The connections are cut instead, and no more are withheld. */
  cut(): void;
};

/** A request as faults look at it. */
export type Incoming = { readonly route: string; readonly channel: string | undefined; readonly body: unknown };

export function makeFaults(signal: Signal) {
  const answers: { matcher: Matcher; answer: CannedAnswer; left: number }[] = [];
  const limits: { matcher: Matcher; limit: ForcedLimit; left: number }[] = [];
  const holds = new Set<{ matcher: Matcher; waiting: ((fate: 'answer' | 'cut') => void)[]; held: number }>();
  const next = <T extends { matcher: Matcher; left: number }>(list: T[], incoming: Incoming): T | undefined => {
    const found = list.find(({ matcher, left }) => left > 0 && matches(matcher, incoming));
    if (found) found.left -= 1;
    return found;
  };
  return {
    answerNext: (matcher: Matcher, answer: CannedAnswer): void =>
      void answers.push({ matcher, answer, left: answer.times ?? 1 }),
    limitNext: (matcher: Matcher, limit: ForcedLimit): void =>
      void limits.push({ matcher, limit, left: limit.times ?? 1 }),
    holdRequests: (matcher: Matcher): Hold => {
      const hold = { matcher, waiting: [] as ((fate: 'answer' | 'cut') => void)[], held: 0 };
      holds.add(hold);
      const end = (fate: 'answer' | 'cut') => {
        holds.delete(hold);
        for (const settle of hold.waiting.splice(0)) settle(fate);
      };
      return {
        get held() {
          return hold.held;
        },
        release: () => end('answer'),
        cut: () => end('cut'),
      };
    },
    takeAnswer: (incoming: Incoming): CannedAnswer | undefined => next(answers, incoming)?.answer,
    takeLimit: (incoming: Incoming): TooMany | undefined => next(limits, incoming)?.limit,
    /** After the request was done: what becomes of its answer. */
    fateOf: (incoming: Incoming): Promise<'answer' | 'cut'> | 'answer' => {
      const hold = [...holds].find(({ matcher }) => matches(matcher, incoming));
      if (!hold) return 'answer';
      hold.held += 1;
      signal.tell();
      return new Promise((resolve) => hold.waiting.push(resolve));
    },
    endHolds: (): void => {
      for (const hold of holds) for (const settle of hold.waiting.splice(0)) settle('cut');
      holds.clear();
    },
  };
}

export type Faults = ReturnType<typeof makeFaults>;

function matches({ route, channel, contentIncludes }: Matcher, incoming: Incoming): boolean {
  if (route !== incoming.route && route !== '*') return false;
  if (channel !== undefined && channel !== incoming.channel) return false;
  return (
    contentIncludes === undefined ||
    JSON.stringify(incoming.body ?? null).includes(JSON.stringify(contentIncludes).slice(1, -1))
  );
}
