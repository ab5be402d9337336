// More points at which the agent dies; crash-agent.test.ts has those of every day.
import { describe, expect, it } from 'vitest';
import { itIsDoneAfterAll, surviveAgentDeath } from './crash-agent.ts';
import { expectKilled } from './expect-killed.ts';
import { sharedScene } from './scene.ts';

const scene = sharedScene();

describe('before anything was begun, or once the result is in the journal, the step is done, once', () => {
  itIsDoneAfterAll(scene, [
    ['after the claim was said', { at: 'publish', when: 'after', type: 'attempt.claimed' }, 2],
    ['after the spawn, while the process waits for its word', { at: 'prepare', when: 'after' }, 2],
    ['with the word to go in its hands', { at: 'handle', when: 'before', type: 'step.go' }, 2],
    ['with the result on its way', { at: 'publish', when: 'unconfirmed', type: 'attempt.finished' }, 1],
    ['after the result was said', { at: 'publish', when: 'after', type: 'attempt.finished' }, 1],
    ['with core’s receipt in its hands', { at: 'handle', when: 'before', type: 'attempt.settled' }, 1],
  ]);

  it('three deaths before the start, and the task fails: nothing was done', async () => {
    const desk = scene.desk();
    const fault = { at: 'prepare', when: 'after' } as const;
    const task = await desk.order('leave mark');
    for (let life = 1; life <= 3; life += 1) await expectKilled(await scene.doomed(fault, task));
    await scene.agent();
    expect(await desk.ends(task)).toBe('task.failed');
    expect(await scene.marks()).toEqual([]);
  });
});

describe('once it may have begun, nobody calls it done or does it again', () => {
  it('after the journal says so, before the process is told', async () => {
    const survived = await surviveAgentDeath(scene, { at: 'run', when: 'before' });
    expect(survived).toMatchObject({ end: 'task.unknown', grants: 1, marks: [] });
  });

  it('after its exit, before the journal has the result', async () => {
    const survived = await surviveAgentDeath(scene, { at: 'run', when: 'after' });
    expect(survived).toMatchObject({ end: 'task.unknown', grants: 1, marks: ['mark'] });
  });
});

scene.recordHolds();
