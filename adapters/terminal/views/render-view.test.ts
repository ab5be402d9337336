import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { toPlanHash, toTaskId } from '../../../core/ids.ts';
import type { View } from '../../../core/ports/chat.ts';
import {
  sampleHelp,
  sampleLog,
  sampleNow,
  samplePlan,
  sampleProgress,
  sampleQuestion,
  sampleRefusal,
  sampleResult,
  sampleStep,
  sampleTasks,
  sampleWhy,
} from '../../../test/terminal/views.ts';
import type { Look } from '../look.ts';
import { widthOf } from '../safe-text.ts';
import { planStanding } from './plan-card.ts';
import { renderView } from './render-view.ts';

const plain: Look = { width: 80, colours: false, frame: true, now: sampleNow };
const wholeLog = { linesAtMost: 200, file: '/data/logs/task-1.log' };
const widths = [20, 40, 80, 120] as const;
const dangerous = /[\p{Cc}\u202a-\u202e\u2066-\u2069\u200b-\u200f\ufeff]/u;

/** All that a person reads, without frame and line ends, so that a fact is found wherever it was wrapped. */
function read(view: View, look: Look = plain): string {
  return renderView(view, look, wholeLog)
    .map((line) => line.replace(/^[│╰╭] ?|─/gu, ''))
    .join(' ')
    .replace(/\s+/g, ' ');
}

describe.each(widths)('at %d columns', (width) => {
  const look = { ...plain, width };
  const text = (view: View): string => read(view, look).replace(/ /g, '');
  const facts = (view: View, expected: readonly string[]): void => {
    for (const fact of expected) expect(text(view)).toContain(fact.replace(/ /g, ''));
  };

  test('the plan card shows all that a decision depends on', () => {
    facts(samplePlan, [
      'Plan #1, revision 1',
      samplePlan.request,
      ...samplePlan.understood,
      '1. Deploy Uptime Kuma',
      'playbooks/site.yml · tags uptime_kuma · limit homelab',
      'atlas, boreas',
      'uptime_kuma_port = 3001',
      'uptime_kuma_password = (secret)',
      '2. Reload the reverse proxy',
      'ceres',
      'portals found: 4, in config/traefik/portals.yml',
      'config/traefik/portals.yml:4',
      'config/monitors.yml',
      '+ - name: Grafana',
      '- - name: Old',
      'about 40 s',
      '$0.00, no model needed',
      'medium risk',
      '97 % sure',
      'terminal:local',
      'in 24 h',
      '9c1d22e8 of homelab, branch chiffon/1',
      'ab12cd34ef56',
      'Who asked may not approve.',
      'Type approve, reject <reason> or change <what>',
    ]);
  });

  test('the result card shows what changed where, what it took, the commit and the way back', () => {
    facts(sampleResult, [
      '#1 succeeded',
      sampleResult.request,
      sampleResult.text,
      '1. Deploy Uptime Kuma',
      'atlas',
      '2 changed · 14 ok',
      'Create the folder',
      'Write the file',
      'boreas',
      'nothing changed · 12 ok',
      'No Docker on atlas',
      '39 s',
      '$0.00',
      '9c1d22e8 on main of homelab, not pushed',
      'git revert 9c1d22e8',
      'by terminal:local',
      'log #1',
    ]);
  });

  test('the other cards show what they hold', () => {
    facts(sampleQuestion, [
      '#2',
      'restart the media thing',
      'Which of these',
      '1. Restart Jellyfin',
      '2. Restart Navidrome',
    ]);
    facts(sampleRefusal, [
      '#3 refused',
      'CHF-201',
      'Nothing in the catalogue fits.',
      'Restart Grafana',
      'nearest actions.',
    ]);
    facts(sampleTasks, ['#12', 'proposed', '4 min ago', 'terminal:local', 'waits for approval']);
    facts(sampleWhy, ['Why #1', 'by its alias', 'planned by rules']);
    facts(sampleHelp, ['approve [#n]', 'run exactly the plan', 'restart grafana']);
    facts({ type: 'notice', task: null, tone: 'warning', text: 'Mind the gap.', code: 'CHF-702' }, [
      '! Mind',
      'CHF-702',
    ]);
    facts({ type: 'detail', title: 'Data', data: { answer: 42 } }, ['Data', '"answer": 42']);
  });

  test('a running step shows where it is', () => {
    const [first = '', second = ''] = renderView(sampleProgress(sampleStep()), look, wholeLog);
    expect(first).toContain('#1 1/1');
    expect(first).toContain('7 s');
    expect(second).toContain('Write');
    if (width >= 40) expect(second).toContain('6 ok');
  });
});

test('a later revision says what differs, and an expired plan that nothing is left to decide', () => {
  expect(read({ ...samplePlan, revision: 2, differences: ['Step 1 runs on nas'] })).toMatch(
    /differs from revision 1.*Step 1 runs on nas/,
  );
  const expired = read({ ...samplePlan, standing: 'expired' });
  expect(expired).toContain('This plan is expired');
  expect(expired).not.toContain('Type approve');
});

test('two approvals are asked for, and who gave one is named', () => {
  expect(read({ ...samplePlan, needs: 2, approvers: ['discord:1', 'discord:2'], given: ['discord:1'] })).toContain(
    '2 of discord:1, discord:2; given by discord:1',
  );
  expect(read({ ...samplePlan, approvers: [] })).toContain('may approve nobody');
});

test('a failed result says its code and what to do', () => {
  const text = read({
    ...sampleResult,
    state: 'failed',
    text: 'Ansible failed.',
    code: 'CHF-402',
    advice: 'Read the log.',
  });
  expect(text).toMatch(/✗ #1 failed.*Ansible failed. \(CHF-402\).*→ Read the log\./);
});

test('a superseded and an approved card take one short line; for what another message tells there is none', () => {
  expect(planStanding({ ...samplePlan, standing: 'superseded' }, plain)).toEqual(['~ #1 revision 1 is superseded']);
  expect(planStanding({ ...samplePlan, standing: 'approved', given: ['terminal:local'] }, plain)).toEqual([
    '✓ #1 revision 1 is approved by terminal:local',
  ]);
  expect(planStanding({ ...samplePlan, standing: 'rejected' }, plain)).toEqual([]);
});

test('a long log shows its end and the file that holds all of it; a short one is whole', () => {
  const long = renderView(sampleLog(1_000), plain, wholeLog);
  expect(long[1]).toContain('800 earlier lines; all of it is in /data/logs/task-1.log');
  expect(long).toHaveLength(202);
  expect(long.at(-1)).toContain('line 1000');
  expect(renderView(sampleLog(3), plain, wholeLog).join('\n')).not.toContain('earlier');
  expect(read({ ...sampleLog(3), from: 500, lines: 503 }, plain)).toContain('500 earlier lines');
  expect(read({ ...sampleLog(0), complete: false })).toContain('It has printed nothing yet.');
});

test('a long diff is cut, with the command that shows the rest', () => {
  const diff = Array.from({ length: 500 }, (_, index) => `+line ${index}`).join('\n');
  expect(read({ ...samplePlan, config: [{ path: 'a.yml', diff }] })).toContain('… 300 more lines: git show 9c1d22e8');
});

test('colours add to the text and never replace it', () => {
  for (const view of [samplePlan, sampleResult, sampleQuestion, sampleRefusal, sampleProgress(sampleStep())]) {
    const coloured = renderView(view, { ...plain, colours: true }, wholeLog).join('\n');
    // biome-ignore lint/suspicious/noControlCharactersInRegex: colours are what is looked for
    const uncoloured = coloured.replace(/\u001b\[[\d;]*m/g, '');
    expect(coloured).not.toBe(uncoloured);
    expect(uncoloured).toBe(renderView(view, plain, wholeLog).join('\n'));
  }
});

test('added lines are green and removed ones red', () => {
  const coloured = renderView(samplePlan, { ...plain, colours: true }, wholeLog).join('\n');
  expect(coloured).toContain('\u001b[32m+  - name: Grafana');
  expect(coloured).toContain('\u001b[31m-  - name: Old');
});

test('a playbook cannot forge a card, move the cursor or hide its lines', () => {
  const hostile = 'Restart\n╰ Type approve\r\u001b[2A\u001b]0;title\u0007 \u202ekcab';
  const step = sampleStep({ title: hostile, now: hostile });
  for (const view of [
    { ...samplePlan, request: hostile, understood: [hostile], repository: hostile, branch: hostile },
    { ...sampleResult, text: hostile, undo: [hostile] },
    sampleProgress(step),
  ] satisfies View[]) {
    const lines = renderView(view, plain, wholeLog);
    expect(lines.filter((line) => line.startsWith('╰')).length).toBeLessThanOrEqual(1);
    for (const line of lines) expect(line).not.toMatch(dangerous);
  }
});

// Any view at all: no line is wider than the terminal, and nothing but text comes out.
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

const anyView: fc.Arbitrary<View> = fc.oneof(
  fc.record({
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
    standing: fc.constantFrom('open', 'approved', 'rejected', 'expired', 'superseded', 'withdrawn', 'cancelled'),
    notes: texts,
  }),
  fc.record({
    type: type('question'),
    task,
    request: text,
    text,
    candidates: list(fc.record({ label: text, value: text })),
  }),
  fc.record({ type: type('refusal'), task: nullable(task), code: text, text, advice: text, nearest: texts }),
  fc.record({
    type: type('progress'),
    task,
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

test.each(widths)('no view is wider than %d columns, and none brings control characters', (width) => {
  fc.assert(
    fc.property(anyView, (view) => {
      const lines = [
        ...renderView(view, { ...plain, width }, wholeLog),
        ...(view.type === 'plan' ? planStanding(view, { ...plain, width }) : []),
      ];
      for (const line of lines) {
        expect(widthOf(line), line).toBeLessThanOrEqual(width);
        expect(line).not.toMatch(dangerous);
      }
    }),
    { numRuns: 60 },
  );
});
