// The items of a configuration list: which of their keys names, which addresses, and what a new item looks like.
import type { JsonValue } from '../json.ts';
import { at, entriesOf, jsonOf, textOf, type YamlList, type YamlMap, type YamlNode } from './yaml-tree.ts';

const nameKeys = [
  'name',
  'title',
  'label',
  'job',
  'job_name',
  'friendly_name',
  'display_name',
  'description',
  'id',
  'service',
  'text',
  'alias',
];
const addressKeys = [
  'url',
  'href',
  'link',
  'endpoint',
  'uri',
  'host',
  'hostname',
  'address',
  'target',
  'domain',
  'fqdn',
  'website',
];

/** The list at the end of these keys. */
export function listAt(root: YamlNode | undefined, keys: readonly string[]): YamlList | undefined {
  const node = at(root, ...keys);
  return node?.kind === 'list' ? node : undefined;
}

/** The keys to a document's list: the named one, or the only one there is. */
export function onlyList(root: YamlNode | undefined, name: string): readonly string[] | undefined {
  if (root?.kind === 'list') return [];
  if (listAt(root, [name]) !== undefined) return [name];
  const lists = entriesOf(root).filter((entry) => entry.value.kind === 'list');
  return lists.length === 1 && lists[0] !== undefined ? [lists[0].key] : undefined;
}

export type ItemShape = { readonly name: string; readonly address: string; readonly addressed: 'url' | 'host' };

/** The keys that most items name and address themselves with; undefined where they do not. */
export function shapeOf(list: YamlList): ItemShape | undefined {
  const maps = list.items.filter((item) => item.kind === 'map');
  if (maps.length === 0 || maps.length < list.items.length) return undefined;
  const common = (keys: readonly string[], ok: (text: string) => boolean): string | undefined =>
    keys.find((key) => maps.filter((item) => ok(textOf(at(item, key)) ?? '')).length * 2 > maps.length);
  const name = common(nameKeys, (text) => text !== '');
  const address =
    common(addressKeys, (text) => /^https?:\/\//.test(text)) ??
    common(
      addressKeys.filter((key) => key !== name),
      isHost,
    );
  if (name === undefined || address === undefined || name === address) return undefined;
  const urls = maps.filter((item) => /^https?:\/\//.test(textOf(at(item, address)) ?? '')).length;
  return { name, address, addressed: urls * 2 > maps.length ? 'url' : 'host' };
}

function isHost(text: string): boolean {
  return (
    /^[\w.-]+\.[a-z]{2,}(:\d+)?(\/\S*)?$/i.test(text) ||
    /^\d+\.\d+\.\d+\.\d+(:\d+)?$/.test(text) ||
    /^[\w-]+:\d+$/.test(text)
  );
}

/** A new item in the shape of the existing ones: what names and addresses is filled in, what all share is kept, the rest left out. */
export function itemTemplate(list: YamlList): { readonly [key: string]: JsonValue } | undefined {
  const shape = shapeOf(list);
  if (shape === undefined) return undefined;
  const maps = list.items.filter((item): item is YamlMap => item.kind === 'map');
  const named =
    maps.filter((item) => /^[\w-]+(\.[\w-]+)+$/.test(textOf(at(item, shape.name)) ?? '')).length * 2 > maps.length;
  const template: Record<string, JsonValue> = {};
  for (const key of keysInOrder(maps)) {
    if (key === shape.name) template[key] = named ? '{{ host }}' : '{{ name }}';
    else if (key === shape.address) template[key] = shape.addressed === 'url' ? '{{ url }}' : '{{ host }}';
    else {
      const shared = sharedValue(maps, key);
      if (shared !== undefined) template[key] = shared;
    }
  }
  return template;
}

/** The least that an item can be, for a list that is still empty. */
export function exampleItem(key: string): { readonly [key: string]: JsonValue } {
  const isAddress = ['url', 'href', 'link', 'uri', 'endpoint', 'website'].includes(key);
  return isAddress
    ? { name: '{{ name }}', [key]: '{{ url }}' }
    : addressKeys.includes(key)
      ? { name: '{{ name }}', [key]: '{{ host }}' }
      : { [key]: '{{ name }}', url: '{{ url }}' };
}

function keysInOrder(maps: readonly YamlMap[]): readonly string[] {
  return [...new Set(maps.flatMap((item) => [...item.entries.keys()]))];
}

/** The value that more than half of all items have; with a single item, no value is shared, only a kind (`type: http`). */
function sharedValue(maps: readonly YamlMap[], key: string): JsonValue | undefined {
  const counts = new Map<string, { readonly value: JsonValue; count: number }>();
  for (const item of maps) {
    const node = item.entries.get(key)?.value;
    if (node === undefined || (node.kind === 'scalar' && node.vaulted)) continue;
    const value = jsonOf(node);
    const text = JSON.stringify(value);
    const known = counts.get(text);
    if (known === undefined) counts.set(text, { value, count: 1 });
    else known.count += 1;
  }
  const best = [...counts.values()].sort((a, b) => b.count - a.count)[0];
  if (best === undefined || best.count * 2 <= maps.length || /\{\{/.test(JSON.stringify(best.value))) return undefined;
  return maps.length > 1 ||
    /^(type|kind|method|interval|timeout|enabled|group|category|check|protocol|scheme)$/.test(key)
    ? best.value
    : undefined;
}
