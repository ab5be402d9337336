// An action's inputs, gathered from all that says something of them and merged by name, the surest source first.
import type { JsonValue } from '../json.ts';
import type { Input, InputType, Source } from './model.ts';
import type { YamlNode } from './yaml-tree.ts';

/** What one source knows of an input. */
export type InputHint = {
  readonly name: string;
  readonly source: Source;
  readonly type?: InputType | undefined;
  readonly elements?: InputType | undefined;
  readonly required?: boolean | undefined;
  readonly default?: JsonValue | undefined;
  readonly choices?: readonly JsonValue[] | undefined;
  readonly description?: string | undefined;
  readonly aliases?: readonly string[] | undefined;
  readonly secret?: boolean | undefined;
  readonly hostPattern?: boolean | undefined;
};

/** Merges hints, earlier ones winning. `isGiven` tells which names have a value in the repository already. */
export function mergeInputs(hints: readonly InputHint[], isGiven: (name: string) => boolean): readonly Input[] {
  const byName = new Map<string, InputHint[]>();
  for (const hint of hints) {
    const known = byName.get(hint.name);
    if (known === undefined) byName.set(hint.name, [hint]);
    else known.push(hint);
  }
  return [...byName].filter(([name]) => isInputName(name)).map(([name, all]) => merged(name, all, isGiven(name)));
}

function merged(name: string, hints: readonly InputHint[], given: boolean): Input {
  const first = <Key extends keyof InputHint>(key: Key): InputHint[Key] | undefined =>
    hints.find((hint) => hint[key] !== undefined)?.[key];
  const value = first('default');
  const choices = first('choices');
  const type = first('type') ?? (value === undefined ? typeOfChoices(choices) : typeOf(value));
  const elements = first('elements');
  const secret = hints.some((hint) => hint.secret === true) || (first('secret') !== false && isSecretName(name, type));
  const required = (first('required') ?? false) && value === undefined && !given;
  return {
    name,
    type,
    ...(elements === undefined ? {} : { elements }),
    required,
    ...(value === undefined || secret ? {} : { default: value }),
    ...(choices === undefined || choices.length === 0 ? {} : { choices }),
    description: hints.map((hint) => hint.description ?? '').find((text) => text !== '') ?? '',
    aliases: [...new Set(hints.flatMap((hint) => hint.aliases ?? []))].filter(
      (alias) => alias !== '' && alias !== name,
    ),
    secret,
    ...(first('hostPattern') === true ? { hostPattern: true as const } : {}),
    source: (hints[0] ?? { source: { path: '', line: 1 } }).source,
  };
}

/** `ansible_*` names steer Ansible itself; names with a leading underscore are a role's own. */
function isInputName(name: string): boolean {
  return /^[A-Za-z]\w*$/.test(name) && !/^ansible_/.test(name);
}

export function typeOf(value: JsonValue): InputType {
  if (typeof value === 'boolean') return 'bool';
  if (typeof value === 'number') return Number.isInteger(value) ? 'int' : 'float';
  if (typeof value === 'string' || value === null) return 'str';
  return Array.isArray(value) ? 'list' : 'dict';
}

function typeOfChoices(choices: readonly JsonValue[] | undefined): InputType {
  return choices?.[0] === undefined ? 'str' : typeOf(choices[0]);
}

/** Names that say that their value is secret: `db_password`, `api_key`; not `password_length` or `secret_name`. */
export function isSecretName(name: string, type: InputType): boolean {
  if (!['str', 'raw'].includes(type)) return false;
  const words = name.toLowerCase();
  return (
    /(^|_)(pass|passwd|password|passphrase|secret|token|api_?key|apikey|private_?key|access_?key|secret_?key|auth_?key|credentials?|psk|pin)(_|$|\d)/.test(
      words,
    ) &&
    !/(_|^)(file|path|dir|length|name|names|enabled|ttl|expiry|policy|min|max|url|type|mode|owner|group|user|username|store|manager|id|days|prompt|version|algorithm|count|header|bytes)$/.test(
      words,
    )
  );
}

/**
 * Whether a value of the repository can be handed to a run as it is: values of a run are never templates, are shown to
 * people, and encrypted ones are not known.
 */
export function canBeHandedOver(node: YamlNode, name = ''): boolean {
  if (node.kind === 'scalar') return !node.vaulted && !/\{[{%#]/.test(node.source) && !isSecretName(name, 'str');
  if (node.kind === 'list') return node.items.every((item) => canBeHandedOver(item, name));
  return [...node.entries.values()].every((entry) => canBeHandedOver(entry.value, entry.key));
}
