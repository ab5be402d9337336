// `npm run setup` in a checkout of its own: what it makes, what it leaves, what it refuses.
import { createPrivateKey } from 'node:crypto';
import { chmod, cp, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { execa } from 'execa';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { secretFiles } from '../../scripts/setup/secret-files.mjs';

const repository = path.join(import.meta.dirname, '../..');
let checkout: string;

beforeEach(async () => {
  checkout = await mkdtemp(path.join(tmpdir(), 'chiffon-setup-'));
  await execa('git', ['init', '--quiet'], { cwd: checkout });
  await cp(path.join(repository, 'scripts'), at('scripts'), { recursive: true });
  await cp(path.join(repository, '.gitignore'), at('.gitignore'));
});
afterEach(() => rm(checkout, { recursive: true, force: true }));

const at = (...names: string[]) => path.join(checkout, ...names);
const secret = async (name: string) => (await readFile(at('secrets', name), 'utf8')).trim();
const setup = (...args: string[]) =>
  execa('node', ['scripts/setup.mjs', ...args], { cwd: checkout, reject: false, env: { INFRA_REPO: '' } });
const everything = async () => {
  const names = (await readdir(at('secrets'))).toSorted();
  return {
    env: await readFile(at('.env'), 'utf8'),
    files: await Promise.all(names.map(async (name) => [name, await secret(name)])),
  };
};
const modeOf = async (file: string) => (await stat(file)).mode & 0o777;

describe('npm run setup', () => {
  it('makes every secret and .env, for this user alone, and nothing that Git would take', async () => {
    const { exitCode, stdout } = await setup('--yes', '--infra-repo', 'git@git.example.org:me/infra.git');
    expect(exitCode).toBe(0);
    expect((await readdir(at('secrets'))).toSorted()).toEqual(secretFiles.map(({ name }) => name).toSorted());
    expect(await readFile(at('.env'), 'utf8')).toBe("INFRA_REPO='git@git.example.org:me/infra.git'\n");
    expect(await modeOf(at('secrets'))).toBe(0o700);
    expect(await modeOf(at('.env'))).toBe(0o600);
    for (const { name } of secretFiles) expect(await modeOf(at('secrets', name)), name).toBe(0o444);
    expect(
      (await execa('git', ['status', '--porcelain', '--untracked-files=all'], { cwd: checkout })).stdout,
    ).not.toMatch(/secrets|\.env/);
    expect(stdout).toContain('docker compose run --rm enroll');
    // Of the secrets only the public keys are shown.
    for (const { name } of secretFiles.filter((file) => /password|url|_key$/.test(file.name)))
      expect(stdout).not.toContain(await secret(name));
  });

  it('makes passwords of their own and keys that OpenSSH and Node read', async () => {
    await setup('--yes');
    const passwords = await Promise.all(
      secretFiles.filter(({ name }) => name.endsWith('password')).map(({ name }) => secret(name)),
    );
    expect(new Set(passwords).size).toBe(passwords.length);
    for (const password of passwords) expect(password).toMatch(/^[\w-]{32}$/);
    expect(await secret('database_url')).toContain(await secret('postgres_program_password'));
    expect(Buffer.from(await secret('chiffon_secret_key'), 'base64')).toHaveLength(32);
    expect(createPrivateKey(await secret('core_signing_key')).asymmetricKeyType).toBe('ed25519');
    for (const key of ['git_ssh_key', 'hosts_ssh_key']) {
      await chmod(at('secrets', key), 0o600);
      const { stdout } = await execa('ssh-keygen', ['-y', '-f', at('secrets', key)]);
      expect(stdout).toBe(await secret(`${key}.pub`));
    }
  });

  it('changes nothing when it is run again, and completes what is missing', async () => {
    await setup('--yes');
    const before = await everything();
    expect((await setup('--yes')).stdout).toContain(`kept  ${secretFiles.length} of ${secretFiles.length}`);
    expect(await everything()).toEqual(before);

    await rm(at('secrets', 'database_url'));
    expect((await setup('--yes')).stdout).toContain('made  secrets/database_url');
    expect(await everything()).toEqual(before);
  });

  it('keeps a .env of yours and adds to it', async () => {
    await writeFile(at('.env'), 'LOG_LEVEL=debug\n# mine');
    await setup('--yes', '--infra-repo', 'https://git.example.org/me/infra.git');
    expect(await readFile(at('.env'), 'utf8')).toBe(
      "LOG_LEVEL=debug\n# mine\nINFRA_REPO='https://git.example.org/me/infra.git'\n",
    );
    await setup('--yes', '--infra-repo', 'https://git.example.org/me/other.git');
    expect(await readFile(at('.env'), 'utf8')).not.toContain('other');
  });

  it('says which file no longer fits when a password was made anew', async () => {
    await setup('--yes');
    await rm(at('secrets', 'rabbitmq_core_password'));
    const { exitCode, stderr } = await setup('--yes');
    expect(exitCode).toBe(1);
    expect(stderr).toContain('secrets/rabbitmq_core_url does not fit');
  });

  it('refuses to write what Git has or would take', async () => {
    await writeFile(at('.env'), '');
    await execa('git', ['add', '--force', '.env'], { cwd: checkout });
    expect((await setup('--yes')).stderr).toContain('.env is in Git');
    await execa('git', ['rm', '--quiet', '--cached', '.env'], { cwd: checkout });
    await writeFile(at('.gitignore'), '.env\n');
    expect((await setup('--yes')).stderr).toContain('Git would take secrets/');
    await expect(readdir(at('secrets'))).rejects.toThrow('ENOENT');
  });

  it.each(['/srv/infra', './infra', 'file:///srv/infra', 'git@example.org:a b'])(
    'refuses %s, which a container could not read',
    async (given) => {
      const { exitCode, stderr } = await setup('--yes', '--infra-repo', given);
      expect({ exitCode, stderr }).toEqual({ exitCode: 1, stderr: expect.stringContaining('give a Git URL') });
      await expect(readdir(at('secrets'))).rejects.toThrow('ENOENT');
    },
  );

  it('says how it is used when it does not know an argument', async () => {
    const { exitCode, stderr } = await setup('--force');
    expect(exitCode).toBe(1);
    expect(stderr).toContain('npm run setup [-- --yes]');
  });
});

describe('the health check of a container', () => {
  const check = (file: string) =>
    execa('node', [path.join(repository, 'scripts/healthy.mjs'), file], { reject: false });

  it('holds while the file is written, and no longer', async () => {
    const file = at('heartbeat');
    expect((await check(file)).exitCode).toBe(1);
    await writeFile(file, '');
    expect((await check(file)).exitCode).toBe(0);
    await execa('touch', ['-d', '1 minute ago', file]);
    expect(await check(file)).toMatchObject({ exitCode: 1, stderr: expect.stringMatching(/was written 6\d s ago/) });
  });
});
