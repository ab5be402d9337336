// More points at which the bot dies; crash-bot.test.ts has those of every day.
import { describe, it } from 'vitest';
import { itSurvivesTheBot, surviveBotDeath } from './crash-bot.ts';
import { sharedScene } from './scene.ts';

describe('a task ends as if the bot had not been killed', () => {
  const scene = sharedScene({ withBot: false });

  itSurvivesTheBot(scene, [
    ['between the approval and the run', { at: 'append', when: 'before', type: 'run.started' }],
    ['after the claim is recorded, before the agent is let go', { at: 'publish', when: 'before', type: 'step.go' }],
    ['after the run is recorded', { at: 'append', when: 'after', type: 'run.started' }],
    ['after the command is published, before its confirm', { at: 'publish', when: 'unconfirmed', type: 'step.start' }],
    ['after the confirm', { at: 'publish', when: 'after', type: 'step.start' }],
    ['with the claim in its hands', { at: 'handle', when: 'before', type: 'attempt.claimed' }],
    ['after the claim is recorded', { at: 'append', when: 'after', type: 'attempt.claimed' }],
    ['after the agent is let go', { at: 'publish', when: 'after', type: 'step.go' }],
    ['after the start is recorded, before its ack', { at: 'handle', when: 'after', type: 'attempt.started' }],
    ['with the last word in its hands', { at: 'handle', when: 'before', type: 'attempt.finished' }],
    ['after the end is recorded', { at: 'append', when: 'after', type: 'task.succeeded' }],
    ['before it tells the agent so', { at: 'publish', when: 'before', type: 'attempt.settled' }],
  ]);

  it('in the middle of a batch of what the agent says: the output is whole', async () => {
    const order = { request: 'print lines', mark: 'printed' };
    await surviveBotDeath(scene, { at: 'output', when: 'after', nth: 2 }, order);
  });

  scene.recordHolds();
});
