// `retry` in a conversation, as people and platforms do it: twice, at the same time, by somebody else.
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { TaskId } from '../../core/ids.ts';
import { toActionId, toActorId } from '../../core/ids.ts';
import { buildRetry } from '../../core/plan/build-retry.ts';
import type { Person } from '../../core/ports/chat.ts';
import { replay } from '../../core/task/evolve.ts';
import type { TaskState } from '../../core/task/state.ts';
import { planningBasis } from '../../core/task/state.ts';
import { aPolicy, aStep } from '../builders/plan.ts';
import { openDesk } from './desk.ts';
import type { Stage } from './stage.ts';
import { now, openStage, run, speaker, start } from './stage.ts';

let stage: Stage;
beforeEach(async () => {
  stage = await openStage();
});
afterEach(() => stage.close());

const stranger: Person = { id: toActorId('discord:9'), name: 'nine', roles: [] };
const ada: Person = { id: toActorId('matrix:@ada:x'), name: 'ada', roles: [] };
const policy = aPolicy({ who: ['terminal:local', 'matrix:@ada:x'] });
const steps = [
  aStep(),
  aStep({ number: 2, title: 'Deploy Jellyfin', action: toActionId('playbooks/site.yml#jellyfin') }),
];

/** A task whose second step failed. */
async function failed(): Promise<TaskState> {
  const approved = await stage.approved(['nas'], { steps });
  const about = (token: number) => ({ run, token, speaker });
  const result = (outcome: 'succeeded' | 'failed') => ({
    ...{ outcome, error: null, recap: {}, changed: {}, notes: [], exitCode: 0, durationMs: 1 },
    output: { sha256: '', lines: 0, bytes: 0 },
  });
  return stage.act(
    approved.task,
    start(approved),
    { type: 'attempt-claimed', ...about(1) },
    { type: 'attempt-started', ...about(1) },
    { type: 'attempt-finished', ...about(1), result: result('succeeded') },
    { type: 'grant-attempt', run },
    { type: 'attempt-claimed', ...about(2) },
    { type: 'attempt-started', ...about(2) },
    { type: 'attempt-finished', ...about(2), result: result('failed') },
  );
}

const stateOf = async (task: TaskId) => replay(task, await stage.store.readTask(task));
const count = async () =>
  (await stage.store.readAfter(0, 1_000)).filter(({ event }) => event.type === 'task.received').length;

/** The plan of a retry, as the planner's projector proposes it. */
async function planned(task: TaskId, of: TaskState): Promise<TaskState> {
  const state = await stateOf(task);
  if (state.retryOf === null || of.proposal === null) throw new Error('no retry');
  const plan = buildRetry({
    ...{ task, retryOf: state.retryOf, failed: of.proposal.plan, reason: 'x', previous: null, revision: 1 },
    ...{ policyVersion: policy.version, expiresAt: '2026-01-02T00:00:00.000Z' },
  });
  return stage.act(task, { type: 'propose', basis: planningBasis(state), plan, policy });
}

describe('retry', () => {
  it('makes a task of its own for who asked for it, and leaves the failed one as it was', async () => {
    const first = await failed();
    const { press } = openDesk(stage, policy);
    const { task, refused } = await press(first.task, 'm-a', ada);
    expect(refused).toBe(false);
    const state = await stateOf(task ?? first.task);
    expect(state).toMatchObject({ status: 'received', requester: ada.id, request: first.request });
    expect(state.retryOf).toMatchObject({ task: first.task, planHash: first.proposal?.planHash, fromStep: 2 });
    expect(await stateOf(first.task)).toEqual(first);
  });

  it('that a platform delivers again is the same task, whatever became of it', async () => {
    const first = await failed();
    const { press, say } = openDesk(stage, policy);
    const [one, other] = await Promise.all([press(first.task, 'same'), press(first.task, 'same')]);
    expect(one).toEqual(other);
    await planned(one.task ?? first.task, first);
    await stage.act(one.task ?? first.task, { type: 'reject', person: stage.person, on: {}, policy, reason: '', now });
    expect(await press(first.task, 'same')).toEqual(one);
    expect(await say('retry', 'same')).toEqual(one);
    expect(await count()).toBe(2);
  });

  it('by two persons at the same time makes one task, and the other is told so', async () => {
    const first = await failed();
    const { press, answers } = openDesk(stage, policy);
    const both = await Promise.all([press(first.task, 'm-a'), press(first.task, 'm-b', ada)]);
    expect(both.filter(({ refused }) => refused)).toHaveLength(1);
    expect(answers).toMatchObject([{ type: 'refusal', code: 'CHF-416', text: expect.stringMatching(/has not ended/) }]);
    expect(await count()).toBe(2);
  });

  it('can be made anew when an earlier one came to nothing', async () => {
    const first = await failed();
    const { press } = openDesk(stage, policy);
    const one = await press(first.task, 'm-a');
    await planned(one.task ?? first.task, first);
    await stage.act(one.task ?? first.task, { type: 'reject', person: stage.person, on: {}, policy, reason: '', now });
    const two = await press(first.task, 'm-b');
    expect(two).toMatchObject({ refused: false });
    expect(two.task).not.toBe(one.task);
  });

  it('without a number is of the newest that failed here', async () => {
    const { say, answers } = openDesk(stage, policy);
    expect(await say('retry', 'm-0')).toMatchObject({ refused: true });
    expect(answers.at(-1)).toMatchObject({ code: 'CHF-105', text: expect.stringMatching(/^Nothing here has failed/) });
    await failed();
    const second = await failed();
    const { task } = await say('retry', 'm-1');
    expect((await stateOf(task ?? second.task)).retryOf?.task).toBe(second.task);
  });

  it('by somebody who may not is refused, and the record keeps the try', async () => {
    const first = await failed();
    const { say, answers } = openDesk(stage, policy);
    expect(await say(`retry #${first.task}`, 'm-s', stranger)).toEqual({ task: first.task, refused: true });
    expect(answers).toMatchObject([{ code: 'CHF-301' }]);
    expect((await stage.store.readTask(first.task)).at(-1)?.event).toMatchObject({
      ...{ type: 'command.refused', command: 'retry', actor: stranger.id, kind: 'NOT_ALLOWED' },
    });
  });
});
