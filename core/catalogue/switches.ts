// Conditions that tell one item from another, and the variables that make them true.
import type { JsonValue } from '../json.ts';
import { type Enabling, enablingOf } from './conditions.ts';
import type { Lab } from './lab.ts';
import type { PlayReading } from './plays.ts';
import type { Visit } from './visit.ts';
import { roleWords, wordsOf } from './words.ts';
import { textOf } from './yaml-tree.ts';

/** Names of variables that switch something on. */
export const switchWords =
  /(^|_)(enabled?|install|installed|deploy|deployed|active|activate|setup|configure|use|run|do|want|needs?)(_|$)/;

/** The variables that make the conditions on these items true, where a run can set them and they are not true already. */
export function enablesOf(
  lab: Lab,
  about: readonly Visit[],
  plays: readonly PlayReading[],
): Readonly<Record<string, JsonValue>> {
  const enables: Record<string, JsonValue> = {};
  for (const visit of about) {
    if (visit.item.type === 'task') continue;
    for (const enabling of enablingsOf(visit)) {
      const value =
        plays.map((play) => textOf(play.variables.get(enabling.variable))).find((text) => text !== undefined) ??
        lab.value(enabling.variable);
      if (enabling.kind === 'switch' && /^(true|yes|on)$/i.test(value ?? '')) continue;
      if (enabling.kind !== 'switch' && value === enabling.value) continue;
      enables[enabling.variable] = enabling.value;
    }
  }
  return enables;
}

const enablings = new WeakMap<Visit, readonly Enabling[]>();

/** Conditions on an item that tell it from others, not ones on the state of the host. */
export function enablingsOf(visit: Visit): readonly Enabling[] {
  const known = enablings.get(visit) ?? findEnablings(visit);
  enablings.set(visit, known);
  return known;
}

function findEnablings(visit: Visit): readonly Enabling[] {
  return visit.item.when.flatMap((condition) => {
    const enabling = enablingOf(condition);
    if (enabling === undefined) return [];
    if (enabling.kind !== 'switch') return [enabling];
    const target = new Set([...roleWords(visit.target.replace(/\.ya?ml$/, '')), ...wordsOf(visit.item.name)]);
    return switchWords.test(enabling.variable) ||
      wordsOf(enabling.variable).some((word) => word.length > 2 && target.has(word))
      ? [enabling]
      : [];
  });
}

/** Whether an item stands behind a switch that no host has on. */
export function isSwitchedOff(lab: Lab, play: PlayReading, visit: Visit): boolean {
  return visit.when.some((condition) => {
    const enabling = enablingOf(condition);
    if (enabling?.kind !== 'switch') return false;
    const definitions = lab.variables.definitions(enabling.variable);
    const fallback = visit.role?.defaults.find((variable) => variable.name === enabling.variable)?.value;
    const own = textOf(play.variables.get(enabling.variable));
    const values =
      own !== undefined
        ? [own]
        : definitions.length > 0
          ? definitions.map((definition) => textOf(definition.value))
          : [textOf(fallback)];
    return values.every((value) =>
      value === undefined ? /\|\s*(default|d)\(\s*(false|no|0)/i.test(condition) : /^(false|no|off|0)$/i.test(value),
    );
  });
}
