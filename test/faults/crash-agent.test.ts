// The agent dies by `kill -9` between any two things that it does for a step. Started again it tells the truth: what was not
// begun is handed out again, what was done is reported, and what nobody can know ends as unknown. Nothing is begun twice.
import { describe, expect, it } from 'vitest';
import { itIsDoneAfterAll, surviveAgentDeath } from './crash-agent.ts';
import { sharedScene } from './scene.ts';

const scene = sharedScene();

describe('before anything was begun, or once the result is in the journal, the step is done, once', () => {
  itIsDoneAfterAll(scene, [
    ['before the claim', { at: 'handle', when: 'before', type: 'step.start' }, 1],
    ['after the claim and before the ack', { at: 'handle', when: 'after', type: 'step.start' }, 2],
    ['after the ack and before the spawn', { at: 'prepare', when: 'before' }, 2],
    ['after the exit and before the result is said', { at: 'publish', when: 'before', type: 'attempt.finished' }, 1],
  ]);
});

it('in the middle of a playbook: it ends with the agent, and nobody calls it done or does it again', async () => {
  const survived = await surviveAgentDeath(scene, { onceMarked: 'wait-begins' });
  await scene.lab().release();
  expect(survived).toMatchObject({ end: 'task.unknown', grants: 1, marks: ['wait-begins'] });
  expect(survived.card).toMatch(/The agent died while step 1 ran.*nobody can say how far it came/);
});

scene.recordHolds();
