// A playbook's plays as they would run: imported playbooks opened, host patterns resolved, roles and task files followed.
import type { JsonValue } from '../json.ts';
import { referencesInText, substitute } from './jinja.ts';
import type { Lab } from './lab.ts';
import { type Import, isPartial, type Play, type Playbook, variablesFiles } from './playbook.ts';
import type { Visit } from './visit.ts';
import { at, entriesOf, textOf, type YamlEntry, type YamlNode } from './yaml-tree.ts';

export type PlayReading = {
  readonly play: Play;
  /** Stands in another playbook, which this one imports. */
  readonly imported: boolean;
  /** Tags of the imports it came through, and its own. */
  readonly tags: readonly string[];
  /** Variables that imports give it. */
  readonly given: YamlNode | undefined;
  /** What the play itself, its files of variables and the imports before it give a value, by name. */
  readonly variables: ReadonlyMap<string, YamlNode>;
  readonly pattern: string;
  readonly hosts: readonly string[];
  readonly visits: readonly Visit[];
};

export type PlaybookReading = {
  readonly playbook: Playbook;
  readonly plays: readonly PlayReading[];
  readonly imports: readonly Import[];
  /** This playbook and all that it imports. */
  readonly files: readonly string[];
};

type Inherited = {
  readonly tags: readonly string[];
  readonly when: readonly string[];
  readonly given: YamlNode | undefined;
  readonly chain: readonly string[];
};

/** Reads each playbook once; imports of imports are followed. */
export function readPlays(lab: Lab, playbook: Playbook): PlaybookReading {
  const plays: PlayReading[] = [];
  const imports: Import[] = [];
  const files = new Set<string>();

  function open(current: Playbook, inherited: Inherited): void {
    files.add(current.path);
    for (const entry of current.entries) {
      if (entry.type === 'play') {
        const imported = current !== playbook;
        const { pattern, hosts } = hostsOf(lab, entry, inherited.given);
        const visits = lab.walker.walk(entry, inherited.tags, inherited.when, inherited.given);
        plays.push({
          play: entry,
          imported,
          tags: [...new Set([...inherited.tags, ...entry.tags])],
          given: inherited.given,
          variables: variablesIn(lab, entry, inherited.given, visits),
          pattern,
          hosts,
          visits,
        });
        continue;
      }
      if (current === playbook) imports.push(entry);
      const next = entry.path === undefined ? undefined : lab.playbooks.get(entry.path);
      if (next === undefined || inherited.chain.includes(next.path)) continue;
      open(next, {
        tags: [...inherited.tags, ...entry.tags],
        when: [...inherited.when, ...entry.when],
        given: mergedVars(entry.vars, inherited.given),
        chain: [...inherited.chain, next.path],
      });
    }
  }
  open(playbook, { tags: [], when: [], given: undefined, chain: [playbook.path] });
  return { playbook, plays, imports, files: [...files] };
}

/** Later ones win: the play's own, its vars_files, what its first tasks include, what an import gives. */
function variablesIn(
  lab: Lab,
  play: Play,
  given: YamlNode | undefined,
  visits: readonly Visit[],
): ReadonlyMap<string, YamlNode> {
  const variables = new Map<string, YamlNode>();
  const take = (root: YamlNode | undefined): void => {
    for (const entry of entriesOf(root)) variables.set(entry.key, entry.value);
  };
  take(play.vars);
  for (const path of variablesFiles(play)) take(lab.repository.yaml(path));
  for (const visit of visits)
    if (visit.item.type === 'vars' && visit.within === undefined && at(visit.item.args, 'name') === undefined)
      for (const path of visit.files) take(lab.repository.yaml(path));
  take(given);
  return variables;
}

/** Variables of the outer import win over those of the inner one. */
function mergedVars(inner: YamlNode | undefined, outer: YamlNode | undefined): YamlNode | undefined {
  if (inner === undefined || outer === undefined) return inner ?? outer;
  const entries = new Map<string, YamlEntry>();
  for (const entry of [...entriesOf(inner), ...entriesOf(outer)]) entries.set(entry.key, entry);
  return { kind: 'map', line: inner.line, entries };
}

/** A templated pattern stands for its default; one that only a run can fill may mean any host. */
export function hostsOf(
  lab: Lab,
  play: Play,
  given: YamlNode | undefined,
  enables: Readonly<Record<string, JsonValue>> = {},
): { readonly pattern: string; readonly hosts: readonly string[] } {
  const known = substitute(
    play.hosts,
    (name, path) =>
      enabled(enables, name) ??
      textOf(at(at(given, name) ?? at(play.vars, name), ...path)) ??
      defaultOf(play.hosts, name) ??
      lab.value(name, path),
  );
  if (known !== undefined) return { pattern: known, hosts: lab.hosts(known) };
  const group = /\{\{\s*groups\s*(?:\[\s*['"]([\w-]+)['"]\s*\]|\.(\w+))/.exec(play.hosts);
  if (group !== null) {
    const pattern = group[1] ?? group[2] ?? '';
    return { pattern, hosts: lab.hosts(pattern) };
  }
  const outside = play.hosts.replace(/\{\{.*?\}\}/g, '').replace(/[,:&!\s]/g, '');
  return { pattern: play.hosts, hosts: outside === '' ? lab.inventory.members.hosts : [] };
}

function enabled(enables: Readonly<Record<string, JsonValue>>, name: string): string | undefined {
  const value = Object.hasOwn(enables, name) ? enables[name] : undefined;
  return typeof value === 'string' ? value : undefined;
}

function defaultOf(pattern: string, name: string): string | undefined {
  const found = referencesInText(pattern).find((reference) => reference.name === name)?.default;
  return typeof found === 'string' ? found : undefined;
}

/** The first play that stands in the playbook itself. */
export function firstOwn(reading: PlaybookReading): PlayReading | undefined {
  return reading.plays.find((play) => !play.imported);
}

/** Plays whose tags this playbook offers: its own, and those of files that nobody runs by themselves. */
export function isOwn(play: PlayReading): boolean {
  return !play.imported || isPartial(play.play.source.path);
}
