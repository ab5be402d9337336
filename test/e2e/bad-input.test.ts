// Each bad input gets one clear sentence with a code, an entry in the log, and nothing half done.
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { View } from '../../core/ports/chat.ts';
import { freshHome } from './fresh-home.ts';
import { git, runProgram, viewsOf } from './program.ts';

const refusals = (views: readonly View[]) =>
  views.flatMap((view) => (view.type === 'refusal' ? [`${view.code} ${view.text}`] : []));

describe('a request', () => {
  it.each<{ readonly with: string; readonly requests: readonly (readonly [string, RegExp])[] }>([
    {
      with: 'something unknown or unsafe',
      requests: [
        ['deploy grafana on mars', /^CHF-202 .*mars/],
        ['deploy grafana with port \'{{ lookup("pipe", "id") }}\'', /^CHF-205 /],
        ['deploy grafana with ansible_connection ssh', /^CHF-205 .*ansible_connection/],
        ['deploy grafana with port banana', /^CHF-204 .*port/],
        ['make me a sandwich', /^CHF-201 /],
        ['run rm -rf / on nas', /^CHF-20[19] /],
      ],
    },
    {
      with: '100 kB, or control characters',
      requests: [
        [`deploy grafana ${'x'.repeat(100_000)}`, /^CHF-101 /],
        ['deploy \u0007grafana\u001b[2J', /^CHF-102 /],
      ],
    },
  ])('with $with is refused in one sentence', async ({ requests }) => {
    const home = await freshHome();
    const run = await runProgram(
      home,
      ['--json'],
      requests.map(([request]) => request),
    );
    expect(refusals(run.views)).toEqual(requests.map(([, sentence]) => expect.stringMatching(sentence)));
    expect(viewsOf(run, 'plan')).toEqual([]);
    expect(run.exitCode).toBe(1);
  });

  it('that lacks an input gets a question, and the answer makes the plan', async () => {
    const home = await freshHome();
    const run = await runProgram(home, ['--json'], ['restart a service', 'grafana', 'reject']);
    expect(viewsOf(run, 'question')[0]?.text).toMatch(/\?/);
    expect(viewsOf(run, 'plan')[0]?.steps[0]?.inputs).toContainEqual({ name: 'service', value: 'grafana' });
  });
});

describe('an infrastructure repository', () => {
  const labWith = async (files: Readonly<Record<string, string>>) => {
    const home = await freshHome();
    const lab = join(home.folder, 'lab');
    for (const [path, text] of Object.entries(files)) {
      await mkdir(join(lab, path, '..'), { recursive: true });
      await writeFile(join(lab, path), text);
    }
    await mkdir(lab, { recursive: true });
    await git(lab, 'init', '-qb', 'main');
    await git(lab, 'add', '-A');
    await git(lab, 'commit', '-qm', 'A lab', '--allow-empty');
    return { lab, home: { ...home, env: { ...home.env, INFRA_REPO: lab } } };
  };
  const play =
    '- name: Say hello\n  hosts: all\n  gather_facts: false\n  tasks:\n    - ansible.builtin.debug:\n        msg: hello\n';
  const inventory = 'here ansible_connection=local ansible_python_interpreter="{{ ansible_playbook_python }}"\n';

  it('without an inventory is refused with what to add', async () => {
    const { home } = await labWith({ 'hello.yml': play });
    const run = await runProgram(home, ['--json'], ['say hello']);
    expect(refusals(run.views)[0]).toMatch(/^CHF-502 .*inventory/);
    expect(run.exitCode).toBe(1);
  });

  it('that is not there ends the program with one sentence', async () => {
    const home = await freshHome({ INFRA_REPO: '/nowhere/at/all' });
    const run = await runProgram(home, [], ['say hello']);
    expect(run.stderr).toMatch(/CHF-501/);
    expect(run.stderr.trim().split('\n')).toHaveLength(1);
    expect(await readFile(join(home.env.CHIFFON_HOME ?? '', 'chiffon.log'), 'utf8')).toMatch(/NO_REPOSITORY/);
    expect(run.exitCode).toBe(1);
  });

  it('with a playbook that has a syntax error still offers the others, and names the broken line', async () => {
    const { home } = await labWith({
      'hello.yml': play,
      'broken.yml': '- hosts: all\n  tasks:\n   - debug: {msg: [}\n',
      hosts: inventory,
    });
    const run = await runProgram(home, ['--json'], ['say hello', 'approve']);
    expect(viewsOf(run, 'result')[0]?.state).toBe('succeeded');
    const catalogue = JSON.parse((await runProgram(home, ['catalogue', '--json'])).stdout) as {
      findings: { path: string; line: number }[];
    };
    expect(catalogue.findings).toContainEqual(expect.objectContaining({ path: 'broken.yml', line: 3 }));
  });

  it('whose playbook Ansible cannot run fails the step with Ansible’s own reason', async () => {
    const { home } = await labWith({ 'hello.yml': `${play}    - no_such_module_at_all: {}\n`, hosts: inventory });
    const run = await runProgram(home, ['--json'], ['say hello', 'approve']);
    expect(viewsOf(run, 'result')[0]).toMatchObject({ state: 'failed' });
    expect(viewsOf(run, 'result')[0]?.text).toMatch(/no_such_module_at_all/);
    expect(run.exitCode).toBe(1);
  });

  it('with uncommitted changes where the plan reads is refused; elsewhere they stay untouched', async () => {
    const { home, lab } = await labWith({ 'hello.yml': play, hosts: inventory, 'notes.txt': 'a\n' });
    await writeFile(join(lab, 'notes.txt'), 'b\n');
    const fine = await runProgram(home, ['--json'], ['say hello', 'approve']);
    expect(viewsOf(fine, 'result')[0]?.state).toBe('succeeded');
    await writeFile(join(lab, 'hello.yml'), `${play}\n# draft\n`);
    const dirty = await runProgram(home, ['--json'], ['say hello']);
    expect(refusals(dirty.views)[0]).toMatch(/^CHF-503 hello\.yml/);
    expect(await git(lab, 'status', '--porcelain')).toBe(' M hello.yml\n M notes.txt');
  });
});

describe('the record', () => {
  it('keeps what was refused, and still verifies', async () => {
    const home = await freshHome();
    await runProgram(home, ['--json'], ['deploy grafana on mars', `x${'y'.repeat(5_000)}`, 'approve']);
    const history = await runProgram(home, ['--json'], ['history']);
    expect(viewsOf(history, 'tasks')[0]?.tasks[0]).toMatchObject({ state: 'refused' });
    expect((await runProgram(home, ['audit', 'verify'])).exitCode).toBe(0);
  });
});
