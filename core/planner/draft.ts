// A step in the making: what was understood before hosts are worked out and files are edited. Amendments change drafts.
import type { Action, ConfigTarget, Portal } from '../catalogue/model.ts';
import type { ErrorName } from '../error.ts';
import type { JsonValue } from '../json.ts';
import type { SecretRef } from '../plan/plan.ts';
import type { Question } from './planner.ts';
import type { NamedPlace } from './reading/clause.ts';

/** Items to add to, or take from, a list in a file. */
export type ConfigWish = {
  readonly target: ConfigTarget;
  readonly items: readonly WishedItem[];
  readonly remove: boolean;
};

/** A portal, or an address that the request gave. */
export type WishedItem = {
  readonly name: string;
  readonly url: string;
  readonly host: string;
  readonly portal: Portal | null;
};

export type Draft = {
  readonly action: Action;
  readonly places: readonly NamedPlace[];
  /** A place that was said of the step after this one, and may be meant for this one too. */
  readonly perhaps: readonly NamedPlace[];
  readonly values: ReadonlyMap<string, JsonValue | SecretRef>;
  readonly configs: readonly ConfigWish[];
  readonly score: number;
  /** The words of the request that asked for it. */
  readonly about: string;
  /** "everywhere" or "all hosts" was said. */
  readonly whole: boolean;
  /** A service or the like was named, so that the action does not reach whole machines unasked. */
  readonly named: boolean;
};

/** What a stage gives that found something to ask or to refuse instead. */
export type Stop =
  | { readonly type: 'ask'; readonly question: Question; readonly confidence: number }
  | {
      readonly type: 'refuse';
      readonly kind: ErrorName;
      readonly reason: string;
      readonly nearest: readonly Action[];
      readonly confidence: number;
    };

export function refuse(kind: ErrorName, reason: string, nearest: readonly Action[] = [], confidence = 0): Stop {
  return { type: 'refuse', kind, reason, nearest: nearest.slice(0, 5), confidence };
}
