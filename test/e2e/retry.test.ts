// A run whose second step fails once, and the same tried again from there: what is done is not done twice.
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { freshHome } from './fresh-home.ts';
import { git, runProgram, viewsOf } from './program.ts';

const play = (name: string, command: string) =>
  `- name: ${name}
  hosts: all
  gather_facts: false
  tasks:
    - name: ${name}
      ansible.builtin.shell: ${JSON.stringify(command)}
`;

/** Two playbooks: one leaves a line at each run, the other fails when it runs for the first time. */
async function labThatFailsOnce() {
  const home = await freshHome();
  const lab = join(home.folder, 'lab');
  const [first, second] = [join(home.folder, 'first'), join(home.folder, 'second')];
  await mkdir(lab, { recursive: true });
  const files = {
    'inventory.ini': 'here ansible_connection=local ansible_python_interpreter="{{ ansible_playbook_python }}"\n',
    'paint-fence.yml': play('Paint the fence', `echo done >> ${first}`),
    'water-garden.yml': play(
      'Water the garden',
      `if [ -e ${second} ]; then echo done; else touch ${second}; exit 1; fi`,
    ),
  };
  for (const [path, text] of Object.entries(files)) await writeFile(join(lab, path), text);
  await git(lab, 'init', '-qb', 'main');
  await git(lab, 'add', '-A');
  await git(lab, 'commit', '-qm', 'A lab');
  return { lab, first, home: { ...home, env: { ...home.env, INFRA_REPO: lab } }, data: join(home.folder, 'home') };
}

const request = 'paint the fence and water the garden';

describe('a run that failed at its second step', () => {
  it('is tried again from there after a new approval, by the same plan, and the first step is not done twice', async () => {
    const { home, first, data } = await labThatFailsOnce();
    const failed = await runProgram(home, ['--json'], [request, 'approve']);
    const [result] = viewsOf(failed, 'result');
    expect(result).toMatchObject({ state: 'failed', retryFrom: 2 });
    const again = await runProgram(home, ['--json'], ['retry', 'approve', 'why', 'retry #1']);
    const [plan] = viewsOf(again, 'plan');
    expect(plan).toMatchObject({ task: 2, request, standing: 'open' });
    expect(plan?.steps.map(({ number, title }) => [number, title])).toEqual([[1, 'Water the garden']]);
    expect(plan?.understood[0]).toBe('Step 1 of #1 is done: Paint the fence.');
    expect(plan?.planHash).not.toBe(viewsOf(failed, 'plan')[0]?.planHash);
    expect(plan?.commit).toBe(viewsOf(failed, 'plan')[0]?.commit);
    expect(viewsOf(again, 'result')).toMatchObject([{ task: 2, state: 'succeeded', retryFrom: null }]);
    expect(await readFile(first, 'utf8')).toBe('done\n');
    expect(viewsOf(again, 'refusal')).toMatchObject([
      { code: 'CHF-416', text: '#1 is tried again as #2, which succeeded: nothing is left.' },
    ]);

    const verified = await runProgram(home, ['audit', 'verify']);
    expect(verified.stdout).toMatch(/^The record holds/);
    const story = await readFile(join(data, 'audit/tasks/00/00002/README.md'), 'utf8');
    expect(story).toMatch(/\\?#1 tried again by terminal:local, from step 2/);
    expect(story).toContain('The steps of `#1` from step 2 on');
  });

  it('is not tried again when a playbook that is left has changed since: that is said before anybody approves it', async () => {
    const { home, lab } = await labThatFailsOnce();
    await runProgram(home, ['--json'], [request, 'approve']);
    await writeFile(join(lab, 'water-garden.yml'), play('Water the garden', 'true'));
    await git(lab, 'commit', '-qam', 'Another hose');
    const again = await runProgram(home, ['--json'], ['retry', 'approve']);
    expect(viewsOf(again, 'plan')).toEqual([]);
    expect(viewsOf(again, 'refusal')[0]).toMatchObject({
      ...{ code: 'CHF-416', task: 2 },
      text: 'water-garden.yml changed on main after #1 was planned. Make the request again.',
    });
  });
});
