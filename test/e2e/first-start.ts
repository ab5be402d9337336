// The program's first start, which makes a database, the sample homelab and the record. It takes as long as five later ones, so a
// test run does it once, at the first asking.
import { rm } from 'node:fs/promises';
import { execa } from 'execa';
import { withoutSettings } from '../setup/settings.ts';
import { makeHome } from './home.ts';
import { programArguments } from './program.ts';

export type FirstStart = { readonly dataFolder: string; end(): Promise<void> };

/** What test/setup/global.ts says. */
export type FirstStartAnswer = { readonly dataFolder: string } | { readonly failure: string };

export async function startOnce(): Promise<FirstStart> {
  const home = await makeHome();
  const end = () => rm(home.folder, { recursive: true, force: true });
  const { failed, stderr } = await execa(process.execPath, programArguments, {
    ...{ cwd: home.folder, input: 'help\n', reject: false, cleanup: true, timeout: 120_000 },
    ...{ extendEnv: false, env: { ...withoutSettings(process.env), ...home.env } },
  });
  if (!failed) return { dataFolder: home.env.CHIFFON_HOME ?? '', end };
  await end();
  throw new Error(`the first start failed: ${stderr}`);
}
