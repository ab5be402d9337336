// Wishes for configuration lists: each goes to the step whose action applies the list, or becomes such a step.
import type { Action, ConfigTarget } from '../../catalogue/model.ts';
import { askForAction, askForList, askUnknownPortal } from '../ask.ts';
import { type ConfigWish, refuse, type Stop } from '../draft.ts';
import type { ReadWish } from '../editing/config-wish.ts';
import { sameList } from '../editing/find-list.ts';
import { addressItem } from '../editing/portal-items.ts';
import { choose } from '../matching/choose.ts';
import type { Fit } from '../matching/fit.ts';
import type { Clause } from '../reading/clause.ts';
import { targetsOf } from '../reading/targets.ts';
import { compact } from '../words/nearness.ts';
import { pickedAction, type Resolving } from './resolving.ts';

/** Each wish goes to the step whose action applies that list, or becomes such a step. */
export function attachWishes(run: Resolving): Stop | null {
  const { lexicon, answers } = run.context;
  for (const { wish, clause } of run.wishes) {
    const open = withAnswer(run, wish);
    if (open.unknown.length > 0) return askUnknownPortal(open.unknown[0] ?? '', lexicon.portals, open.about);
    const drafts = [...run.placed.map(({ draft }) => draft), ...run.earlier];
    const owned = open.targets.filter((target) =>
      drafts.some((draft) => draft.action.configs.some((config) => sameList(config, target))),
    );
    let [target] = owned.length === 1 ? owned : open.targets.length === 1 ? open.targets : [];
    if (target === undefined) {
      const pool = owned.length > 0 ? owned : open.targets;
      const fillable = wish.vague ? pool.filter((candidate) => candidate.from === 'portals') : pool;
      const answered = answers.configs.get(`list: ${open.about}`);
      target =
        fillable.length === 1
          ? fillable[0]
          : pool.find((candidate) => candidate.name === answered || candidate.path === answered);
      if (target === undefined) return askForList(open.about, fillable.length > 0 ? fillable : pool);
    }
    const stop = attach(run, target, { target, items: open.items, remove: open.remove }, clause, open.about);
    if (stop !== null) return stop;
  }
  return null;
}

/** A clause like "add gitea to the homepage" also fits an action that adds things: the action wins when it explains all. */
export function isBetterAsAction(run: Resolving, clause: Clause, wish: ReadWish): boolean {
  if (wish.items.length > 0 && !wish.vague) return false;
  const [target] = targetsOf(clause, run.context.lexicon, run.context.text);
  if (target === undefined) return false;
  const choice = choose(target, run.context, null);
  return choice.type === 'one' && choice.fit.explained > 0.9 && choice.fit.named > 0.6;
}

function withAnswer(run: Resolving, wish: ReadWish): ReadWish {
  const { answers, lexicon } = run.context;
  const items = [...wish.items];
  const unknown: string[] = [];
  for (const name of wish.unknown) {
    const answer = answers.configs.get(`portal: ${name}`);
    const portal = lexicon.portals.find((candidate) => candidate.name === answer);
    const item =
      answer === undefined
        ? null
        : portal !== undefined
          ? { name: portal.name, url: portal.url, host: portal.host, portal }
          : addressItem(answer, name, lexicon);
    if (item === null) unknown.push(name);
    else items.push(item);
  }
  return { ...wish, items, unknown };
}

function attach(run: Resolving, target: ConfigTarget, wish: ConfigWish, clause: Clause, about: string): Stop | null {
  const index = run.placed.findIndex(({ draft }) => draft.action.configs.some((config) => sameList(config, target)));
  const found = run.placed[index];
  if (found !== undefined) {
    run.placed[index] = { ...found, draft: { ...found.draft, configs: [...found.draft.configs, wish] } };
    run.context.why.push(
      `“${about}” is the list ${target.name} in ${target.path}, which ${found.draft.action.title} applies.`,
    );
    return null;
  }
  const owners = run.context.lexicon.entries.filter((entry) =>
    entry.action.configs.some((config) => sameList(config, target)),
  );
  const best = owners.filter((entry) => entry.verbs.includes('deploy') || entry.verbs.includes('configure'));
  const pool = best.length > 0 ? best : owners;
  const picked = pickedAction(run, about);
  const entry = picked === null ? narrowest(pool, target) : pool.find((candidate) => candidate.action.id === picked.id);
  if (pool.length === 0)
    return refuse(
      'NOTHING_FITS',
      `${target.path} has the list that is meant, but no action of the catalogue applies it.`,
    );
  if (entry === undefined || entry === null) {
    return askForAction(
      `Which action shall apply ${target.path} afterwards?`,
      pool.map((candidate) => bareFit(candidate)),
      about,
      0.5,
    );
  }
  run.context.why.push(`“${about}” is the list ${target.name} in ${target.path}, which ${entry.action.title} applies.`);
  run.placed.push({
    draft: {
      action: entry.action,
      places: clause.places,
      perhaps: [],
      values: new Map(),
      configs: [wish],
      score: 0.9,
      about,
      whole: false,
      named: true,
    },
    clause,
  });
  return null;
}

/** One action that applies a list, where one is clearly the narrowest: the one that the list is called after, or the smallest. */
function narrowest<Each extends { readonly action: Action }>(
  entries: readonly Each[],
  target: ConfigTarget,
): Each | null {
  const called = [target.path, ...target.aliases].map(compact);
  const sizes = (entry: Each): readonly number[] => {
    const subject = compact(entry.action.subject);
    const isNamed = subject !== '' && called.some((name) => name.includes(subject));
    return [
      isNamed ? 0 : 1,
      entry.action.configs.length,
      kindOrder(entry.action),
      entry.action.reads.length,
      entry.action.inputs.length,
    ];
  };
  const compare = (a: Each, b: Each): number => {
    const [left, right] = [sizes(a), sizes(b)];
    return left.map((size, index) => size - (right[index] ?? 0)).find((difference) => difference !== 0) ?? 0;
  };
  const sorted = [...entries].sort(compare);
  const [first, second] = sorted;
  if (first === undefined) return null;
  return second === undefined || compare(first, second) < 0 ? first : null;
}

function kindOrder(action: Action): number {
  return ['playbook', 'tagged', 'enabled', 'task-file'].indexOf(action.kind);
}

function bareFit(entry: Fit['entry']): Fit {
  return {
    entry,
    score: 0.5,
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
    places: [],
    notes: [],
  };
}
