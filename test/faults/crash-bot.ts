// One death of the bot: killed at a named point while a task goes through, then started again; the task has to end as if
// nothing had happened. For crash-bot.test.ts and its long form.
import { expect } from 'vitest';
import type { View } from '../../core/ports/chat.ts';
import type { Desk } from '../services/desk.ts';
import type { FaultPoint } from '../services/fault-points.ts';
import type { Lab } from '../services/lab.ts';
import { until } from '../services/until.ts';
import { expectKilled } from './expect-killed.ts';

export const monitors = {
  'config/monitors.yml': 'monitors:\n  - name: router\n    url: https://router.lab\n',
  'apply-monitors.yml': `# Apply the monitors.
- name: Apply the monitors
  hosts: one
  gather_facts: false
  vars_files: [config/monitors.yml]
  tasks:
    - ansible.builtin.debug: { msg: "{{ monitors }}" }
`,
};

/** An agent has to be up. `mark`: the one line that the request's playbook leaves. Resolves to the task's events. */
export async function surviveBotDeath(
  { lab, desk }: { readonly lab: Lab; readonly desk: Desk },
  fault: FaultPoint,
  order: { readonly request: string; readonly mark?: string } = { request: 'leave mark', mark: 'mark' },
) {
  const before = (await lab.marks()).length;
  const task = await desk.ask(order.request);
  const mortal = lab.bot({ fault: { ...fault, task } });
  await desk.sees(task, 'plan.proposed');
  await desk.approve(task);
  await expectKilled(mortal);
  const bot = lab.bot();
  expect(await desk.ends(task)).toBe('task.succeeded');
  await until(() => results(bot.views()).length > 0, { what: () => `the result card:\n${bot.output()}` });
  await bot.kill();
  const history = await desk.history(task);
  const count = (type: (typeof history)[number]['type']) => history.filter((event) => event.type === type).length;
  expect([count('attempt.granted'), count('attempt.started'), count('attempt.finished')]).toEqual([1, 1, 1]);
  expect((await lab.marks()).slice(before)).toEqual(order.mark === undefined ? [] : [order.mark]);
  expect(results(bot.views())).toMatchObject([{ task, state: 'succeeded' }]);
  expect(await lab.strays()).toEqual([]);
  return history;
}

function results(views: readonly View[]) {
  return views.filter((view) => view.type === 'result');
}
