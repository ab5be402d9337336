// Whose turn it is: approved plans that meet on a host run one after the other, in the order of their approvals; others run side
// by side; and one that waited is checked again before it starts.
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import type { TaskId } from '../../core/ids.ts';
import { git } from '../e2e/program.ts';
import type { Desk } from '../services/desk.ts';
import { openDesk } from '../services/desk.ts';
import { expectInvariants } from '../services/invariants.ts';
import type { Lab, LabProcess } from '../services/lab.ts';
import { openLab } from '../services/lab.ts';
import { until } from '../services/until.ts';

let lab: Lab;
let bot: LabProcess;
let desk: Desk;
beforeEach(async () => {
  lab = await openLab({
    files: (folder) => ({
      'second-mark.yml': marking('Second mark', folder),
      'third-mark.yml': marking('Third mark', folder),
    }),
  });
  bot = lab.bot();
  await Promise.all([lab.agent('nas'), lab.agent('pi')]);
  desk = openDesk(lab);
});
afterEach(() => lab.dispose());

/** Leaves its title in the file of marks, on host one. */
function marking(title: string, folder: string): string {
  const task = `    - ansible.builtin.shell: echo ${title.toLowerCase().replace(' ', '-')} >> ${folder}/marks\n`;
  return `# ${title}.\n- name: ${title}\n  hosts: one\n  gather_facts: false\n  tasks:\n${task}`;
}

/** The newest text of the card that says what a task waits for. */
function waitingCard(task: TaskId): string | undefined {
  return bot
    .views()
    .flatMap((view) => (view.type === 'notice' && view.task === task ? [view.text] : []))
    .at(-1);
}

const shows = (task: TaskId, text: RegExp) =>
  until(() => text.test(waitingCard(task) ?? ''), { what: () => `${text}, and not: ${waitingCard(task)}` });

const succeeded = async (...tasks: readonly TaskId[]) => {
  for (const task of tasks) {
    await desk.ends(task);
    expect((await desk.history(task)).at(-1), `#${task}`).toMatchObject({ type: 'task.succeeded' });
  }
};

it('plans that meet on a host run one after the other in the order of their approvals; one on another host does not wait', async () => {
  const holding = await desk.order('hold on');
  await until(async () => (await lab.marks()).includes('wait-begins'));
  const [second, third, fourth] = [
    await desk.order('second mark'),
    await desk.order('third mark'),
    await desk.order('leave mark'),
  ];
  await shows(second, new RegExp(`waits its turn, next in the queue: #${holding} works on one too`));
  await shows(third, new RegExp(`2nd in the queue: #${holding} works on one too`));
  await shows(fourth, /3rd in the queue/);
  const elsewhere = await desk.order('mark elsewhere');
  await succeeded(elsewhere);
  expect(await lab.marks()).toEqual(['wait-begins', 'elsewhere']);

  await desk.cancel(third);
  expect(await desk.ends(third)).toBe('task.cancelled');
  await shows(fourth, /2nd in the queue/);
  await bot.kill();
  bot = lab.bot();
  await lab.release();
  await succeeded(holding, second, fourth);
  expect(await lab.marks()).toEqual(['wait-begins', 'elsewhere', 'wait-ends', 'second-mark', 'mark']);
  expect((await desk.history(third)).map(({ type }) => type)).not.toContain('run.started');
  await expectInvariants(lab);
});

it('a playbook that changes while its plan waits sends the plan back to approval, and it does not run', async () => {
  const holding = await desk.order('hold on');
  await until(async () => (await lab.marks()).includes('wait-begins'));
  const [waiting, unharmed] = [await desk.order('second mark'), await desk.order('third mark')];
  await desk.sees(waiting, 'run.queued');
  await writeFile(
    join(lab.repository, 'second-mark.yml'),
    marking('Second mark', lab.folder).replace('second-mark', 'other'),
  );
  await git(lab.repository, 'commit', '-qam', 'Another mark');
  await lab.release();
  await succeeded(holding, unharmed);
  await desk.sees(waiting, 'plan.proposed', 2);
  expect((await desk.history(waiting)).find(({ type }) => type === 'plan.withdrawn')).toMatchObject({
    reason: 'second-mark.yml changed on main after the approval.',
  });
  expect(await lab.marks()).toEqual(['wait-begins', 'wait-ends', 'third-mark']);
  await desk.approve(waiting);
  await succeeded(waiting);
  expect((await lab.marks()).at(-1)).toBe('other');
  await expectInvariants(lab);
});
