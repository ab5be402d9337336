import { spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { access, mkdtemp, readdir, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, expect, it, vi } from 'vitest';
import { openJournal } from '../../agents/runtime/journal.ts';
import { privateKeyText } from '../../core/contracts/signature.ts';
import { aliveWith } from './alive.ts';
import type { Lab } from './lab.ts';
import { openLab, play } from './lab.ts';

let lab: Lab;
afterEach(() => lab.dispose());

const mark = `lab-mark-${randomUUID()}`;
const program = new URL('./agent-process.ts', import.meta.url).pathname;
const playbook = play(`- shell: |
    trap '' INT TERM
    setsid sleep 1000 &
    echo once >> {{ flag }}
    sleep 1000
  environment: { LAB_MARK: ${mark} }`);

async function startAgentProcess() {
  const folder = await mkdtemp(join(tmpdir(), 'chiffon-agent-'));
  lab = await openLab({ 'play.yml': playbook }, { folder: join(folder, 'orders') });
  const flag = join(folder, 'flag');
  const order = lab.order({
    step: { vars: { flag, password: { $secret: 'ref', digest: '' } } },
    secrets: { ref: 'hunter2-hunter2' },
  });
  await lab.dispose();
  await writeFile(
    join(folder, 'order.json'),
    JSON.stringify({ order, signingKey: privateKeyText(lab.core.signingKey) }),
  );
  await writeFile(join(folder, 'play.yml'), playbook);
  const child = spawn(process.execPath, [program, folder, join(folder, 'order.json'), join(folder, 'play.yml')], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  await vi.waitUntil(
    () =>
      access(flag).then(
        () => true,
        () => false,
      ),
    { timeout: 20_000, interval: 20 },
  );
  return { folder, flag, order, child };
}

it('killed with -9 in the middle of a step, leaves nothing alive, and says at its next start that nobody knows', async () => {
  const { folder, order, child } = await startAgentProcess();
  expect((await aliveWith(mark)).length).toBeGreaterThanOrEqual(2);
  child.kill('SIGKILL');
  await vi.waitUntil(async () => (await aliveWith(mark)).length === 0 && (await aliveWith(folder)).length === 0, {
    timeout: 30_000,
    interval: 50,
  });

  lab = await openLab({ 'play.yml': playbook }, { folder, ansible: { graceMs: 1_000 } });
  const { result } = await lab.lastWord(order);
  expect(result).toMatchObject({
    outcome: 'unknown',
    error: { kind: 'STEP_UNKNOWN', message: expect.stringContaining('died while step 1 ran') },
  });
  expect(await readdir(join(folder, 'agent', 'work')).catch(() => [])).toEqual([]);
  // The same command once more is answered from the journal, and runs nothing.
  await lab.start(order);
  await vi.waitUntil(() => lab.told.filter(({ event }) => event.type === 'attempt.finished').length === 2, {
    timeout: 20_000,
  });
  expect(lab.told.every(({ event }) => event.type === 'attempt.finished')).toBe(true);
});

it('ends what is left itself when the guard was killed with it', async () => {
  const { folder, order, child } = await startAgentProcess();
  const guard = (await aliveWith('guard.py')).find(({ command }) => command.includes(folder));
  process.kill(guard?.pid ?? 0, 'SIGKILL');
  child.kill('SIGKILL');
  lab = await openLab({ 'play.yml': playbook }, { folder, ansible: { graceMs: 1_000 } });
  const { result } = await lab.lastWord(order);
  expect(result.outcome).toBe('unknown');
  expect(await aliveWith(mark)).toEqual([]);
});

it('never kills another process that got the number of its guard', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'chiffon-agent-'));
  const bystander = spawn('sleep', ['1000']);
  const journal = await openJournal(join(folder, 'agent'));
  lab = await openLab({ 'play.yml': playbook }, { folder: join(folder, 'orders') });
  const order = lab.order();
  await lab.dispose();
  await journal.claim(order, 'an earlier life', order.expiresAt ?? '');
  await journal.prepared(`${order.run}.${order.token}`, {
    pid: bystander.pid ?? 0,
    startTime: '1',
    bootId: 'another',
    tag: randomUUID(),
  });
  await journal.started(`${order.run}.${order.token}`);
  await journal.close();
  lab = await openLab({ 'play.yml': playbook }, { folder });
  expect((await lab.lastWord(order)).result.outcome).toBe('unknown');
  expect(bystander.exitCode).toBeNull();
  expect(bystander.signalCode).toBeNull();
  bystander.kill();
});

it('says that nothing was done when it died before the start, and sends a result again that core may have missed', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'chiffon-agent-'));
  lab = await openLab({ 'play.yml': play('- ping:') }, { folder });
  const claimed = lab.order();
  const finished = await lab.run();
  await lab.agent.close();
  const journal = await openJournal(join(folder, 'agent'));
  const again = lab.order();
  await journal.claim(claimed, 'an earlier life', claimed.expiresAt ?? '');
  await journal.claim(again, 'an earlier life', again.expiresAt ?? '');
  await journal.ended(`${again.run}.1`, { ...finished.finished, run: again.run });
  await journal.close();
  await lab.bus.close();
  lab = await openLab({ 'play.yml': play('- ping:') }, { folder });
  expect((await lab.lastWord(claimed)).last).toMatchObject({ type: 'attempt.refused', kind: 'NOT_STARTED' });
  expect((await lab.lastWord(again)).result).toEqual(finished.result);
  expect(lab.told.some(({ event }) => event.run === finished.order.run)).toBe(false);
});
