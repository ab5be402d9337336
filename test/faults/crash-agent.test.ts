// The agent dies by `kill -9` between any two things that it does for a step. Started again it tells the truth: what was not
// begun is handed out again, what was done is reported, and what nobody can know ends as unknown. Nothing is begun twice.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openDesk } from '../services/desk.ts';
import type { FaultPoint } from '../services/fault-points.ts';
import { expectInvariants } from '../services/invariants.ts';
import { openLab } from '../services/lab.ts';
import type { Scene } from './crash-agent.ts';
import { surviveAgentDeath } from './crash-agent.ts';

let scene: Scene;
beforeAll(async () => {
  const lab = await openLab();
  scene = { lab, desk: openDesk(lab), bot: lab.bot() };
});
afterAll(() => scene?.lab.dispose());

describe('before anything was begun, the step is done after all, once', () => {
  it.each<[string, FaultPoint, number]>([
    ['before the claim', { at: 'handle', when: 'before', type: 'step.start' }, 1],
    ['after the claim and before the acknowledgement', { at: 'handle', when: 'after', type: 'step.start' }, 2],
    ['after the acknowledgement and before the spawn', { at: 'prepare', when: 'before' }, 2],
    ['after the spawn, while the process waits for its word', { at: 'prepare', when: 'after' }, 2],
    ['with the word to go in its hands', { at: 'handle', when: 'before', type: 'step.go' }, 2],
  ])('%s', async (_when, fault, grants) => {
    const survived = await surviveAgentDeath(scene, fault);
    expect(survived).toMatchObject({ end: 'task.succeeded', grants, marks: ['mark'] });
    const refusals = survived.history.filter((event) => event.type === 'attempt.refused');
    expect(refusals.map(({ kind }) => kind)).toEqual(grants === 1 ? [] : ['NOT_STARTED']);
  });
});

describe('once it may have begun, nobody calls it done or does it again', () => {
  it('after the journal says so and before the process is told', async () => {
    const survived = await surviveAgentDeath(scene, { at: 'run', when: 'before' });
    expect(survived).toMatchObject({ end: 'task.unknown', grants: 1, marks: [] });
    expect(survived.card).toMatch(/The agent died while step 1 ran/);
  });

  it('in the middle of a playbook, which ends with the agent', async () => {
    const survived = await surviveAgentDeath(scene, { onceMarked: 'wait-begins' });
    await scene.lab.release();
    expect(survived).toMatchObject({ end: 'task.unknown', grants: 1, marks: ['wait-begins'] });
    expect(survived.card).toMatch(/nobody can say how far it came/);
  });

  it('after its exit and before the journal has the result', async () => {
    const survived = await surviveAgentDeath(scene, { at: 'run', when: 'after' });
    expect(survived).toMatchObject({ end: 'task.unknown', grants: 1, marks: ['mark'] });
  });
});

describe('a result that is in the journal reaches core, once', () => {
  it.each<[string, FaultPoint]>([
    ['before it was said', { at: 'publish', when: 'before', type: 'attempt.finished' }],
    ['after it was said and before core answered', { at: 'publish', when: 'after', type: 'attempt.finished' }],
  ])('%s', async (_when, fault) => {
    const survived = await surviveAgentDeath(scene, fault);
    expect(survived).toMatchObject({ end: 'task.succeeded', grants: 1, marks: ['mark'] });
  });
});

it('and the record holds after all of it', () => expectInvariants(scene.lab));
