// Where and with which text new items come into a file: behind the last one, into an empty list, under a bare key.
import { type Document, isMap, isScalar, isSeq, type Pair, type YAMLMap, type YAMLSeq } from 'yaml';
import {
  blankBetween,
  dashOf,
  endOfItem,
  isInFlow,
  lineBreakAfter,
  lineEnd,
  nodeAt,
  pairAt,
  rangeOf,
} from './yaml-place.ts';
import type { Item } from './yaml-text.ts';
import { blockText, flowList, itemText, quoteStyle, yamlText } from './yaml-text.ts';

export type Insertion =
  | { readonly type: 'place'; readonly from: number; readonly to: number; readonly text: string }
  | { readonly type: 'impossible'; readonly why: string };

export function insertionOf(
  before: string,
  document: Document,
  path: readonly string[],
  items: readonly Item[],
): Insertion {
  const list = nodeAt(document, path);
  if (isSeq(list)) {
    if (list.range == null) return { type: 'impossible', why: 'the list could not be located' };
    if (list.flow === true)
      return list.items.length === 0 ? intoEmptyFlow(before, list, document, path, items) : intoFlow(list, items);
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
  const quote = quoteStyle(list);
  const text = items.map((item) => blank + itemText(item, dash.indent, dash.gap, end, isFlowItem, quote)).join('');
  const needsEnd = at > 0 && before[at - 1] !== '\n';
  // The file's last line has no end: the new last line has none either.
  if (needsEnd) return { type: 'place', from: at, to: at, text: end + text.replace(/\r?\n$/, '') };
  return { type: 'place', from: at, to: at, text };
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

/** Behind the last item of `[a, b]`. */
function intoFlow(list: YAMLSeq, items: readonly Item[]): Insertion {
  const last = rangeOf(list.items.at(-1));
  if (last === undefined) return { type: 'impossible', why: 'the list could not be located' };
  const text = items.map((item) => `, ${yamlText(item, quoteStyle(list), true).trim()}`).join('');
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
