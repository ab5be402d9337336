import { randomUUID } from 'node:crypto';
import { afterEach, expect, it } from 'vitest';
import { spawnGuarded } from '../../agents/ansible/guarded-process.ts';
import type { GuardReport } from '../../agents/ansible/run-events.ts';
import { makeEventReader } from '../../agents/ansible/run-events.ts';
import { aliveWith } from './alive.ts';

const guard = new URL('../../ansible/guard/guard.py', import.meta.url).pathname;
const mark = `guard-mark-${randomUUID()}`;

afterEach(async () => {
  for (const { pid } of await aliveWith(mark)) process.kill(pid, 'SIGKILL');
});

async function start(script: string, graceMs = 200) {
  let told = '';
  let printed = '';
  const guarded = await spawnGuarded({
    ...{ python: 'python3', guard, command: ['sh', '-c', script], cwd: '/', graceMs },
    env: { PATH: process.env.PATH ?? '', MARK: mark },
    onEvents: (bytes) => {
      told += Buffer.from(bytes).toString();
    },
    onComplaint: (text) => {
      throw new Error(text);
    },
  });
  const reading = (async () => {
    for await (const bytes of guarded.output) printed += Buffer.from(bytes).toString();
  })();
  return {
    guarded,
    report: async () => {
      await Promise.all([guarded.ended, reading]);
      return readReport(told);
    },
    printed: () => printed,
  };
}

function readReport(told: string): GuardReport | undefined {
  const reader = makeEventReader({ event: () => {}, secrets: () => {} });
  reader.push(Buffer.from(told));
  return reader.guard();
}

it('starts nothing before it is told, and nothing at all when it is stopped first', async () => {
  const { guarded, report, printed } = await start('echo started');
  guarded.stop();
  expect(await report()).toBeUndefined();
  expect(printed()).toBe('');
});

it('gives both streams as one, in order, and the command’s code', async () => {
  const { guarded, report, printed } = await start('for i in 1 2 3; do echo out $i; echo err $i >&2; done; exit 7');
  guarded.go();
  expect(await report()).toEqual({ exit: 7, signal: null, stopped: null, killed: 0, alive: [] });
  expect(printed()).toBe('out 1\nerr 1\nout 2\nerr 2\nout 3\nerr 3\n');
});

it('says when a signal ended the command, and when there is none', async () => {
  const killed = await start('kill -9 $$');
  killed.guarded.go();
  expect(await killed.report()).toMatchObject({ exit: null, signal: 9, stopped: null });
});

it('does not wait for something that was left running with the output open', async () => {
  const { guarded, report, printed } = await start('sleep 1000 & echo done');
  guarded.go();
  expect(await report()).toMatchObject({ exit: 0, stopped: null });
  expect(printed()).toBe('done\n');
  expect(await aliveWith(mark)).toHaveLength(1);
});

it('ends a family that forks as fast as it is killed', async () => {
  const { guarded, report, printed } = await start(`trap '' INT TERM
    spawn() { trap '' INT TERM; while :; do setsid sh -c 'trap "" INT TERM; sleep 0.05 & sleep 1000' & sleep 0.02; done; }
    spawn & spawn & echo started; wait`);
  guarded.go();
  await expect.poll(printed, { timeout: 20_000 }).toBe('started\n');
  await expect.poll(async () => (await aliveWith(mark)).length, { timeout: 20_000 }).toBeGreaterThan(8);
  guarded.stop();
  const ended = await report();
  expect(ended?.alive).toEqual([]);
  expect(ended?.killed).toBeGreaterThan(8);
  expect(await aliveWith(mark)).toEqual([]);
});

it('stops when it gets a signal itself, with everything that came of the command', async () => {
  const { guarded, report, printed } = await start('setsid sleep 1000 & echo started; sleep 1000');
  guarded.go();
  await expect.poll(printed, { timeout: 20_000 }).toBe('started\n');
  process.kill(guarded.pid, 'SIGTERM');
  expect(await report()).toMatchObject({ stopped: 'signal', alive: [] });
  expect(await aliveWith(mark)).toEqual([]);
});
