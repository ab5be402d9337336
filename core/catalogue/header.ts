// The `# chiffon:` header: YAML in a comment that says what an action is called, takes and risks. docs/catalogue.md is its reference.
import { parseDocument } from 'yaml';
import { z } from 'zod';
import type { JsonValue } from '../json.ts';
import { linesOf } from './comments.ts';
import type { Source } from './model.ts';
import type { Repository } from './repository.ts';

const json: z.ZodType<JsonValue> = z.json();
const texts = z.union([z.string().transform((text) => [text]), z.array(z.string())]);
const inputType = z.enum(['str', 'int', 'float', 'bool', 'list', 'dict', 'path', 'raw']);

const inputSchema = z.strictObject({
  type: inputType.optional(),
  elements: inputType.optional(),
  required: z.boolean().optional(),
  default: json.optional(),
  choices: z.array(json).optional(),
  description: z.string().optional(),
  aliases: texts.optional(),
  secret: z.boolean().optional(),
});
const configSchema = z.strictObject({
  name: z.string(),
  aliases: texts.optional(),
  file: z.string().optional(),
  list: texts.optional(),
  key: z.string(),
  from: z.literal('portals').optional(),
  item: z.record(z.string(), json).optional(),
});
/** Each key by itself, so that one mistake does not cost the rest of a header. */
const schemas = {
  title: z.string(),
  description: z.string(),
  subject: z.string(),
  aliases: texts,
  verbs: texts,
  risk: z.enum(['low', 'medium', 'high']),
  idempotent: z.boolean(),
  duration: z.union([z.string(), z.number()]).transform(duration),
  timeout: z.union([z.string(), z.number()]).transform(duration),
  secrets: texts,
  inputs: z.record(z.string(), z.union([z.null().transform(() => ({})), inputSchema])),
  skipTags: texts,
  hidden: z.boolean(),
  config: z.array(configSchema),
} as const;

/** The keys that a header may have. */
export const headerKeys: readonly string[] = Object.keys(schemas);

type Values = { readonly [Key in keyof typeof schemas]?: z.output<(typeof schemas)[Key]> };
export type HeaderConfig = z.output<typeof configSchema>;
export type Header = Values & { readonly source: Source };

export type Headers = {
  /** The header before a file's first content. */
  readonly file: Header | undefined;
  /** Headers above a play, a role entry or a task, by the line they stand above. */
  readonly above: ReadonlyMap<number, Header>;
};

const known = new WeakMap<Repository, Map<string, Headers>>();

/** The header at a file's head. Mistakes in it become findings. */
export function readHeader(repository: Repository, path: string): Header | undefined {
  return readHeaders(repository, path).file;
}

export function readHeaders(repository: Repository, path: string): Headers {
  const files = known.get(repository) ?? new Map<string, Headers>();
  known.set(repository, files);
  const before = files.get(path);
  if (before !== undefined) return before;
  const text = repository.text(path) ?? '';
  const headers = text.includes('chiffon:')
    ? find(repository, path, linesOf(text))
    : { file: undefined, above: new Map() };
  files.set(path, headers);
  return headers;
}

function find(repository: Repository, path: string, lines: readonly string[]): Headers {
  const above = new Map<number, Header>();
  let file: Header | undefined;
  const content = lines.findIndex((line) => line.trim() !== '' && !/^\s*#/.test(line) && !/^(---|%YAML)/.test(line));
  for (let start = 0; start < lines.length; start += 1) {
    const opening = /^\s*#(\s*)chiffon:\s*$/.exec(lines[start] ?? '');
    if (opening === null) continue;
    const indent = (opening[1] ?? '').length;
    let end = start + 1;
    while (end < lines.length && belongs(lines[end] ?? '', indent)) end += 1;
    const header = parse(repository, path, lines.slice(start + 1, end), start + 1);
    let next = end;
    while (
      next < lines.length &&
      (/^\s*#/.test(lines[next] ?? '') || (lines[next] ?? '').trim() === '' || /^---/.test(lines[next] ?? ''))
    )
      next += 1;
    if (content < 0 || start < content) file ??= header;
    else above.set(next + 1, header);
    start = end - 1;
  }
  return { file, above };
}

/** A comment line further in than `chiffon:`, or an empty one. */
function belongs(line: string, indent: number): boolean {
  const comment = /^\s*#(\s*)(.*)$/.exec(line);
  return comment !== null && (comment[2] === '' || (comment[1] ?? '').length > indent);
}

function parse(repository: Repository, path: string, lines: readonly string[], line: number): Header {
  const source = { path, line };
  const document = parseDocument(lines.map((text) => text.replace(/^\s*#/, '')).join('\n'), {
    prettyErrors: false,
    logLevel: 'silent',
  });
  const failure = document.errors[0];
  if (failure !== undefined) {
    repository.find(path, line, `the chiffon header is no valid YAML: ${failure.message.split('\n')[0]}`);
    return { source };
  }
  const content: unknown = document.toJS({ maxAliasCount: 0 });
  if (content === null || typeof content !== 'object' || Array.isArray(content)) {
    repository.find(path, line, 'the chiffon header is empty or no mapping');
    return { source };
  }
  const values: Record<string, unknown> = {};
  for (const [key, value] of Object.entries(content)) {
    const at = line + 1 + lines.findIndex((text) => text.replace(/^\s*#\s*/, '').startsWith(`${key}:`));
    const schema = isKey(key) ? schemas[key] : undefined;
    const checked = schema?.safeParse(value);
    if (checked === undefined)
      repository.find(path, at, `the chiffon header has no key \`${key}\`; it has: ${headerKeys.join(', ')}`);
    else if (checked.success) values[key] = checked.data;
    else repository.find(path, at, `the chiffon header's \`${key}\`: ${firstIssue(checked.error)}`);
  }
  return { ...values, source };
}

function isKey(key: string): key is keyof typeof schemas {
  return Object.hasOwn(schemas, key);
}

function firstIssue(error: z.ZodError): string {
  const issue = error.issues[0];
  const where = issue?.path.join('.') ?? '';
  return `${where === '' ? '' : `${where}: `}${issue?.message ?? 'is not valid'}`;
}

/** `40s`, `10m`, `1h30m`, `500ms`; a bare number is seconds. In milliseconds. */
function duration(value: string | number, context: z.RefinementCtx): number {
  if (typeof value === 'number' && value > 0) return Math.round(value * 1000);
  const match = /^(?=.*\d)(?:(\d+)h)?\s*(?:(\d+)m(?!s))?\s*(?:(\d+)s)?\s*(?:(\d+)ms)?$/.exec(String(value).trim());
  const [, hours = '0', minutes = '0', seconds = '0', ms = '0'] = match ?? [];
  const total = ((Number(hours) * 60 + Number(minutes)) * 60 + Number(seconds)) * 1000 + Number(ms);
  if (match !== null && total > 0) return total;
  context.addIssue({ code: 'custom', message: 'is no duration such as 40s, 10m or 1h30m' });
  return z.NEVER;
}
