// A YAML file as a plain tree in which every key and item knows its line. All readers of the catalogue stand on this.
// Ansible reads YAML 1.1; values it encrypts (`!vault`) are kept as marks and never decoded.
import {
  type Document,
  isAlias,
  isMap,
  isPair,
  isScalar,
  isSeq,
  LineCounter,
  parseAllDocuments,
  type Scalar,
} from 'yaml';
import type { JsonValue } from '../json.ts';

export type YamlScalar = {
  readonly kind: 'scalar';
  readonly line: number;
  /** The decoded value; for a vaulted one always null. */
  readonly value: string | number | boolean | null;
  /** As it is written, for a plain scalar that YAML decoded to something else than text: `0644`, `yes`. */
  readonly source: string;
  readonly vaulted: boolean;
};
export type YamlEntry = { readonly key: string; readonly line: number; readonly value: YamlNode };
export type YamlMap = { readonly kind: 'map'; readonly line: number; readonly entries: ReadonlyMap<string, YamlEntry> };
export type YamlList = { readonly kind: 'list'; readonly line: number; readonly items: readonly YamlNode[] };
export type YamlNode = YamlScalar | YamlMap | YamlList;

export type YamlProblem = { readonly line: number; readonly message: string };
export type YamlFile = { readonly documents: readonly YamlNode[]; readonly problems: readonly YamlProblem[] };

/** An alias may stand for at most this many nodes in one file; beyond it the file is refused (a "billion laughs"). */
const maxNodes = 200_000;
const maxDepth = 60;

/** Parses all documents of a file. Documents with a syntax error are left out and named in `problems`. Never throws. */
export function parseYaml(text: string): YamlFile {
  const lines = new LineCounter();
  const documents: YamlNode[] = [];
  const problems: YamlProblem[] = [];
  let parsed: readonly Document[];
  try {
    const found = parseAllDocuments(text, {
      lineCounter: lines,
      version: '1.1',
      uniqueKeys: false,
      prettyErrors: false,
      logLevel: 'silent',
    });
    parsed = Array.isArray(found) ? found : [];
  } catch (error) {
    return { documents, problems: [{ line: 1, message: `YAML cannot be read: ${reason(error)}` }] };
  }
  for (const document of parsed) {
    const failure = document.errors[0];
    if (failure !== undefined) {
      problems.push({ line: lines.linePos(failure.pos[0]).line, message: `YAML error: ${reason(failure)}` });
      continue;
    }
    const builder = new TreeBuilder(lines);
    const node = document.contents === null ? undefined : builder.build(document.contents, 0);
    if (builder.refusal !== undefined) problems.push({ line: builder.refusal.line, message: builder.refusal.message });
    else if (node !== undefined) documents.push(node);
  }
  return { documents, problems };
}

function reason(error: unknown): string {
  const message = error instanceof Error ? error.message : String(error);
  return (message.split('\n')[0] ?? '').slice(0, 160);
}

/** Turns yaml's nodes into ours. Aliased nodes are shared; the count guards whoever walks them. */
class TreeBuilder {
  refusal: YamlProblem | undefined;
  readonly #lines: LineCounter;
  readonly #anchors = new Map<string, { readonly node: YamlNode; readonly size: number }>();
  #size = 0;

  constructor(lines: LineCounter) {
    this.#lines = lines;
  }

  build(node: unknown, depth: number): YamlNode {
    const line = this.#lineOf(node);
    if (this.refusal !== undefined) return nothing(line);
    if (depth > maxDepth) return this.#refuse(line, `YAML is nested deeper than ${maxDepth} levels`);
    if (isAlias(node)) {
      const target = this.#anchors.get(node.source);
      if (target === undefined) return nothing(line);
      return this.#count(target.size, line) ? target.node : nothing(line);
    }
    const before = this.#size;
    if (!this.#count(1, line)) return nothing(line);
    const built = this.#buildPlain(node, depth, line);
    if ((isMap(node) || isSeq(node) || isScalar(node)) && node.anchor !== undefined) {
      this.#anchors.set(node.anchor, { node: built, size: this.#size - before });
    }
    return built;
  }

  #buildPlain(node: unknown, depth: number, line: number): YamlNode {
    if (isScalar(node)) return scalar(node, line);
    if (isSeq(node))
      return {
        kind: 'list',
        line,
        items: node.items.map((item) => this.build(isPair(item) ? item.value : item, depth + 1)),
      };
    if (!isMap(node)) return nothing(line);
    const entries = new Map<string, YamlEntry>();
    for (const pair of node.items) {
      const key = isScalar(pair.key) ? scalarText(pair.key) : String(pair.key ?? '');
      const keyLine = this.#lineOf(pair.key) || line;
      const value = this.build(pair.value, depth + 1);
      if (key === '<<') this.#merge(entries, value);
      else {
        entries.delete(key);
        entries.set(key, { key, line: keyLine, value: value.line === 0 ? { ...value, line: keyLine } : value });
      }
    }
    return { kind: 'map', line, entries };
  }

  #merge(entries: Map<string, YamlEntry>, value: YamlNode): void {
    const maps = value.kind === 'list' ? value.items : [value];
    for (const map of maps) {
      if (map.kind !== 'map') continue;
      for (const entry of map.entries.values()) if (!entries.has(entry.key)) entries.set(entry.key, entry);
    }
  }

  #count(nodes: number, line: number): boolean {
    this.#size += nodes;
    if (this.#size <= maxNodes) return true;
    this.#refuse(line, `YAML stands for more than ${maxNodes} values`);
    return false;
  }

  #refuse(line: number, message: string): YamlNode {
    this.refusal ??= { line, message };
    return nothing(line);
  }

  #lineOf(node: unknown): number {
    const range = isScalar(node) || isMap(node) || isSeq(node) || isAlias(node) ? node.range : undefined;
    return range ? this.#lines.linePos(range[0]).line : 0;
  }
}

function nothing(line: number): YamlScalar {
  return { kind: 'scalar', line, value: null, source: '', vaulted: false };
}

function scalar(node: Scalar, line: number): YamlScalar {
  const source = scalarText(node);
  if (node.tag === '!vault' || node.tag === '!vault-encrypted')
    return { kind: 'scalar', line, value: null, source: '', vaulted: true };
  const value = node.value;
  // yaml's 1.1 schema takes `y` and `n` for booleans; PyYAML, which Ansible uses, does not.
  if (typeof value === 'boolean' && node.source !== undefined && /^[ynYN]$/.test(node.source)) {
    return { kind: 'scalar', line, value: node.source, source, vaulted: false };
  }
  if (value === null || typeof value === 'string' || typeof value === 'boolean')
    return { kind: 'scalar', line, value, source, vaulted: false };
  if (typeof value === 'number' && Number.isFinite(value))
    return { kind: 'scalar', line, value, source, vaulted: false };
  return { kind: 'scalar', line, value: source, source, vaulted: false };
}

function scalarText(node: Scalar): string {
  if (node.source !== undefined) return node.source;
  return node.value === null || node.value === undefined ? '' : String(node.value);
}

/** The value under a key, or undefined where the node is no map or lacks it. */
export function at(node: YamlNode | undefined, ...keys: readonly string[]): YamlNode | undefined {
  let found = node;
  for (const key of keys) found = found?.kind === 'map' ? found.entries.get(key)?.value : undefined;
  return found;
}

/** A scalar's text: `web` and `8080` alike. Undefined for null, maps, lists and vaulted values. */
export function textOf(node: YamlNode | undefined): string | undefined {
  if (node?.kind !== 'scalar' || node.vaulted || node.value === null) return undefined;
  return typeof node.value === 'string' ? node.value : node.source;
}

/** A list of scalars, or a scalar as a list of one; comma-separated text is split, as Ansible does for tags and hosts. */
export function textsOf(node: YamlNode | undefined): readonly string[] {
  if (node?.kind === 'list') return node.items.flatMap((item) => textsOf(item));
  const text = textOf(node);
  return text === undefined
    ? []
    : text
        .split(',')
        .map((part) => part.trim())
        .filter((part) => part !== '');
}

export function itemsOf(node: YamlNode | undefined): readonly YamlNode[] {
  return node?.kind === 'list' ? node.items : [];
}

export function entriesOf(node: YamlNode | undefined): readonly YamlEntry[] {
  return node?.kind === 'map' ? [...node.entries.values()] : [];
}

/** The tree as JSON. Vaulted values are null. */
export function jsonOf(node: YamlNode): JsonValue {
  if (node.kind === 'scalar') return node.value;
  if (node.kind === 'list') return node.items.map(jsonOf);
  return Object.fromEntries([...node.entries.values()].map((entry) => [entry.key, jsonOf(entry.value)]));
}

/** Every scalar of the tree, with its line. */
export function* scalarsOf(node: YamlNode | undefined): Generator<YamlScalar> {
  if (node === undefined) return;
  if (node.kind === 'scalar') yield node;
  else if (node.kind === 'list') for (const item of node.items) yield* scalarsOf(item);
  else for (const entry of node.entries.values()) yield* scalarsOf(entry.value);
}
