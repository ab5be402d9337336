// A data folder of a test's own, which goes with the test. Each begins with a copy of what the program's first start left, as if it
// had started there before and nothing had been asked.
import { cp, rm } from 'node:fs/promises';
import { inject, onTestFinished } from 'vitest';
import { z } from 'zod';
import type { Home } from './home.ts';
import { makeHome } from './home.ts';

export async function freshHome(env: Readonly<Record<string, string>> = {}): Promise<Home> {
  const home = await makeHome(env);
  onTestFinished(() => rm(home.folder, { recursive: true, force: true }));
  await copyFirstStart(home);
  return home;
}

/** For a home that goes otherwise than with its test. */
export async function copyFirstStart(home: Home): Promise<void> {
  const response = await fetch(new URL('/first-start', inject('servers')));
  const answer = answerSchema.parse(await response.json());
  if ('failure' in answer) throw new Error(answer.failure);
  await cp(answer.dataFolder, home.env.CHIFFON_HOME ?? '', { recursive: true });
}

/** A data folder that the program has never seen. */
export async function emptyHome(): Promise<Home> {
  const home = await makeHome();
  onTestFinished(() => rm(home.folder, { recursive: true, force: true }));
  return home;
}

const answerSchema = z.union([z.object({ dataFolder: z.string() }), z.object({ failure: z.string() })]);
