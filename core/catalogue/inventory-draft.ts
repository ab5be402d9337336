// What the inventory readers fill together: hosts, groups, their children and variables, each with where it stands.
import type { Source } from './model.ts';
import type { YamlNode } from './yaml-tree.ts';

export type Variable = { readonly name: string; readonly value: YamlNode; readonly source: Source };
export type Variables = Map<string, Variable>;

type HostDraft = { readonly source: Source; readonly variables: Variables };
type GroupDraft = {
  source: Source;
  readonly hosts: Set<string>;
  readonly children: Set<string>;
  readonly variables: Variables;
};

export type InventoryDraft = { readonly hosts: Map<string, HostDraft>; readonly groups: Map<string, GroupDraft> };

export function emptyDraft(): InventoryDraft {
  return { hosts: new Map(), groups: new Map() };
}

export function groupIn(draft: InventoryDraft, name: string, source: Source): GroupDraft {
  const known = draft.groups.get(name);
  if (known !== undefined) return known;
  const group = { source, hosts: new Set<string>(), children: new Set<string>(), variables: new Map() };
  draft.groups.set(name, group);
  return group;
}

export function hostIn(draft: InventoryDraft, name: string, source: Source): HostDraft {
  const known = draft.hosts.get(name);
  if (known !== undefined) return known;
  const host = { source, variables: new Map() };
  draft.hosts.set(name, host);
  return host;
}

/** Each group's hosts with those of its children, in the order of the inventory. Cycles end where they began. */
export function groupMembers(draft: InventoryDraft): ReadonlyMap<string, readonly string[]> {
  const order = new Map([...draft.hosts.keys()].map((host, index) => [host, index]));
  const members = new Map<string, readonly string[]>();
  for (const name of draft.groups.keys()) {
    const hosts = new Set<string>();
    const seen = new Set<string>();
    const open = [name];
    for (let group = open.pop(); group !== undefined; group = open.pop()) {
      if (seen.has(group)) continue;
      seen.add(group);
      const drafted = draft.groups.get(group);
      for (const host of drafted?.hosts ?? []) hosts.add(host);
      open.push(...(drafted?.children ?? []));
    }
    members.set(
      name,
      [...hosts].sort((a, b) => (order.get(a) ?? 0) - (order.get(b) ?? 0)),
    );
  }
  members.set('all', [...draft.hosts.keys()]);
  return members;
}
