// A YAML inventory, as Ansible's `yaml` plugin reads it; dynamic plugins are named in a finding, since only running them tells.
import { expandHostRange } from './host-range.ts';
import { groupIn, hostIn, type InventoryDraft } from './inventory-draft.ts';
import { at, entriesOf, textOf, type YamlNode } from './yaml-tree.ts';

type Report = (line: number, message: string) => void;

/** Adds the groups of one YAML document to the draft. What cannot be read is reported and left out. */
export function readYamlInventory(root: YamlNode, path: string, draft: InventoryDraft, report: Report): void {
  const plugin = textOf(at(root, 'plugin'));
  if (plugin !== undefined) {
    report(
      at(root, 'plugin')?.line ?? 1,
      `dynamic inventory (${plugin}): its hosts are known only when it runs, so they are not in the catalogue`,
    );
    return;
  }
  if (root.kind !== 'map') {
    report(root.line, 'a YAML inventory is a mapping of groups');
    return;
  }
  for (const entry of root.entries.values()) readGroup(entry.key, entry.value, entry.line, path, draft, report, 0);
}

function readGroup(
  name: string,
  node: YamlNode,
  line: number,
  path: string,
  draft: InventoryDraft,
  report: Report,
  depth: number,
): void {
  const group = groupIn(draft, name, { path, line });
  if (depth > 40 || node.kind === 'list' || (node.kind === 'scalar' && node.value !== null)) {
    report(line, `group ${name}: expected hosts, children or vars`);
    return;
  }
  const hosts = at(node, 'hosts');
  if (hosts?.kind === 'list') report(hosts.line, `group ${name}: hosts must be a mapping (\`name:\`), not a list`);
  const single = textOf(hosts);
  if (single !== undefined) addHosts(single, hosts?.line ?? line, name, undefined, path, draft, report);
  for (const entry of entriesOf(hosts)) addHosts(entry.key, entry.line, name, entry.value, path, draft, report);
  for (const entry of entriesOf(at(node, 'vars'))) {
    group.variables.set(entry.key, { name: entry.key, value: entry.value, source: { path, line: entry.line } });
  }
  const children = at(node, 'children');
  if (children?.kind === 'list')
    report(children.line, `group ${name}: children must be a mapping (\`name:\`), not a list`);
  for (const entry of entriesOf(children)) {
    group.children.add(entry.key);
    readGroup(entry.key, entry.value, entry.line, path, draft, report, depth + 1);
  }
}

function addHosts(
  pattern: string,
  line: number,
  group: string,
  variables: YamlNode | undefined,
  path: string,
  draft: InventoryDraft,
  report: Report,
): void {
  const names = expandHostRange(pattern.replace(/(?<=[\w\]]):\d+$/, ''));
  if ('problem' in names) {
    report(line, `${pattern}: ${names.problem}`);
    return;
  }
  for (const name of names) {
    const host = hostIn(draft, name, { path, line });
    groupIn(draft, group, { path, line }).hosts.add(name);
    for (const entry of entriesOf(variables)) {
      host.variables.set(entry.key, { name: entry.key, value: entry.value, source: { path, line: entry.line } });
    }
  }
}
