// How risky, how long and how repeatable an action is, judged by its verbs and by the modules that it runs.
import type { Risk } from './model.ts';
import { isVerb, verbKind } from './verbs.ts';
import type { Visit } from './visit.ts';
import { at, textOf } from './yaml-tree.ts';

export type Weight = { readonly risk: Risk; readonly idempotent: boolean; readonly estimatedMs: number };

const ranks: readonly Risk[] = ['low', 'medium', 'high'];
const opaque = /^(command|shell|raw|script|expect|reboot|community\.(docker|general)\.[\w.]*exec)$/;
/** Milliseconds that a task of a kind takes as a rule; others take the default. */
const costs: readonly (readonly [RegExp, number])[] = [
  [/^reboot$/, 60_000],
  [/(^|\.)(apt|dnf|yum|package|pacman|homebrew|snap|flatpak|zypper|apk)$/, 8_000],
  [/(^|\.)docker_(image|compose|compose_v2|compose_v2_pull|container)$/, 8_000],
  [/(^|\.)(get_url|unarchive|git|pip|npm|uri)$/, 3_000],
  [/(^|\.)(wait_for|wait_for_connection|pause)$/, 5_000],
  [/(^|\.)(debug|assert|set_fact|fail|meta|include_vars)$/, 100],
];
const ordinaryMs = 700;
const startMs = 2_000;
const forks = 5;

export function weigh(verbs: readonly string[], selected: readonly Visit[], hosts: number, whole: boolean): Weight {
  const kinds = verbs.filter(isVerb).map(verbKind);
  const tasks = selected.filter((visit) => visit.item.type === 'task');
  const onlyLooks = verbs.length > 0 && verbs.every((verb) => !isVerb(verb) || verb === 'check' || verb === 'test');
  let rank = Math.max(0, ...kinds.slice(0, 2).map((kind) => ranks.indexOf(kind.risk)));
  if (tasks.some(({ item }) => item.module === 'reboot' || /shutdown|community\.general\.shutdown/.test(item.module)))
    rank = Math.max(rank, 2);
  if (verbs.length === 0 && tasks.some(({ item }) => opaque.test(item.module))) rank = Math.max(rank, 1);
  if (whole && !onlyLooks) rank = Math.max(rank, 1);
  const unguarded = tasks.some(
    ({ item }) =>
      opaque.test(item.module) &&
      !isGuarded(
        item.raw.entries.has('changed_when') || item.raw.entries.has('creates'),
        textOf(item.args) ?? '',
        at(item.args, 'creates') !== undefined ||
          at(item.args, 'removes') !== undefined ||
          at(item.raw, 'args', 'creates') !== undefined ||
          at(item.raw, 'args', 'removes') !== undefined,
      ),
  );
  const rounds = Math.max(1, Math.ceil(hosts / forks));
  const work = tasks.reduce(
    (sum, { item }) => sum + (costs.find(([module]) => module.test(item.module))?.[1] ?? ordinaryMs),
    0,
  );
  return {
    risk: ranks[rank] ?? 'low',
    idempotent: onlyLooks || (kinds.every((kind) => kind.idempotent) && !unguarded),
    estimatedMs: Math.round((startMs + work * rounds) / 1000) * 1000,
  };
}

function isGuarded(says: boolean, text: string, hasArgument: boolean): boolean {
  return says || hasArgument || /\b(creates|removes)=/.test(text);
}
