import { randomUUID } from 'node:crypto';
import { access } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, expect, it, vi } from 'vitest';
import { aliveWith } from './alive.ts';
import type { Lab } from './lab.ts';
import { openLab, play } from './lab.ts';

let lab: Lab;
afterEach(() => lab.dispose());

const mark = `lab-mark-${randomUUID()}`;

/** A task whose children ignore polite signals, leave their group and their session, and give up their parents. */
const stubborn = play(`- name: Stubborn
  shell: |
    trap '' INT TERM HUP
    sleep 1000 &
    setsid sh -c 'trap "" INT TERM HUP; sleep 1000 & sleep 1000' &
    (setsid sh -c '(setsid sleep 1000 &)' &)
    touch {{ flag }}
    sleep 1000
  environment: { LAB_MARK: ${mark} }`);

const exists = (path: string) =>
  vi.waitUntil(
    () =>
      access(path).then(
        () => true,
        () => false,
      ),
    { timeout: 20_000, interval: 20 },
  );

async function startStubborn() {
  lab = await openLab({ 'play.yml': stubborn }, { ansible: { graceMs: 1_000 } });
  const flag = join(lab.folder, 'flag');
  const order = await lab.start(lab.order({ step: { vars: { flag } } }));
  await exists(flag);
  expect((await aliveWith(mark)).length).toBeGreaterThanOrEqual(5);
  return order;
}

it('leaves no process alive after a cancel, whatever the task’s children do', async () => {
  const order = await startStubborn();
  await lab.cancel(order);
  const { result } = await lab.lastWord(order);
  expect(await aliveWith(mark)).toEqual([]);
  expect(await aliveWith(lab.checkout)).toEqual([]);
  expect(result).toMatchObject({ outcome: 'cancelled', error: null });
});

it('stops a step at its time limit the same way, and says so', async () => {
  lab = await openLab({ 'play.yml': stubborn }, { ansible: { graceMs: 1_000 } });
  const { result } = await lab.run(lab.order({ step: { vars: { flag: join(lab.folder, 'flag') }, timeoutMs: 4_000 } }));
  expect(await aliveWith(mark)).toEqual([]);
  expect(await aliveWith(lab.checkout)).toEqual([]);
  expect(result).toMatchObject({
    outcome: 'failed',
    error: { kind: 'STEP_TIMEOUT', message: expect.stringContaining('4 s') },
  });
});

it('ends what runs when the agent is closed, and says how', async () => {
  const order = await startStubborn();
  await lab.agent.close();
  expect(await aliveWith(mark)).toEqual([]);
  const { result } = await lab.lastWord(order);
  expect(result).toMatchObject({
    outcome: 'unknown',
    error: { kind: 'STEP_UNKNOWN', message: expect.stringContaining('shut down') },
  });
});

it('says that nobody knows when something kills the guard, and leaves nothing alive', async () => {
  const order = await startStubborn();
  const guard = (await aliveWith('guard.py')).find(({ command }) => command.includes(lab.checkout));
  process.kill(guard?.pid ?? 0, 'SIGKILL');
  const { result } = await lab.lastWord(order);
  expect(await aliveWith(mark)).toEqual([]);
  expect(result).toMatchObject({ outcome: 'unknown', error: { kind: 'STEP_UNKNOWN' } });
});

it('lets Ansible tidy up: a run that obeys is interrupted well within its grace', async () => {
  lab = await openLab({ 'play.yml': play('- shell: touch {{ flag }}; sleep 1000') }, { ansible: { graceMs: 30_000 } });
  const flag = join(lab.folder, 'flag');
  const order = await lab.start(lab.order({ step: { vars: { flag } } }));
  await exists(flag);
  await lab.cancel(order);
  const { result, text } = await lab.lastWord(order);
  expect(result.outcome).toBe('cancelled');
  expect(text).toContain('PLAY [one]');
  expect(await aliveWith(lab.folder)).toEqual([]);
});

it('leaves alone what a step that ends by itself has started', async () => {
  lab = await openLab({
    'play.yml': play(`- shell: (setsid sleep 1000 > /dev/null 2>&1 < /dev/null &)
  environment: { LAB_MARK: ${mark} }`),
  });
  const { result } = await lab.run();
  expect(result.outcome).toBe('succeeded');
  const left = await aliveWith(mark);
  expect(left.map(({ command }) => command.trim())).toEqual(['sleep 1000']);
  for (const { pid } of left) process.kill(pid, 'SIGKILL');
});

it('never starts a step whose cancel came first', async () => {
  lab = await openLab({ 'play.yml': play('- shell: touch {{ flag }}') });
  const order = lab.order({ step: { vars: { flag: join(lab.folder, 'flag') } } });
  await lab.cancel(order);
  await lab.start(order);
  const { last } = await lab.lastWord(order);
  expect(last).toMatchObject({ type: 'attempt.refused', kind: 'NOT_STARTED' });
  await expect(access(join(lab.folder, 'flag'))).rejects.toThrow();
});
