// The test broker leaves nothing behind, not even when the process that started it is killed: neither server nor epmd nor folder.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { expect, it, vi } from 'vitest';
import { aliveWith } from '../agent/alive.ts';

const program = `
  import { startRabbit } from ${JSON.stringify(path.join(import.meta.dirname, 'rabbitmq-server.ts'))};
  await startRabbit();
  console.log('started');
  setInterval(() => {}, 1_000);`;

it('is gone when the process that started it is killed', async () => {
  // The broker's home is a folder in it, so every process of the broker names it in its environment.
  const folder = await mkdtemp(path.join(tmpdir(), 'chiffon-broker-of-killed-'));
  const starter = spawn(process.execPath, ['--input-type=module', '--eval', program], {
    env: { ...process.env, TMPDIR: folder },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  try {
    await once(createInterface({ input: starter.stdout }), 'line');
    const commands = (await aliveWith(folder)).map(({ command }) => command).join('\n');
    expect(commands).toContain('beam.smp');
    expect(commands).toContain('epmd');
    starter.kill('SIGKILL');
    await vi.waitFor(async () => expect(await aliveWith(folder)).toEqual([]), { timeout: 20_000, interval: 50 });
    await vi.waitFor(async () => expect(await readdir(folder)).toEqual([]), { timeout: 20_000, interval: 50 });
  } finally {
    starter.kill('SIGKILL');
    await rm(folder, { recursive: true, force: true });
  }
});
