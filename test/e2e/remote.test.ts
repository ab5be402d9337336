// An infrastructure repository behind a URL: cloned, run, pushed; and what happens when it goes away in between.
import { rename } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { freshHome } from './fresh-home.ts';
import { git, startProgram, viewsOf } from './program.ts';

const sentence = 'deploy uptime kuma to homelab and add existing portals to config';

it('a change whose remote is away when every step is done waits, and is pushed once a person says resume', async () => {
  const home = await freshHome();
  const remote = join(home.folder, 'remote.git');
  await git(home.folder, 'clone', '-q', '--bare', join(home.env.CHIFFON_HOME ?? '', 'homelab'), remote);
  const program = startProgram(
    { ...home, env: { ...home.env, INFRA_REPO: `file://${remote}` } },
    ['--json'],
    [sentence],
    true,
  );
  await program.shows(/"type":"plan"/);
  program.say('approve');
  await program.shows(/"state":"running"/);
  await rename(remote, `${remote}.away`);
  await program.shows(/is paused: every step is done, but the change is not merged yet/);
  await rename(`${remote}.away`, remote);
  program.say('resume');
  await program.shows(/"type":"result"/);
  program.end();
  const run = await program.finished;
  const [plan] = viewsOf(run, 'plan');
  expect(viewsOf(run, 'result')[0]).toMatchObject({ state: 'succeeded', commit: { sha: plan?.commit, pushed: true } });
  expect(await git(remote, 'rev-parse', 'main')).toBe(plan?.commit);
  expect(run.exitCode).toBe(0);
});
