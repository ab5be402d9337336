// What matching is about: one thing asked for, and how an action fits it.
import type { JsonValue } from '../../json.ts';
import type { SecretRef } from '../../plan/plan.ts';
import type { NamedPlace, VerbUse } from '../reading/clause.ts';
import type { Token } from '../reading/tokens.ts';
import type { GivenInputs, Part } from './given-inputs.ts';
import type { Entry, Lexicon } from './lexicon.ts';
import type { InputProblem } from './value-result.ts';

/** One thing asked for: a clause's verb with one of its objects. */
export type Target = {
  readonly verb: VerbUse | null;
  readonly object: readonly Token[];
  readonly parts: readonly Part[];
  readonly places: readonly NamedPlace[];
  /** As said, for people. */
  readonly about: string;
  /** `everything`, `all services`. */
  readonly everything: boolean;
  readonly wished: boolean;
};

export type Fit = {
  readonly entry: Entry;
  /** 0 to 1. */
  readonly score: number;
  readonly verb: number;
  /** How much of what was said is explained, 0 to 1. */
  readonly explained: number;
  /** How much of the action's name was said, 0 to 1. */
  readonly named: number;
  /** The subject stands in the action's own name, rather than as an input's value or in its description. */
  readonly by: 'name' | 'value' | 'description' | 'verb' | 'file';
  readonly values: ReadonlyMap<string, JsonValue | SecretRef>;
  readonly problems: readonly InputProblem[];
  readonly unknownInputs: GivenInputs['unknown'];
  /** Said where a place stands, and names none. */
  readonly unknownPlaces: readonly string[];
  /** Words that nothing explains. */
  readonly unexplained: readonly Token[];
  /** A time was said that is no value of the action: a plan cannot wait for it. */
  readonly timeSaid: boolean;
  readonly places: readonly NamedPlace[];
  readonly notes: readonly string[];
};

export type ExplainContext = {
  readonly lexicon: Lexicon;
  readonly text: string;
  readonly secrets: ReadonlyMap<string, SecretRef>;
};
