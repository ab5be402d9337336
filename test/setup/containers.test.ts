// How an engine is asked, with a stand-in for `docker` that writes down what it is asked and answers as the engine would.
import { chmod, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { engineAnswers, startContainer } from './containers.ts';

let folder: string;
const before = process.env.PATH;
const asked = () => readFile(path.join(folder, 'asked'), 'utf8');

beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'chiffon-containers-'));
  process.env.PATH = `${folder}${path.delimiter}${before}`;
});
afterEach(async () => {
  process.env.PATH = before;
  await rm(folder, { recursive: true, force: true });
});

async function standIn(script: string): Promise<void> {
  const file = path.join(folder, 'docker');
  await writeFile(file, `#!/bin/sh\necho "$@" >> ${folder}/asked\n${script}\n`);
  await chmod(file, 0o755);
}

it('an engine that does not answer is none', async () => {
  await standIn('exit 1');
  expect(await engineAnswers()).toBe(false);
  await standIn('exit 0');
  expect(await engineAnswers()).toBe(true);
});

it('a container is started on the loopback address, asked until it is ready, and removed at the end', async () => {
  await standIn('exit 0');
  let tries = 0;
  const container = await startContainer({
    image: 'some/image:1',
    env: { SECRET: 'x' },
    ports: [5432],
    args: ['-c', 'fsync=off'],
    isReady: async () => {
      tries += 1;
      if (tries < 3) throw new Error('not yet');
    },
  });
  const publish = `--publish 127.0.0.1:${container.port(5432)}:5432`;
  expect(await asked()).toContain(
    `run --detach --name ${container.name} --env SECRET=x ${publish} some/image:1 -c fsync=off`,
  );
  await container.end();
  await vi.waitFor(async () => expect(await asked()).toContain(`rm --force --volumes ${container.name}`));
});

it('a container that cannot be started leaves nothing behind and says why', async () => {
  await standIn('[ "$1" = run ] && { echo "no such image" >&2; exit 125; }; exit 0');
  const failing = startContainer({ image: 'none', env: {}, ports: [], isReady: async () => {} });
  await expect(failing).rejects.toThrow('no such image');
  expect(await asked()).toContain('rm --force --volumes');
});
