// Trying a failed task again: when it can be, by whom, and that its plan is what was left and nothing else.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { aPlan, aPolicy, aStep } from '../../test/builders/plan.ts';
import { toActionId, toActorId, toConversationId, toRunId, toTaskId } from '../ids.ts';
import { buildRetry } from '../plan/build-retry.ts';
import type { Plan } from '../plan/plan.ts';
import { planHash, stepsHash } from '../plan/plan-hash.ts';
import type { TaskCommand } from './command.ts';
import { decide } from './decide.ts';
import type { AttemptOutcome } from './event.ts';
import { parseTaskEvent } from './event.ts';
import { evolve } from './evolve.ts';
import { retryOf } from './retry.ts';
import type { TaskState } from './state.ts';
import { emptyTask, planningBasis } from './state.ts';

const local = { id: toActorId('terminal:local'), name: 'local', roles: [] };
const stranger = { id: toActorId('discord:9'), name: 'nine', roles: [] };
const run = toRunId('00000000-0000-4000-8000-000000000001');
const speaker = { agent: 'nas-agent', instance: 'first' };
const now = '2026-01-01T00:00:00.000Z';
const policy = aPolicy();
const conversation = toConversationId('terminal:local');
const failedTask = toTaskId(7);
const retryTask = toTaskId(9);

const three = [
  aStep({ title: 'One', action: toActionId('one.yml') }),
  aStep({ number: 2, title: 'Two', action: toActionId('two.yml'), vars: { a: 1 } }),
  aStep({ number: 3, title: 'Three', action: toActionId('three.yml'), risk: 'high', hosts: ['boreas'] }),
];

function having(state: TaskState, ...commands: readonly TaskCommand[]): TaskState {
  return commands.reduce((before, command) => {
    const decision = decide(before, command);
    if (decision.type === 'refusal') throw new Error(`${command.type}: ${decision.message}`);
    return decision.events.reduce(evolve, before);
  }, state);
}

const receive: TaskCommand = {
  ...{ type: 'receive', conversation, requester: local.id, request: 'deploy all of it', messageId: 'm' },
};

/** A run in which that many steps succeed and the next one ends in `word`. */
function ran(done: number, word: AttemptOutcome['outcome'] = 'failed', change: Partial<Plan> = {}): TaskState {
  const received = having(emptyTask(failedTask), receive);
  const plan = aPlan({ task: failedTask, steps: three, ...change });
  let state = having(
    received,
    { type: 'propose', basis: planningBasis(received), plan, policy },
    { type: 'approve', person: local, policy, now, on: {} },
    { type: 'start-run', run, now, planHash: planHash(plan) },
  );
  for (let step = 0; step <= done && state.status === 'running' && step < plan.steps.length; step += 1) {
    // The first step is granted with the run's start.
    if (step > 0) state = having(state, { type: 'grant-attempt', run });
    const about = { run, token: state.lastToken, speaker };
    const result: AttemptOutcome = {
      ...{ outcome: step < done ? 'succeeded' : word, error: null, recap: {}, changed: {}, notes: [], exitCode: 0 },
      ...{ durationMs: 1, output: { sha256: '', lines: 0, bytes: 0 } },
    };
    state = having(
      state,
      { type: 'attempt-claimed', ...about },
      { type: 'attempt-started', ...about },
      { type: 'attempt-finished', ...about, result },
    );
  }
  return state;
}

const retry = (change: Partial<Extract<TaskCommand, { type: 'retry' }>> = {}): TaskCommand => ({
  ...{ type: 'retry', person: local, policy, earlier: null },
  ...change,
});
const whyNot = (state: TaskState, change: Partial<Extract<TaskCommand, { type: 'retry' }>> = {}) => {
  const decision = decide(state, retry(change));
  return decision.type === 'refusal' ? `${decision.kind}: ${decision.message}` : decision.events;
};

function retried(failed: TaskState, change: (plan: Plan) => Plan = (plan) => plan) {
  const left = retryOf(failed);
  if (left.type === 'refusal' || failed.proposal === null) throw new Error('nothing is left');
  const state = having(emptyTask(retryTask), { ...receive, retry: { of: left.of, number: 0 } } as TaskCommand);
  const plan = buildRetry({
    ...{ task: retryTask, retryOf: left.of, failed: failed.proposal.plan, reason: 'It failed.' },
    ...{ policyVersion: policy.version, expiresAt: '2026-01-02T00:00:00.000Z', previous: null, revision: 1 },
  });
  const decision = decide(state, { type: 'propose', basis: planningBasis(state), plan: change(plan), policy });
  return { state, plan, decision };
}

describe('a retry', () => {
  it('is of a task that failed in a step, and changes nothing of it', () => {
    expect(retryOf(ran(1))).toMatchObject({
      type: 'retry',
      of: { task: failedTask, fromStep: 2, stepsHash: stepsHash(three.slice(1)) },
    });
    expect(retryOf(ran(0))).toMatchObject({ of: { fromStep: 1 } });
    expect(whyNot(ran(1))).toEqual([]);
  });

  it('is not of one that did not fail, or failed only in its merge', () => {
    expect(whyNot(ran(1, 'unknown'))).toMatch(/^RETRY_NOT_POSSIBLE: Task #7 ended unknown: nobody can say/);
    expect(whyNot(ran(3))).toMatch(/^RETRY_NOT_POSSIBLE: Task #7 succeeded/);
    expect(whyNot(having(emptyTask(failedTask), receive))).toMatch(/^RETRY_NOT_POSSIBLE: Task #7 has not ended/);
    expect(whyNot(emptyTask(failedTask))).toMatch(/^NO_SUCH_TASK/);
    const merging = ran(3, 'failed', { branch: 'chiffon/7' });
    const diverged = having(merging, { type: 'merge-refused', run, reason: 'main moved.' });
    expect(whyNot(diverged)).toBe(
      'RETRY_NOT_POSSIBLE: Every step of #7 is done; only its change was not merged. It is on the branch chiffon/7.',
    );
    const cancelled = having(merging, { type: 'pause', reason: 'x' });
    expect(whyNot(cancelled)).toMatch(/has not ended/);
  });

  it('is not possible where what is left needs a secret, for those are forgotten', () => {
    const secret = { $secret: 'x', digest: 'y' };
    const steps = three.map((step) => (step.number === 2 ? { ...step, vars: { password: secret } } : step));
    expect(whyNot(ran(1, 'failed', { steps }))).toMatch(/^RETRY_NOT_POSSIBLE: Step 2 of #7 needs a secret/);
    // The step that needed it is done.
    expect(whyNot(ran(2, 'failed', { steps }))).toEqual([]);
  });

  it('is for who asked, or who may approve what is left', () => {
    expect(whyNot(ran(1), { person: stranger })).toMatch(/^NOT_ALLOWED: .*step 2, “Two”/);
    const open = aPolicy({ who: ['terminal:local', 'discord:9'] });
    expect(whyNot(ran(1), { person: stranger, policy: open })).toEqual([]);
  });

  it('is not made while there is one, nor of what an earlier one did already', () => {
    const earlier = (status: TaskState['status'], hasRun: boolean) =>
      whyNot(ran(1), { earlier: { task: retryTask, status, ran: hasRun } });
    expect(earlier('proposed', false)).toBe('RETRY_NOT_POSSIBLE: #7 is tried again as #9, which has not ended.');
    expect(earlier('running', true)).toMatch(/has not ended/);
    expect(earlier('failed', true)).toMatch(/Try that one: `retry #9`/);
    expect(earlier('succeeded', true)).toMatch(/nothing is left/);
    expect(earlier('unknown', true)).toMatch(/ended as unknown/);
    for (const status of ['rejected', 'expired', 'refused', 'cancelled'] as const)
      expect(earlier(status, false)).toEqual([]);
  });
});

describe('the plan of a retry', () => {
  it('is what was left, step by step, at the same commit and branch, under a number and a hash of its own', () => {
    const failed = ran(1, 'failed', { branch: 'chiffon/7' });
    const { plan, decision } = retried(failed);
    const old = failed.proposal?.plan;
    expect(plan.steps).toEqual(old?.steps.slice(1).map((step, index) => ({ ...step, number: index + 1 })));
    expect(plan).toMatchObject({ commit: old?.commit, baseCommit: old?.baseCommit, branch: 'chiffon/7', risk: 'high' });
    expect(plan.understood).toEqual([
      'Step 1 of #7 is done: One.',
      'It goes on with step 2, Two, which had failed: It failed.',
    ]);
    expect(decision).toMatchObject({ type: 'events', events: [{ type: 'plan.proposed', planHash: planHash(plan) }] });
    expect(planHash(plan)).not.toBe(failed.proposal?.planHash);
  });

  it('says which steps are done, and which change of theirs is merged at the end', () => {
    const steps = three.map((step) => ({ ...step, config: [{ path: 'a.yml', diff: 'x' }] }));
    expect(retried(ran(2, 'failed', { branch: 'chiffon/7', steps })).plan.understood).toEqual([
      'Steps 1-2 of #7 are done: One; Two.',
      'It goes on with step 3, Three, which had failed: It failed.',
      'The change of a.yml on chiffon/7 is merged when all is done.',
    ]);
    expect(retried(ran(0)).plan.understood[0]).toBe('No step of #7 is done.');
  });

  it('is refused when it is anything else than what was left, or for a task that is no retry', () => {
    const altered: readonly ((plan: Plan) => Plan)[] = [
      (plan) => ({ ...plan, steps: plan.steps.slice(1) }),
      (plan) => ({ ...plan, steps: [...plan.steps, aStep({ number: 3 })] }),
      (plan) => ({ ...plan, steps: plan.steps.toReversed() }),
      (plan) => ({ ...plan, steps: plan.steps.map((step) => ({ ...step, hosts: ['nas'] })) }),
      ({ retryOf: _, ...plan }) => plan,
      (plan) => ({ ...plan, ...(plan.retryOf && { retryOf: { ...plan.retryOf, fromStep: 3 } }) }),
    ];
    for (const change of altered)
      expect(retried(ran(1), change).decision).toMatchObject({ type: 'refusal', kind: 'PLAN_CHANGED' });
    const { plan } = retried(ran(1));
    const state = having(emptyTask(retryTask), receive);
    const decision = decide(state, { type: 'propose', basis: planningBasis(state), plan, policy });
    expect(decision).toMatchObject({ kind: 'PLAN_CHANGED' });
  });

  it('cannot be changed, only rejected', () => {
    const { state, decision } = retried(ran(1));
    const proposed = decision.type === 'events' ? decision.events.reduce(evolve, state) : state;
    const on = { person: local, policy, now, on: {} };
    expect(decide(proposed, { type: 'change', ...on, change: 'on nas' })).toMatchObject({ kind: 'WRONG_STATE' });
    expect(decide(proposed, { type: 'reject', ...on, reason: '' })).toMatchObject({ type: 'events' });
  });

  it('holds to what was left however often it fails and is tried again', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 2 }), fc.integer({ min: 1, max: 3 }), (done, count) => {
        const failed = ran(Math.min(done, count - 1), 'failed', { steps: three.slice(0, count) });
        const { plan, decision } = retried(failed);
        expect(decision.type).toBe('events');
        expect(stepsHash(plan.steps)).toBe(stepsHash(three.slice(Math.min(done, count - 1), count)));
        expect(plan.steps.map(({ number }) => number)).toEqual(plan.steps.map((_, index) => index + 1));
      }),
    );
  });
});

describe('the record', () => {
  it('of before there were retries is read as it was, without a word more', () => {
    const decision = decide(emptyTask(failedTask), receive);
    const [received] = decision.type === 'events' ? decision.events : [];
    const keys = ['type', 'conversation', 'requester', 'request', 'messageId'];
    expect(Object.keys(received ?? {})).toEqual(keys);
    expect(Object.keys(parseTaskEvent(received))).toEqual(keys);
  });
});
