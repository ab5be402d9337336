// The agent's clock is wrong by hours, or jumps: the step is done once, or refused in words that name the clock. Never twice.
import { expect, it } from 'vitest';
import { clockOf, hours } from './clock.ts';
import { cardOf, sharedScene } from './scene.ts';

const scene = sharedScene();
const clock = clockOf(scene);

it('two hours fast: it refuses the command as too old by its clock, at once and in words; and the card says so', async () => {
  await clock.set(2 * hours);
  await scene.agent('nas', clock.options());
  const task = await scene.desk().order('leave mark');
  expect(await scene.desk().ends(task)).toBe('task.failed');
  expect(await scene.marks()).toEqual([]);
  const said = /was good until .* and the agent’s clock says .* Nothing was done/;
  expect(await cardOf(scene.bot(), task)).toMatch(said);
});

it('jumping back between core’s word and the start: core is asked again, and the step is done, once', async () => {
  await clock.set(0);
  const fault = { at: 'handle', when: 'before', type: 'step.go', signal: 'SIGSTOP' } as const;
  const agent = await scene.agent('nas', clock.options(fault));
  const task = await scene.desk().order('leave mark');
  await agent.stopped();
  await clock.set(-2 * hours);
  agent.signal('SIGCONT');
  expect(await scene.desk().ends(task)).toBe('task.succeeded');
  expect(await scene.marks()).toEqual(['mark']);
});

scene.recordHolds();
