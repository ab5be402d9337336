// As much of Jinja as reading a repository needs: which variables an expression uses, and plain substitution of known ones.
import type { JsonValue } from '../json.ts';

export type Reference = {
  readonly name: string;
  /** Has `| default(...)` behind it. */
  readonly defaulted: boolean;
  /** The default, where it is a literal. */
  readonly default?: JsonValue;
  /** Has `| mandatory` behind it. */
  readonly mandatory: boolean;
  /** Stands in `is defined` or `is not defined`. */
  readonly tested: boolean;
  /** What follows a dot or a subscript: `a.b`. */
  readonly path: readonly string[];
  /** Has `| bool` behind it, or is all of a condition. */
  readonly asBoolean: boolean;
};

type Token = { readonly type: 'name' | 'text' | 'number' | 'operator'; readonly text: string };

const keywords = new Set([
  'and',
  'or',
  'not',
  'in',
  'is',
  'if',
  'else',
  'elif',
  'for',
  'true',
  'false',
  'none',
  'True',
  'False',
  'None',
  'recursive',
  'endfor',
  'endif',
  'set',
  'block',
  'endblock',
  'raw',
  'endraw',
  'include',
  'import',
  'from',
  'as',
  'with',
  'without',
  'context',
  'macro',
  'endmacro',
  'call',
  'endcall',
  'filter',
  'endfilter',
  'do',
  'break',
  'continue',
  'loop',
  'self',
  'varargs',
  'kwargs',
  'ignore',
  'missing',
  'trim',
  'endset',
]);
const maxLength = 20_000;

export function isTemplated(text: string): boolean {
  return text.includes('{{') || text.includes('{%');
}

/** The variables that a text's `{{ }}` and `{% %}` use, those bound inside it left out. */
export function referencesInText(text: string): readonly Reference[] {
  if (!isTemplated(text) || text.length > maxLength) return [];
  const found: Reference[] = [];
  const bound = new Set<string>();
  for (const match of text.matchAll(/\{\{-?([\s\S]*?)-?\}\}|\{%-?([\s\S]*?)-?%\}/g)) {
    const statement = match[2];
    if (statement === undefined) found.push(...referencesInExpression(match[1] ?? ''));
    else {
      for (const name of boundIn(statement)) bound.add(name);
      found.push(
        ...referencesInExpression(statement.replace(/^\s*(set\s+[\w, ]+=|for\s+[\w, ]+\s+in\b|macro\b[\s\S]*)/, '')),
      );
    }
  }
  return found.filter((reference) => !bound.has(reference.name));
}

function boundIn(statement: string): readonly string[] {
  const names = /^\s*(?:for\s+([\w, ]+?)\s+in\b|set\s+([\w, ]+?)\s*(?:=|$)|macro\s+\w+\(([^)]*)\))/.exec(statement);
  return (names?.[1] ?? names?.[2] ?? names?.[3] ?? '').split(',').map((name) => name.replace(/=.*/, '').trim());
}

/** The variables that a bare expression uses, as in `when:`. */
export function referencesInExpression(expression: string): readonly Reference[] {
  if (expression.length > maxLength) return [];
  const tokens = tokenise(expression);
  const found: Reference[] = [];
  for (const [index, token] of tokens.entries()) {
    if (token.type !== 'name' || keywords.has(token.text)) continue;
    const before = tokens[index - 1]?.text;
    const after = tokens[index + 1]?.text;
    if (before === '.' || before === '|' || before === 'is' || (before === 'not' && tokens[index - 2]?.text === 'is'))
      continue;
    if (after === '(' || (after === '=' && index > 0)) continue;
    found.push(reference(tokens, index));
  }
  return found;
}

function reference(tokens: readonly Token[], index: number): Reference {
  const name = tokens[index]?.text ?? '';
  const path: string[] = [];
  let at = index + 1;
  for (;;) {
    if (tokens[at]?.text === '.' && tokens[at + 1]?.type === 'name') {
      path.push(tokens[at + 1]?.text ?? '');
      at += 2;
    } else if (tokens[at]?.text === '[') {
      path.push(tokens[at + 1]?.type === 'text' ? (tokens[at + 1]?.text ?? '') : '');
      at = closing(tokens, at) + 1;
    } else break;
  }
  let defaulted = false;
  let mandatory = false;
  let asBoolean = false;
  let literal: JsonValue | undefined;
  let closed = at;
  // `(x.y).z | default(...)`: a default behind closing brackets counts too.
  while (tokens[closed]?.text === ')') closed += 1;
  for (let filter = closed; tokens[filter]?.text === '|'; ) {
    const filterName = tokens[filter + 1]?.text ?? '';
    const called = tokens[filter + 2]?.text === '(';
    if (filterName === 'default' || filterName === 'd') {
      defaulted = true;
      if (called && literal === undefined) literal = literalAt(tokens, filter + 3);
    }
    if (filterName === 'mandatory') mandatory = true;
    if (filterName === 'bool') asBoolean = true;
    filter = called ? closing(tokens, filter + 2) + 1 : filter + 2;
  }
  const test =
    tokens[at]?.text === 'is'
      ? tokens[at + 1]?.text === 'not'
        ? tokens[at + 2]?.text
        : tokens[at + 1]?.text
      : undefined;
  return {
    name,
    defaulted,
    mandatory,
    asBoolean,
    tested: test === 'defined' || test === 'undefined',
    path,
    ...(literal === undefined ? {} : { default: literal }),
  };
}

function literalAt(tokens: readonly Token[], index: number): JsonValue | undefined {
  const token = tokens[index];
  const after = tokens[index + 1]?.text;
  if (token === undefined || (after !== ')' && after !== ',')) {
    return token?.text === '[' && after === ']' ? [] : token?.text === '{' && after === '}' ? {} : undefined;
  }
  if (token.type === 'text') return token.text;
  if (token.type === 'number') return Number(token.text);
  if (/^true$/i.test(token.text)) return true;
  if (/^false$/i.test(token.text)) return false;
  return undefined;
}

function closing(tokens: readonly Token[], open: number): number {
  let depth = 0;
  for (let at = open; at < tokens.length; at += 1) {
    if (['(', '[', '{'].includes(tokens[at]?.text ?? '') && tokens[at]?.type === 'operator') depth += 1;
    if ([')', ']', '}'].includes(tokens[at]?.text ?? '') && tokens[at]?.type === 'operator') depth -= 1;
    if (depth === 0) return at;
  }
  return tokens.length;
}

function tokenise(expression: string): readonly Token[] {
  const tokens: Token[] = [];
  for (const match of expression.matchAll(
    /"((?:[^"\\]|\\.)*)"|'((?:[^'\\]|\\.)*)'|([A-Za-z_]\w*)|(\d+(?:\.\d+)?)|([=!<>]=|\/\/|\*\*|[^\s\w])/g,
  )) {
    const [, double, single, name, number, operator] = match;
    if (name !== undefined) tokens.push({ type: 'name', text: name });
    else if (number !== undefined) tokens.push({ type: 'number', text: number });
    else if (operator !== undefined) tokens.push({ type: 'operator', text: operator });
    else tokens.push({ type: 'text', text: double ?? single ?? '' });
  }
  return tokens;
}

/**
 * The text with each `{{ name }}`, `{{ name.key }}` and `{{ name | default('x') }}` replaced by what `lookup` knows.
 * Undefined when a value is unknown, is no scalar, or the template does anything else.
 */
export function substitute(
  text: string,
  lookup: (name: string, path: readonly string[]) => string | undefined,
  depth = 0,
): string | undefined {
  if (!isTemplated(text)) return text;
  if (depth > 8 || text.includes('{%') || text.length > maxLength) return undefined;
  let failed = false;
  const done = text.replace(/\{\{-?\s*([\s\S]*?)\s*-?\}\}/g, (_, expression: string) => {
    const plain =
      /^([A-Za-z_]\w*)((?:\.\w+|\[['"][^'"]+['"]\])*)\s*(?:\|\s*(?:default|d)\(\s*(?:'([^']*)'|"([^"]*)")\s*(?:,\s*(?:true|True))?\s*\))?\s*(?:\|\s*(lower|trim|string)\s*)*$/.exec(
        expression,
      );
    const literal = /^'([^']*)'$|^"([^"]*)"$/.exec(expression);
    if (literal !== null) return literal[1] ?? literal[2] ?? '';
    const path = [...(plain?.[2] ?? '').matchAll(/\.(\w+)|\[['"]([^'"]+)['"]\]/g)].map(
      (part) => part[1] ?? part[2] ?? '',
    );
    const value = plain === null ? undefined : (lookup(plain[1] ?? '', path) ?? plain[3] ?? plain[4]);
    const resolved = value === undefined ? undefined : substitute(value, lookup, depth + 1);
    if (resolved === undefined) failed = true;
    return resolved ?? '';
  });
  return failed ? undefined : done;
}
