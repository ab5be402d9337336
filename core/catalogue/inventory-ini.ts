// An INI inventory: groups, :children, :vars, host ranges, variables on the host's line. As Ansible's `ini` plugin reads it.
import { expandHostRange } from './host-range.ts';
import { groupIn, hostIn, type InventoryDraft } from './inventory-draft.ts';
import type { Source } from './model.ts';
import type { YamlScalar } from './yaml-tree.ts';

type Report = (line: number, message: string) => void;

/** Adds the inventory of one INI text to the draft. What cannot be read is reported and left out. */
export function readIniInventory(text: string, path: string, draft: InventoryDraft, report: Report): void {
  let group = 'ungrouped';
  let section = 'hosts';
  for (const [index, raw] of text.split(/\r?\n/).entries()) {
    const line = raw.trim();
    if (line === '' || line.startsWith('#') || line.startsWith(';')) continue;
    const source = { path, line: index + 1 };
    const header = /^\[([^:\]\s]+)(?::(\w+))?\]\s*(?:#.*)?$/.exec(line);
    if (header !== null) {
      group = header[1] ?? 'ungrouped';
      section = header[2] ?? 'hosts';
      if (['hosts', 'children', 'vars'].includes(section)) groupIn(draft, group, source);
      else report(source.line, `unknown kind of inventory section: [${group}:${section}]`);
    } else if (line.startsWith('[') && /^\[[^\]]*\]$/.test(line)) {
      section = 'unknown';
      report(source.line, `this is no valid inventory section: ${line}`);
    } else if (section === 'hosts') readHosts(line, group, source, draft, report);
    else if (section === 'children') {
      const child = /^([^:\]\s]+)\s*(?:#.*)?$/.exec(line)?.[1];
      if (child === undefined) report(source.line, `expected a group's name: ${line}`);
      else {
        groupIn(draft, group, source).children.add(child);
        groupIn(draft, child, source);
      }
    } else if (section === 'vars') {
      const [name, value] = assignment(line);
      if (name === undefined) report(source.line, `expected name=value: ${line.slice(0, 60)}`);
      else groupIn(draft, group, source).variables.set(name, { name, value: iniValue(value, source.line), source });
    }
  }
}

function readHosts(line: string, group: string, source: Source, draft: InventoryDraft, report: Report): void {
  const tokens = shellTokens(line);
  if (tokens === undefined) {
    report(source.line, 'a quote is not closed');
    return;
  }
  const [pattern = '', ...rest] = tokens;
  if (pattern === '---' || pattern === '-' || pattern.endsWith(':')) {
    report(source.line, `this is no host of an INI inventory: ${pattern}`);
    return;
  }
  const names = expandHostRange(pattern.replace(/(?<=[\w\]]):\d+$/, ''));
  if ('problem' in names) {
    report(source.line, `${pattern}: ${names.problem}`);
    return;
  }
  for (const name of names) {
    const host = hostIn(draft, name, source);
    groupIn(draft, group, source).hosts.add(name);
    for (const token of rest) {
      const [key, value] = assignment(token);
      if (key === undefined) report(source.line, `expected name=value: ${token.slice(0, 60)}`);
      else host.variables.set(key, { name: key, value: iniValue(value, source.line), source });
    }
  }
}

function assignment(text: string): readonly [string | undefined, string] {
  const equals = text.indexOf('=');
  return equals < 1 ? [undefined, ''] : [text.slice(0, equals).trim(), text.slice(equals + 1).trim()];
}

/** Values are Python literals where they look like one, else text. */
function iniValue(text: string, line: number): YamlScalar {
  const plain = /^(["'])(.*)\1$/.exec(text)?.[2];
  const value =
    plain ??
    (text === 'True'
      ? true
      : text === 'False'
        ? false
        : text === 'None'
          ? null
          : /^-?(0|[1-9]\d*)$/.test(text)
            ? Number(text)
            : text);
  return { kind: 'scalar', line, value, source: plain ?? text, vaulted: false };
}

/** The words of a line as a shell splits it, up to a comment; undefined when a quote stays open. */
function shellTokens(line: string): readonly string[] | undefined {
  const tokens: string[] = [];
  let token = '';
  let started = false;
  let quote = '';
  for (let index = 0; index < line.length; index += 1) {
    const char = line[index] ?? '';
    if (quote !== '') {
      if (char === quote) quote = '';
      else if (char === '\\' && quote === '"' && index + 1 < line.length) {
        index += 1;
        token += line[index] ?? '';
      } else token += char;
    } else if (char === '"' || char === "'") {
      quote = char;
      started = true;
    } else if (char === '#') break;
    else if (/\s/.test(char)) {
      if (started) tokens.push(token);
      token = '';
      started = false;
    } else {
      if (char === '\\' && index + 1 < line.length) index += 1;
      token += line[index] ?? '';
      started = true;
    }
  }
  if (started) tokens.push(token);
  return quote === '' ? tokens : undefined;
}
