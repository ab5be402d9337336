// A repository behind a user and a password: they get git in, and stand in no message, name, file or process list.
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { openInfrastructureRepository } from '../../adapters/git/open-infrastructure.ts';
import { type HttpRemote, serveRepositories } from './http-remote.ts';
import { at, clock, git, makeRepository, makeScratch, task } from './scratch.ts';

const scratch = makeScratch();
let remote: HttpRemote | undefined;
afterEach(async () => {
  await remote?.close();
  remote = undefined;
});

async function serve(credentials = 'ada:geheim', answers = true) {
  const root = scratch.path('forge');
  const origin = join(root, 'lab.git');
  git(scratch.root, 'clone', '--quiet', '--bare', makeRepository(scratch), origin);
  git(origin, 'config', 'http.receivepack', 'true');
  remote = await serveRepositories(root, credentials, answers);
  return { origin, address: `127.0.0.1:${remote.port}/lab.git` };
}

function open(source: string, dataFolder = scratch.path('data'), fetchTimeoutMs = 10_000) {
  return openInfrastructureRepository({
    source,
    samplePath: '/none',
    dataFolder,
    clock,
    freshForMs: 0,
    fetchTimeoutMs,
    cloneTimeoutMs: fetchTimeoutMs,
  });
}

describe('a remote that asks for credentials', () => {
  it('is cloned, fetched and pushed to with those of the URL, which are kept nowhere', async () => {
    const { origin, address } = await serve();
    const dataFolder = scratch.path('data');
    const stored = scratch.path('store');
    process.env.GIT_CONFIG_GLOBAL = scratch.path('gitconfig');
    writeFileSync(process.env.GIT_CONFIG_GLOBAL, `[credential]\n  helper = store --file=${stored}\n`);
    const repository = await open(`http://ada:geheim@${address}`, dataFolder);
    const { commit: base, name } = await repository.refresh();
    expect(name).toBe(`http://${address}`);
    const files = [{ path: 'site.yml', text: 'changed\n' }];
    const ready = await repository.prepareBranch({ task: task(3), revision: 1, base, files, message: 'Change', at });
    expect(await repository.merge(ready)).toMatchObject({ type: 'merged', pushed: true });
    expect(git(origin, 'rev-parse', 'main')).toBe(ready.commit);
    delete process.env.GIT_CONFIG_GLOBAL;
    expect(existsSync(stored)).toBe(false);
    for (const file of filesBelow(dataFolder)) expect(readFileSync(file, 'latin1')).not.toContain('geheim');
  });

  it('with wrong ones it says so, asks nobody, and does not repeat them', async () => {
    const { address } = await serve();
    const refused = await open(`http://ada:falsch@${address}`).catch((fault: unknown) => fault);
    expect(refused).toMatchObject({ kind: 'NO_REPOSITORY', message: expect.stringContaining('cannot be cloned') });
    expect(JSON.stringify([String(refused), refused instanceof Error ? refused.cause : null])).not.toContain('falsch');
  });

  it('a password that changed: planning goes on with what is there, and the note does not repeat it', async () => {
    const { address } = await serve();
    const dataFolder = scratch.path('data');
    await open(`http://ada:geheim@${address}`, dataFolder);
    const state = await (await open(`http://ada:falsch@${address}`, dataFolder)).refresh();
    expect(state.note).toContain('cannot be reached');
    expect(JSON.stringify(state)).not.toContain('falsch');
  });
});

describe('a remote that does not answer', () => {
  it('is given up after the time it was given', async () => {
    const { address } = await serve('ada:geheim', false);
    await expect(open(`http://${address}`, scratch.path('data'), 700)).rejects.toMatchObject({
      kind: 'NO_REPOSITORY',
      message: expect.stringMatching(/no answer within/),
    });
  });
});

function filesBelow(folder: string): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name));
}
