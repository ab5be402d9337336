import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { View } from '../../../core/ports/chat.ts';
import { anyView } from '../../../test/builders/any-view.ts';
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
} from '../../../test/builders/views.ts';
import type { Look } from '../look.ts';
import { widthOf } from '../width.ts';
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
  const cut = { ...sampleLog(3), from: 500, lines: 503 };
  expect(renderView(cut, plain, { ...wholeLog, file: null })[1]).toContain(
    '500 earlier lines not shown; `npm start -- log 1` prints all of it',
  );
  expect(read(cut, plain)).toContain(
    'what could be kept of it is in /data/logs/task-1.log; `npm start -- log 1` prints all of it',
  );
  expect(read({ ...sampleLog(0), complete: false })).toContain('It has printed nothing yet.');
});

test('a long diff is cut, with the command that shows the rest', () => {
  const diff = Array.from({ length: 500 }, (_, index) => `+line ${index}`).join('\n');
  const plan = { ...samplePlan, config: [{ path: 'a.yml', diff }] };
  expect(read(plan)).toContain('… 300 more lines: details #1');
  const details = read({ type: 'details', plan });
  expect(details).toContain('line 499');
  expect(details).not.toContain('more line');
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
