// A data folder of a test's own, which goes with the test. The program's first start, which makes a database, is done once for a
// test file; each test begins with a copy of what it left, as if it had started there before and nothing had been asked.
import { cp, rm } from 'node:fs/promises';
import { afterAll, onTestFinished } from 'vitest';
import type { Home } from './home.ts';
import { makeHome } from './home.ts';
import { runProgram } from './program.ts';

let started: Promise<Home> | undefined;

afterAll(async () => {
  if (started !== undefined) await rm((await started).folder, { recursive: true, force: true });
});

export async function freshHome(env: Readonly<Record<string, string>> = {}): Promise<Home> {
  started ??= startOnce();
  const first = await started;
  const home = await makeHome(env);
  onTestFinished(() => rm(home.folder, { recursive: true, force: true }));
  await cp(first.env.CHIFFON_HOME ?? '', home.env.CHIFFON_HOME ?? '', { recursive: true });
  return home;
}

/** A data folder that the program has never seen. */
export async function emptyHome(): Promise<Home> {
  const home = await makeHome();
  onTestFinished(() => rm(home.folder, { recursive: true, force: true }));
  return home;
}

async function startOnce(): Promise<Home> {
  const home = await makeHome();
  const { exitCode, stderr } = await runProgram(home, [], ['help']);
  if (exitCode !== 0) throw new Error(`the first start failed: ${stderr}`);
  return home;
}
