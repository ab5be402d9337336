// Where things stand in a YAML file's text: nodes, the lines of a list's items, dashes, line ends.
import { type Document, isMap, isScalar, isSeq, type Pair, parseDocument, type YAMLSeq } from 'yaml';

export type Parsed =
  | { readonly type: 'document'; readonly document: Document }
  | { readonly type: 'impossible'; readonly why: string };

export function parse(text: string): Parsed {
  const document = parseDocument(text, { keepSourceTokens: true });
  const [error] = document.errors;
  if (error !== undefined)
    return { type: 'impossible', why: `it is not valid YAML (line ${error.linePos?.[0].line ?? 1})` };
  return { type: 'document', document };
}

export function nodeAt(document: Document, path: readonly string[]): unknown {
  return path.length === 0 ? document.contents : document.getIn(path, true);
}

export function pairAt(document: Document, path: readonly string[]): Pair | null {
  const parent: unknown = path.length === 1 ? document.contents : document.getIn(path.slice(0, -1), true);
  if (!isMap(parent)) return null;
  return parent.items.find((pair) => isScalar(pair.key) && String(pair.key.value) === path.at(-1)) ?? null;
}

export function lineOfKey(text: string, document: Document, path: readonly string[]): number | null {
  const pair = pairAt(document, path);
  const key: unknown = pair?.key;
  if (!isScalar(key) || key.range == null) return null;
  return text.slice(0, key.range[0]).split('\n').length;
}

export function dashOf(
  text: string,
  list: YAMLSeq,
  index: number,
): { readonly indent: string; readonly gap: string } | null {
  const start = rangeOf(list.items[index])?.[0];
  if (start === undefined) return null;
  const lineStart = text.lastIndexOf('\n', start - 1) + 1;
  const head = text.slice(lineStart, start);
  const match = /^(\s*)-(\s+)(?:[&!]\S+\s+)?$/.exec(head);
  if (match === null) return null;
  return { indent: match[1] ?? '', gap: match[2] ?? ' ' };
}

export function rangeOf(node: unknown): readonly [number, number, number] | undefined {
  if (typeof node !== 'object' || node === null || !('range' in node)) return undefined;
  const { range } = node;
  return Array.isArray(range) ? (range as [number, number, number]) : undefined;
}

/** Where the lines of an item begin: at its dash, or at comments right above that belong to it. */
export function startOfItem(text: string, list: YAMLSeq, index: number): number {
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
export function endOfItem(text: string, list: YAMLSeq, index: number): number {
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

export function blankBetween(text: string, list: YAMLSeq): boolean {
  const end = endOfItem(text, list, list.items.length - 2);
  return /^[^\S\n]*\r?\n/.test(text.slice(end));
}

export function isInFlow(document: Document, path: readonly string[]): boolean {
  for (let length = 0; length < path.length; length += 1) {
    const node = nodeAt(document, path.slice(0, length));
    if ((isMap(node) || isSeq(node)) && node.flow === true) return true;
  }
  return false;
}

export function lineEnd(text: string): string {
  return /\r\n/.test(text) ? '\r\n' : '\n';
}

/** The offset of the line's end (its `\n` or `\r\n`), or the text's. */
export function lineBreakAfter(text: string, from: number): number {
  const at = text.indexOf('\n', from);
  return at < 0 ? text.length : at;
}
