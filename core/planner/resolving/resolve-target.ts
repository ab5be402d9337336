// One thing asked for becomes a step: the action that fits, or several for "everything".
import { askForAction, askWhen } from '../ask.ts';
import type { Draft, Stop } from '../draft.ts';
import { type Choice, choose } from '../matching/choose.ts';
import { expandEverything } from '../matching/everything.ts';
import type { Fit, Target } from '../matching/fit.ts';
import type { Clause, NamedPlace } from '../reading/clause.ts';
import { isContent } from '../reading/settle.ts';
import { aboutOf, targetsOf } from '../reading/targets.ts';
import { timeIn } from '../reading/time-words.ts';
import { tokenise } from '../reading/tokens.ts';
import { refuseNothingFits, refuseTroubles } from '../refusals.ts';
import { compact } from '../words/nearness.ts';
import { amendsPrevious, isBorrowed } from './amend-step.ts';
import { pickedAction, type ResolveContext, type Resolving, sameValues } from './resolving.ts';

/** Places the step or steps that a target means. */
export function resolveTarget(run: Resolving, target: Target, clause: Clause): Stop | null {
  const { context } = run;
  const picked = pickedAction(run, target.about);
  const time = timeIn([...target.object, ...target.parts.flatMap((part) => part.tokens)]);
  let choice = choose(target, context, picked);
  if (choice.type !== 'one' && target.object.length > 0 && clause.verb !== null && isBorrowed(clause)) {
    // The object was only taken over from a neighbour, and does not fit: the verb may stand alone.
    const alone = choose({ ...target, object: [] }, context, picked);
    if (alone.type === 'one') choice = alone;
  }
  const wholeStop = resolveEverything(run, target, clause, choice);
  if (wholeStop !== 'not') return wholeStop;
  const inputs = amendsPrevious(run, target, clause, choice);
  if (inputs !== 'not') return inputs;
  if (time !== null && choice.type === 'one' && choice.fit.timeSaid && picked === null)
    return askWhen(target, time.text, choice.considered);
  if (choice.type === 'none') return refuseNothingFits(target, choice, context);
  if (choice.type === 'several') {
    const [first] = choice.fits;
    const trouble = first === undefined ? null : refuseTroubles(first, context, true);
    if (
      trouble !== null &&
      choice.fits.every((fit) => fit.unknownPlaces.length > 0 || fit.entry.action.id === first?.entry.action.id)
    )
      return trouble;
    return askForAction(null, choice.fits, target.about, first?.score ?? 0.4, target);
  }
  if (clause.alternatives && clause.objects.length > 1) {
    const fits = targetsOf(clause, context.lexicon, context.text)
      .map((each) => choose(each, context, null))
      .flatMap((each) => (each.type === 'one' ? [each.fit] : []));
    const about = aboutOf(clause, context.text);
    const chosen = pickedAction(run, about);
    if (chosen === null) return askForAction(`“${about}” leaves open which one is meant.`, fits, about, 0.5);
    if (choice.fit.entry.action.id !== chosen.id) return null;
  }
  const trouble = refuseTroubles(choice.fit, context, false);
  if (trouble !== null) return trouble;
  noteChoice(run, target, choice.fit, choice.considered);
  placeStep(run, choice.fit, target, clause);
  return null;
}

/** "restart everything except jellyfin": the parts of a whole, without what was taken out. */
function resolveEverything(run: Resolving, target: Target, clause: Clause, choice: Choice): Stop | null | 'not' {
  const excluded = clause.segments.filter((segment) => segment.lead === 'except' || segment.lead === 'without');
  if (!target.everything) return 'not';
  // "everything except monitoring" where monitoring is a part of the whole as well as a group.
  const parted = clause.places.filter(
    (place) => place.excluded && place.place.kind === 'group' && isPart(place, choice, run.context),
  );
  const asParts = parted.map((place) => ({
    lead: 'except' as const,
    said: 'except',
    tokens: [...tokenise(place.text)],
  }));
  const kept = { ...target, places: target.places.filter((place) => !parted.includes(place)) };
  if (parted.length > 0 && choice.type === 'one')
    choice = {
      ...choice,
      fit: { ...choice.fit, places: choice.fit.places.filter((place) => !parted.includes(place)) },
    };
  const parts = expandEverything(kept, [...excluded, ...asParts], choice, run.context);
  if (parts === null) return 'not';
  if (parts.type !== 'fits') return parts;
  for (const fit of parts.fits) placeStep(run, fit, { ...target, everything: false }, clause);
  if (parts.fits.length > 1)
    run.context.why.push(
      `“${target.about}” is ${parts.fits.length} steps: ${parts.fits.map((fit) => fit.entry.action.title).join(', ')}.`,
    );
  return null;
}

function isPart(place: NamedPlace, choice: Choice, context: ResolveContext): boolean {
  if (choice.type !== 'one') return false;
  const { playbook, id } = choice.fit.entry.action;
  return context.lexicon.entries.some(
    (entry) =>
      entry.action.playbook === playbook &&
      entry.action.id !== id &&
      entry.names.some((name) => name.compact === compact(place.place.name)),
  );
}

function noteChoice(run: Resolving, target: Target, fit: Fit, considered: readonly Fit[]): void {
  const others = considered
    .filter((other) => other.entry.action.id !== fit.entry.action.id && other.score > 0.2)
    .slice(0, 3);
  run.context.why.push(
    `“${target.about}” is ${fit.entry.action.title} (${fit.entry.action.playbook}${fit.entry.action.tags.length > 0 ? `, tags ${fit.entry.action.tags.join(',')}` : ''}), score ${fit.score.toFixed(2)}: verb ${fit.verb.toFixed(2)}, words explained ${fit.explained.toFixed(2)}, name said ${fit.named.toFixed(2)}.`,
  );
  for (const line of fit.notes) run.context.why.push(line);
  if (others.length > 0)
    run.context.why.push(
      `Also considered: ${others.map((other) => `${other.entry.action.title} ${other.score.toFixed(2)}`).join(', ')}.`,
    );
}

function placeStep(run: Resolving, fit: Fit, target: Target, clause: Clause): void {
  const excluded = clause.segments.filter((segment) => segment.lead === 'except').flatMap((segment) => segment.tokens);
  if (excluded.length > 0 && !target.everything && namesExcluded(run, fit, excluded, clause)) return;
  const draft: Draft = {
    action: fit.entry.action,
    places: fit.places,
    perhaps: [],
    values: fit.values,
    configs: [],
    score: fit.score,
    about: target.about,
    named: fit.by !== 'verb',
    whole: fit.places.some((place) => place.place.kind === 'all' && place.text !== ''),
  };
  const last = run.placed.at(-1);
  // "patch web and db1": one step on both.
  const isSame =
    last !== undefined &&
    last.clause === clause &&
    last.draft.action.id === draft.action.id &&
    sameValues(last.draft.values, draft.values) &&
    sameValues(draft.values, last.draft.values);
  if (
    isSame &&
    draft.configs.length === 0 &&
    [...draft.places, ...last.draft.places].some((place) => place.lead === 'object')
  ) {
    const more = draft.places.filter(
      (place) =>
        !last.draft.places.some((other) => other.place.name === place.place.name && other.excluded === place.excluded),
    );
    run.placed[run.placed.length - 1] = {
      clause,
      draft: { ...last.draft, places: [...last.draft.places, ...more] },
    };
    return;
  }
  run.placed.push({ draft, clause });
}

/** "deploy grafana but not grafana": what was taken out is what was asked for. */
function namesExcluded(
  run: Resolving,
  fit: Fit,
  excluded: Clause['segments'][number]['tokens'],
  clause: Clause,
): boolean {
  const choice = choose(
    {
      verb: clause.verb,
      object: excluded.filter(isContent),
      parts: [],
      places: [],
      about: '',
      everything: false,
      wished: false,
    },
    run.context,
    null,
  );
  return (
    choice.type === 'one' &&
    choice.fit.entry.action.id === fit.entry.action.id &&
    sameValues(choice.fit.values, fit.values) &&
    choice.fit.by !== 'verb'
  );
}
