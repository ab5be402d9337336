// What reading a value gives: the typed value, or what is wrong with it in words for people.
import type { Input } from '../../catalogue/model.ts';
import type { ErrorName } from '../../error.ts';
import type { JsonValue } from '../../json.ts';
import type { SecretRef } from '../../plan/plan.ts';
import type { Token } from '../reading/tokens.ts';

export type InputProblem = {
  readonly kind: ErrorName;
  readonly input: string;
  readonly message: string;
  readonly candidates: readonly string[];
};

export type ReadValue =
  | { readonly type: 'value'; readonly value: JsonValue | SecretRef; readonly length: number }
  | { readonly type: 'problem'; readonly problem: InputProblem; readonly length: number };

export type ValueContext = {
  /** The request's text, from which values are cut exactly as written. */
  readonly text: string;
  readonly secrets: ReadonlyMap<string, SecretRef>;
  /** Tokens at which a value that may have several words ends, besides marks. */
  /** Other names of what a value names, without spaces. */
  readonly otherNames?: (value: string) => readonly string[];
  readonly endsAt: (tokens: readonly Token[], at: number) => boolean;
};

/** A problem as a result. */
export function problem(kind: ErrorName, input: Input, message: string, length: number): ReadValue {
  return {
    type: 'problem',
    problem: { kind, input: input.name, message, candidates: (input.choices ?? []).map(String) },
    length: Math.max(1, length),
  };
}
