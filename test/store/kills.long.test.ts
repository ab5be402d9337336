// What was acknowledged survives many kills of the process that acknowledged it.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished, test } from 'vitest';
import { surviveKills } from './survive-kills.ts';

test('after kill -9 at any of thirty moments, all that was acknowledged is there, and the chain is whole', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'chiffon-kills-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  await surviveKills(folder, 30);
}, 900_000);
