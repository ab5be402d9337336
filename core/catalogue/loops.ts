// Loops over a list of the repository: each element can be asked for, by a filter that the loop has, or by giving the list anew.
import type { JsonValue } from '../json.ts';
import { canBeHandedOver } from './inputs.ts';
import { referencesInText } from './jinja.ts';
import type { Lab } from './lab.ts';
import type { PlaybookReading } from './plays.ts';
import type { TaskItem } from './tasks.ts';
import { listName, type Visit } from './visit.ts';
import { at, jsonOf, scalarsOf, textOf, type YamlNode } from './yaml-tree.ts';

export type LoopChoice = { readonly variable: string; readonly value: JsonValue; readonly chosen: string };

const bringing = /(^|[._])(docker|podman|compose|container|stack|helm|k8s|kubernetes|nomad)/;
const nameKeys = ['name', 'app', 'service', 'container_name', 'stack', 'id', 'role'];
const maxElements = 400;

/** The choices of an item that loops over a list which the inventory or a file of variables holds. */
export function loopChoicesOf(
  lab: Lab,
  reading: PlaybookReading,
  visit: Visit,
  isSettled: (name: string) => boolean,
): readonly LoopChoice[] {
  const { item } = visit;
  const list = listName(item.loop);
  if (list === undefined || !(item.type === 'tasks' || item.type === 'role' || bringing.test(item.module))) return [];
  const elements = (lab.list(list) ?? []).slice(0, maxElements).flatMap((node) => {
    const name = nameOf(node);
    return name === undefined ? [] : [{ name, node }];
  });
  if (elements.length === 0) return [];
  const filter = filterOf(item);
  if (filter !== undefined && !isSettled(filter.variable)) {
    return elements.map(({ name }) => ({
      variable: filter.variable,
      value: filter.isList ? [name] : name,
      chosen: name,
    }));
  }
  if (!canBeGivenAnew(lab, reading, list)) return [];
  return elements
    .filter(({ node }) => canBeHandedOver(node))
    .map(({ name, node }) => ({ variable: list, value: [jsonOf(node)], chosen: name }));
}

function nameOf(node: YamlNode): string | undefined {
  const text = textOf(node) ?? nameKeys.map((key) => textOf(at(node, key))).find((value) => value !== undefined);
  return text === undefined || text.includes('{{') ? undefined : text;
}

/** `when: item.name == app`, `when: app is not defined or item == app`, `when: item.name in apps | default([])`. */
function filterOf(item: TaskItem): { readonly variable: string; readonly isList: boolean } | undefined {
  const element = String.raw`${item.loopVar}(?:\.\w+)?`;
  for (const condition of item.when) {
    const equal =
      new RegExp(String.raw`\b${element}\s*==\s*([A-Za-z_]\w*)`).exec(condition)?.[1] ??
      new RegExp(String.raw`\b([A-Za-z_]\w*)\s*(?:\|\s*default\([^)]*\)\s*)?==\s*${element}\b`).exec(condition)?.[1];
    if (equal !== undefined && equal !== item.loopVar) return { variable: equal, isList: false };
    const member = new RegExp(String.raw`\b${element}\s+in\s+\(?\s*([A-Za-z_]\w*)`).exec(condition)?.[1];
    if (member !== undefined) return { variable: member, isList: true };
  }
  return undefined;
}

const judged = new WeakMap<PlaybookReading, Map<string, boolean>>();

/**
 * Whether a run may be given another list without harm: nothing but loops works with it. A template that writes all of
 * the list would otherwise forget the elements that were not asked for.
 */
export function canBeGivenAnew(lab: Lab, reading: PlaybookReading, list: string): boolean {
  const known = judged.get(reading) ?? new Map<string, boolean>();
  judged.set(reading, known);
  let safe = known.get(list);
  if (safe === undefined) {
    safe = !reading.plays.some((play) =>
      play.visits.some((visit) => usesWhole(visit.item, list) || inTemplates(lab, visit, list)),
    );
    known.set(list, safe);
  }
  return safe;
}

function usesWhole(item: TaskItem, list: string): boolean {
  for (const entry of item.raw.entries.values()) {
    if (
      entry.key === 'loop' ||
      entry.key.startsWith('with_') ||
      ['block', 'rescue', 'always', 'name'].includes(entry.key)
    )
      continue;
    for (const scalar of scalarsOf(entry.value)) {
      const text = textOf(scalar) ?? '';
      if (
        text.includes(list) &&
        (referencesInText(text).some((reference) => reference.name === list) ||
          (entry.key === 'when' && word(list).test(text)))
      )
        return true;
    }
  }
  return (
    listName(item.loop) === undefined &&
    item.loop !== undefined &&
    [...scalarsOf(item.loop)].some((scalar) => word(list).test(textOf(scalar) ?? ''))
  );
}

function inTemplates(lab: Lab, visit: Visit, list: string): boolean {
  return (visit.role?.files ?? []).some(
    (path) => /\/templates\//.test(path) && word(list).test(lab.repository.text(path) ?? ''),
  );
}

function word(name: string): RegExp {
  return new RegExp(`(^|\\W)${name}(\\W|$)`);
}
