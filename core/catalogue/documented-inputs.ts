// Variables that a playbook's comment documents: `-e name=value` in usage lines, and lists under "Variables:".
import type { InputHint } from './inputs.ts';
import type { Source } from './model.ts';
import { brief } from './words.ts';

type Documented = { readonly hints: readonly InputHint[]; readonly named: ReadonlySet<string> };

const heading =
  /^(required|optional|extra|input|playbook|job|supported|available|main)?[\s-]*(vars|variables|extra[- ]vars|parameters|params|inputs|arguments|options)\b.{0,40}:?$/i;

/** What the lines of a comment (or a README's part on this playbook) say of variables. `used` are names that the playbook uses. */
export function documentedInputs(lines: readonly string[], source: Source, used: ReadonlySet<string>): Documented {
  const hints: InputHint[] = [];
  const named = new Set<string>();
  const examples = new Map<string, string>();
  for (const line of lines) {
    if (!/(^|\s)(-e|--extra-vars)[\s=]/.test(line)) continue;
    for (const [name, value] of extraVars(line)) {
      named.add(name);
      if (!examples.has(name)) examples.set(name, value);
    }
  }
  let listed: '' | 'any' | 'required' | 'optional' = '';
  for (const raw of lines) {
    const line = raw.trim();
    const head = heading.exec(line);
    if (head !== null) {
      listed = /required/i.test(line) ? 'required' : /optional/i.test(line) ? 'optional' : 'any';
      continue;
    }
    const entry =
      /^[-*•]?\s*[`'"]?([A-Za-z_]\w*)[`'"]?\s*(?:[([]([^)\]]*)[)\]])?\s*(?::|=|—|–|\s-|\s{2,})\s*(.*)$/.exec(line);
    if (entry === null) {
      if (line === '') continue;
      if (/^\S/.test(raw)) listed = '';
      continue;
    }
    const [, name = '', note = '', text = ''] = entry;
    if (!named.has(name) && !used.has(name) && (listed === '' || !/^[a-z]\w*$/.test(name))) continue;
    const words = `${note} ${text}`;
    const fallback = /\bdefaults?(?:\s+(?:is|to))?\s*[:=]?\s*[`'"]?([\w./:-]+)[`'"]?/i.exec(words)?.[1];
    named.add(name);
    hints.push({
      name,
      source,
      description: brief(text, 300),
      required:
        /\brequired\b|\bmandatory\b/i.test(words) || listed === 'required'
          ? true
          : /\boptional\b/i.test(words) || listed === 'optional' || fallback !== undefined
            ? false
            : undefined,
      choices: choicesIn(words),
    });
  }
  for (const [name, example] of examples)
    hints.push({
      name,
      source,
      description: example === '' || /^[<{$]/.test(example) ? '' : `For example ${example}.`,
    });
  return { hints, named };
}

/** `-e a=b`, `-e "a=b c='d e'"`, `--extra-vars='{"a": "b"}'`. Files (`-e @x`) name nothing. */
function extraVars(line: string): readonly (readonly [string, string])[] {
  const found: (readonly [string, string])[] = [];
  for (const match of line.matchAll(/(?:^|\s)(?:-e|--extra-vars)[\s=]+(?:"([^"]*)"|'([^']*)'|(\S+))/g)) {
    const text = match[1] ?? match[2] ?? match[3] ?? '';
    if (text.startsWith('@')) continue;
    for (const pair of text.matchAll(
      /(?:^|[\s{,])["']?([A-Za-z_]\w*)["']?\s*[=:]\s*(?:"([^"]*)"|'([^']*)'|\[([^\]]*)\]?|([^\s,}]+))/g,
    )) {
      found.push([pair[1] ?? '', pair[2] ?? pair[3] ?? pair[4] ?? pair[5] ?? '']);
    }
  }
  return found;
}

/** `one of a, b, c`, `a|b|c`. */
function choicesIn(text: string): readonly string[] | undefined {
  const list =
    /\b(?:one of|either|choices?|allowed(?: values)?|valid(?: values)?)\s*:?\s*[([]?\s*([\w`'"-]+(?:(?:\s*[,|/]\s*(?:or\s+)?|\s+or\s+)[\w`'"-]+)+)/i.exec(
      text,
    )?.[1] ?? /(?:^|[\s(])([a-z][\w-]*(?:\|[a-z][\w-]*)+)/.exec(text)?.[1];
  const values = list?.split(/\s*[,|/]\s*(?:or\s+)?|\s+or\s+/).map((value) => value.replace(/[`'"]/g, ''));
  return values !== undefined && values.length > 1 ? values : undefined;
}
