// Adds items to a list in a YAML file, or takes items out, so that every other byte stays as it was. `yaml` finds the
// places and checks the result; the text itself is spliced, since no library prints a file back exactly as it found it.

import { createTwoFilesPatch } from 'diff';
import { type Document, isSeq, parseDocument } from 'yaml';
import { insertionOf } from './yaml-insertion.ts';
import { endOfItem, lineOfKey, nodeAt, parse, startOfItem } from './yaml-place.ts';
import type { Item } from './yaml-text.ts';

export type ListEdit =
  | { readonly type: 'edited'; readonly after: string }
  | { readonly type: 'unchanged' }
  | { readonly type: 'impossible'; readonly why: string };

/** The file with the items at the end of the list that the keys lead to. */
export function addToList(before: string, path: readonly string[], items: readonly Item[]): ListEdit {
  if (items.length === 0) return { type: 'unchanged' };
  const read = parse(before);
  if (read.type === 'impossible') return read;
  const place = insertionOf(before, read.document, path, items);
  if (place.type === 'impossible') return place;
  const after = before.slice(0, place.from) + place.text + before.slice(place.to);
  return checked(before, after, path, (list) => [...list, ...items]);
}

/** The file without the items of the list for which `drop` says so. */
export function takeFromList(before: string, path: readonly string[], drop: (item: unknown) => boolean): ListEdit {
  const read = parse(before);
  if (read.type === 'impossible') return read;
  const list = nodeAt(read.document, path);
  if (!isSeq(list)) return { type: 'unchanged' };
  const plain = list.toJSON() as unknown[];
  const indexes = plain.flatMap((item, index) => (drop(item) ? [index] : []));
  if (indexes.length === 0) return { type: 'unchanged' };
  if (list.flow === true || list.range == null) return { type: 'impossible', why: 'the list is written on one line' };
  if (indexes.length === plain.length) return { type: 'impossible', why: 'it would leave the list empty' };
  let after = before;
  for (const index of indexes.reverse()) {
    const start = startOfItem(before, list, index);
    const next = index + 1 < list.items.length ? startOfItem(before, list, index + 1) : endOfItem(before, list, index);
    after = after.slice(0, start) + after.slice(next);
  }
  return checked(before, after, path, (old) => old.filter((_, index) => !indexes.includes(index)));
}

/** The unified diff of an edit, as `git diff` would head it. */
export function diffOf(path: string, before: string, after: string): string {
  return createTwoFilesPatch(`a/${path}`, `b/${path}`, before, after, undefined, undefined, { context: 3 }).replace(
    /^=+\n/,
    '',
  );
}

/** The items of a list, and the line (from 1) at which it begins. */
export function readList(
  text: string,
  path: readonly string[],
): { readonly items: readonly unknown[]; readonly line: number } | null {
  const read = parse(text);
  if (read.type === 'impossible') return null;
  const list = nodeAt(read.document, path);
  if (!isSeq(list)) return { items: [], line: 1 };
  const at = list.range?.[0] ?? 0;
  const keyLine = text.slice(0, at).split('\n').length;
  return {
    items: list.toJSON() as unknown[],
    line:
      list.flow === true || path.length === 0 ? keyLine : Math.max(1, lineOfKey(text, read.document, path) ?? keyLine),
  };
}

/** Only what was meant may differ: the list holds what it should, and everything else parses to what it was. */
function checked(
  before: string,
  after: string,
  path: readonly string[],
  wanted: (list: readonly unknown[]) => readonly unknown[],
): ListEdit {
  const old = parseDocument(before);
  const fresh = parseDocument(after);
  const cannot: ListEdit = { type: 'impossible', why: 'the file is written in a way that cannot be edited safely' };
  if (fresh.errors.length > 0) return cannot;
  const oldList = listOf(old, path);
  if (JSON.stringify(listOf(fresh, path)) !== JSON.stringify(wanted(oldList))) return cannot;
  if (path.length > 0) {
    const oldRest = old.toJSON() as unknown;
    const freshRest = fresh.toJSON() as unknown;
    if (JSON.stringify(without(oldRest, path)) !== JSON.stringify(without(freshRest, path))) return cannot;
  }
  return { type: 'edited', after };
}

function listOf(document: Document, path: readonly string[]): readonly unknown[] {
  const node = nodeAt(document, path);
  return isSeq(node) ? (node.toJSON() as unknown[]) : [];
}

function without(value: unknown, path: readonly string[]): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    return path.length > 0 ? (value ?? {}) : null;
  const [head = '', ...rest] = path;
  return Object.fromEntries(
    Object.entries(value).flatMap(([key, inner]): [string, unknown][] =>
      key !== head ? [[key, inner as unknown]] : rest.length === 0 ? [] : [[key, without(inner, rest)]],
    ),
  );
}
