// A wish for a configuration list becomes an edit of the file: items from the template, what is there already skipped.
import type { JsonValue } from '../../json.ts';
import type { ConfigWish, WishedItem } from '../draft.ts';
import { compact } from '../words/nearness.ts';
import { addToList, readList, takeFromList } from './edit-yaml-list.ts';
import { normalUrl } from './normal-url.ts';
import type { Item } from './yaml-text.ts';

export type MadeEdit =
  | {
      readonly type: 'edit';
      readonly after: string;
      readonly line: number;
      readonly changed: readonly string[];
      readonly there: readonly string[];
    }
  | { readonly type: 'nothing'; readonly line: number; readonly there: readonly string[] }
  | { readonly type: 'impossible'; readonly why: string };

/** The edit that a wish asks for, on the file's current text. */
export function makeEdit(before: string, wish: ConfigWish): MadeEdit {
  const list = readList(before, wish.target.list);
  if (list === null) return { type: 'impossible', why: 'it is not valid YAML' };
  return wish.remove ? removal(before, wish, list.line) : addition(before, wish, list);
}

function addition(
  before: string,
  wish: ConfigWish,
  list: { readonly items: readonly unknown[]; readonly line: number },
): MadeEdit {
  const { key, item: template } = wish.target;
  const known = new Set(list.items.flatMap((item) => identitiesOf(item, key)));
  const fresh: Item[] = [];
  const changed: string[] = [];
  const there: string[] = [];
  for (const wished of wish.items) {
    const item = fill(template, wished);
    const identities = identitiesOf(item, key);
    if (identities.some((identity) => known.has(identity))) {
      there.push(wished.name);
      continue;
    }
    for (const identity of identities) known.add(identity);
    fresh.push(item);
    changed.push(wished.name);
  }
  if (fresh.length === 0) return { type: 'nothing', line: list.line, there };
  const edit = addToList(before, wish.target.list, fresh);
  if (edit.type === 'impossible') return edit;
  return edit.type === 'unchanged'
    ? { type: 'nothing', line: list.line, there }
    : { type: 'edit', after: edit.after, line: list.line, changed, there };
}

function removal(before: string, wish: ConfigWish, line: number): MadeEdit {
  const { key, item: template } = wish.target;
  const identities = new Set(wish.items.flatMap((wished) => identitiesOf(fill(template, wished), key)));
  const names = new Set(wish.items.map((wished) => compact(wished.name)));
  const isMeant = (item: unknown): boolean =>
    identitiesOf(item, key).some((identity) => identities.has(identity)) ||
    namesOfItem(item).some((name) => names.has(compact(name)));
  const edit = takeFromList(before, wish.target.list, isMeant);
  if (edit.type === 'impossible') return edit;
  const changed = wish.items.map((wished) => wished.name);
  return edit.type === 'unchanged'
    ? { type: 'nothing', line, there: changed }
    : { type: 'edit', after: edit.after, line, changed, there: [] };
}

/** The template with a portal's values: `{{ name }}`, `{{ url }}`, `{{ host }}`. */
function fill(template: { readonly [key: string]: JsonValue }, item: WishedItem): Item {
  return Object.fromEntries(Object.entries(template).map(([key, value]) => [key, fillValue(value, item)]));
}

function fillValue(value: JsonValue, item: WishedItem): JsonValue {
  if (typeof value === 'string') {
    return value.replace(/\{\{\s*(name|url|host)\s*\}\}/g, (_, field: string) =>
      field === 'name' ? item.name : field === 'url' ? item.url : item.host,
    );
  }
  if (Array.isArray(value)) return value.map((inner: JsonValue) => fillValue(inner, item));
  if (typeof value === 'object' && value !== null)
    return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, fillValue(inner as JsonValue, item)]));
  return value;
}

/** What makes an item the same as another: the value of its key, addresses in one form. */
function identitiesOf(item: unknown, key: string): readonly string[] {
  if (typeof item === 'string') return [normalUrl(item)];
  if (typeof item !== 'object' || item === null) return [];
  const value: unknown = Object.entries(item).find(([name]) => name === key)?.[1];
  if (typeof value === 'string') return [normalUrl(value)];
  return value === undefined ? [] : [JSON.stringify(value)];
}

function namesOfItem(item: unknown): readonly string[] {
  if (typeof item !== 'object' || item === null) return typeof item === 'string' ? [item] : [];
  return Object.entries(item).flatMap(([key, value]): string[] =>
    /^(name|title|label|friendly_name)$/.test(key) && typeof value === 'string' ? [value] : [],
  );
}
