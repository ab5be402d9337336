// Adds items to a list in a YAML file, or takes items out, so that every other byte stays as it was. `yaml` finds the
// places and checks the result; the text itself is spliced, since no library prints a file back exactly as it found it.
import { createTwoFilesPatch } from 'diff';
import {
  type Document,
  isMap,
  isScalar,
  isSeq,
  type Pair,
  parseDocument,
  stringify,
  type YAMLMap,
  type YAMLSeq,
} from 'yaml';
import type { JsonValue } from '../../json.ts';

export type Item = { readonly [key: string]: JsonValue };

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

function lineOfKey(text: string, document: Document, path: readonly string[]): number | null {
  const pair = pairAt(document, path);
  const key: unknown = pair?.key;
  if (!isScalar(key) || key.range == null) return null;
  return text.slice(0, key.range[0]).split('\n').length;
}

type Parsed =
  | { readonly type: 'document'; readonly document: Document }
  | { readonly type: 'impossible'; readonly why: string };

function parse(text: string): Parsed {
  const document = parseDocument(text, { keepSourceTokens: true });
  const [error] = document.errors;
  if (error !== undefined)
    return { type: 'impossible', why: `it is not valid YAML (line ${error.linePos?.[0].line ?? 1})` };
  return { type: 'document', document };
}

function nodeAt(document: Document, path: readonly string[]): unknown {
  return path.length === 0 ? document.contents : document.getIn(path, true);
}

function pairAt(document: Document, path: readonly string[]): Pair | null {
  const parent: unknown = path.length === 1 ? document.contents : document.getIn(path.slice(0, -1), true);
  if (!isMap(parent)) return null;
  return parent.items.find((pair) => isScalar(pair.key) && String(pair.key.value) === path.at(-1)) ?? null;
}

type Insertion =
  | { readonly type: 'place'; readonly from: number; readonly to: number; readonly text: string }
  | { readonly type: 'impossible'; readonly why: string };

function insertionOf(before: string, document: Document, path: readonly string[], items: readonly Item[]): Insertion {
  const list = nodeAt(document, path);
  if (isSeq(list)) {
    if (list.range == null) return { type: 'impossible', why: 'the list could not be located' };
    if (list.flow === true)
      return list.items.length === 0
        ? intoEmptyFlow(before, list, document, path, items)
        : intoFlow(before, list, items);
    return intoBlock(before, list, items);
  }
  if (path.length === 0) {
    return isScalar(list) && list.value !== null
      ? { type: 'impossible', why: 'the file is not a list' }
      : atEnd(before, blockText(items, '', lineEnd(before)));
  }
  const pair = pairAt(document, path);
  if (pair !== null) {
    const value: unknown = pair.value;
    if (value !== null && !(isScalar(value) && value.value === null))
      return { type: 'impossible', why: `\`${path.join('.')}\` is not a list` };
    return underKey(before, pair, document, path, items);
  }
  return withKey(before, document, path, items);
}

/** After the last item of a block list, in that item's own style. */
function intoBlock(before: string, list: YAMLSeq, items: readonly Item[]): Insertion {
  const last = list.items.length - 1;
  if (last < 0) return { type: 'impossible', why: 'the list could not be located' };
  const at = endOfItem(before, list, last);
  const dash = dashOf(before, list, last);
  if (dash === null) return { type: 'impossible', why: 'the list is written in a way that cannot be extended safely' };
  const end = lineEnd(before);
  const blank = list.items.length > 1 && blankBetween(before, list) ? end : '';
  const isFlowItem = isMap(list.items[last]) && (list.items[last] as YAMLMap).flow === true;
  const quote = quoteStyle(before, list);
  const text = items.map((item) => blank + itemText(item, dash.indent, dash.gap, end, isFlowItem, quote)).join('');
  const needsEnd = at > 0 && before[at - 1] !== '\n';
  // The file's last line has no end: the new last line has none either.
  if (needsEnd) return { type: 'place', from: at, to: at, text: end + text.replace(/\r?\n$/, '') };
  return { type: 'place', from: at, to: at, text };
}

function dashOf(text: string, list: YAMLSeq, index: number): { readonly indent: string; readonly gap: string } | null {
  const start = rangeOf(list.items[index])?.[0];
  if (start === undefined) return null;
  const lineStart = text.lastIndexOf('\n', start - 1) + 1;
  const head = text.slice(lineStart, start);
  const match = /^(\s*)-(\s+)(?:[&!]\S+\s+)?$/.exec(head);
  if (match === null) return null;
  return { indent: match[1] ?? '', gap: match[2] ?? ' ' };
}

function rangeOf(node: unknown): readonly [number, number, number] | undefined {
  if (typeof node !== 'object' || node === null || !('range' in node)) return undefined;
  const { range } = node;
  return Array.isArray(range) ? (range as [number, number, number]) : undefined;
}

/** Where the lines of an item begin: at its dash, or at comments right above that belong to it. */
function startOfItem(text: string, list: YAMLSeq, index: number): number {
  const start = rangeOf(list.items[index])?.[0] ?? 0;
  let line = text.lastIndexOf('\n', start - 1) + 1;
  if (index === 0) return line;
  const floor = endOfItem(text, list, index - 1);
  for (;;) {
    const above = text.lastIndexOf('\n', line - 2) + 1;
    if (line === 0 || above < floor || !/^\s*#/.test(text.slice(above, line))) return line;
    line = above;
  }
}

/** Where the lines of an item end: behind comments that are indented deeper than its dash. */
function endOfItem(text: string, list: YAMLSeq, index: number): number {
  const range = rangeOf(list.items[index]);
  if (range === undefined) return text.length;
  let end = range[1];
  if (end > 0 && text[end - 1] !== '\n') {
    const lineBreak = text.indexOf('\n', end);
    end = lineBreak < 0 ? text.length : lineBreak + 1;
  } else {
    // A map's range may take in blank lines behind it; those stay where they are.
    while (end > 0 && /\n[^\S\n]*\r?\n$/.test(text.slice(range[0], end))) end = text.lastIndexOf('\n', end - 2) + 1;
  }
  const indent = dashOf(text, list, index)?.indent.length ?? 0;
  for (;;) {
    const lineBreak = text.indexOf('\n', end);
    const line = text.slice(end, lineBreak < 0 ? text.length : lineBreak);
    const match = /^(\s+)#/.exec(line);
    if (match === null || (match[1]?.length ?? 0) <= indent) return end;
    end = lineBreak < 0 ? text.length : lineBreak + 1;
  }
}

function blankBetween(text: string, list: YAMLSeq): boolean {
  const end = endOfItem(text, list, list.items.length - 2);
  return /^[^\S\n]*\r?\n/.test(text.slice(end));
}

type Quote = 'double' | 'single' | 'plain';

/** How the list's own strings are written. */
function quoteStyle(text: string, list: YAMLSeq): Quote {
  const last = list.items.at(-1);
  if (!isMap(last)) return 'plain';
  const kinds = last.items
    .map((pair) => (isScalar(pair.value) && typeof pair.value.value === 'string' ? pair.value.type : null))
    .filter((type) => type !== null && type !== undefined);
  if (kinds.length > 0 && kinds.every((kind) => kind === 'QUOTE_DOUBLE')) return 'double';
  if (kinds.length > 0 && kinds.every((kind) => kind === 'QUOTE_SINGLE')) return 'single';
  return text.length >= 0 ? 'plain' : 'plain';
}

function yamlText(value: unknown, quote: Quote, flow: boolean): string {
  return stringify(value, {
    lineWidth: 0,
    defaultStringType: quote === 'double' ? 'QUOTE_DOUBLE' : quote === 'single' ? 'QUOTE_SINGLE' : 'PLAIN',
    defaultKeyType: 'PLAIN',
    ...(quote === 'single' ? { singleQuote: true } : {}),
    ...(flow ? { collectionStyle: 'flow' as const } : {}),
  });
}

function itemText(item: Item, indent: string, gap: string, end: string, flow: boolean, quote: Quote): string {
  const lines = yamlText(item, quote, flow).trimEnd().split('\n');
  const inner = indent + ' '.repeat(1 + gap.length);
  return lines
    .map((line, index) => (index === 0 ? `${indent}-${gap}` : line === '' ? '' : inner) + line + end)
    .join('');
}

function blockText(items: readonly Item[], indent: string, end: string): string {
  return items.map((item) => itemText(item, indent, ' ', end, false, 'plain')).join('');
}

/** `[]` becomes a block list under its key; elsewhere it is filled in place. */
function intoEmptyFlow(
  before: string,
  list: YAMLSeq,
  document: Document,
  path: readonly string[],
  items: readonly Item[],
): Insertion {
  const range = list.range;
  if (range == null) return { type: 'impossible', why: 'the list could not be located' };
  const end = lineEnd(before);
  const inner = before.slice(range[0] + 1, range[1] - 1).trim();
  const rest = before.slice(range[1], lineBreakAfter(before, range[1]));
  const lineStart = before.lastIndexOf('\n', range[0] - 1) + 1;
  if (inner !== '' || rest.trim() !== '') return { type: 'place', from: range[0], to: range[1], text: flowList(items) };
  if (path.length === 0) {
    if (lineStart !== range[0]) return { type: 'place', from: range[0], to: range[1], text: flowList(items) };
    return { type: 'place', from: range[0], to: range[1], text: blockText(items, '', end).replace(/\r?\n$/, '') };
  }
  const head = /^(\s*)(?:- )?/.exec(before.slice(lineStart, range[0]));
  if (isInFlow(document, path) || head === null)
    return { type: 'place', from: range[0], to: range[1], text: flowList(items) };
  const indent = `${' '.repeat(head[0].length)}  `;
  const from = before.slice(0, range[0]).trimEnd().length;
  return { type: 'place', from, to: range[1], text: end + blockText(items, indent, end).replace(/\r?\n$/, '') };
}

function isInFlow(document: Document, path: readonly string[]): boolean {
  for (let length = 0; length < path.length; length += 1) {
    const node = nodeAt(document, path.slice(0, length));
    if ((isMap(node) || isSeq(node)) && node.flow === true) return true;
  }
  return false;
}

function flowList(items: readonly Item[]): string {
  return `[${items.map((item) => yamlText(item, 'plain', true).trim()).join(', ')}]`;
}

/** Behind the last item of `[a, b]`. */
function intoFlow(before: string, list: YAMLSeq, items: readonly Item[]): Insertion {
  const last = rangeOf(list.items.at(-1));
  if (last === undefined) return { type: 'impossible', why: 'the list could not be located' };
  const text = items.map((item) => `, ${yamlText(item, quoteStyle(before, list), true).trim()}`).join('');
  return { type: 'place', from: last[1], to: last[1], text };
}

/** `monitors:` with nothing under it. */
function underKey(
  before: string,
  pair: Pair,
  document: Document,
  path: readonly string[],
  items: readonly Item[],
): Insertion {
  const key: unknown = pair.key;
  if (!isScalar(key) || key.range == null || isInFlow(document, path))
    return { type: 'impossible', why: `\`${path.join('.')}\` has no list under it` };
  const end = lineEnd(before);
  const lineStart = before.lastIndexOf('\n', key.range[0] - 1) + 1;
  const indent = `${' '.repeat(key.range[0] - lineStart)}  `;
  const value = rangeOf(pair.value);
  const valueText = value === undefined ? '' : before.slice(value[0], value[1]);
  const colon = before.indexOf(':', key.range[1]) + 1;
  const text = blockText(items, indent, end);
  const nullText = /^(null|~)$/.test(valueText) && value !== undefined ? value : null;
  const at = lineBreakAfter(before, colon);
  if (nullText !== null) return { type: 'place', from: colon, to: nullText[1], text: end + text.replace(/\r?\n$/, '') };
  if (at >= before.length) return { type: 'place', from: at, to: at, text: end + text.replace(/\r?\n$/, '') };
  return { type: 'place', from: at + 1, to: at + 1, text };
}

/** The key is not there yet: it comes at the end of the file, with the list under it. Only at the root. */
function withKey(before: string, document: Document, path: readonly string[], items: readonly Item[]): Insertion {
  const { contents } = document;
  const isEmpty = contents === null || (isScalar(contents) && contents.value === null);
  const isOpenMap = isMap(contents) && contents.flow !== true;
  if (path.length !== 1 || !(isEmpty || isOpenMap))
    return { type: 'impossible', why: `\`${path.join('.')}\` is not there` };
  if (isMap(contents) && contents.flow === true) return { type: 'impossible', why: 'the file is written on one line' };
  const end = lineEnd(before);
  return atEnd(before, `${path[0] ?? ''}:${end}${blockText(items, '  ', end)}`);
}

function atEnd(before: string, text: string): Insertion {
  if (/(^|\n)\.\.\.\s*$/.test(before)) return { type: 'impossible', why: 'the file ends with an end-of-document mark' };
  if (before === '' || before.endsWith('\n')) return { type: 'place', from: before.length, to: before.length, text };
  const end = lineEnd(before);
  return { type: 'place', from: before.length, to: before.length, text: end + text.replace(/\r?\n$/, '') };
}

function lineEnd(text: string): string {
  return /\r\n/.test(text) ? '\r\n' : '\n';
}

/** The offset of the line's end (its `\n` or `\r\n`), or the text's. */
function lineBreakAfter(text: string, from: number): number {
  const at = text.indexOf('\n', from);
  return at < 0 ? text.length : at;
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
