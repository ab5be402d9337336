// New items as YAML text, in the style of the list to which they come.
import { isMap, isScalar, stringify, type YAMLSeq } from 'yaml';
import type { JsonValue } from '../../json.ts';

/** An item of a list as it will be written. */
export type Item = { readonly [key: string]: JsonValue };

export type Quote = 'double' | 'single' | 'plain';

/** How the list's own strings are written. */
export function quoteStyle(list: YAMLSeq): Quote {
  const last = list.items.at(-1);
  if (!isMap(last)) return 'plain';
  const kinds = last.items
    .map((pair) => (isScalar(pair.value) && typeof pair.value.value === 'string' ? pair.value.type : null))
    .filter((type) => type !== null && type !== undefined);
  if (kinds.length > 0 && kinds.every((kind) => kind === 'QUOTE_DOUBLE')) return 'double';
  if (kinds.length > 0 && kinds.every((kind) => kind === 'QUOTE_SINGLE')) return 'single';
  return 'plain';
}

export function yamlText(value: unknown, quote: Quote, flow: boolean): string {
  return stringify(value, {
    lineWidth: 0,
    defaultStringType: quote === 'double' ? 'QUOTE_DOUBLE' : quote === 'single' ? 'QUOTE_SINGLE' : 'PLAIN',
    defaultKeyType: 'PLAIN',
    ...(quote === 'single' ? { singleQuote: true } : {}),
    ...(flow ? { collectionStyle: 'flow' as const } : {}),
  });
}

export function itemText(item: Item, indent: string, gap: string, end: string, flow: boolean, quote: Quote): string {
  const lines = yamlText(item, quote, flow).trimEnd().split('\n');
  const inner = indent + ' '.repeat(1 + gap.length);
  return lines
    .map((line, index) => (index === 0 ? `${indent}-${gap}` : line === '' ? '' : inner) + line + end)
    .join('');
}

export function blockText(items: readonly Item[], indent: string, end: string): string {
  return items.map((item) => itemText(item, indent, ' ', end, false, 'plain')).join('');
}

export function flowList(items: readonly Item[]): string {
  return `[${items.map((item) => yamlText(item, 'plain', true).trim()).join(', ')}]`;
}
