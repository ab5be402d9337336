// Killed, started twice, interrupted: what the next start finds and says.
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { freshHome } from './fresh-home.ts';
import type { Home } from './home.ts';
import { git, processesOf, runProgram, startProgram, viewsOf } from './program.ts';

/** A repository whose one playbook leaves a mark at each start and then takes its time. */
async function slowLab(): Promise<{ readonly home: Home; readonly marks: () => Promise<number> }> {
  const { mkdir, writeFile } = await import('node:fs/promises');
  const home = await freshHome();
  const lab = join(home.folder, 'lab');
  await mkdir(join(lab, 'inventory'), { recursive: true });
  await writeFile(
    join(lab, 'inventory/hosts.yml'),
    'all:\n  hosts:\n    here:\n      ansible_connection: local\n      ansible_python_interpreter: "{{ ansible_playbook_python }}"\n',
  );
  await writeFile(join(lab, 'ansible.cfg'), '[defaults]\ninventory = inventory/hosts.yml\n');
  await writeFile(
    join(lab, 'slow.yml'),
    `# Take a nap, slowly.\n- name: Take a nap\n  hosts: here\n  gather_facts: false\n  tasks:\n    - name: Leave a mark\n      ansible.builtin.shell: echo started >> ${home.folder}/marks\n    - name: Sleep with children\n      ansible.builtin.shell: "sh -c 'trap \\"\\" INT TERM; sleep 301 & setsid sleep 302 & wait'; true # ${home.folder}"\n`,
  );
  await git(lab, 'init', '-qb', 'main');
  await git(lab, 'add', '-A');
  await git(lab, 'commit', '-qm', 'A lab');
  return {
    home: { ...home, env: { ...home.env, INFRA_REPO: lab } },
    marks: async () =>
      (await readFile(join(home.folder, 'marks'), 'utf8').catch(() => '')).split('\n').filter((line) => line !== '')
        .length,
  };
}

/** Processes of the naps above, whoever their parent is by now. */
async function sleepers(): Promise<string> {
  const { execa } = await import('execa');
  const { stdout } = await execa('pgrep', ['-fa', 'sleep 30[12]'], { reject: false });
  return stdout;
}

async function until(condition: () => Promise<boolean>, timeoutMs = 60_000): Promise<void> {
  const end = Date.now() + timeoutMs;
  while (!(await condition())) {
    if (Date.now() > end) throw new Error('it did not come to that in time');
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

describe('a run', () => {
  it('whose program is killed ends as unknown at the next start, leaves no process, and is not run again', async () => {
    const { home, marks } = await slowLab();
    const program = startProgram(home, ['--json'], ['take a nap', 'approve'], true);
    await until(async () => (await sleepers()) !== '');
    program.kill('SIGKILL');
    await program.finished;
    await until(async () => (await sleepers()) === '');
    const next = await runProgram(home, ['--json'], ['status']);
    expect(viewsOf(next, 'result')[0]).toMatchObject({ state: 'unknown', code: 'CHF-404' });
    expect(await marks()).toBe(1);
    const third = await runProgram(home, ['--json'], ['status']);
    expect(viewsOf(third, 'result')).toEqual([]);
    expect(await marks()).toBe(1);
    expect((await runProgram(home, ['audit', 'verify'])).exitCode).toBe(0);
  });

  it('that is cancelled leaves no process alive and says so', async () => {
    const { home } = await slowLab();
    const program = startProgram(home, ['--json'], ['take a nap', 'approve'], true);
    await until(async () => (await sleepers()) !== '');
    program.say('cancel enough');
    await program.shows(/"type":"result"/);
    program.end();
    const run = await program.finished;
    expect(viewsOf(run, 'result')[0]).toMatchObject({ state: 'cancelled' });
    expect(await sleepers()).toBe('');
    expect(run.exitCode).toBe(1);
  });

  it('ends with a program that is told to stop, and its fate is told at the next start', async () => {
    const { home, marks } = await slowLab();
    const program = startProgram(home, ['--json'], ['take a nap', 'approve'], true);
    await until(async () => (await sleepers()) !== '');
    program.kill('SIGTERM');
    expect((await program.finished).exitCode).toBe(143);
    expect(await sleepers()).toBe('');
    const next = await runProgram(home, ['--json'], ['status']);
    expect(viewsOf(next, 'result')[0]).toMatchObject({ state: 'unknown' });
    expect(await marks()).toBe(1);
  });
});

describe('a second program', () => {
  it('on the same data folder is refused, and the first goes on', async () => {
    const home = await freshHome();
    const first = startProgram(home, ['--json'], ['help'], true);
    await first.shows(/"type":"help"/);
    const second = await runProgram(home, ['--json'], ['help']);
    expect(second.exitCode).toBe(1);
    expect(second.stderr).toMatch(/CHF-601/);
    first.say('status');
    await first.shows(/"type":"tasks"/);
    first.end();
    expect((await first.finished).exitCode).toBe(0);
    expect(await processesOf(home)).toEqual([]);
  });

  it('that only plans may work beside it', async () => {
    const home = await freshHome();
    const first = startProgram(home, ['--json'], ['help'], true);
    await first.shows(/"type":"help"/);
    const planned = await runProgram(home, ['plan', '--json', 'deploy grafana']);
    expect(JSON.parse(planned.stdout)).toMatchObject({ decision: 'plan' });
    first.end();
    await first.finished;
  });
});
