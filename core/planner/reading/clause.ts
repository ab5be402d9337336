// What reading gives: a request as clauses, each one thing asked for, with its words sorted by the part they play.
// Nothing here knows actions yet; that is matching's work.
import type { PlaceName } from '../matching/places.ts';
import type { VerbReading } from '../words/verbs.ts';
import type { Token } from './tokens.ts';

export type VerbUse = {
  /** As said, for people. */
  readonly text: string;
  /** The phrase in its base form: `take`, `back up`. */
  readonly phrase: string;
  readonly readings: readonly VerbReading[];
  /** `do`, `run`, `take`: what is meant may stand in a noun after it. */
  readonly carrier: boolean;
};

/** The word that opens a part of a clause. */
export type Lead =
  | 'object'
  | 'with'
  | 'on'
  | 'to'
  | 'from'
  | 'for'
  | 'of'
  | 'as'
  | 'by'
  | 'named'
  | 'except'
  | 'without'
  | 'ignored';

export type Segment = {
  readonly lead: Lead;
  /** The opening word as said: `onto`, `using`. */
  readonly said: string;
  /** Everything in it, marks and plain words too: a value must be found as it was written. */
  readonly tokens: Token[];
};

export type NamedPlace = {
  readonly place: PlaceName;
  readonly text: string;
  readonly lead: Lead;
  readonly excluded: boolean;
};

export type Clause = {
  verb: VerbUse | null;
  /** The verb was not said here but taken over from the clause before. */
  inherited: boolean;
  negated: boolean;
  /** The clause only says how things are: `jellyfin is down`. */
  statement: boolean;
  /** Wanted, needed, had: stands for `deploy` where nothing else is said. */
  wished: boolean;
  /** Joined by `or`: one of them is meant, and it is not said which. */
  alternatives: boolean;
  /** Where it stands in the order of doing, relative to its neighbour. */
  order: 'next' | 'before-neighbour' | 'after-neighbour' | 'first';
  /** `if`, `unless`, `until`: a condition that nobody can look up here. */
  conditional: boolean;
  /** Tokens of each thing named, in a list. */
  objects: Token[][];
  segments: Segment[];
  places: NamedPlace[];
  /** The place was said before the verb: "on atlas, deploy grafana and restart jellyfin". */
  leadingPlace: boolean;
  /** All tokens, for telling people which part is meant. */
  tokens: Token[];
  /** Starts a new sentence. */
  opens: boolean;
  question: 'open' | 'yes-no' | null;
};

export function emptyClause(): Clause {
  return {
    verb: null,
    inherited: false,
    negated: false,
    statement: false,
    wished: false,
    alternatives: false,
    order: 'next',
    conditional: false,
    objects: [],
    segments: [],
    places: [],
    leadingPlace: false,
    tokens: [],
    opens: false,
    question: null,
  };
}
