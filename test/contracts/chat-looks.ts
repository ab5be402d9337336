// What every chat owes that shows text to people: all views, with their facts; nothing of what comes from outside does anything there;
// what is too long says so.
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { toActorId, toTaskId } from '../../core/ids.ts';
import type { Chat, PlanStanding, ResultView, View } from '../../core/ports/chat.ts';
import { anyView, withWords } from '../builders/any-view.ts';
import {
  sampleHelp,
  sampleLog,
  sampleProgress,
  sampleRefusal,
  sampleResult,
  sampleStep,
  sampleTasks,
  sampleWhy,
} from '../builders/views.ts';
import type { OpenScene } from './chat-scene.ts';
import { eventually, noticeOf } from './chat-scene.ts';

const standings: Readonly<Record<PlanStanding, true>> = {
  ...{ open: true, approved: true, running: true, rejected: true, expired: true, superseded: true, withdrawn: true },
  ...{ succeeded: true, failed: true, cancelled: true, unknown: true },
};
const endings: Readonly<Record<ResultView['state'], true>> = {
  succeeded: true,
  failed: true,
  cancelled: true,
  unknown: true,
};
const forward = /\n/g;
const harmful = /[\p{Cc}\u202a-\u202e\u2066-\u2069\p{Cs}]/u;

export function looksContract(open: OpenScene, heardBy: Chat['heardBy']): void {
  it('shows every view, new and as a newer state, with its facts', async () => {
    const scene = await open();
    const { chat } = await scene.begin();
    const views = everyView(scene);
    for (const [type, { view, facts }] of Object.entries(views)) {
      expect(view.type).toBe(type);
      const reference = await chat.post(scene.conversation, `event:${type}`, view);
      await eventually(async () => {
        const seen = (await scene.person.sees()).map(({ text, file }) => `${text}\n${file}`).join('\n');
        for (const fact of facts) expect(seen).toContain(fact);
      });
      expect([type, await chat.update(scene.conversation, reference, view)]).toEqual([type, 'shown']);
    }
  });

  it('says how a plan stands, and how a task ended', async () => {
    const { begin, conversation, planOf, text } = await open();
    const { chat } = await begin();
    let task = 100;
    let before = 0;
    const says = async (view: View, word: string): Promise<void> => {
      await chat.post(conversation, `event:${task}`, view);
      await eventually(async () => {
        const all = await text();
        expect(all.slice(before)).toContain(`#${task}`);
        expect(all.slice(before)).toContain(word);
        before = all.length;
      });
      task += 1;
    };
    for (const standing of keysOf(standings))
      await says(planOf(task, { standing }), standing === 'open' ? 'approve' : standing);
    for (const state of keysOf(endings)) await says({ ...sampleResult, task: toTaskId(task), state }, state);
  });

  it('makes nothing of hostile text in any view: nobody is called, nothing is hidden or turned round', async () => {
    const { begin, conversation, person, calls, planOf } = await open();
    const { chat } = await begin();
    const stranger = toActorId(`${chat.platform}:somebody-else`);
    const hostile = [
      ...calls,
      '\u202e',
      '\u2066',
      '\u001b[2J',
      '\u009b1m',
      '\u0007',
      '\u0000',
      '\ud800',
      '```',
      '\r',
      '<b>',
    ];
    const text = fc
      .array(fc.constantFrom(...hostile, 'word'), { minLength: 3, maxLength: 12 })
      .map((parts) => parts.join(' '));
    const views = fc
      .sample(fc.tuple(anyView, text), { seed: 6, numRuns: 30 })
      .map(([view, words]) => withWords(view, words, stranger));
    const long = withWords({ type: 'detail', title: 'x', data: { x: 'x' } }, hostile.join(' ').repeat(3_000), stranger);
    const root = await chat.post(
      conversation,
      'event:root',
      planOf(7, { request: hostile.join(' '), requester: stranger }),
    );
    for (const [index, view] of [...views, long].entries()) {
      const reference = await chat.post(conversation, `event:${index}`, view, root);
      expect(await chat.update(conversation, reference, view)).toBe('shown');
    }
    await chat.post(conversation, 'event:last', noticeOf(7, 'All of it was shown.'), root);
    await eventually(async () => {
      const seen = (await person.sees()).map(({ text: shown }) => shown).join('\n');
      expect(seen).toContain('All of it was shown.');
    });
    const all = await person.sees();
    expect(all.length).toBeGreaterThan(heardBy === 'leader' ? views.length : 0);
    for (const { text: shown, file, pings, pingsMany } of all) {
      expect(shown.replace(forward, '')).not.toMatch(harmful);
      expect(file.replace(forward, '')).not.toMatch(harmful);
      expect([pings, pingsMany]).toEqual([[], false]);
    }
  });

  it('shows what is very long whole, or says that something is missing', async () => {
    const { begin, conversation, person, planOf, questionOf } = await open();
    const { chat } = await begin();
    const long = `${'word '.repeat(40_000)}the end`;
    const views: readonly View[] = [
      planOf(7, { request: long, understood: [long], notes: [long] }),
      questionOf(7, { text: long, candidates: [{ label: long, value: long }] }),
      { ...sampleRefusal, text: long },
      { ...sampleResult, text: long },
      noticeOf(7, long),
      { type: 'list', title: 'Agents', rows: [{ text: long, aside: long }], more: 0, note: '' },
      { type: 'detail', title: 'Details', data: { text: long } },
      { ...sampleLog(1), text: `${long}\n` },
      { ...sampleProgress(sampleStep({ now: long })), task: toTaskId(9) },
    ];
    let before = 0;
    for (const [index, view] of views.entries()) {
      await chat.post(conversation, `event:${index}`, view);
      await eventually(async () => {
        const all = (await person.sees()).map(({ text, file }) => `${text}\n${file}`).join('\n');
        const shown = all.slice(before);
        expect([view.type, shown.length > 20]).toEqual([view.type, true]);
        expect([view.type, /…|the end/.test(shown)]).toEqual([view.type, true]);
        before = all.length;
      });
    }
  });
}

type Scene = Awaited<ReturnType<OpenScene>>;
type Shown = { readonly view: View; readonly facts: readonly string[] };

/** One of each: a view that is new in the port is missed here by the compiler. */
function everyView({ planOf, questionOf }: Scene): Readonly<Record<View['type'], Shown>> {
  const plan = planOf(71);
  const inPlan = [
    '#71',
    '9c1d22e8',
    'ab12cd34ef56',
    'Deploy Uptime Kuma',
    'atlas',
    'medium',
    'uptime_kuma_port'.slice(0, 6),
  ];
  const commit = { sha: '5e8f3a21'.padEnd(40, '0'), link: null, repository: 'homelab', branch: 'main', pushed: true };
  const rows = [{ text: 'nas-agent', aside: 'of pool ansible' }];
  return {
    plan: { view: plan, facts: inPlan },
    details: {
      view: { type: 'details', plan: planOf(70) },
      facts: ['#70', '9c1d22e8', 'config/monitors.yml', 'Grafana'],
    },
    question: {
      view: questionOf(72, { secret: false }),
      facts: ['#72', 'Which of these do you mean?', 'Restart Jellyfin', 'Restart Navidrome'],
    },
    refusal: {
      view: { ...sampleRefusal, task: toTaskId(73) },
      facts: ['#73', 'CHF-201', 'Nothing in the catalogue fits.', 'Restart Grafana', 'Use one of the nearest actions.'],
    },
    progress: {
      view: { ...sampleProgress(sampleStep()), task: toTaskId(74) },
      facts: ['#74', 'Deploy Uptime Kuma', 'Write the monitors'],
    },
    result: {
      view: {
        ...sampleResult,
        task: toTaskId(75),
        state: 'failed',
        code: 'CHF-407',
        advice: 'Look at the log.',
        commit,
      },
      facts: ['#75', 'failed', '5e8f3a21', 'CHF-407', 'Look at the log.', 'atlas', 'git revert 9c1d22e8'],
    },
    notice: {
      view: { ...noticeOf(76, 'It waits for #12.'), code: 'CHF-301' },
      facts: ['It waits for #12.', 'CHF-301'],
    },
    tasks: { view: sampleTasks, facts: ['#12', 'proposed', 'deploy uptime kuma', 'waits for approval'] },
    log: { view: { ...sampleLog(40), task: toTaskId(77) }, facts: ['#77', '40 lines', 'line 1\n', 'line 40'] },
    why: { view: { ...sampleWhy, task: toTaskId(78) }, facts: ['#78', '97', 'rules', 'by its alias'] },
    help: { view: sampleHelp, facts: ['approve [#n]', 'run exactly the plan that stands there', 'restart grafana'] },
    list: {
      view: { type: 'list', title: 'Agents', rows, more: 3, note: 'They are well.' },
      facts: ['Agents', 'nas-agent', 'of pool ansible', '3 more', 'They are well.'],
    },
    detail: { view: { type: 'detail', title: 'Attempt', data: { exit: 17 } }, facts: ['Attempt', '"exit": 17'] },
  };
}

function keysOf<Key extends string>(record: Readonly<Record<Key, true>>): readonly Key[] {
  return Object.keys(record).filter((key): key is Key => key in record);
}
