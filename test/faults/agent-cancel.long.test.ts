// More cancels; agent-cancel.test.ts has those of every day.
import { expect, it } from 'vitest';
import { until } from '../services/until.ts';
import { itEndsOnce } from './cancel-race.ts';
import { sharedScene } from './scene.ts';

const scene = sharedScene();

it('while an agent holds it and prepares: it is told, and nothing is done', async () => {
  const [lab, desk] = [scene.lab(), scene.desk()];
  const agent = await scene.agent('nas', { fault: { at: 'prepare', when: 'before', signal: 'SIGSTOP' } });
  const task = await desk.order('leave mark');
  await desk.sees(task, 'attempt.claimed');
  await agent.stopped();
  await desk.cancel(task);
  const { seq } = await lab.store.head();
  // The bus has the cancel for the agent.
  await until(async () => (await lab.store.checkpoint('dispatch')) >= seq);
  agent.signal('SIGCONT');
  expect(await desk.ends(task)).toBe('task.cancelled');
  expect(await scene.marks()).toEqual([]);
});

const later = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

itEndsOnce(scene, [
  [
    'said before',
    async (release, cancel) => {
      await cancel();
      await release();
    },
  ],
  [
    'said when its last task is done',
    async (release, cancel) => {
      await release();
      await scene.marked('wait-ends');
      await cancel();
    },
  ],
  // The playbook looks every 100 ms whether it may go on, and then needs some 500 ms to its end.
  ...[0, 50, 100, 200, 300, 400, 500, 700].map(
    (ms) =>
      [
        `said ${ms} ms after it may go on`,
        async (release: () => Promise<void>, cancel: () => Promise<void>) => {
          await release();
          await later(ms);
          await cancel();
        },
      ] as const,
  ),
]);

scene.recordHolds();
