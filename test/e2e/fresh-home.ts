// A data folder of a test's own, which goes with the test.
import { rm } from 'node:fs/promises';
import { onTestFinished } from 'vitest';
import type { Home } from './home.ts';
import { makeHome } from './home.ts';

export async function freshHome(env: Readonly<Record<string, string>> = {}): Promise<Home> {
  const home = await makeHome(env);
  onTestFinished(() => rm(home.folder, { recursive: true, force: true }));
  return home;
}
