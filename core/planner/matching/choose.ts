// Decides which action one thing asked for means: the one that fits clearly best, several to ask about, or none.
import type { Action } from '../../catalogue/model.ts';
import { slipNearness, stem } from '../words/nearness.ts';
import { explain } from './explain.ts';
import type { ExplainContext, Fit, Target } from './fit.ts';
import type { Entry } from './lexicon.ts';
import { wholeOf } from './name-share.ts';

/** From here on an action is planned, if nothing else is about as good. */
const planFrom = 0.74;
/** From here on an action is worth asking about. */
const askFrom = 0.33;
/** Two scores nearer than this are as good as each other. */
const margin = 0.07;

export type Choice =
  | { readonly type: 'one'; readonly fit: Fit; readonly considered: readonly Fit[] }
  | { readonly type: 'several'; readonly fits: readonly Fit[]; readonly considered: readonly Fit[] }
  | { readonly type: 'none'; readonly nearest: readonly Action[]; readonly considered: readonly Fit[] };

/** The action or actions that a target may mean. `picked`: what a person answered when asked before. */
export function choose(target: Target, context: ExplainContext, picked: Action | null): Choice {
  const { entries } = context.lexicon;
  if (picked !== null) {
    const entry = entries.find((candidate) => candidate.action.id === picked.id);
    const fit = entry === undefined ? null : pickedFit(entry, target, context);
    if (fit !== null) return { type: 'one', fit, considered: [fit] };
  }
  const found = entries.map((entry) => explain(entry, target, context)).filter((fit) => fit !== null);
  const fits = boostSole(
    found.map((fit) => asTitled(fit, target)),
    target,
  )
    .map((fit) => ({ fit, rank: rankOf(fit) }))
    .sort((a, b) => b.rank - a.rank || a.fit.entry.order - b.fit.entry.order);
  const considered = fits.slice(0, 5).map(({ fit }) => fit);
  const best = fits[0];
  if (best === undefined || best.fit.score < askFrom)
    return { type: 'none', nearest: nearestActions(target, context), considered };
  const rivals = fits.slice(1).filter((other) => other.rank >= best.rank - margin && other.fit.score >= askFrom);
  const winner = winnerOf(
    [best, ...rivals].map(({ fit }) => fit),
    target,
  );
  if (winner !== null && winner.score >= planFrom) return { type: 'one', fit: winner, considered };
  const close = fits
    .filter(
      (other) => other.fit.verb >= best.fit.verb * 0.6 && other.fit.score >= askFrom && other.rank >= best.rank - 0.25,
    )
    .map(({ fit }) => fit);
  return {
    type: 'several',
    fits: winner !== null && winner !== close[0] ? [winner, ...close.filter((fit) => fit !== winner)] : close,
    considered,
  };
}

/** Who says an action's own title, or an alias of several words, means that action, whatever verb it begins with: `say hello`. */
function asTitled(fit: Fit, target: Target): Fit {
  const said = plainOf(target.about);
  const { action } = fit.entry;
  const titles = [action.title, ...action.aliases.filter((alias) => alias.trim().includes(' '))];
  if (!titles.some((title) => plainOf(title) === said)) return fit;
  return { ...fit, score: Math.max(fit.score, 0.97), verb: 1, explained: 1, named: 1, unexplained: [] };
}

function plainOf(text: string): string {
  return text
    .toLowerCase()
    .replace(/\b(please|the|an?)\b/g, ' ')
    .replace(/[^\p{L}\p{N}]+/gu, ' ')
    .trim();
}

/** For ranking only: what leaves problems behind stands after what does not. */
function rankOf(fit: Fit): number {
  const troubles = fit.problems.length + fit.unknownInputs.length + fit.unknownPlaces.length;
  return fit.score * (troubles > 0 ? 0.85 : 1);
}

/** The one to take among fits that are about as good, or null where a person has to say. */
function winnerOf(fits: readonly Fit[], target: Target): Fit | null {
  const [best] = fits;
  if (best === undefined) return null;
  if (fits.length === 1) return best;
  const rules: readonly ((fit: Fit) => number)[] = [
    (fit) => (fit.by === 'file' ? 1 : 0),
    // "update all services": who updates comes before who deploys everything.
    (fit) => (target.everything ? Math.round(fit.verb * 20) : 0),
    (fit) => (fit.by === 'name' ? 2 : fit.by === 'value' ? 1 : fit.by === 'verb' ? 1 : 0),
    (fit) => Math.round(fit.named * 10),
    (fit) => saysVerb(fit.entry.action, target),
    (fit) => (target.everything && /(^|\/)site\.ya?ml$/.test(fit.entry.action.playbook) ? 1 : 0),
    (fit) => Math.round(fit.verb * 20),
    (fit) => (troubleFree(fit) ? 1 : 0),
  ];
  let left = fits;
  for (const rule of rules) {
    const most = Math.max(...left.map(rule));
    left = left.filter((fit) => rule(fit) === most);
    if (left.length === 1) return left[0] ?? null;
  }
  // The same thing offered in two ways, on the same hosts: its own playbook before a part of a larger one.
  const kinds = ['playbook', 'tagged', 'enabled', 'task-file'];
  const hosts = new Set(left.map((fit) => fit.entry.action.hosts.join(' ')));
  const subjects = new Set(left.map((fit) => fit.entry.names[0]?.compact));
  if (hosts.size === 1 && subjects.size === 1) {
    const sorted = [...left].sort(
      (a, b) =>
        kinds.indexOf(a.entry.action.kind) - kinds.indexOf(b.entry.action.kind) ||
        a.entry.action.tags.length - b.entry.action.tags.length,
    );
    const [first, second] = sorted;
    if (first !== undefined && second !== undefined && first.entry.action.kind !== second.entry.action.kind)
      return first;
  }
  return null;
}

function troubleFree(fit: Fit): boolean {
  return fit.problems.length + fit.unknownInputs.length + fit.unknownPlaces.length + fit.unexplained.length === 0;
}

/** The verb as said stands in the action's title: "upgrade" where "update" is offered as well. */
function saysVerb(action: Action, target: Target): number {
  const first = target.verb?.phrase.split(' ')[0] ?? '';
  return first !== '' &&
    action.title
      .toLowerCase()
      .split(/\W+/)
      .some((word) => stem(word) === stem(first))
    ? 1
    : 0;
}

/** Verbs that mean nothing without an object. */
const transitive = new Set([
  'deploy',
  'remove',
  'restart',
  'stop',
  'start',
  'configure',
  'create',
  'add',
  'enable',
  'disable',
  'rotate',
  'reset',
  'restore',
  'run',
  'migrate',
  'roll back',
  'scale',
  'reload',
]);

/** "run the backup": where just one action backs anything up, that is the one. */
function boostSole(fits: readonly Fit[], target: Target): readonly Fit[] {
  const saidNothing = fits.every((fit) => fit.by === 'verb' || fit.named < 0.3);
  if (!saidNothing) return fits;
  const able = fits.filter((fit) => fit.verb >= 0.84 && fit.explained >= 0.95);
  const [only] = able;
  if (only === undefined || able.length !== 1 || only.score >= planFrom) return fits;
  const isTransitive =
    target.verb !== null &&
    !target.verb.carrier &&
    target.verb.readings.every((reading) => transitive.has(reading.verb) || reading.strength < 1);
  if (isTransitive || wholeOf(only.entry)) return fits;
  return fits.map((fit) => (fit === only ? { ...fit, score: 0.8 } : fit));
}

/** One action held against a target, whatever the verb: for values that belong to a step that stands already. */
export function explainAction(action: Action, target: Target, context: ExplainContext): Fit | null {
  const entry = context.lexicon.entries.find((candidate) => candidate.action.id === action.id);
  if (entry === undefined) return null;
  return explain(entry, target, context) ?? explain(entry, { ...target, verb: null, wished: false }, context);
}

/** A person said which action is meant: its inputs are still read from what was asked. */
function pickedFit(entry: Entry, target: Target, context: ExplainContext): Fit | null {
  const fit = explain(entry, target, context) ?? explain(entry, { ...target, verb: null, wished: false }, context);
  if (fit !== null) return { ...fit, score: 0.95, unexplained: [] };
  return {
    entry,
    score: 0.95,
    verb: 1,
    explained: 1,
    named: 1,
    by: 'name',
    values: new Map(),
    problems: [],
    unknownInputs: [],
    unknownPlaces: [],
    unexplained: [],
    timeSaid: false,
    places: target.places,
    notes: [],
  };
}

/** The actions that come nearest to what was asked, for a refusal: the same subject first, then a similar name, then the same verb. */
function nearestActions(target: Target, context: ExplainContext): readonly Action[] {
  const words = [...target.object, ...target.parts.flatMap((part) => part.tokens)]
    .filter((token) => token.kind === 'word')
    .map((token) => token.word);
  const scored = context.lexicon.entries.map((entry) => {
    const anyVerb = explain(entry, { ...target, verb: null, wished: false }, context);
    const subject = anyVerb === null ? 0 : anyVerb.explained * anyVerb.named;
    const verbs =
      target.verb === null
        ? 0
        : Math.max(
            ...target.verb.readings.map((reading) => (entry.verbs.includes(reading.verb) ? reading.strength : 0)),
            0,
          );
    const similar = Math.max(
      0,
      ...words.flatMap((word) =>
        entry.names.flatMap((name) => [name.compact, ...name.words].map((other) => closeness(word, other))),
      ),
    );
    return { entry, worth: subject * 2 + similar + verbs * 0.5 };
  });
  return scored
    .sort((a, b) => b.worth - a.worth || a.entry.order - b.entry.order)
    .slice(0, 5)
    .map(({ entry }) => entry.action);
}

function closeness(a: string, b: string): number {
  const near = slipNearness(a, b);
  if (near > 0) return near;
  let shared = 0;
  while (shared < a.length && a[shared] === b[shared]) shared += 1;
  return shared >= 3 ? (shared / Math.max(a.length, b.length)) * 0.8 : 0;
}
