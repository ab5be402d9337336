// A cancel meets a step in each of its phases: before anybody took it, claimed, running, ending. There is one end, it is true, and
// nothing is left running. agent-cancel.long.test.ts has more.
import { expect, it } from 'vitest';
import { itEndsOnce } from './cancel-race.ts';
import { sharedScene } from './scene.ts';

const scene = sharedScene();

it('before an agent took it: the task is over at once, and the agent that comes later starts nothing', async () => {
  const desk = scene.desk();
  const task = await desk.order('leave mark');
  await desk.sees(task, 'attempt.granted');
  await desk.cancel(task);
  expect(await desk.ends(task)).toBe('task.cancelled');
  await scene.agent();
  const next = await desk.order('mark elsewhere');
  expect(await desk.ends(next)).toBe('task.succeeded');
  expect(await scene.marks()).toEqual(['elsewhere']);
});

it('while a child ignores every polite signal and has moved to a session of its own: it is gone all the same', async () => {
  await scene.agent();
  const task = await scene.desk().order('run away');
  await scene.marked('away');
  await scene.desk().cancel(task);
  expect(await scene.desk().ends(task)).toBe('task.cancelled');
  await scene.nothingLeft();
});

itEndsOnce(scene, [['at the same moment', async (release, cancel) => void (await Promise.all([release(), cancel()]))]]);

scene.recordHolds();
