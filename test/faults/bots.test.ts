// Several bots on one database: one does the work at a time; when it dies or hangs another goes on within seconds, and nothing is
// done or said twice.
import { join } from 'node:path';
import { afterEach, expect, it } from 'vitest';
import type { View } from '../../core/ports/chat.ts';
import { git } from '../e2e/program.ts';
import type { LabBot } from '../services/bot-log.ts';
import { leaderOf, readLog } from '../services/bot-log.ts';
import { openDesk } from '../services/desk.ts';
import { expectInvariants } from '../services/invariants.ts';
import type { Lab, ProcessOptions } from '../services/lab.ts';
import { openLab } from '../services/lab.ts';
import { until } from '../services/until.ts';

const takeOverMs = 5_000;
let lab: Lab;
afterEach(() => lab.dispose());

function startBot(name: string, options: ProcessOptions = {}): LabBot {
  const home = options.home ?? `bot-${name}`;
  return { home, process: lab.bot({ ...options, home, terminal: name }) };
}

const greeted = (bot: LabBot) => bot.process.shows(/Ask for a change in your own words/);

function results(bot: LabBot): readonly View[] {
  return bot.process.views().filter(({ type }) => type === 'result');
}

/** The entries of a bot's own audit repository: each event's is there once. */
async function auditEntries(home: string): Promise<readonly string[]> {
  const log = await git(
    join(lab.folder, home, 'audit'),
    'log',
    '--format=%(trailers:key=Chiffon-Seq,valueonly,separator=)',
  );
  return log.split('\n').filter((seq) => seq !== '');
}

async function recordedOnce(homes: readonly string[], task: number): Promise<void> {
  const { seq } = await lab.store.head();
  for (const home of homes) {
    const entries = await until(async () => {
      const seqs = await auditEntries(home);
      return seqs.includes(String(seq)) ? seqs : undefined;
    });
    expect(new Set(entries).size, `${home} recorded an entry of #${task} twice`).toBe(entries.length);
  }
}

it('the bot that leads is killed in the middle of a run: another takes over, and the run is told once, everywhere', async () => {
  lab = await openLab();
  const bots = ['local', 'second', 'third'].map((name) => startBot(name));
  await Promise.all([...bots.map(greeted), lab.agent()]);
  const leader = await leaderOf(lab, bots);
  const others = bots.filter(({ home }) => home !== leader.home);
  const [asking] = others;
  if (asking === undefined) throw new Error('there is no other bot');
  asking.process.say('hold on');
  await lab.happens('plan.proposed');
  asking.process.say('approve');
  await until(async () => (await lab.marks()).includes('wait-begins'));

  const killedMs = Date.now();
  await leader.process.kill();
  const next = await leaderOf(lab, others);
  expect(next.sinceMs - killedMs).toBeLessThan(takeOverMs);

  await lab.release();
  await lab.happens('task.succeeded');
  await until(() => results(asking).length > 0);
  expect(await lab.marks()).toEqual(['wait-begins', 'wait-ends']);
  const types = (await lab.events()).map(({ event }) => event.type);
  for (const once of ['attempt.granted', 'attempt.claimed', 'attempt.started', 'attempt.finished'])
    expect(types.filter((type) => type === once)).toEqual([once]);
  // A restart shows what was missed; here the whole story was told in another terminal.
  const again = startBot(leader.home.replace('bot-', ''));
  await greeted(again);
  await recordedOnce([...others.map(({ home }) => home), again.home], 1);
  expect(results(asking)).toHaveLength(1);
  const standings = asking.process.views().flatMap((view) => (view.type === 'plan' ? [view.standing] : []));
  expect(standings).toEqual(['open', 'approved', 'running', 'succeeded']);
  for (const bot of [again, ...others]) if (bot !== asking) expect(results(bot)).toEqual([]);
  await expectInvariants(lab, { home: again.home });
});

it('the bot that leads hangs with an agent’s result in its hands: another records it; woken up, the first is refused', async () => {
  lab = await openLab();
  const fault = { at: 'handle', when: 'before', type: 'attempt.finished', signal: 'SIGSTOP' } as const;
  const first = startBot('local', { fault });
  await leaderOf(lab, [first]);
  const second = startBot('second');
  await Promise.all([greeted(second), lab.agent()]);
  const desk = openDesk(lab, 'second');
  const task = await desk.order('leave mark');
  await first.process.stopped();
  const hungMs = Date.now();
  const next = await leaderOf(lab, [second], { timeoutMs: 20_000 });
  expect(next.sinceMs - hungMs).toBeLessThan(takeOverMs);

  first.process.signal('SIGCONT');
  const refused = await until(async () => (await readLog(lab, first.home)).find(({ err }) => err?.kind === 'FENCED'));
  expect(refused.pid).toBe(first.process.pid);
  expect(await desk.ends(task)).toBe('task.succeeded');
  const another = await desk.order('leave mark');
  expect(await desk.ends(another)).toBe('task.succeeded');
  await until(() => results(second).length > 1);
  expect(await lab.marks()).toEqual(['mark', 'mark']);
  expect((await desk.history(task)).filter(({ type }) => type === 'attempt.finished')).toHaveLength(1);
  expect(results(second)).toHaveLength(2);
  expect((await leaderOf(lab, [first, second])).home).toBe(second.home);
  await recordedOnce([first.home, second.home], another);
  await expectInvariants(lab, { home: second.home });
});

it('two bots with one data folder record each entry once, and go on when one of them is killed', async () => {
  lab = await openLab();
  const [first, second] = [startBot('local', { home: 'bot' }), startBot('second', { home: 'bot' })];
  await Promise.all([greeted(first), greeted(second), lab.agent()]);
  const [ours, theirs] = [openDesk(lab), openDesk(lab, 'second')];
  const tasks = [await ours.order('leave mark'), await theirs.order('mark elsewhere')] as const;
  expect([await ours.ends(tasks[0]), await theirs.ends(tasks[1])]).toEqual(['task.succeeded', 'task.succeeded']);
  const audits = (await readLog(lab, 'bot')).flatMap(({ leads }) => (leads?.startsWith('audit:') ? [leads] : []));
  const leader = await leaderOf(lab, [first, second], { name: audits[0] ?? '' });
  await leader.process.kill();
  const left = leader.process === first.process ? theirs : ours;
  expect(await left.ends(await left.order('leave mark'))).toBe('task.succeeded');
  await recordedOnce(['bot'], 3);
  expect(await lab.marks()).toHaveLength(3);
  await expectInvariants(lab);
});
