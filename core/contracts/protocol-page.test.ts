// docs/PROTOCOL.md says what the schemas say: its tables and its worked example are made from them here and compared with the
// page. `vitest run core/contracts/protocol-page.test.ts -u` writes them anew.
import { createPrivateKey, verify } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { z } from 'zod';
import { errorCode } from '../error.ts';
import { toRunId, toTaskId } from '../ids.ts';
import { canonicalJson } from '../json.ts';
import { attemptOutcomeSchema } from '../task/event.ts';
import { aboutSchema, envelope, protocolVersion, traceOf } from './envelope.ts';
import { agentMessageSchema, chunkSchema, coreMessageSchema, progressSchema } from './messages.ts';
import { isSigned, publicKeyText, signed, toPublicKey } from './signature.ts';

const path = join(import.meta.dirname, '..', '..', 'docs', 'PROTOCOL.md');
const page = readFileSync(path, 'utf8');

type Shape = Readonly<Record<string, z.ZodType>>;

const jsonType = z.looseObject({
  type: z.union([z.string().transform((each) => [each]), z.array(z.string())]).optional(),
  const: z.union([z.string(), z.number()]).optional(),
  enum: z.array(z.string()).optional(),
  format: z.string().optional(),
  minimum: z.number().optional(),
  maxLength: z.number().optional(),
  maxItems: z.number().optional(),
  items: z.unknown().optional(),
  anyOf: z.array(z.unknown()).optional(),
});

/** A JSON schema in a few words. */
function spoken(schema: unknown): string {
  const parsed = jsonType.parse(schema);
  if (parsed.const !== undefined) return `\`${JSON.stringify(parsed.const)}\``;
  if (parsed.enum) return parsed.enum.map((each) => `\`${each}\``).join(', ');
  if (parsed.anyOf) return parsed.anyOf.map(spoken).join(' or ');
  return parsed.type?.map((each) => spokenType(each, parsed)).join(' or ') ?? 'any';
}

function spokenType(type: string, more: z.infer<typeof jsonType>): string {
  if (type === 'array')
    return `list of ${spoken(more.items ?? {})}${more.maxItems === undefined ? '' : `, ${more.maxItems} at most`}`;
  if (type === 'string' && more.format === 'date-time') return 'ISO-8601 time';
  if (type === 'string' && more.maxLength !== undefined) return `string, ${more.maxLength} characters at most`;
  if (type === 'integer' && (more.minimum ?? -1) >= 0) return `integer, ${more.minimum} or more`;
  return type;
}

function tableOf(shape: Shape): string {
  const rows = Object.entries(shape).map(([name, field]) => {
    const type = spoken(z.toJSONSchema(field, { io: 'input', unrepresentable: 'any' }));
    return `| \`${name}\` | ${type} | ${field.description ?? ''} |`;
  });
  return ['| field | type | meaning |', '| --- | --- | --- |', ...rows].join('\n');
}

function messages(): string {
  const common = new Set([...Object.keys(envelope), ...Object.keys(aboutSchema.shape)]);
  return [...coreMessageSchema.options, ...agentMessageSchema.options]
    .map((message) => {
      const [type] = message.shape.type.values;
      const own = Object.fromEntries(Object.entries(message.shape).filter(([name]) => !common.has(name)));
      const { type: _type, ...fields } = own;
      const table = Object.keys(fields).length === 0 ? 'No fields of its own.' : tableOf(fields);
      return `### \`${type}\`\n\n${wayOf(String(type))}. ${message.description}\n\n${table}`;
    })
    .join('\n\n');
}

function wayOf(type: string): string {
  if (type === 'step.start') return 'Core to a pool, on `agent.<pool>.<priority>`';
  if (coreMessageSchema.options.some(({ shape }) => shape.type.value === type))
    return 'Core to one agent, on `agent-control.<agent>`';
  return 'Agent to core, on `core.events`';
}

/** A key that everybody knows: the 32 bytes 1 to 32. Never use it. */
const exampleKey = createPrivateKey({
  key: Buffer.concat([
    Buffer.from('302e020100300506032b657004220420', 'hex'),
    Buffer.from(Array.from({ length: 32 }, (_, index) => index + 1)),
  ]),
  format: 'der',
  type: 'pkcs8',
});
const run = toRunId('00000000-0000-4000-8000-000000000001');
const example = {
  type: 'step.go',
  ...{ protocol: protocolVersion, id: '00000000-0000-4000-8000-000000000002', trace: traceOf(run), sender: 'core' },
  ...{ sentAt: '2026-01-01T12:00:00.000Z', expiresAt: '2026-01-01T13:00:00.000Z', to: 'agent:atlas' },
  ...{ task: toTaskId(142), run, step: 1, attempt: 1, token: 1, claim: '00000000-0000-4000-8000-000000000003' },
} as const;
const bytes = `chiffon message 1\n${canonicalJson(example)}`;

function vector(): string {
  const { signature } = signed(example, exampleKey);
  const parts = { 'Public key': publicKeyText(exampleKey), 'Bytes signed': bytes, Signature: signature };
  return Object.entries(parts)
    .map(([name, text]) => `${name}:\n\n\`\`\`text\n${text}\n\`\`\``)
    .join('\n\n');
}

function errors(): string {
  const kinds = ['BAD_ENVELOPE', 'PROTOCOL_UNKNOWN', 'NOT_ENROLLED', 'SIGNATURE_INVALID', 'EXPIRED'] as const;
  return kinds.map((kind, index) => `${index + 1}. ${errorCode(kind)} \`${kind}\``).join('\n');
}

const generated: Readonly<Record<string, () => string>> = {
  envelope: () => tableOf({ ...envelope, ...aboutSchema.shape }),
  messages,
  parts: () =>
    Object.entries({ chunk: chunkSchema, progress: progressSchema, result: attemptOutcomeSchema })
      .map(([name, schema]) => `### ${name}\n\n${tableOf(schema.shape)}`)
      .join('\n\n'),
  vector,
  errors,
};

it('the page’s tables, example and codes are those of the schemas', async () => {
  const made = Object.entries(generated).reduce((text, [name, make]) => {
    const [start, end] = [`<!-- generated: ${name} -->`, `<!-- end: ${name} -->`];
    expect(text.split(start), start).toHaveLength(2);
    const before = text.slice(0, text.indexOf(start) + start.length);
    return `${before}\n\n${make()}\n\n${text.slice(text.indexOf(end))}`;
  }, page);
  await expect(made).toMatchFileSnapshot(path);
});

it('every field of every message has a meaning on the page', () => {
  const messages = [...coreMessageSchema.options, ...agentMessageSchema.options];
  for (const { shape } of [...messages, chunkSchema, progressSchema, attemptOutcomeSchema])
    for (const [name, field] of Object.entries<z.ZodType>(shape))
      if (name !== 'type') expect(field.description, name).toBeTruthy();
});

it('the page’s example can be checked with nothing but Ed25519', () => {
  const { signature } = signed(example, exampleKey);
  const key = toPublicKey(publicKeyText(exampleKey));
  expect(verify(null, Buffer.from(bytes), key, Buffer.from(signature, 'base64'))).toBe(true);
  expect(isSigned({ ...example, signature }, key)).toBe(true);
});
