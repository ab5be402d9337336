// What runs: the items of a play that `--tags` selects, and what each item brings in. Indexed once for each play.
import type { PlayReading } from './plays.ts';
import type { Visit } from './visit.ts';

type Index = {
  readonly byTag: ReadonlyMap<string, readonly number[]>;
  readonly always: readonly number[];
  readonly plain: readonly Visit[];
  readonly tops: readonly Visit[];
};

const indexes = new WeakMap<PlayReading, Index>();
const insides = new WeakMap<Visit, Visit[]>();

/** What runs with `--tags <tag>`: what has the tag, and what always runs. Without a tag: all but `never`. */
export function runWith(play: PlayReading, tag: string | undefined): readonly Visit[] {
  const index = indexOf(play);
  if (tag === undefined) return index.plain;
  const hits = [...new Set([...(index.byTag.get(tag) ?? []), ...index.always])].sort((a, b) => a - b);
  return hits.flatMap((position) => play.visits[position] ?? []);
}

/** The items that stand in the play itself, outside any block. */
export function topVisits(play: PlayReading): readonly Visit[] {
  return indexOf(play).tops;
}

/** All that an include, a role or a block brings in. */
export function insideOf(visit: Visit): readonly Visit[] {
  return insides.get(visit) ?? [];
}

function indexOf(play: PlayReading): Index {
  const known = indexes.get(play);
  if (known !== undefined) return known;
  const byTag = new Map<string, number[]>();
  const always: number[] = [];
  for (const [position, visit] of play.visits.entries()) {
    for (const tag of visit.tags) {
      const positions = byTag.get(tag);
      if (positions === undefined) byTag.set(tag, [position]);
      else positions.push(position);
    }
    if (visit.tags.has('always') && !visit.tags.has('never')) always.push(position);
    for (let above = visit.parent; above !== undefined; above = above.parent) {
      const inside = insides.get(above);
      if (inside === undefined) insides.set(above, [visit]);
      else inside.push(visit);
    }
  }
  const index = {
    byTag,
    always,
    plain: play.visits.filter((visit) => !visit.tags.has('never')),
    tops: play.visits.filter((visit) => visit.parent === undefined),
  };
  indexes.set(play, index);
  return index;
}
