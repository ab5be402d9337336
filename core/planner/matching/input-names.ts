// What people call an action's inputs: the declared name, without the subject's prefix, its aliases, the ends of it that
// only one input has, and everyday words for the same thing.
import type { Action, Input } from '../../catalogue/model.ts';
import type { Token } from '../reading/tokens.ts';
import { slipNearness, stem, wordsOf } from '../words/nearness.ts';
import { determiners } from '../words/plain-words.ts';
import { isProperWord } from '../words/proper.ts';

export type InputAt = { readonly input: Input; readonly length: number; readonly sure: number };

export type InputNames = {
  /** The input whose name begins at a token, longest first. */
  readonly at: (tokens: readonly Token[], at: number) => InputAt | null;
  /** Names of inputs like this one, nearest first. */
  readonly nearest: (said: string) => readonly string[];
};

/** Words that people use for the same kind of value. */
const same: ReadonlyMap<string, string> = new Map(
  [
    'path dir directory folder location',
    'memory mem ram',
    'password pass passwd pwd passphrase',
    'version tag release ver image_tag',
    'user username login account',
    'hostname fqdn',
    'retention keep',
    'tls ssl https',
    'email mail',
    'replicas instances copies',
    'cpu cpus cores',
    'interval frequency period',
    'timezone tz',
    'domain domainname',
    'database db',
    'key keys',
    'environment env stage',
    'description desc comment',
    'config configuration conf',
    'limit max maximum',
    'auth authentication',
    'language lang locale',
    'size',
    'branch ref',
    'package packages pkg',
  ].flatMap((line) => {
    const [first = '', ...rest] = line.split(' ');
    return rest.map((word): [string, string] => [stem(word), stem(first)]);
  }),
);

const switches = /^(enabled?|enabling|use|with|is|has|do|should|allow|flag|on)$/;

const built = new WeakMap<Action, InputNames>();

export function inputNamesOf(action: Action): InputNames {
  const known = built.get(action);
  if (known !== undefined) return known;
  const names = build(action);
  built.set(action, names);
  return names;
}

function build(action: Action): InputNames {
  const table = new Map<string, { readonly input: Input; readonly sure: number }>();
  const contested = new Set<string>();
  const put = (words: readonly string[], input: Input, sure: number): void => {
    if (words.length === 0) return;
    for (const key of [keyOf(words), words.join('')]) {
      const other = table.get(key);
      if (other === undefined || (other.sure < sure && other.input !== input)) {
        if (other !== undefined) contested.delete(key);
        table.set(key, { input, sure });
      } else if (other.input !== input && other.sure === sure) contested.add(key);
    }
  };
  const prefixes = prefixesOf(action);
  for (const input of action.inputs) {
    put(wordsOf(input.name), input, 1);
    for (const alias of input.aliases) put(wordsOf(alias), input, 1);
  }
  for (const input of action.inputs) {
    for (const name of [input.name, ...input.aliases]) {
      let words: readonly string[] = wordsOf(name);
      const prefix = prefixes.find(
        (candidate) => candidate.length < words.length && candidate.every((word, index) => words[index] === word),
      );
      if (prefix !== undefined) words = words.slice(prefix.length);
      put(words, input, 0.99);
      if (input.type === 'bool')
        put(
          words.filter((word) => !switches.test(word)),
          input,
          0.97,
        );
      // Ends of the name, and its beginning: "port" for `web_port`, "keep" for `keep_days`.
      for (let from = 1; from < words.length; from += 1) put(words.slice(from), input, 0.9);
      if (words.length > 1)
        put(
          words.slice(0, -1),
          input,
          /^(days?|hours?|minutes?|seconds?|mb|gb|count|number|size|name|path|dir|level|value|enabled?|percent|limit)$/.test(
            words.at(-1) ?? '',
          )
            ? 0.89
            : 0.8,
        );
    }
  }
  for (const key of contested) if ((table.get(key)?.sure ?? 0) < 1) table.delete(key);
  const keys = [...table.keys()];
  return {
    at: (tokens, at) => {
      const words: string[] = [];
      for (let length = 1; length <= 6; length += 1) {
        const token = tokens[at + length - 1];
        if (token === undefined || (token.kind !== 'word' && !(token.kind === 'number' && length > 1))) break;
        words.push(token.word);
      }
      if (determiners.has(words[0] ?? '')) return null;
      for (let length = words.length; length > 0; length -= 1) {
        // "keep the data" is `keep_data`.
        const said = words.slice(0, length).filter((word) => !determiners.has(word));
        if (determiners.has(words[length - 1] ?? '')) continue;
        // Not a piece of a longer hyphenated word.
        if (tokens[at + length]?.chunk === tokens[at + length - 1]?.chunk) continue;
        const found = table.get(said.join('')) ?? table.get(keyOf(said));
        if (found !== undefined) return { input: found.input, length, sure: found.sure };
      }
      for (let length = Math.min(3, words.length); length > 0; length -= 1) {
        const joined = words.slice(0, length).join('');
        if (
          joined.length < 5 ||
          (length === 1 && isProperWord(joined)) ||
          tokens[at + length]?.chunk === tokens[at + length - 1]?.chunk
        )
          continue;
        const near = keys
          .filter((key) => slipNearness(joined, key.replaceAll(' ', '')) >= 0.9)
          .map((key) => table.get(key))
          .filter((other) => other !== undefined);
        const first = near[0];
        if (first !== undefined && near.every((other) => other.input === first.input))
          return { input: first.input, length, sure: 0.9 };
      }
      return null;
    },
    nearest: (said) => {
      const key = said.toLowerCase().replace(/[^a-z0-9]/g, '');
      return [...action.inputs]
        .map((input) => ({
          name: input.name,
          near: Math.max(
            ...wordsOf(input.name).map((word) => slipNearness(key, word)),
            slipNearness(key, wordsOf(input.name).join('')),
          ),
        }))
        .sort((a, b) => b.near - a.near)
        .map((found) => found.name)
        .slice(0, 12);
    },
  };
}

function keyOf(words: readonly string[]): string {
  return words.map((word) => same.get(stem(word)) ?? stem(word)).join(' ');
}

/** What inputs of this action may begin with: its subject, role, tags, playbook. */
function prefixesOf(action: Action): readonly (readonly string[])[] {
  const names = [
    action.subject,
    ...action.aliases,
    ...action.tags,
    action.playbook.replace(/^.*\//, '').replace(/\.ya?ml$/, ''),
    ...action.sources.map((source) => /roles\/([^/]+)\//.exec(source.path)?.[1] ?? ''),
  ];
  const lists = names.map(wordsOf).filter((words) => words.length > 0);
  const single = lists.filter((words) => words.length > 1).map((words) => [words.join('')]);
  return [...lists, ...single].sort((a, b) => b.length - a.length);
}
