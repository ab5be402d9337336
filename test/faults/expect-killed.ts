// A process that is to die at its fault point did so; one that never came there is ended, and says what it did instead.
import { setTimeout as wait } from 'node:timers/promises';
import { expect } from 'vitest';
import type { LabProcess } from '../services/lab.ts';

export async function expectKilled(mortal: LabProcess): Promise<void> {
  const waiting = new AbortController();
  const late = wait(60_000, 'it is alive', { signal: waiting.signal }).catch(() => 'never');
  const end = await Promise.race([mortal.ended, late]);
  waiting.abort();
  if (end !== 'SIGKILL') await mortal.kill();
  expect(end, mortal.output().slice(-3_000)).toBe('SIGKILL');
}
