// `agents` and `doctor` as people run them, on real services: who is enrolled, which key counts, and what is wrong, said with
// what to do about it and without a password.
import { readFile, rm, stat, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { execa } from 'execa';
import { afterEach, describe, expect, it } from 'vitest';
import { toIdentity } from '../../core/contracts/identity.ts';
import type { Lab } from '../services/lab.ts';
import { openLab } from '../services/lab.ts';

const main = resolve(import.meta.dirname, '../../bot/main.ts');
let lab: Lab;
afterEach(() => lab.dispose());

async function run(args: readonly string[], env: Readonly<Record<string, string>> = {}) {
  const { exitCode, stdout, stderr } = await execa(process.execPath, [main, ...args], {
    cwd: lab.folder,
    env: { ...lab.env, CHIFFON_HOME: join(lab.folder, 'bot'), CHIFFON_TERMINAL: 'tool', ...env },
    reject: false,
  });
  return { exitCode, stdout, stderr };
}

const systemEvents = async () => (await lab.events()).map(({ event }) => event.type);

describe('agents', () => {
  it('enrolment gives a private file and stands in the log; a file that is there, or a bad name, enrols nobody', async () => {
    lab = await openLab();
    const path = join(lab.folder, 'nas.agent-identity.json');
    const first = await run(['agents', 'enroll', 'nas']);
    expect(first).toMatchObject({ exitCode: 0, stderr: '' });
    expect(first.stdout).toContain('CHIFFON_AGENT_IDENTITY=nas.agent-identity.json npm run agent -- --pool ansible');
    expect((await stat(path)).mode & 0o777).toBe(0o600);
    expect(toIdentity(JSON.parse(await readFile(path, 'utf8')))).toMatchObject({ name: 'nas', pool: 'ansible' });

    expect(await run(['agents', 'enroll', 'nas'])).toMatchObject({
      exitCode: 1,
      stderr: `chiffon: CHF-701: ${path} is there already; give another one with --output.`,
    });
    for (const args of [
      ['../x', '--pool', 'ansible'],
      ['ok', '--pool', 'Ansible'],
    ])
      expect(await run(['agents', 'enroll', ...args])).toMatchObject({
        exitCode: 1,
        stderr: expect.stringMatching(/^chiffon: CHF-701: (An agent|A pool) cannot be called “.+”: lower-case letters/),
      });
    expect(await systemEvents()).toEqual(['core.key', 'agent.enrolled']);
    expect((await run(['agents', 'list'])).stdout).toMatch(/^nas {2}pool ansible {2}enrolled 20\d\d-/);

    const again = await run(['agents', 'enroll', 'nas', '--output', 'elsewhere.json']);
    expect(again.stdout).toContain('Its earlier identity counts no more');
    expect(again.stdout).toContain('CHIFFON_AGENT_IDENTITY=elsewhere.json');
  });

  it('an agent is revoked by its name, and a new signing key counts when it was said so, for agents enrolled anew', async () => {
    lab = await openLab();
    await run(['agents', 'enroll', 'nas']);
    expect((await run(['agents', 'revoke', 'nobody'])).stderr).toMatch(
      /^chiffon: CHF-806: No agent of the name nobody/,
    );
    expect((await run(['agents', 'revoke', 'nas', '--reason', 'sold'])).exitCode).toBe(0);
    expect((await run(['agents', 'list'])).stdout).toMatch(/^No agent is enrolled/);

    await run(['agents', 'enroll', 'one', '--output', 'one.json']);
    await rm(lab.env.CHIFFON_SIGNING_KEY ?? '');
    const other = await run(['agents', 'enroll', 'two']);
    expect(other.exitCode).toBe(1);
    expect(other.stderr).toMatch(/is not the one that the bots on this database sign with.+agents rekey/);
    await expect(stat(join(lab.folder, 'two.agent-identity.json'))).rejects.toMatchObject({ code: 'ENOENT' });
    expect((await run(['doctor'])).stdout).toMatch(/✗ signing key: .+ is not the one that this database knows/);

    expect((await run(['agents', 'rekey'])).exitCode).toBe(0);
    expect(await systemEvents()).toEqual([
      ...['core.key', 'agent.enrolled', 'agent.revoked', 'agent.enrolled'],
      ...['core.key', 'agent.revoked'],
    ]);
    expect((await run(['agents', 'enroll', 'two'])).exitCode).toBe(0);
  });
});

describe('doctor', () => {
  it('finds nothing broken where everything runs, and says who is connected', async () => {
    lab = await openLab();
    const bot = lab.bot();
    await lab.agent();
    await bot.shows(/Ask for a change in your own words/);
    const { exitCode, stdout, stderr } = await run(['doctor']);
    expect(stdout).toContain('✓ bot: A bot is running and hears the agents.');
    expect(stdout).toContain('✓ agent: nas of the pool ansible is connected.');
    for (const about of ['data folder', 'git', 'repository', 'policy', 'database', 'signing key', 'broker'])
      expect(stdout).toContain(`✓ ${about}: `);
    expect(stdout).toMatch(/\nNothing is broken\.$/);
    expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' });
    const findings: unknown = JSON.parse((await run(['doctor', '--json'])).stdout);
    expect(findings).toContainEqual({
      standing: 'well',
      about: 'bot',
      sentence: 'A bot is running and hears the agents.',
    });
  });

  it('names each thing that is broken, with what to do, and never a password', async () => {
    lab = await openLab();
    await writeFile(join(lab.folder, 'broken.yaml'), 'approvers: nobody\n');
    const broken = {
      DATABASE_URL: 'postgres://chiffon:s3cret-d@127.0.0.1:1/chiffon',
      RABBITMQ_URL: 'amqp://chiffon:s3cret-r@127.0.0.1:1/chiffon',
      INFRA_REPO: join(lab.folder, 'nowhere'),
      POLICY_FILE: join(lab.folder, 'broken.yaml'),
    };
    const { exitCode, stdout, stderr } = await run(['doctor'], broken);
    for (const about of ['repository', 'policy', 'database', 'broker'])
      expect(stdout).toMatch(new RegExp(`✗ ${about}: .+\\n {4}→ .+`));
    expect({ exitCode, stderr }).toEqual({ exitCode: 1, stderr: '' });
    expect(stdout).toMatch(/\n4 of these must be mended\.$/);
    expect(stdout).not.toContain('s3cret');
    const json = await run(['doctor', '--json'], broken);
    const findings = JSON.parse(json.stdout) as { standing: string; advice?: string }[];
    expect(findings.filter(({ standing }) => standing === 'broken').map(({ advice }) => typeof advice)).toEqual(
      Array(4).fill('string'),
    );
    expect(json.stdout).not.toContain('s3cret');
    const refused = { ...lab.env };
    for (const name of ['DATABASE_URL', 'RABBITMQ_URL']) {
      const url = new URL(refused[name] ?? '');
      url.password = 's3cret-x';
      refused[name] = url.href;
    }
    expect((await run(['doctor'], { RABBITMQ_URL: refused.RABBITMQ_URL ?? '' })).stdout).toMatch(
      /✗ broker: .+\n {4}→ /,
    );
    expect((await run(['doctor'], refused)).stdout).not.toContain('s3cret');
  });

  it('a reader that goes away is no fault', async () => {
    lab = await openLab();
    const child = execa('sh', ['-c', `"$0" "${main}" doctor | head -n 1`, process.execPath], {
      ...{ cwd: lab.folder, env: { ...lab.env, CHIFFON_HOME: join(lab.folder, 'bot') }, reject: false },
    });
    const { stdout, stderr } = await child;
    expect(stdout).toContain('data folder');
    expect(stderr).toBe('');
  });
});
