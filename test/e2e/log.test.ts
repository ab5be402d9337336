// `log` outside of the chat: all that a task printed, for a file or a pipe.
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { execa } from 'execa';
import { describe, expect, it } from 'vitest';
import { freshHome } from './fresh-home.ts';
import { git, runProgram } from './program.ts';

const lines = 20_000;

async function labOfTwoSteps() {
  const home = await freshHome();
  const lab = join(home.folder, 'lab');
  await mkdir(lab, { recursive: true });
  const play = (name: string, message: string) =>
    `- name: ${name}\n  hosts: all\n  gather_facts: false\n  tasks:\n    - ansible.builtin.debug:\n        msg: "${message}"\n`;
  const files = {
    'inventory.ini': 'here ansible_connection=local ansible_python_interpreter="{{ ansible_playbook_python }}"\n',
    'paint-fence.yml': play('Paint the fence', `{{ range(${lines}) | map('string') | join('x ') }}`),
    'water-garden.yml': play('Water the garden', 'watered'),
  };
  for (const [path, text] of Object.entries(files)) await writeFile(join(lab, path), text);
  await git(lab, 'init', '-qb', 'main');
  await git(lab, 'add', '-A');
  await git(lab, 'commit', '-qm', 'A lab');
  return { ...home, env: { ...home.env, INFRA_REPO: lab } };
}

describe('the whole log', () => {
  it('of a task, or of one of its steps, goes to standard output; where there is none a sentence says so', async () => {
    const home = await labOfTwoSteps();
    await runProgram(home, ['--json'], ['paint the fence and water the garden', 'approve', 'paint the fence']);

    const both = await runProgram(home, ['log', '1']);
    expect(both).toMatchObject({ exitCode: 0, stderr: '— #1, step 1, attempt 1\n— #1, step 2, attempt 1\n' });
    expect(both.stdout.indexOf(`${lines - 1}`)).toBeGreaterThan(0);
    expect(both.stdout.indexOf('watered')).toBeGreaterThan(both.stdout.indexOf(`${lines - 1}`));
    const second = await runProgram(home, ['log', '#1', '--step', '2']);
    expect(second).toMatchObject({ exitCode: 0, stderr: '' });
    expect(both.stdout.endsWith(second.stdout)).toBe(true);
    expect(second.stdout).not.toContain(`${lines - 1}`);

    const sentences = [
      [['log', '1', '--step', '3'], /^chiffon: CHF-104: Step 3 of task #1 has not run, so it has no log\.\n$/],
      [['log', '2'], /^chiffon: CHF-104: Task #2 has not run, so it has no log\.\n$/],
      [['log', '9'], /^chiffon: CHF-104: There is no task #9/],
      [['log', 'nine'], /Give a number/],
    ] as const;
    for (const [args, sentence] of sentences) {
      const none = await runProgram(home, [...args]);
      expect(none).toMatchObject({ exitCode: 1, stdout: '' });
      expect(none.stderr).toMatch(sentence);
    }

    // A reader that has enough may go.
    const main = new URL('../../bot/main.ts', import.meta.url).pathname;
    const head = await execa('bash', ['-c', `"${process.execPath}" "${main}" log 1 | head -c 10`], {
      ...{ cwd: home.folder, env: home.env, reject: false },
    });
    expect(head).toMatchObject({ exitCode: 0 });
    expect(head.stderr).not.toContain('CHF-');
  });
});
