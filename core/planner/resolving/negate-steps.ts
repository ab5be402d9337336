// What a request says not to do: steps and places are taken out again, inputs are switched off.
import { type Draft, refuse, type Stop } from '../draft.ts';
import { choose } from '../matching/choose.ts';
import type { Target } from '../matching/fit.ts';
import { inputNamesOf } from '../matching/input-names.ts';
import type { Clause, NamedPlace } from '../reading/clause.ts';
import { placeAt } from '../reading/place-phrase.ts';
import { isContent } from '../reading/settle.ts';
import { aboutOf } from '../reading/targets.ts';
import { describeTarget } from '../refusals.ts';
import type { Resolving } from './resolving.ts';

/** Applies every negated clause, in the order said. */
export function applyNegations(run: Resolving): Stop | null {
  for (const clause of run.negated) {
    const stop = negate(run, clause);
    if (stop !== null) return stop;
  }
  return null;
}

function negate(run: Resolving, clause: Clause): Stop | null {
  const { context } = run;
  const about = aboutOf(clause, context.text);
  const objects = clause.objects.filter((object) => object.some(isContent));
  const places: NamedPlace[] = clause.places.map((place) => ({ ...place, excluded: true }));
  const protects =
    clause.verb?.phrase === 'touch' ||
    clause.verb?.phrase === 'skip' ||
    clause.verb?.readings.some((reading) => reading.verb === 'run') === true ||
    clause.verb === null;
  if (switchesOff(run, clause, objects)) return null;
  let handled = false;
  const own = new Set(clause.tokens);
  const bareOwn = objects.filter((object) => object.some((token) => own.has(token)));
  const wanted = bareOwn.length > 0 ? bareOwn : objects;
  for (const all of wanted) {
    const object = all.filter((token) => !/^(alone|untouched|out|unchanged|running|anything|else)$/.test(token.word));
    if (!object.some(isContent)) continue;
    const named = placeAt(object.filter(isContent), 0, context.lexicon);
    if (named?.place != null && protects) {
      const { place } = named;
      exclude(run, [{ place, text: place.name, lead: 'except', excluded: true }]);
      handled = true;
      continue;
    }
    const asked: Target = {
      verb: protects ? null : clause.verb,
      object,
      parts: [],
      places: [],
      about,
      everything: false,
      wished: false,
    };
    const before = run.placed.length;
    run.placed = run.placed.filter(({ draft }) => !isMeant(run, draft, asked));
    if (run.placed.length < before) {
      run.notes.push(`Not: ${describeTarget(asked)}.`);
      handled = true;
    } else {
      const choice = choose(asked, context, null);
      if (choice.type !== 'none') handled = true;
    }
  }
  if (objects.length === 0 && places.length > 0) {
    exclude(run, places);
    handled = true;
  }
  if (objects.length === 0 && clause.verb !== null && clause.verb.readings.length > 0) {
    const readings = clause.verb.readings.filter((reading) => reading.strength === 1).map((reading) => reading.verb);
    run.placed = run.placed.filter(
      ({ draft }) => !draft.action.verbs.some((verb) => readings.includes(verb)) || run.placed.length === 1,
    );
    handled = true;
  }
  if (!handled && run.placed.length > 0) {
    const fits = run.placed.map(({ draft }) => draft.action);
    return refuse(
      'NOTHING_FITS',
      `I do not know what “${about}” rules out, so I leave the whole request alone. Say it with the name of a service, a host or an input.`,
      fits,
    );
  }
  return null;
}

/** "without rebooting", "don't keep data": an input of a step, switched off. */
function switchesOff(
  run: Resolving,
  clause: Clause,
  objects: readonly (readonly Clause['tokens'][number][])[],
): boolean {
  const own = new Set(clause.tokens);
  const tokens = [...clause.tokens, ...objects.flat().filter((token) => own.has(token))]
    .filter((token, index, list) => list.indexOf(token) === index && isContent(token) && token.kind === 'word')
    .sort((a, b) => a.start - b.start);
  for (let index = run.placed.length - 1; index >= 0; index -= 1) {
    const found = run.placed[index];
    if (found === undefined) continue;
    for (let at = 0; at < tokens.length; at += 1) {
      const named = inputNamesOf(found.draft.action).at(tokens, at);
      const verbWords = clause.verb?.phrase.split(' ') ?? [];
      const rest = tokens.filter(
        (token, position) =>
          (position < at || position >= at + (named?.length ?? 0)) &&
          !verbWords.includes(token.word) &&
          !/^(enable|enabling|use|using|turn|set|on|do|dont|not|never|without|no)$/.test(token.word),
      );
      if (named === null || named.input.type !== 'bool' || rest.some((token) => token.word !== clause.verb?.text))
        continue;
      run.placed[index] = {
        ...found,
        draft: { ...found.draft, values: new Map([...found.draft.values, [named.input.name, false]]) },
      };
      return true;
    }
  }
  return false;
}

function exclude(run: Resolving, places: readonly NamedPlace[]): void {
  run.placed = run.placed.map(({ draft, clause }) => ({
    clause,
    draft: { ...draft, places: [...draft.places, ...places] },
  }));
}

/** Whether a draft is what these words name. */
function isMeant(run: Resolving, draft: Draft, asked: Target): boolean {
  const choice = choose(asked, run.context, draft.action);
  if (choice.type !== 'one') return false;
  const own = choose(asked, run.context, null);
  const candidates = own.type === 'one' ? [own.fit] : own.type === 'several' ? own.fits : [];
  const fit = candidates.find((candidate) => candidate.entry.action.id === draft.action.id);
  if (fit === undefined) return false;
  for (const [name, value] of fit.values)
    if (draft.values.has(name) && JSON.stringify(draft.values.get(name)) !== JSON.stringify(value)) return false;
  return true;
}
