// A value as said, read as the type that an action's input declares. What cannot be read is a problem in words for
// people; nothing is guessed.

import type { Input } from '../../catalogue/model.ts';
import type { JsonValue } from '../../json.ts';
import { jsonText } from '../../json.ts';
import type { Token } from '../reading/tokens.ts';
import { readUnit } from '../words/numbers.ts';
import { isPlain } from '../words/plain-words.ts';
import { readAmount } from './read-amount.ts';
import { choiceAt } from './read-choice.ts';
import { problem, type ReadValue, type ValueContext } from './value-result.ts';

const yes = new Set(['yes', 'true', 'on', 'enabled', 'enable', 'y', '1', 'active', 'activated']);
const no = new Set(['no', 'false', 'off', 'disabled', 'disable', 'n', '0', 'none', 'inactive', 'deactivated']);

/** Reads the value that begins with the first of the tokens. */
export function readValue(input: Input, tokens: readonly Token[], context: ValueContext): ReadValue {
  const first = tokens[0];
  if (first === undefined)
    return problem('MISSING_INPUT', input, `\`${input.name}\` needs a value: ${describeKind(input)}.`, 0);
  if (first.kind === 'secret') return readSecret(input, first, context);
  if (input.secret)
    return problem(
      'INVALID_INPUT',
      input,
      `\`${input.name}\` is secret: give it after the word itself, as in \`${input.name} "…"\`, so that it is kept out of the log.`,
      1,
    );
  const raw = rawChunk(tokens, context.text);
  if (hasTemplate(raw.text))
    return problem(
      'UNSAFE_INPUT',
      input,
      `The value for \`${input.name}\` holds a template (\`{{\`, \`{%\` or \`{#\`); give a plain value.`,
      raw.length,
    );
  if (hasControl(raw.text))
    return problem(
      'UNSAFE_INPUT',
      input,
      `The value for \`${input.name}\` holds a control character; give a plain value.`,
      raw.length,
    );
  if (input.choices !== undefined && input.type !== 'list') return readChoice(input, input.choices, tokens, context);
  switch (input.type) {
    case 'int':
    case 'float':
      return readAmount(input, tokens);
    case 'bool':
      if (yes.has(raw.text.toLowerCase())) return { type: 'value', value: true, length: raw.length };
      if (no.has(raw.text.toLowerCase())) return { type: 'value', value: false, length: raw.length };
      return problem('INVALID_INPUT', input, `\`${input.name}\` is yes or no, not “${raw.text}”.`, raw.length);
    case 'list':
      return readList(input, tokens, context);
    case 'dict':
      return problem(
        'INVALID_INPUT',
        input,
        `\`${input.name}\` is a mapping; it cannot be given in a sentence. Set it in the repository.`,
        raw.length,
      );
    default:
      return readText(input, tokens, context);
  }
}

function readSecret(input: Input, token: Token, context: ValueContext): ReadValue {
  const secret = context.secrets.get(token.text);
  if (!input.secret || secret === undefined)
    return problem(
      'INVALID_INPUT',
      input,
      `\`${input.name}\` is not a secret input, and what was given for it looks like a secret.`,
      1,
    );
  return { type: 'value', value: secret, length: 1 };
}

/** The whole run of glued tokens at the start, as written. */
function rawChunk(tokens: readonly Token[], text: string): { readonly text: string; readonly length: number } {
  const first = tokens[0];
  if (first === undefined) return { text: '', length: 0 };
  if (first.kind === 'quoted') return { text: first.text, length: 1 };
  let length = 1;
  // Marks without space around them belong to the value: `a:b`, `x=y`, `c++`.
  while (
    tokens[length] !== undefined &&
    (tokens[length]?.start === tokens[length - 1]?.end || tokens[length]?.chunk === first.chunk) &&
    !/^[,)]$/.test(tokens[length]?.text ?? '')
  )
    length += 1;
  const last = tokens[length - 1];
  return { text: text.slice(first.start, last?.end ?? first.end), length };
}

function readChoice(
  input: Input,
  choices: readonly JsonValue[],
  tokens: readonly Token[],
  context: ValueContext,
): ReadValue {
  const found = choiceAt(choices, tokens, true, context.otherNames);
  if (found !== null) return { type: 'value', value: found.value, length: found.length };
  // A yes or no said in another way: on, enabled.
  const raw = rawChunk(tokens, context.text);
  return problem(
    'INVALID_INPUT',
    input,
    `\`${input.name}\` is one of ${choices.map((choice) => `\`${jsonText(choice)}\``).join(', ')}, not “${raw.text}”.`,
    raw.length,
  );
}

function readList(input: Input, tokens: readonly Token[], context: ValueContext): ReadValue {
  const items: JsonValue[] = [];
  const element: Input = { ...input, type: input.elements ?? 'str', required: false };
  let at = 0;
  while (at < tokens.length) {
    const token = tokens[at];
    if (token === undefined) break;
    if (token.kind === 'mark') {
      if (token.text === ',' || token.text === '[' || token.text === ']') {
        if (context.endsAt(tokens, at + 1) && items.length > 0) break;
        at += 1;
        continue;
      }
      break;
    }
    if (token.kind === 'word' && (token.word === 'and' || token.word === 'the') && items.length >= 0) {
      at += 1;
      continue;
    }
    if (
      items.length > 0 &&
      (context.endsAt(tokens, at) || (tokens[at - 1]?.kind !== 'mark' && tokens[at - 1]?.word !== 'and'))
    )
      break;
    const read =
      element.type === 'int' || element.type === 'float' || element.choices !== undefined
        ? readValue({ ...element, type: element.type === 'list' ? 'str' : element.type }, tokens.slice(at), context)
        : textItem(tokens.slice(at), context);
    if (read.type === 'problem') return read;
    if (typeof read.value === 'object' && read.value !== null)
      return problem('INVALID_INPUT', input, `A secret cannot be an item of \`${input.name}\`.`, at + 1);
    items.push(read.value);
    at += read.length;
  }
  if (items.length === 0)
    return problem('INVALID_INPUT', input, `\`${input.name}\` is a list, as in \`${input.name} a, b and c\`.`, at);
  const bad = items.find((item) => typeof item === 'string' && (hasTemplate(item) || hasControl(item)));
  if (bad !== undefined)
    return problem(
      'UNSAFE_INPUT',
      input,
      `A value for \`${input.name}\` holds a template or a control character; give plain values.`,
      at,
    );
  return { type: 'value', value: items, length: at };
}

function textItem(tokens: readonly Token[], context: ValueContext): ReadValue {
  const raw = rawChunk(tokens, context.text);
  return { type: 'value', value: raw.text, length: raw.length };
}

/** Text: what is quoted, or one chunk, or several plain words up to where the next thing begins. */
function readText(input: Input, tokens: readonly Token[], context: ValueContext): ReadValue {
  const raw = rawChunk(tokens, context.text);
  const first = tokens[0];
  if (first === undefined) return problem('MISSING_INPUT', input, `\`${input.name}\` needs a value.`, 0);
  let length = raw.length;
  let text = raw.text;
  if (first.kind !== 'quoted' && input.type !== 'path') {
    if (first.kind === 'number' || first.kind === 'word') {
      if (first.kind === 'number' && readUnit(tokens[1]?.word ?? '') !== null && (tokens[1]?.word.length ?? 0) > 1)
        length = 2;
      while (
        first.kind === 'word' &&
        tokens[length] !== undefined &&
        tokens[length]?.kind === 'word' &&
        !context.endsAt(tokens, length)
      )
        length += 1;
      while (length > raw.length && isPlain(tokens[length - 1]?.word ?? '')) length -= 1;
      text = context.text.slice(first.start, tokens[length - 1]?.end ?? first.end);
    }
  }
  if (hasTemplate(text))
    return problem(
      'UNSAFE_INPUT',
      input,
      `The value for \`${input.name}\` holds a template; give a plain value.`,
      length,
    );
  if (input.type === 'str' && first.kind === 'quoted' && text === '') return { type: 'value', value: '', length };
  return { type: 'value', value: text, length };
}

/** Jinja's marks, which Ansible would execute. */
export function hasTemplate(text: string): boolean {
  return /\{\{|\{%|\{#/.test(text);
}

function hasControl(text: string): boolean {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is looked for.
  return /[\u0000-\u0008\u000B-\u001F\u007F-\u009F]/.test(text);
}

/** An input's kind in words: `a whole number`, `one of …`. */
export function describeKind(input: Input): string {
  if (input.choices !== undefined && input.choices.length > 0)
    return `one of ${input.choices.slice(0, 12).map(String).join(', ')}`;
  const kinds: { readonly [type: string]: string } = {
    int: 'a whole number',
    float: 'a number',
    bool: 'yes or no',
    list: 'a list, as in `a, b and c`',
    path: 'a path',
    dict: 'a mapping',
    raw: 'a value',
    str: 'text',
  };
  return kinds[input.type] ?? 'a value';
}
