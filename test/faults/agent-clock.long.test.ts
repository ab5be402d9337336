// More of wrong clocks; agent-clock.test.ts has what is seen every day.
import { expect, it } from 'vitest';
import { clockOf, hours } from './clock.ts';
import { expectKilled } from './expect-killed.ts';
import { sharedScene } from './scene.ts';

const scene = sharedScene();
const clock = clockOf(scene);

it('two hours slow: the step is done, once', async () => {
  await clock.set(-2 * hours);
  await scene.agent('nas', clock.options());
  const task = await scene.desk().order('leave mark');
  expect(await scene.desk().ends(task)).toBe('task.succeeded');
  expect(await scene.marks()).toEqual(['mark']);
});

it('jumping ahead between core’s word and the start: the word is too old, and the step is refused', async () => {
  await clock.set(0);
  const fault = { at: 'handle', when: 'before', type: 'step.go', signal: 'SIGSTOP' } as const;
  const agent = await scene.agent('nas', clock.options(fault));
  const task = await scene.desk().order('leave mark');
  await agent.stopped();
  await clock.set(2 * hours);
  agent.signal('SIGCONT');
  expect(await scene.desk().ends(task)).toBe('task.failed');
  expect(await scene.marks()).toEqual([]);
});

it.each([2 * hours, -2 * hours])('jumping by %i ms in the middle of a playbook: it ends well', async (offset) => {
  await clock.set(0);
  await scene.agent('nas', clock.options());
  const task = await scene.desk().order('hold on');
  await scene.marked('wait-begins');
  await clock.set(offset);
  await scene.lab().release();
  expect(await scene.desk().ends(task)).toBe('task.succeeded');
  expect(await scene.marks()).toEqual(['wait-begins', 'wait-ends']);
});

it.each([2 * hours, -2 * hours])('jumping by %i ms between a death and the next life: done once', async (offset) => {
  await clock.set(0);
  const mortal = await scene.agent('nas', clock.options({ at: 'publish', when: 'before', type: 'attempt.finished' }));
  const task = await scene.desk().order('leave mark');
  await expectKilled(mortal);
  await clock.set(offset);
  await scene.agent('nas', clock.options());
  expect(await scene.desk().ends(task)).toBe('task.succeeded');
  expect(await scene.marks()).toEqual(['mark']);
});

scene.recordHolds();
