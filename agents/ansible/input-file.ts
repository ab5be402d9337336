// The inputs as a file for `-e @file`: JSON that is YAML, each string tagged `!unsafe`, so that Ansible never templates it.
import type { JsonValue } from '../../core/json.ts';

/**
 * Texts that YAML 1.1 would take for a number, a truth value, a time or nothing. Since Ansible 2.19 `!unsafe` looks at a text
 * again as if it had no quotes, so these go without the tag: there is nothing in them that could be evaluated.
 */
const looksTyped =
  /^(?:[-+]?\.?\d[\d._:+\-a-fA-FxXtTzZ ]*|[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN)|[yY]es|YES|[nN]o|NO|[tT]rue|TRUE|[fF]alse|FALSE|[oO]n|ON|[oO]ff|OFF|[nN]ull|NULL|~|<<|[=!&*]|)$/;

/** Throws TypeError on a number that YAML has no plain form for. */
export function inputFile(inputs: { readonly [name: string]: JsonValue }): string {
  return `# Written by Chiffon for one step, removed when it ends.\n${yaml(inputs)}\n`;
}

function yaml(value: JsonValue): string {
  if (typeof value === 'string') return looksTyped.test(value) ? quoted(value) : `!unsafe ${quoted(value)}`;
  if (typeof value === 'number') return number(value);
  if (value === null || typeof value === 'boolean') return JSON.stringify(value);
  if (isList(value)) return `[${value.map(yaml).join(', ')}]`;
  // `? key` is the form for keys of any length; Ansible does not template keys.
  return `{${Object.entries(value)
    .map(([key, part]) => `? ${quoted(key)} : ${yaml(part)}`)
    .join(', ')}}`;
}

/** Array.isArray does not narrow readonly arrays. */
function isList(value: JsonValue): value is readonly JsonValue[] {
  return Array.isArray(value);
}

/** JSON's quotes are YAML's, but for characters that YAML takes for line ends or does not allow unescaped. */
function quoted(text: string): string {
  return JSON.stringify(text.toWellFormed()).replace(
    /[\u007f-\u009f\u2028\u2029\ufeff\ufffe\uffff]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}

/** YAML 1.1, which Ansible reads, takes `1e21` for a text. */
function number(value: number): string {
  if (!Number.isFinite(value)) throw new TypeError(`${value} has no form in YAML`);
  const text = String(value);
  return /^-?\d+e/.test(text) ? text.replace('e', '.0e') : text;
}
