// The order of doing, a place said last that may be meant for all, and steps asked for twice.
import type { Draft } from '../draft.ts';
import type { Clause } from '../reading/clause.ts';
import { type Resolving, sameValues } from './resolving.ts';

/** Steps in the order of doing: "after" and "before" put a step on the other side of its neighbour. */
export function orderSteps(run: Resolving): void {
  const clauses = [...new Set(run.placed.map(({ clause }) => clause))];
  const ordered: Clause[] = [];
  for (const clause of clauses) {
    if (clause.order === 'first') ordered.unshift(clause);
    else if (clause.order === 'before-neighbour') ordered.splice(Math.max(0, ordered.length - 1), 0, clause);
    else ordered.push(clause);
  }
  // "before upgrading x, back up y": the clause said first waits for the next one.
  for (let index = 0; index < ordered.length - 1; index += 1) {
    const here = ordered[index];
    const next = ordered[index + 1];
    if (
      here !== undefined &&
      next !== undefined &&
      here.order === 'after-neighbour' &&
      clauses.indexOf(here) === 0 &&
      next.order === 'next'
    ) {
      ordered.splice(index, 2, next, here);
      break;
    }
  }
  run.placed.sort((a, b) => ordered.indexOf(a.clause) - ordered.indexOf(b.clause));
}

/** "update packages and reboot nas": the place said last may be meant for all. */
export function spreadLastPlace(run: Resolving): void {
  const last = run.placed.at(-1);
  if (last === undefined || run.placed.length < 2) return;
  // Only a place that was said as one: the object of the last step is its own.
  const places = last.draft.places.filter((place) => !place.excluded && place.lead === 'on');
  if (places.length === 0 || last.clause.leadingPlace) return;
  run.placed = run.placed.map((placed, index) => {
    const isOpen =
      index < run.placed.length - 1 &&
      placed.draft.places.length === 0 &&
      placed.clause !== last.clause &&
      !last.clause.opens;
    return isOpen ? { ...placed, draft: { ...placed.draft, perhaps: places } } : placed;
  });
}

/** The same step asked for twice is done once. */
export function merge(drafts: readonly Draft[]): readonly Draft[] {
  const merged: Draft[] = [];
  for (const draft of drafts) {
    const index = merged.findIndex(
      (other) =>
        other.action.id === draft.action.id &&
        sameValues(other.values, draft.values) &&
        sameValues(draft.values, other.values) &&
        placesText(other) === placesText(draft),
    );
    const known = merged[index];
    if (known === undefined) merged.push(draft);
    else merged[index] = { ...known, configs: [...known.configs, ...draft.configs] };
  }
  return merged;
}

function placesText(draft: Draft): string {
  return draft.places
    .map((place) => `${place.excluded ? '!' : ''}${place.place.name}`)
    .sort()
    .join(',');
}
