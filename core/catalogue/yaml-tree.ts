// A YAML file as a plain tree in which every key and item knows its line. All readers of the catalogue stand on this.
// Ansible reads YAML 1.1 with PyYAML; values it encrypts (`!vault`) are kept as marks and never decoded.
import { EVENT_ID, type Event, getScalarValue, parseEvents, SCALAR_STYLE, YAMLException } from 'js-yaml';
import type { JsonValue } from '../json.ts';
import { plainValue } from './yaml-scalar.ts';

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

/** Aliases may make one document stand for at most this many values; beyond it it is refused (a "billion laughs"). */
const maxValues = 200_000;
const maxDepth = 60;

/** Parses all documents of a file. Where it has a syntax error there are none, and `problems` says where. Never throws. */
export function parseYaml(text: string): YamlFile {
  let events: readonly Event[];
  try {
    events = parseEvents(text, { maxDepth });
  } catch (error) {
    if (!(error instanceof YAMLException))
      return { documents: [], problems: [{ line: 1, message: 'this is no YAML' }] };
    return { documents: [], problems: [{ line: (error.mark?.line ?? 0) + 1, message: `YAML error: ${error.reason}` }] };
  }
  const documents: YamlNode[] = [];
  const problems: YamlProblem[] = [];
  const builder = new TreeBuilder(text, events);
  for (;;) {
    const built = builder.document();
    if (built === undefined) return { documents, problems };
    if ('message' in built) problems.push(built);
    else if (built.kind !== 'scalar' || built.value !== null) documents.push(built);
  }
}

/** Turns the parser's events into a tree. Aliased nodes are shared; the count guards whoever walks them. */
class TreeBuilder {
  readonly #text: string;
  readonly #events: readonly Event[];
  #next = 0;
  #offset = 0;
  #line = 1;
  #anchors = new Map<string, { readonly node: YamlNode; readonly size: number }>();
  #size = 0;
  #problem: YamlProblem | undefined;

  constructor(text: string, events: readonly Event[]) {
    this.#text = text;
    this.#events = events;
  }

  /** The next document's root, or why it is refused; undefined after the last. */
  document(): YamlNode | YamlProblem | undefined {
    if (this.#next >= this.#events.length) return undefined;
    this.#next += 1;
    this.#anchors = new Map();
    this.#size = 0;
    this.#problem = undefined;
    const root = this.#isPop() ? nothing(1) : this.#node();
    while (!this.#isPop() && this.#next < this.#events.length) this.#node();
    this.#next += 1;
    return this.#problem ?? root;
  }

  #isPop(): boolean {
    return this.#events[this.#next]?.type === EVENT_ID.POP;
  }

  #node(): YamlNode {
    const event = this.#events[this.#next];
    this.#next += 1;
    if (event === undefined || event.type === EVENT_ID.POP || event.type === EVENT_ID.DOCUMENT) return nothing(0);
    if (event.type === EVENT_ID.ALIAS)
      return this.#alias(this.#text.slice(event.anchorStart, event.anchorEnd), this.#lineAt(event.anchorStart));
    const before = this.#size;
    const node =
      event.type === EVENT_ID.SCALAR
        ? this.#scalar(event)
        : event.type === EVENT_ID.SEQUENCE
          ? this.#list(event)
          : this.#map(event);
    this.#count(1, node.line);
    if (event.anchorStart >= 0)
      this.#anchors.set(this.#text.slice(event.anchorStart, event.anchorEnd), { node, size: this.#size - before });
    return node;
  }

  #alias(name: string, line: number): YamlNode {
    const target = this.#anchors.get(name);
    if (target === undefined) {
      this.#refuse(line, `YAML error: nothing is called *${name}`);
      return nothing(line);
    }
    return this.#count(target.size, line) ? target.node : nothing(line);
  }

  #scalar(event: Event & { readonly type: typeof EVENT_ID.SCALAR }): YamlScalar {
    const line = event.valueStart < 0 ? 0 : this.#lineAt(event.valueStart);
    const tag = event.tagStart < 0 ? '' : this.#text.slice(event.tagStart, event.tagEnd);
    if (tag === '!vault' || tag === '!vault-encrypted')
      return { kind: 'scalar', line, value: null, source: '', vaulted: true };
    const source = getScalarValue(this.#text, event);
    const value = event.style === SCALAR_STYLE.PLAIN && (tag === '' || tag === '!!null') ? plainValue(source) : source;
    return { kind: 'scalar', line, value, source, vaulted: false };
  }

  #list(event: Event & { readonly type: typeof EVENT_ID.SEQUENCE }): YamlList {
    const line = this.#lineAt(event.start);
    const items: YamlNode[] = [];
    while (this.#next < this.#events.length && !this.#isPop()) items.push(this.#node());
    this.#next += 1;
    return { kind: 'list', line, items };
  }

  #map(event: Event & { readonly type: typeof EVENT_ID.MAPPING }): YamlMap {
    const line = this.#lineAt(event.start);
    const entries = new Map<string, YamlEntry>();
    while (this.#next < this.#events.length && !this.#isPop()) {
      const key = this.#node();
      const value = this.#node();
      if (key.kind !== 'scalar')
        this.#refuse(key.line, 'YAML error: a mapping or list stands where a key should be; put quotes around {{ }}');
      else if (key.source === '<<') merge(entries, value);
      else {
        const at = key.line || line;
        entries.delete(key.source);
        entries.set(key.source, {
          key: key.source,
          line: at,
          value: value.line === 0 ? { ...value, line: at } : value,
        });
      }
    }
    this.#next += 1;
    return { kind: 'map', line, entries };
  }

  #count(values: number, line: number): boolean {
    this.#size += values;
    if (this.#size > maxValues) this.#refuse(line, `YAML stands for more than ${maxValues} values`);
    return this.#size <= maxValues;
  }

  #refuse(line: number, message: string): void {
    this.#problem ??= { line: Math.max(1, line), message };
  }

  /** Events come in the order of the text, so that lines are counted once; a look back starts over. */
  #lineAt(offset: number): number {
    if (offset < this.#offset) {
      this.#offset = 0;
      this.#line = 1;
    }
    for (let at = this.#text.indexOf('\n', this.#offset); at >= 0 && at < offset; at = this.#text.indexOf('\n', at + 1))
      this.#line += 1;
    this.#offset = offset;
    return this.#line;
  }
}

/** `<<: *defaults`: what the mapping has itself wins. */
function merge(entries: Map<string, YamlEntry>, value: YamlNode): void {
  for (const map of value.kind === 'list' ? value.items : [value]) {
    if (map.kind !== 'map') continue;
    for (const entry of map.entries.values()) if (!entries.has(entry.key)) entries.set(entry.key, entry);
  }
}

function nothing(line: number): YamlScalar {
  return { kind: 'scalar', line, value: null, source: '', vaulted: false };
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
