// "Everything" taken apart: all services that an action can be given, or all parts of a whole, without those taken out.

import type { JsonValue } from '../../json.ts';
import { jsonText } from '../../json.ts';
import { refuse, type Stop } from '../draft.ts';
import type { Segment } from '../reading/clause.ts';
import { isContent } from '../reading/settle.ts';
import type { Token } from '../reading/tokens.ts';
import { compact } from '../words/nearness.ts';
import type { Choice } from './choose.ts';
import { explain } from './explain.ts';
import type { ExplainContext, Fit, Target } from './fit.ts';
import { choiceAt } from './read-choice.ts';

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
  const hurts =
    target.verb?.readings.some(
      (reading) => /^(remove|stop|reset|restore|roll back|disable)$/.test(reading.verb) && reading.strength === 1,
    ) ?? false;
  const chosen = choice.type === 'one' ? choice.fit : choice.type === 'several' ? (choice.fits[0] ?? null) : null;
  if (chosen !== null) {
    const input = chosen.entry.action.inputs.find(
      (candidate) => candidate.required && candidate.choices !== undefined && !chosen.values.has(candidate.name),
    );
    if (input?.choices !== undefined && chosen.verb >= 0.8) {
      if (hurts)
        return refuse(
          'NOTHING_FITS',
          `“${target.about}” reaches every service at once, which one sentence should not do. Name the services that are meant.`,
          [chosen.entry.action],
        );
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
      const left = input.choices.filter(
        (value) => !out.has(value) && value !== whole && mayStandThere(value, chosen, context),
      );
      if (left.length > mostSteps)
        return refuse('NOTHING_FITS', `That would be ${left.length} steps. Name the services that are meant.`, [
          chosen.entry.action,
        ]);
      return { type: 'fits', fits: left.map((value) => withValue(chosen, input.name, value)) };
    }
  }
  if (taken.length === 0 || chosen === null || choice.type !== 'one') return null;
  return withoutTaken(target, taken, chosen, context);
}

/** The whole, with the tags of its parts that were taken out skipped. */
function withoutTaken(
  target: Target,
  taken: readonly (readonly Token[])[],
  chosen: Fit,
  context: ExplainContext,
): Parts | Stop {
  const whole = chosen.entry;
  const parts = context.lexicon.entries.filter(
    (entry) =>
      entry.action.playbook === whole.action.playbook &&
      entry.action.tags.length === 1 &&
      entry.action.id !== whole.action.id,
  );
  const skipped = new Set(whole.action.skipTags);
  for (const item of taken) {
    const asked = { ...target, object: item.filter(isContent), everything: false, parts: [] };
    const fits = parts.flatMap((entry) => explain(entry, asked, context) ?? []).filter((fit) => fit.score > 0.7);
    const [best] = fits.sort((a, b) => b.score - a.score);
    if (best === undefined) {
      const said = item.map((token) => token.text).join(' ');
      return refuse(
        'NOTHING_FITS',
        `“${whole.action.title}” has no part called “${said}” that could be left out. Name what shall be done instead.`,
        parts.slice(0, 5).map((entry) => entry.action),
      );
    }
    for (const tag of best.entry.action.tags) skipped.add(tag);
  }
  const action = { ...whole.action, skipTags: [...skipped] };
  return { type: 'fits', fits: [{ ...chosen, entry: { ...whole, action }, score: Math.max(chosen.score, 0.85) }] };
}

/** Of the services on a named host only those that the catalogue deploys there; what it knows nothing of stays in. */
function mayStandThere(value: JsonValue, chosen: Fit, context: ExplainContext): boolean {
  const hosts = new Set(
    chosen.places.filter((place) => !place.excluded && place.text !== '').flatMap((place) => place.place.hosts),
  );
  const deployed = context.lexicon.entries.filter(
    (entry) => entry.verbs.includes('deploy') && entry.names[0]?.compact === compact(jsonText(value)),
  );
  return (
    hosts.size === 0 ||
    deployed.length === 0 ||
    deployed.some((entry) => entry.action.hosts.some((host) => hosts.has(host)))
  );
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
