// One way of running a playbook: as a whole, by a tag, by a variable. What offers.ts finds, and action.ts composes.
import type { JsonValue } from '../json.ts';
import type { ActionKind } from './model.ts';
import type { PlayReading } from './plays.ts';
import type { Visit } from './visit.ts';

export type Offer = {
  readonly kind: ActionKind;
  readonly tags: readonly string[];
  readonly enables: Readonly<Record<string, JsonValue>>;
  /** What it is about: the items that its tag or variable stands on. Empty for a whole playbook. */
  readonly about: readonly Visit[];
  /** Plays that it is about as a whole. */
  readonly aboutPlays: readonly PlayReading[];
  readonly plays: readonly PlayReading[];
  /** Everything that would run. */
  readonly selected: readonly Visit[];
  /** Further tags that select exactly the same. */
  readonly otherTags: readonly string[];
  /** Stands beside a tag that selects the same items, but says something else: `plex-reclaim` beside `plex`. */
  readonly apart?: true;
  /** The value of a choice or condition that tells it from its likes: `grafana`, `absent`. */
  readonly chosen?: string;
};
