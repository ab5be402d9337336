// The inventory that Ansible would use: found, read and resolved to hosts, groups and variables. First step of reading a catalogue.
import type { AnsibleConfig } from './ansible-cfg.ts';
import type { Hosts } from './host-pattern.ts';
import { emptyDraft, groupMembers, type InventoryDraft } from './inventory-draft.ts';
import { findInventorySources, inventoryFiles } from './inventory-find.ts';
import { readIniInventory } from './inventory-ini.ts';
import { readYamlInventory } from './inventory-yaml.ts';
import type { Group, Host } from './model.ts';
import { isYamlPath, type Repository } from './repository.ts';
import { textOf } from './yaml-tree.ts';

export type Inventory = {
  /** What to hand to ansible-playbook; empty when the ansible.cfg at the root names it. */
  readonly handed: readonly string[];
  /** Where it lies, whoever names it. */
  readonly sources: readonly string[];
  /** The files that were read, for the actions' digests. */
  readonly files: readonly string[];
  readonly hosts: readonly Host[];
  readonly groups: readonly Group[];
  readonly members: Hosts;
  readonly draft: InventoryDraft;
};

export function readInventory(repository: Repository, configs: readonly AnsibleConfig[]): Inventory {
  const found = findInventorySources(repository, configs);
  const draft = emptyDraft();
  const files = found.sources.flatMap((source) => inventoryFiles(repository, source));
  for (const path of files) readFile(repository, path, draft);
  const members = groupMembers(draft);
  return {
    handed: found.configuredAtRoot ? [] : found.sources,
    sources: found.sources,
    files,
    hosts: [...draft.hosts].map(([name, host]) => ({
      name,
      groups: groupsOf(name, members, draft),
      aliases: hostAliases(
        name,
        textOf(host.variables.get('ansible_host')?.value ?? host.variables.get('ansible_ssh_host')?.value),
        draft,
      ),
      source: host.source,
    })),
    groups: [...draft.groups]
      .filter(([name]) => name !== 'all' && name !== 'ungrouped')
      .map(([name, group]) => ({ name, hosts: members.get(name) ?? [], source: group.source })),
    members: { hosts: [...draft.hosts.keys()], groups: members },
    draft,
  };
}

function readFile(repository: Repository, path: string, draft: InventoryDraft): void {
  const report = (line: number, message: string): void => repository.find(path, line, message);
  const text = repository.text(path) ?? '';
  if (repository.isEncrypted(path)) {
    report(1, 'this inventory is encrypted, so its hosts are not in the catalogue');
    return;
  }
  if (text.startsWith('#!') || /\.(py|sh|rb|js)$/.test(path)) {
    report(1, 'this inventory is a script: its hosts are known only when it runs, so they are not in the catalogue');
    return;
  }
  if (/\.toml$/.test(path)) {
    report(1, 'inventories in TOML are not read');
    return;
  }
  if (!isYamlPath(path) && !looksLikeYaml(text)) {
    readIniInventory(text, path, draft, report);
    return;
  }
  const root = repository.yaml(path);
  if (root !== undefined) readYamlInventory(root, path, draft, report);
}

function looksLikeYaml(text: string): boolean {
  return /^\s*(---|\{)/.test(text) || (/^[\w-]+:\s*(#.*)?$/m.test(text) && !/^\[/m.test(text));
}

/** Groups that hold the host, the ones it is named in first. */
function groupsOf(
  host: string,
  members: ReadonlyMap<string, readonly string[]>,
  draft: InventoryDraft,
): readonly string[] {
  const holding = [...members]
    .filter(([name, hosts]) => name !== 'all' && name !== 'ungrouped' && hosts.includes(host))
    .map(([name]) => name);
  const direct = holding.filter((name) => draft.groups.get(name)?.hosts.has(host));
  return [...direct, ...holding.filter((name) => !direct.includes(name))];
}

/** What else people may call a host: its address, and its name up to the first dot where no other host shares it. */
function hostAliases(name: string, address: string | undefined, draft: InventoryDraft): readonly string[] {
  const aliases = new Set<string>();
  const isAddress = /^[\d.]+$|:/.test(name);
  const short = name.split('.')[0] ?? '';
  if (
    !isAddress &&
    short !== name &&
    short !== '' &&
    [...draft.hosts.keys()].filter((other) => other.split('.')[0] === short).length === 1
  )
    aliases.add(short);
  if (address !== undefined && !address.includes('{{') && !['localhost', '127.0.0.1', '::1'].includes(address)) {
    aliases.add(address);
    const shortAddress = address.split('.')[0] ?? '';
    if (!/^[\d.]+$|:/.test(address) && address.includes('.') && !draft.hosts.has(shortAddress))
      aliases.add(shortAddress);
  }
  aliases.delete(name);
  return [...aliases];
}
