// Any view at all, hostile texts among them: for what must hold of every card of every chat.
import fc from 'fast-check';
import { toActorId, toPlanHash, toTaskId } from '../../core/ids.ts';
import type { Button, PlanStanding, View } from '../../core/ports/chat.ts';

const text = fc.oneof(
  { weight: 3, arbitrary: fc.string({ unit: 'grapheme', maxLength: 60 }) },
  fc.string({ unit: 'binary', maxLength: 60 }),
  fc
    .array(
      fc.constantFrom(
        '日本語',
        '\u001b[2J',
        'ﾊﾝｶｸ',
        '👩‍👩‍👧',
        '🇩🇪',
        '\u202e',
        '\r\n',
        '\t',
        'a-very-long-word/'.repeat(4),
        ' ',
        // What a chat could take for its own markup.
        '@everyone',
        '<@998877665544332211>',
        '[here](https://evil.example)',
        '```',
        '_`*',
        '||',
        '# ',
        '\n> ',
        '- ',
        '1. ',
        '<t:1:R>',
      ),
    )
    .map((parts) => parts.join('')),
);
const texts = fc.array(text, { maxLength: 3 });
const number = fc.nat({ max: 1_000_000_000 });
const task = fc.integer({ min: 1, max: 99_999 }).map(toTaskId);
const risk = fc.constantFrom('low', 'medium', 'high');
const tier = fc.constantFrom('rules', 'local-model', 'claude');
const ended = fc.constantFrom('succeeded', 'failed', 'cancelled', 'unknown');
const nullable = <Value>(value: fc.Arbitrary<Value>): fc.Arbitrary<Value | null> => fc.option(value, { nil: null });
const list = <Value>(value: fc.Arbitrary<Value>): fc.Arbitrary<Value[]> => fc.array(value, { maxLength: 3 });
const type = <Type extends View['type']>(name: Type): fc.Arbitrary<Type> => fc.constant(name);

const requester = fc
  .constantFrom('terminal:local', 'discord:112233445566778899', 'matrix:@ada:example.org')
  .map(toActorId);
const plan = fc.record({
  type: type('plan'),
  task,
  revision: fc.integer({ min: 1, max: 99 }),
  request: text,
  understood: texts,
  steps: list(
    fc.record({
      number: fc.integer({ min: 1, max: 20 }),
      title: text,
      playbook: text,
      selection: texts,
      hosts: texts,
      inputs: list(fc.record({ name: text, value: text })),
      risk,
      estimatedMs: number,
    }),
  ),
  findings: texts,
  files: list(fc.record({ path: text, line: number })),
  config: list(fc.record({ path: text, diff: text.map((line) => `+${line}\n- ${line}`) })),
  differences: texts,
  estimatedMs: number,
  costMicroUsd: number,
  tier,
  confidence: fc.double({ min: 0, max: 1, noNaN: true }),
  risk,
  approvers: texts,
  needs: fc.integer({ min: 1, max: 3 }),
  given: texts,
  planHash: fc.constant(toPlanHash('0'.repeat(64))),
  commit: text,
  branch: nullable(text),
  repository: text,
  expiresAt: fc.oneof(text, fc.constant('2026-03-02T12:00:00Z')),
  standing: fc.constantFrom<PlanStanding>(
    'open',
    'approved',
    'running',
    'rejected',
    'expired',
    'superseded',
    'withdrawn',
    'succeeded',
    'failed',
    'cancelled',
    'unknown',
  ),
  notes: texts,
  requester,
});
const buttons = list(fc.constantFrom<Button>('approve', 'reject', 'change', 'cancel', 'resume', 'retry'));

export const anyView: fc.Arbitrary<View> = fc.oneof(
  plan,
  fc.record({ type: type('details'), plan }),
  fc.record({
    type: type('question'),
    task,
    request: text,
    requester,
    number: fc.integer({ min: 1, max: 9 }),
    closed: nullable(text),
    text,
    secret: fc.boolean(),
    candidates: fc.array(fc.record({ label: text, value: text }), { maxLength: 30 }),
  }),
  fc.record({
    type: type('list'),
    title: text,
    rows: list(fc.record({ text, aside: text })),
    more: fc.nat({ max: 1_000 }),
    note: text,
  }),
  fc.record({ type: type('refusal'), task: nullable(task), code: text, text, advice: text, nearest: texts }),
  fc.record({
    type: type('progress'),
    task,
    step: fc.integer({ min: 1, max: 3 }),
    cancelling: fc.boolean(),
    steps: list(
      fc.record({
        number,
        title: text,
        state: fc.constantFrom('waiting', 'starting', 'running', 'succeeded', 'failed', 'cancelled', 'unknown'),
        pool: text,
        agent: nullable(text),
        now: text,
        nowAt: fc.constant(null),
        ok: number,
        changed: number,
        failed: number,
        lines: number,
        startedAt: nullable(fc.constant('2026-03-01T11:59:53Z')),
        elapsedMs: number,
        estimatedMs: number,
      }),
    ),
  }),
  fc.record({
    type: type('result'),
    task,
    request: text,
    requester,
    retryFrom: nullable(fc.integer({ min: 1, max: 3 })),
    state: ended,
    text,
    code: nullable(text),
    advice: nullable(text),
    steps: list(
      fc.record({
        number,
        title: text,
        state: fc.oneof(ended, fc.constant('not started' as const)),
        durationMs: number,
        hosts: list(
          fc.record({ host: text, ok: number, changed: number, failed: number, unreachable: number, changes: texts }),
        ),
        notes: texts,
        lines: number,
      }),
    ),
    durationMs: number,
    costMicroUsd: number,
    commit: nullable(
      fc.record({ sha: text, link: nullable(text), repository: text, branch: text, pushed: fc.boolean() }),
    ),
    undo: texts,
    approvedBy: texts,
  }),
  fc.record({
    type: type('notice'),
    task: nullable(task),
    tone: fc.constantFrom('good', 'bad', 'warning', 'neutral'),
    text,
    code: nullable(text),
    calls: requester,
    buttons,
  }),
  fc.record({
    type: type('tasks'),
    list: fc.constantFrom('status', 'history'),
    tasks: list(fc.record({ task, state: text, request: text, requester: text, at: text, summary: text })),
    more: fc.boolean(),
  }),
  fc.record({
    type: type('log'),
    task,
    step: number,
    attempt: number,
    text,
    from: number,
    lines: number,
    complete: fc.boolean(),
  }),
  fc.record({ type: type('why'), task, tier, confidence: fc.double({ min: 0, max: 1, noNaN: true }), lines: texts }),
  fc.record({ type: type('help'), commands: list(fc.record({ usage: text, meaning: text })), examples: texts }),
  fc.record({ type: type('detail'), title: text, data: fc.dictionary(text, text) }),
);

/** Fields whose words are Chiffon's own. */
const own = new Set([
  'type',
  'standing',
  'state',
  'tone',
  'tier',
  'risk',
  'planHash',
  'requester',
  'calls',
  'list',
  'buttons',
  'who',
]);

/** The same view with these words in all of its fields that hold words from outside; `called`: in place of those whom it calls. */
export function withWords(view: View, words: string, called?: string): View {
  const swap = (value: unknown, name = ''): unknown => {
    if (called !== undefined && (name === 'requester' || name === 'calls')) return called;
    if (typeof value === 'string') return own.has(name) ? value : words;
    if (Array.isArray(value)) return value.map((each) => swap(each, name));
    if (typeof value !== 'object' || value === null) return value;
    return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, swap(each, key)]));
  };
  return Object.assign({}, view, swap(view));
}
