// What reading a clause's inputs takes and gives.
import type { JsonValue } from '../../json.ts';
import type { SecretRef } from '../../plan/plan.ts';
import type { Lead } from '../reading/clause.ts';
import type { Token } from '../reading/tokens.ts';
import type { InputProblem } from './value-result.ts';

/** Part of a clause, with what opens it. */
export type Part = { readonly lead: Lead; readonly said: string; readonly tokens: readonly Token[] };

export type GivenInputs = {
  readonly values: ReadonlyMap<string, JsonValue | SecretRef>;
  /** Tokens that name an input or are its value. */
  readonly used: ReadonlySet<Token>;
  readonly problems: readonly InputProblem[];
  /** Said like an input of this action, and is none: `with foo=bar`. */
  readonly unknown: readonly { readonly name: string; readonly tokens: readonly Token[] }[];
};

export type InputsContext = {
  readonly text: string;
  readonly secrets: ReadonlyMap<string, SecretRef>;
  readonly switchOff: boolean;
  readonly switchOn: boolean;
  readonly subject: ReadonlySet<Token>;
  readonly otherNames: (value: string) => readonly string[];
};
