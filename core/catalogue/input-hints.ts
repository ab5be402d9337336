// What roles, plays and prompts say of inputs: argument specs, defaults, vars_prompt and play variables, as hints to merge.
import type { JsonValue } from '../json.ts';
import type { Header } from './header.ts';
import { type InputHint, typeOf } from './inputs.ts';
import { isTemplated, referencesInText } from './jinja.ts';
import type { InputType } from './model.ts';
import type { Play } from './playbook.ts';
import type { Role } from './role.ts';
import { brief, roleWords, wordsOf } from './words.ts';
import { at, entriesOf, itemsOf, jsonOf, textOf, textsOf, type YamlNode } from './yaml-tree.ts';

const inputTypes: readonly string[] = ['str', 'int', 'float', 'bool', 'list', 'dict', 'path', 'raw'];

export function headerHints(header: Header | undefined): readonly InputHint[] {
  if (header === undefined) return [];
  const declared = Object.entries(header.inputs ?? {}).map(
    ([name, input]): InputHint => ({ ...input, name, source: header.source }),
  );
  return [...declared, ...(header.secrets ?? []).map((name) => ({ name, source: header.source, secret: true }))];
}

/** The options of a role's argument spec for one entry point. */
export function specHints(role: Role, entry: string): readonly InputHint[] {
  const spec = role.entryPoints.get(entry === '' ? 'main' : entry);
  return entriesOf(spec?.options).map(({ key, value, line }): InputHint => {
    const fallback = at(value, 'default');
    const choices = at(value, 'choices');
    const type = inputTypeOf(textOf(at(value, 'type'))) ?? 'str';
    return {
      name: key,
      source: { path: spec?.path ?? '', line },
      type,
      elements: inputTypeOf(textOf(at(value, 'elements'))),
      required: at(value, 'required')?.kind === 'scalar' && boolOf(at(value, 'required')),
      default: fallback === undefined || isEmpty(fallback) || holdsJinja(fallback) ? undefined : jsonOf(fallback),
      choices: choices === undefined ? undefined : itemsOf(choices).map(jsonOf),
      description: describe(at(value, 'description')),
      aliases: [...textsOf(at(value, 'aliases')), ...shortNames(key, role)],
      secret: boolOf(at(value, 'no_log')) || undefined,
    };
  });
}

function inputTypeOf(text: string | undefined): InputType | undefined {
  return text !== undefined && inputTypes.includes(text)
    ? (text as InputType)
    : text === 'string'
      ? 'str'
      : text === 'integer'
        ? 'int'
        : text === 'boolean'
          ? 'bool'
          : undefined;
}

function describe(node: YamlNode | undefined): string {
  return brief(
    node?.kind === 'list' ? node.items.map((item) => textOf(item) ?? '').join(' ') : (textOf(node) ?? ''),
    300,
  );
}

/** A role's defaults as inputs with the types that YAML gives them; where it has an argument spec, only what that declares. */
export function defaultHints(role: Role, entry: string): readonly InputHint[] {
  const spec = role.entryPoints.get(entry === '' ? 'main' : entry);
  return role.defaults
    .filter((variable) => role.entryPoints.size === 0 || at(spec?.options, variable.name) !== undefined)
    .map((variable): InputHint => {
      const { value } = variable;
      const templated = holdsJinja(value);
      const vaulted =
        (value.kind === 'scalar' && value.vaulted) || (templated && /\bvault_\w+/.test(textOf(value) ?? ''));
      const known = templated || vaulted ? undefined : jsonOf(value);
      return {
        name: variable.name,
        source: variable.source,
        type:
          known === undefined
            ? value.kind === 'list'
              ? 'list'
              : value.kind === 'map'
                ? 'dict'
                : 'str'
            : typeOf(known),
        default: known === null ? undefined : known,
        required: false,
        description: brief(variable.comment, 300),
        aliases: shortNames(variable.name, role),
        secret: vaulted || undefined,
      };
    });
}

/** `grafana_port` of the role grafana is also called `port`. */
function shortNames(name: string, role: Role): readonly string[] {
  const words = wordsOf(name);
  const prefix = roleWords(role.name);
  const short = prefix.every((word, index) => words[index] === word) ? words.slice(prefix.length) : [];
  return short.length === 0 ? [] : [short.join(' ')];
}

export function promptHints(play: Play): readonly InputHint[] {
  return play.prompts.flatMap((prompt): readonly InputHint[] => {
    const name = textOf(at(prompt, 'name'));
    if (name === undefined) return [];
    const fallback = at(prompt, 'default');
    const isPrivate = at(prompt, 'private');
    const text = textOf(at(prompt, 'prompt')) ?? '';
    return [
      {
        name,
        source: { path: play.source.path, line: at(prompt, 'name')?.line ?? play.source.line },
        type: 'str',
        required: fallback === undefined,
        default: fallback === undefined || holdsJinja(fallback) ? undefined : (textOf(fallback) ?? ''),
        description: brief(text.replace(/[\s:?]+$/, ''), 300),
        choices: promptChoices(text),
        // Ansible hides what is typed at a prompt unless told otherwise; only a name or `private: true` makes it a secret here.
        secret: boolOf(isPrivate) || boolOf(at(prompt, 'encrypt')) || undefined,
      },
    ];
  });
}

/** `Environment (dev/staging/prod)` and `Which one? [a|b]`. */
function promptChoices(text: string): readonly JsonValue[] | undefined {
  const inside = /[([]([\w-]+(?:\s*[/|]\s*[\w-]+)+)[)\]]/.exec(text)?.[1];
  return inside === undefined || /^(y|yes)\s*[/|]\s*(n|no)$/i.test(inside) ? undefined : inside.split(/\s*[/|]\s*/);
}

/** A play's variables can be given otherwise by a run; a templated one tells of the variables it is made from. */
export function playHints(play: Play): readonly InputHint[] {
  return entriesOf(play.vars).flatMap(({ key, value, line }): readonly InputHint[] => {
    const source = { path: play.source.path, line };
    const text = textOf(value) ?? '';
    if (!holdsJinja(value))
      return [
        {
          name: key,
          source,
          default: value.kind === 'scalar' && value.vaulted ? undefined : jsonOf(value),
          secret: value.kind === 'scalar' && value.vaulted ? true : undefined,
        },
      ];
    const own = referencesInText(text).find((reference) => reference.name === key);
    return own === undefined ? [] : [{ name: key, source, required: !own.defaulted, default: own.default }];
  });
}

/** The host pattern's own variable: `{{ target | default('web') }}`. */
export function hostHints(play: Play, known: (name: string) => boolean): readonly InputHint[] {
  return referencesInText(play.hosts)
    .filter((reference) => !known(reference.name) && reference.path.length === 0)
    .map((reference) => ({
      name: reference.name,
      source: play.source,
      type: 'str',
      required: !reference.defaulted,
      default: reference.default,
      description: 'The host or group to run on.',
      hostPattern: /^\s*\{\{[^}]*\}\}\s*$/.test(play.hosts) ? true : undefined,
    }));
}

function isEmpty(node: YamlNode): boolean {
  return node.kind === 'scalar' && node.value === null;
}

function holdsJinja(node: YamlNode): boolean {
  if (node.kind === 'scalar') return typeof node.value === 'string' && isTemplated(node.value);
  return node.kind === 'list'
    ? node.items.some(holdsJinja)
    : [...node.entries.values()].some((entry) => holdsJinja(entry.value));
}

function boolOf(node: YamlNode | undefined): boolean {
  return node?.kind === 'scalar' && (node.value === true || /^(true|yes|on)$/i.test(String(node.value)));
}
