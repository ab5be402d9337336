import { existsSync, readFileSync } from 'node:fs';
import { mkdir, readdir, rename, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { describe, expect, it, vi } from 'vitest';
import { makeNewcomer, npm, python, told } from './newcomer.ts';

const chiffonHome = (checkout: string) => path.join(checkout, '.chiffon');
const venvPlaybook = (home: string) => path.join(home, 'ansible-venv/bin/ansible-playbook');

describe('the first start', () => {
  it('installs the dependencies and Ansible, says so on standard error only, and hands both to the program', async () => {
    await using newcomer = await makeNewcomer();
    const { code, stdout, stderr } = await newcomer.start(['--json']);
    expect(code).toBe(0);
    expect(stdout.trim().split('\n')).toHaveLength(1);
    const home = chiffonHome(newcomer.checkout);
    expect(told(stdout)).toMatchObject({ args: ['--json'], home, ansible: venvPlaybook(home) });
    expect(stderr).toMatch(/installing the dependencies\n[\s\S]*✔ installed the dependencies in \d+ s/);
    expect(stderr).toMatch(/installing ansible-core 2\.19\.\d+\n[\s\S]*✔ installed ansible-core 2\.19\.\d+ in \d+ s/);
    expect((await newcomer.calls()).filter((call) => call.startsWith('npm ci'))).toHaveLength(1);
  });

  it('takes an ansible-playbook of the PATH when it is recent enough', async () => {
    await using newcomer = await makeNewcomer();
    await newcomer.install('ansible-playbook', 'echo "ansible-playbook [core 2.15.0]"');
    const { stdout } = await newcomer.start();
    expect(told(stdout).ansible).toMatch(/bin\/ansible-playbook$/);
    expect((await newcomer.calls()).filter((call) => call.includes('venv'))).toEqual([]);
  });

  it.each(['ansible-playbook [core 2.14.18]', 'ansible-playbook 2.9.27', 'nonsense'])(
    'brings its own Ansible when the one of the PATH says "%s"',
    async (version) => {
      await using newcomer = await makeNewcomer();
      await newcomer.install('ansible-playbook', `echo "${version}"`);
      const { stdout, stderr } = await newcomer.start();
      expect(told(stdout).ansible).toBe(venvPlaybook(chiffonHome(newcomer.checkout)));
      expect(stderr).toContain('Chiffon needs 2.15 or later and brings its own');
    },
  );

  it.each(['plan', 'catalogue', 'audit', '--help', '--version'])('needs no Ansible for `%s`', async (command) => {
    await using newcomer = await makeNewcomer();
    await newcomer.remove('python3');
    const { code, stdout } = await newcomer.start([command]);
    expect(code).toBe(0);
    expect(told(stdout).ansible).toBeUndefined();
  });

  it('keeps its data where the person was, or where CHIFFON_HOME says', async () => {
    await using newcomer = await makeNewcomer();
    const elsewhere = path.join(newcomer.checkout, 'else where');
    const { stdout } = await newcomer.start(['plan'], { env: { INIT_CWD: elsewhere } });
    expect(told(stdout).home).toBe(path.join(elsewhere, '.chiffon'));
    const again = await newcomer.start(['plan'], { env: { INIT_CWD: elsewhere, CHIFFON_HOME: '../data' } });
    expect(told(again.stdout).home).toBe(path.join(newcomer.checkout, 'data'));
  });
});

describe('a file .env', () => {
  it('sets what the environment leaves open', async () => {
    await using newcomer = await makeNewcomer();
    await writeFile(
      path.join(newcomer.checkout, '.env'),
      'CHIFFON_HOME=of-file\nCHIFFON_ANSIBLE_PLAYBOOK=package.json\n',
    );
    const { stdout } = await newcomer.start(['plan']);
    expect(told(stdout)).toMatchObject({
      home: path.join(newcomer.checkout, 'of-file'),
      ansible: path.join(newcomer.checkout, 'package.json'),
    });
    const given = await newcomer.start(['plan'], { env: { CHIFFON_HOME: 'of-environment' } });
    expect(told(given.stdout).home).toBe(path.join(newcomer.checkout, 'of-environment'));
  });

  it('where the person is goes before the checkout’s own', async () => {
    await using newcomer = await makeNewcomer();
    const elsewhere = path.join(newcomer.checkout, 'elsewhere');
    await mkdir(elsewhere);
    await writeFile(path.join(newcomer.checkout, '.env'), 'CHIFFON_HOME=of-checkout\n');
    await writeFile(path.join(elsewhere, '.env'), 'CHIFFON_HOME=of-person\n');
    const { stdout } = await newcomer.start(['plan'], { env: { INIT_CWD: elsewhere } });
    expect(told(stdout).home).toBe(path.join(elsewhere, 'of-person'));
  });
});

describe('a later start', () => {
  it('finds Node 24 as `node` in npm scripts', async () => {
    await using newcomer = await makeNewcomer();
    await newcomer.start(['plan']);
    expect(existsSync(path.join(newcomer.checkout, 'node_modules/.bin/node'))).toBe(true);
  });

  it('installs nothing and says nothing', async () => {
    await using newcomer = await makeNewcomer();
    await newcomer.start();
    const before = await newcomer.calls();
    const { code, stdout, stderr } = await newcomer.start();
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(told(stdout).ansible).toBe(venvPlaybook(chiffonHome(newcomer.checkout)));
    expect(await newcomer.calls()).toEqual(before);
  });

  it('does not ask the Ansible of the PATH for its version again, until it is another one', async () => {
    await using newcomer = await makeNewcomer();
    const counting = 'echo asked >> "$CALLS"; echo "ansible-playbook [core 2.17.0]"';
    await newcomer.install('ansible-playbook', counting);
    const asked = async () => (await newcomer.calls()).filter((call) => call === 'asked').length;
    await newcomer.start();
    await newcomer.start();
    expect(await asked()).toBe(1);
    await newcomer.install('ansible-playbook', `${counting} # newer`);
    await newcomer.start();
    expect(await asked()).toBe(2);
  });

  it('installs the dependencies again when the lockfile asks for another version than npm installed', async () => {
    await using newcomer = await makeNewcomer();
    const lock = (version: string) =>
      JSON.stringify({ packages: { 'node_modules/zod': { version, integrity: version } } });
    const write = (file: string, text: string) => writeFile(path.join(newcomer.checkout, file), text);
    const installed = async () => (await newcomer.calls()).filter((call) => call.startsWith('npm ci')).length;
    await write('package-lock.json', lock('4.6.7'));
    await newcomer.start(['plan']);
    await write('package-lock.json', lock('4.6.8'));
    await newcomer.start(['plan']);
    expect(await installed()).toBe(2);

    // Somebody ran npm by hand: its own record says that nothing is missing.
    await write('package-lock.json', lock('4.6.9'));
    await write('node_modules/.package-lock.json', lock('4.6.9'));
    await newcomer.start(['plan']);
    expect(await installed()).toBe(2);
  });

  it('makes Ansible again when the data folder has moved, for a virtual environment knows its own path', async () => {
    await using newcomer = await makeNewcomer();
    await newcomer.start([], { env: { CHIFFON_HOME: 'old' } });
    await newcomer.install('npm', 'exit 1');
    await rename(path.join(newcomer.checkout, 'old'), path.join(newcomer.checkout, 'new'));
    const { stdout, stderr } = await newcomer.start([], { env: { CHIFFON_HOME: 'new' } });
    expect(stderr).toContain('✔ installed ansible-core');
    expect(told(stdout).ansible).toBe(venvPlaybook(path.join(newcomer.checkout, 'new')));
  });
});

describe('two starts at once', () => {
  it('install everything once, one waiting for the other', async () => {
    await using newcomer = await makeNewcomer();
    await newcomer.install('npm', `sleep 0.5;${npm}`);
    const outcomes = await Promise.all([newcomer.start(), newcomer.start()]);
    expect(outcomes.map(({ code }) => code)).toEqual([0, 0]);
    const calls = await newcomer.calls();
    expect(calls.filter((call) => call.startsWith('npm ci'))).toHaveLength(1);
    expect(calls.filter((call) => call.includes('-m pip'))).toHaveLength(1);
    expect(outcomes.map(({ stderr }) => stderr).join()).toContain('waiting for another start');
  });
});

describe('a start that is ended while it installs', () => {
  it.each(['SIGINT', 'SIGTERM', 'SIGKILL'] as const)('by %s leaves nothing that hinders the next', async (signal) => {
    await using newcomer = await makeNewcomer();
    await newcomer.install('npm', `echo $$ >> "$CALLS"; exec sleep 60`);
    const first = newcomer.spawn(['plan']);
    const installer = await vi.waitUntil(async () => Number((await newcomer.calls())[0]), { timeout: 10_000 });
    first.kill(signal);
    await first.outcome;
    if (signal === 'SIGKILL') process.kill(installer, 'SIGKILL');
    await vi.waitUntil(() => !isAlive(installer), { timeout: 10_000 });

    await newcomer.install('npm', npm);
    expect(await newcomer.start(['plan'])).toMatchObject({ code: 0 });
    expect(await readdir(chiffonHome(newcomer.checkout))).toEqual([]);
  });
});

describe('the program', () => {
  for (const asChild of [false, true]) {
    const how = asChild ? 'as a child' : 'in the place of start';

    it(`gives its exit code to whoever started it, ${how}`, async () => {
      await using newcomer = await makeNewcomer();
      expect(await newcomer.start(['exit', '0'], { asChild })).toMatchObject({ code: 0 });
      expect(await newcomer.start(['exit', '5'], { asChild })).toMatchObject({ code: 5 });
    });

    it.each(['SIGTERM', 'SIGHUP'] as const)(`gets a %s that start gets, ${how}`, async (signal) => {
      await using newcomer = await makeNewcomer();
      const started = newcomer.spawn(['wait'], { asChild });
      await started.program;
      started.kill(signal);
      const { code, stdout } = await started.outcome;
      expect({ code, last: stdout.trim().split('\n').at(-1) }).toEqual({ code: 7, last: signal });
    });

    it(`decides itself what Ctrl-C means, ${how}`, async () => {
      await using newcomer = await makeNewcomer();
      const started = newcomer.spawn(['wait'], { asChild });
      const { pid } = await started.program;
      // A terminal sends it to both of them.
      if (pid !== started.pid) started.kill('SIGINT');
      process.kill(pid, 'SIGINT');
      const { code, stdout } = await started.outcome;
      expect({ code, last: stdout.trim().split('\n').at(-1) }).toEqual({ code: 7, last: 'SIGINT' });
    });
  }

  it('takes the place of start, which is therefore not there to be killed', async () => {
    await using newcomer = await makeNewcomer();
    const started = newcomer.spawn(['wait']);
    expect((await started.program).pid).toBe(started.pid);
    started.kill('SIGTERM');
    await started.outcome;
  });

  it('ends with start when it is a child, even if start is killed outright', async () => {
    await using newcomer = await makeNewcomer();
    const started = newcomer.spawn(['wait'], { asChild: true });
    const { pid } = await started.program;
    expect(pid).not.toBe(started.pid);
    started.kill('SIGKILL');
    await vi.waitUntil(() => !isAlive(pid), { timeout: 10_000 });
  });

  it('that dies of a signal gives 128 and its number', async () => {
    await using newcomer = await makeNewcomer();
    expect(await newcomer.start(['die'], { asChild: true })).toMatchObject({ code: 137 });
  });
});

describe('what a machine lacks is told in a sentence that says what to do', () => {
  const cases: readonly (readonly [lack: string, command: string, script: string | undefined, sentence: RegExp])[] = [
    [
      'Python',
      'python3',
      undefined,
      /needs Python 3\.11 or later, and Chiffon found none: run `apt-get install python3 python3-venv`/,
    ],
    ['a recent Python', 'python3', 'echo 3.9; echo venv', /needs Python 3\.11 or later, and Chiffon found only 3\.9:/],
    [
      'virtual environments',
      'python3',
      'echo 3.11; exit 1',
      /python3 cannot make virtual environments: run `apt-get install python3-venv`/,
    ],
    ['npm', 'npm', undefined, /npm was not found: install it/],
    [
      'a network, for npm',
      'npm',
      'echo "npm error code EAI_AGAIN"; exit 1',
      /registry could not be reached: check the network/,
    ],
    [
      'a network, for pip',
      'python3',
      python.replace('*"-m pip"*)', '*"-m pip"*) echo "NewConnectionError" >&2; exit 1;'),
      /registry could not be reached/,
    ],
    [
      'a wheel',
      'python3',
      python.replace('*"-m pip"*)', '*"-m pip"*) echo "ERROR: No matching distribution" >&2; exit 1;'),
      /ERROR: No matching distribution\npip could not install Ansible: mend what it says/,
    ],
    ['space', 'npm', 'echo "npm error code ENOSPC"; exit 1', /The disk is full/],
    ['leave to write', 'npm', 'echo "npm error code EACCES"; exit 1', /cannot be written/],
    ['a lockfile that fits', 'npm', 'echo "npm error code EUSAGE"; exit 1', /do not fit together/],
    [
      'anything else',
      'npm',
      'echo "npm error it rained"; exit 1',
      /npm error it rained\nnpm could not install the dependencies: mend what it says/,
    ],
  ];

  it.each(cases)('%s', async (_lack, command, script, sentence) => {
    await using newcomer = await makeNewcomer();
    if (script === undefined) await newcomer.remove(command);
    else await newcomer.install(command, script);
    const { code, stdout, stderr } = await newcomer.start();
    expect(stderr).toMatch(sentence);
    expect(stderr).not.toMatch(/^ {4}at /m);
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
  });

  it('Python at once, before the dependencies are installed for nothing', async () => {
    await using newcomer = await makeNewcomer();
    await newcomer.remove('python3');
    await newcomer.start();
    expect(await newcomer.calls()).toEqual([]);
  });

  it('and both sentences when two things are lacking', async () => {
    await using newcomer = await makeNewcomer();
    await newcomer.install(
      'python3',
      python.replace('*"-m pip"*)', '*"-m pip"*) echo "NewConnectionError" >&2; exit 1;'),
    );
    await newcomer.install('npm', 'echo "npm error code ENOSPC"; exit 1');
    const { stderr } = await newcomer.start();
    expect(stderr).toMatch(/The disk is full[\s\S]*registry could not be reached/);
  });

  it('and the CHIFFON_ANSIBLE_PLAYBOOK that is not there is named', async () => {
    await using newcomer = await makeNewcomer();
    const { code, stderr } = await newcomer.start([], {
      env: { CHIFFON_ANSIBLE_PLAYBOOK: 'nowhere/ansible-playbook' },
    });
    expect({ code, stderr }).toEqual({
      code: 1,
      stderr: 'CHIFFON_ANSIBLE_PLAYBOOK names nowhere/ansible-playbook, which is not there: mend or unset it.\n',
    });
  });

  it('and the next start, with what was lacking, goes on', async () => {
    await using newcomer = await makeNewcomer();
    await newcomer.install('python3', python.replace('*"-m pip"*)', '*"-m pip"*) exit 1;'));
    expect(await newcomer.start()).toMatchObject({ code: 1 });
    expect(existsSync(path.join(chiffonHome(newcomer.checkout), 'ansible-venv/chiffon.json'))).toBe(false);
    await newcomer.install('python3', python);
    expect(await newcomer.start()).toMatchObject({ code: 0 });
    await rm(path.join(newcomer.checkout, 'node_modules'), { recursive: true });
    expect(await newcomer.start()).toMatchObject({ code: 0 });
  });
});

/** A zombie is not: nobody may have asked for its exit code yet. */
function isAlive(pid: number): boolean {
  try {
    return !/\) Z /.test(readFileSync(`/proc/${pid}/stat`, 'utf8'));
  } catch {
    return false;
  }
}
