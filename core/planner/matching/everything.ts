// "Everything" taken apart: all services that an action can be given, or all parts of a whole, without those taken out.
import type { JsonValue } from '../../json.ts';
import { refuse, type Stop } from '../draft.ts';
import type { Segment } from '../reading/clause.ts';
import { isContent } from '../reading/settle.ts';
import type { Token } from '../reading/tokens.ts';
import { verbFit } from '../words/verbs.ts';
import { type Choice, choose } from './choose.ts';
import { type ExplainContext, explain, type Fit, type Target, wholeOf } from './explain.ts';
import type { Entry } from './lexicon.ts';
import { choiceAt } from './read-value.ts';

/** More steps than this are not what one sentence should start. */
const mostSteps = 20;

export type Parts = { readonly type: 'fits'; readonly fits: readonly Fit[] };

/** The steps that "everything" means, or null where the choice made already is right. */
export function expandEverything(
  target: Target,
  excluded: readonly Segment[],
  choice: Choice,
  context: ExplainContext,
): Parts | Stop | null {
  const taken = excluded.flatMap((segment) => splitItems(segment.tokens)).filter((item) => item.some(isContent));
  const chosen = choice.type === 'one' ? choice.fit : choice.type === 'several' ? (choice.fits[0] ?? null) : null;
  if (chosen !== null) {
    const input = chosen.entry.action.inputs.find(
      (candidate) => candidate.required && candidate.choices !== undefined && !chosen.values.has(candidate.name),
    );
    if (input?.choices !== undefined && chosen.verb >= 0.8) {
      const whole = input.choices.find((value) => typeof value === 'string' && /^(all|everything|\*)$/i.test(value));
      if (whole !== undefined && taken.length === 0)
        return { type: 'fits', fits: [withValue(chosen, input.name, whole)] };
      const out = new Set<JsonValue>();
      for (const item of taken) {
        const found = choiceAt(input.choices, item.filter(isContent));
        if (found === null)
          return refuse(
            'NOTHING_FITS',
            `I do not know “${item.map((token) => token.text).join(' ')}”, so I cannot leave it out.`,
            [chosen.entry.action],
          );
        out.add(found.value);
      }
      const left = input.choices.filter((value) => !out.has(value) && value !== whole);
      if (left.length > mostSteps)
        return refuse('NOTHING_FITS', `That would be ${left.length} steps. Name the services that are meant.`, [
          chosen.entry.action,
        ]);
      return { type: 'fits', fits: left.map((value) => withValue(chosen, input.name, value)) };
    }
  }
  if (taken.length === 0) return null;
  return withoutTaken(target, taken, chosen, context);
}

/** All actions of that verb but those taken out; parts of the whole's own playbook where it has parts. */
function withoutTaken(
  target: Target,
  taken: readonly (readonly Token[])[],
  chosen: Fit | null,
  context: ExplainContext,
): Parts | Stop | null {
  const { entries } = context.lexicon;
  const readings = target.verb?.readings ?? [];
  const able = (entry: Entry): boolean =>
    !wholeOf(entry) &&
    verbFit(readings, entry.verbs) >= 0.84 &&
    entry.action.inputs.every((input) => !input.required) &&
    entry.names.some((name) => !name.generic);
  const inWhole =
    chosen === null
      ? []
      : entries.filter(
          (entry) =>
            able(entry) && entry.action.playbook === chosen.entry.action.playbook && entry.action.kind !== 'playbook',
        );
  const pool =
    inWhole.length > 0
      ? inWhole
      : entries.filter(
          (entry) =>
            able(entry) &&
            entry.verbs.some((verb) => readings.some((reading) => reading.verb === verb && reading.strength === 1)),
        );
  const out = new Set<string>();
  for (const item of taken) {
    const object = item.filter(isContent);
    const found = choose({ ...target, object, everything: false, parts: [], about: '' }, context, null);
    const meant = pool.filter((entry) => found.type === 'one' && entry.action.id === found.fit.entry.action.id);
    const bySubject =
      meant.length > 0
        ? meant
        : pool.filter(
            (entry) => (explain(entry, { ...target, object, everything: false, parts: [] }, context)?.score ?? 0) > 0.7,
          );
    if (bySubject.length === 0)
      return refuse(
        'NOTHING_FITS',
        `I do not know “${item.map((token) => token.text).join(' ')}”, so I cannot leave it out.`,
        pool.slice(0, 5).map((entry) => entry.action),
      );
    for (const entry of bySubject) out.add(entry.action.id);
  }
  const left = pool.filter((entry) => !out.has(entry.action.id));
  if (left.length === 0) return null;
  if (left.length > mostSteps)
    return refuse(
      'NOTHING_FITS',
      `That would be ${left.length} steps. Name what is meant.`,
      left.slice(0, 5).map((entry) => entry.action),
    );
  return {
    type: 'fits',
    fits: left.map((entry) => ({
      entry,
      score: 0.8,
      verb: 1,
      explained: 1,
      named: 1,
      by: 'name',
      values: new Map(),
      problems: [],
      unknownInputs: [],
      unknownPlaces: [],
      unexplained: [],
      places: target.places,
      notes: [],
    })),
  };
}

function withValue(fit: Fit, name: string, value: JsonValue): Fit {
  return { ...fit, score: Math.max(fit.score, 0.8), values: new Map([...fit.values, [name, value]]) };
}

function splitItems(tokens: readonly Token[]): readonly (readonly Token[])[] {
  const items: Token[][] = [[]];
  for (const token of tokens) {
    if ((token.kind === 'mark' && token.text === ',') || token.word === 'and' || token.word === 'or') items.push([]);
    else items.at(-1)?.push(token);
  }
  return items.filter((item) => item.length > 0);
}
