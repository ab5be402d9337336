// Hosts and groups of the inventory as people name them, and what a named place means as Ansible's --limit.
import type { Catalogue } from '../../catalogue/model.ts';
import { compact, editDistance, slipNearness, wordsOf } from '../words/nearness.ts';
import { isProperWord } from '../words/proper.ts';

/** One name of the inventory. `all` is Ansible's own group of every host. */
export type PlaceName = {
  readonly name: string;
  readonly kind: 'host' | 'group' | 'all';
  readonly hosts: readonly string[];
  readonly sure: number;
};

export type PlaceIndex = {
  /** The place that a word or words, joined, name exactly or by alias. */
  readonly exact: (joined: string) => PlaceName | null;
  /** The one place that a mistyped name must mean, or null. */
  readonly slip: (joined: string) => PlaceName | null;
  /** A name like those of the inventory, with another number: `web9` beside `web1`. */
  readonly looksLike: (joined: string) => boolean;
  readonly isName: (joined: string) => boolean;
  /** Names like this one, nearest first, for a refusal. */
  readonly nearest: (said: string) => readonly string[];
  readonly all: PlaceName;
};

export function indexPlaces(catalogue: Catalogue): PlaceIndex {
  const every = catalogue.hosts.map((host) => host.name);
  const all: PlaceName = { name: 'all', kind: 'all', hosts: every, sure: 1 };
  const byKey = new Map<string, PlaceName>();
  const put = (key: string, place: PlaceName): void => {
    if (key.length > 0 && !byKey.has(key)) byKey.set(key, place);
  };
  for (const host of catalogue.hosts)
    put(compact(host.name), { name: host.name, kind: 'host', hosts: [host.name], sure: 1 });
  for (const group of catalogue.groups) {
    if (group.name !== 'all')
      put(compact(group.name), { name: group.name, kind: 'group', hosts: group.hosts, sure: 1 });
  }
  for (const host of catalogue.hosts) {
    const place: PlaceName = { name: host.name, kind: 'host', hosts: [host.name], sure: 1 };
    for (const alias of host.aliases) put(compact(alias), place);
    // A full domain name is called by its first label where no other host has it.
    const label = host.name.split('.')[0] ?? '';
    if (
      host.name.includes('.') &&
      !/^\d+$/.test(label) &&
      catalogue.hosts.filter((other) => other.name.split('.')[0] === label).length === 1
    )
      put(compact(label), place);
  }
  for (const group of catalogue.groups) {
    const place: PlaceName = { name: group.name, kind: 'group', hosts: group.hosts, sure: 1 };
    if (group.name === 'all') continue;
    // `webserver` for the group `webservers` and the other way round.
    const key = compact(group.name);
    if (key.length > 3) {
      put(`${key}s`, place);
      if (key.endsWith('s')) put(key.slice(0, -1), place);
    }
    const words = wordsOf(group.name);
    const last = words.at(-1);
    if (words.length > 1 && last !== undefined && /^(hosts?|servers?|nodes?|machines?|group|vms?)$/.test(last))
      put(words.slice(0, -1).join(''), place);
  }
  const names = [...byKey.keys()];
  return {
    all,
    exact: (joined) => byKey.get(joined) ?? null,
    isName: (joined) => byKey.has(joined),
    looksLike: (joined) =>
      /\d/.test(joined) &&
      !byKey.has(joined) &&
      names.some(
        (name) => /[a-z]/.test(name) && /\d/.test(name) && name.replace(/\d+/g, '#') === joined.replace(/\d+/g, '#'),
      ),
    slip: (joined) => {
      if (joined.length < 4 || isProperWord(joined)) return null;
      const near = names
        .map((name) => ({ name, near: slipNearness(joined, name) }))
        .filter((found) => found.near >= 0.84);
      const places = new Set(near.map((found) => byKey.get(found.name)?.name));
      const first = near.sort((a, b) => b.near - a.near)[0];
      const place = first === undefined ? undefined : byKey.get(first.name);
      return place === undefined || places.size !== 1 ? null : { ...place, sure: 0.9 };
    },
    nearest: (said) => {
      const key = compact(said);
      const own = [
        ...catalogue.hosts.map((host) => host.name),
        ...catalogue.groups.filter((group) => group.name !== 'all').map((group) => group.name),
      ];
      return own
        .map((name) => ({ name, distance: editDistance(key, compact(name), 30) }))
        .sort((a, b) => a.distance - b.distance || (a.name < b.name ? -1 : 1))
        .map((found) => found.name)
        .slice(0, 5);
    },
  };
}
