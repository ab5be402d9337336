// The decider's rules by example, where a person would ask "and what happens if ...?".
import { describe, expect, it } from 'vitest';
import { aPlan, aPolicy, aStep } from '../../test/builders/plan.ts';
import { toActorId, toConversationId, toPlanHash, toRunId, toTaskId } from '../ids.ts';
import type { Plan } from '../plan/plan.ts';
import { planHash } from '../plan/plan-hash.ts';
import type { Policy } from '../policy/policy.ts';
import type { TaskCommand } from './command.ts';
import { decide } from './decide.ts';
import type { AttemptOutcome } from './event.ts';
import { evolve } from './evolve.ts';
import type { TaskState } from './state.ts';
import { emptyTask, planningBasis } from './state.ts';

const local = { id: toActorId('terminal:local'), name: 'local', roles: [] };
const stranger = { id: toActorId('discord:9'), name: 'nine', roles: [] };
const run = toRunId('00000000-0000-4000-8000-000000000001');
const speaker = { agent: 'nas-agent', instance: 'first' };
const now = '2026-01-01T00:00:00.000Z';
const result = (outcome: AttemptOutcome['outcome']): AttemptOutcome => ({
  outcome,
  error: null,
  recap: {},
  changed: {},
  notes: [],
  exitCode: 0,
  durationMs: 1,
  output: { sha256: '', lines: 0, bytes: 0 },
});

function having(state: TaskState, ...commands: readonly TaskCommand[]): TaskState {
  return commands.reduce((before, command) => {
    const decision = decide(before, command);
    if (decision.type === 'refusal') throw new Error(`${command.type}: ${decision.message}`);
    return decision.events.reduce(evolve, before);
  }, state);
}

const received = () =>
  having(emptyTask(toTaskId(1)), {
    type: 'receive',
    conversation: toConversationId('terminal:local'),
    requester: local.id,
    request: 'deploy grafana',
    messageId: 'm1',
  });

function proposed(plan: Plan = aPlan(), policy: Policy = aPolicy()): TaskState {
  return proposedOn(received(), plan, policy);
}

function proposedOn(state: TaskState, plan: Plan = aPlan(), policy: Policy = aPolicy()): TaskState {
  return having(state, {
    type: 'propose',
    basis: planningBasis(state),
    plan: { ...plan, policyVersion: policy.version },
    policy,
  });
}

const approve = (policy: Policy = aPolicy(), on = {}): TaskCommand => ({
  type: 'approve',
  person: local,
  policy,
  now,
  on,
});

function granted(plan: Plan = aPlan()): TaskState {
  const state = having(proposed(plan), approve());
  return having(state, startRun(state));
}

function startRun(state: TaskState): TaskCommand {
  return { type: 'start-run', run, now, planHash: state.proposal?.planHash ?? toPlanHash('0'.repeat(64)) };
}

function claimed(plan: Plan = aPlan()): TaskState {
  const state = granted(plan);
  return having(state, { type: 'attempt-claimed', run, token: state.lastToken, speaker });
}

function running(plan: Plan = aPlan()): TaskState {
  const state = claimed(plan);
  return having(state, { type: 'attempt-started', run, token: state.lastToken, speaker });
}

const types = (state: TaskState, command: TaskCommand) => {
  const decision = decide(state, command);
  return decision.type === 'refusal' ? decision.kind : decision.events.map((event) => event.type);
};

const refused = (kind: string, by: typeof speaker | null = speaker) =>
  ({ type: 'attempt-refused', run, token: 1, speaker: by, kind, reason: 'no' }) as const;

describe('an approval', () => {
  it('of an older revision changes nothing', () => {
    const first = proposed();
    const asked = having(first, { type: 'change', person: local, policy: aPolicy(), now, on: {}, change: 'on nas' });
    const second = having(asked, {
      type: 'propose',
      basis: planningBasis(asked),
      plan: aPlan({ revision: 2 }),
      policy: aPolicy(),
    });
    expect(types(second, approve(aPolicy(), { revision: 1 }))).toBe('STALE_REVISION');
  });

  it('of another plan, by its hash, changes nothing', () => {
    expect(types(proposed(), approve(aPolicy(), { revision: 1, hashPrefix: 'ffffffff' }))).toBe('HASH_MISMATCH');
  });

  it('after the expiry ends the task as expired', () => {
    expect(types(proposed(), { ...approve(), now: '2026-01-02T00:00:00.000Z' } as TaskCommand)).toEqual([
      'plan.expired',
    ]);
  });

  it('under another policy than the plan was made with sends the plan back', () => {
    expect(types(proposed(), approve(aPolicy({ who: ['terminal:local', 'discord:9'] })))).toEqual(['plan.withdrawn']);
  });

  it('by somebody unlisted is refused with the exact line for the policy file', () => {
    const decision = decide(proposed(), { type: 'approve', person: stranger, policy: aPolicy(), now, on: {} });
    expect(decision).toMatchObject({ type: 'refusal', kind: 'NOT_ALLOWED' });
    expect('message' in decision ? decision.message : '').toContain(
      "- {who: ['discord:9'], actions: ['playbooks/site.yml#grafana'], hosts: ['atlas']}",
    );
  });

  it('by the requester is refused where the policy wants another person', () => {
    const policy = aPolicy({ self: false });
    expect(types(proposed(aPlan(), policy), approve(policy))).toBe('SELF_APPROVAL');
  });

  it('by the same person twice does not make two persons', () => {
    const policy = aPolicy({ who: ['terminal:local', 'discord:9'], needs: 2 });
    const once = having(proposed(aPlan(), policy), approve(policy));
    expect(once.status).toBe('proposed');
    expect(types(once, approve(policy))).toBe('ALREADY_DECIDED');
    expect(types(once, { type: 'approve', person: stranger, policy, now, on: {} })).toEqual([
      'approval.given',
      'plan.approved',
    ]);
  });
});

describe('an approval that is taken back', () => {
  const back = (person = local, on = {}): TaskCommand => ({ type: 'withdraw-approval', person, on });

  it('before a run begins leaves the plan waiting for a decision, and can be given again', () => {
    const approved = having(proposed(), approve());
    const again = having(approved, back());
    expect(again).toMatchObject({ status: 'proposed', proposal: { approvals: [] } });
    expect(types(again, startRun(approved))).toBe('WRONG_STATE');
    expect(having(again, approve()).status).toBe('approved');
  });

  it('while it waits its turn leaves the queue', () => {
    const approved = having(proposed(), approve());
    const { planHash: hash } = approved.proposal ?? { planHash: toPlanHash('0'.repeat(64)) };
    const queued = having(approved, { type: 'queue', planHash: hash, behind: [toTaskId(9)] });
    expect(having(queued, back())).toMatchObject({ status: 'proposed', behind: [] });
  });

  it('by one of two leaves the other’s', () => {
    const policy = aPolicy({ who: ['terminal:local', 'discord:9'], needs: 2 });
    const one = having(proposed(aPlan(), policy), approve(policy));
    const both = having(one, { type: 'approve', person: stranger, policy, now, on: {} });
    expect(having(both, back()).proposal?.approvals).toEqual([stranger.id]);
  });

  it('after the run began says so, and changes nothing', () => {
    const decision = decide(granted(), back());
    expect(decision).toMatchObject({ kind: 'WRONG_STATE', message: expect.stringContaining('cancel #1') });
    expect(types(running(), back())).toBe('WRONG_STATE');
  });

  it('by somebody who gave none, or of another plan, changes nothing', () => {
    const approved = having(proposed(), approve());
    expect(types(approved, back(stranger))).toBe('WRONG_STATE');
    expect(types(approved, back(local, { hashPrefix: 'ffffffff' }))).toBe('WRONG_STATE');
    expect(types(approved, back(local, { revision: 0 }))).toBe('WRONG_STATE');
    expect(types(proposed(), back())).toBe('WRONG_STATE');
  });
});

describe('right before dispatch', () => {
  it('a plan whose hash now is another one goes back to the person', () => {
    const state = having(proposed(), approve());
    expect(types(state, { type: 'start-run', run, now, planHash: toPlanHash('0'.repeat(64)) })).toEqual([
      'plan.withdrawn',
    ]);
  });

  it('a stored plan that no longer fits its stored hash goes back, even when the caller vouches for it', () => {
    const state = having(proposed(), approve());
    const altered: TaskState = {
      ...state,
      proposal: state.proposal && {
        ...state.proposal,
        plan: { ...state.proposal.plan, steps: [aStep({ hosts: ['nas'] })] },
      },
    };
    expect(
      types(altered, { type: 'start-run', run, now, planHash: altered.proposal?.planHash ?? planHash(aPlan()) }),
    ).toEqual(['plan.withdrawn']);
  });

  it('a plan is withdrawn by its own hash only', () => {
    const state = having(proposed(), approve());
    const hash = state.proposal?.planHash ?? planHash(aPlan());
    expect(types(state, { type: 'withdraw', planHash: toPlanHash('0'.repeat(64)), reason: 'x' })).toBe('WRONG_STATE');
    expect(types(state, { type: 'withdraw', planHash: hash, reason: 'x' })).toEqual(['plan.withdrawn']);
  });

  it('an approval that expired while it waited does not run', () => {
    const state = having(proposed(), approve());
    expect(
      types(state, {
        type: 'start-run',
        run,
        now: '2026-01-03T00:00:00.000Z',
        planHash: state.proposal?.planHash ?? planHash(aPlan()),
      }),
    ).toEqual(['plan.withdrawn']);
  });
});

describe('a run', () => {
  it('begins with its first attempt out for an agent, in one word', () => {
    const state = having(proposed(), approve());
    expect(types(state, startRun(state))).toEqual(['run.started', 'attempt.granted']);
    expect(types(granted(), { type: 'grant-attempt', run })).toBe('WRONG_STATE');
  });

  it('that began under a version which handed its first step out later goes on from where it stands', () => {
    const approved = having(proposed(), approve());
    const planHash = approved.proposal?.planHash ?? toPlanHash('0'.repeat(64));
    const old = evolve(approved, { type: 'run.started', run, planHash });
    expect(having(old, { type: 'grant-attempt', run })).toEqual({ ...granted(), version: old.version + 1 });
  });

  it('after a plan that was withdrawn has a token of its own', () => {
    const withdrawn = having(granted(), refused('PLAN_CHANGED'));
    const again = having(proposedOn(withdrawn, aPlan({ revision: 2 })), approve());
    expect(having(again, startRun(again))).toMatchObject({ lastToken: 2, attempts: [{ attempt: 1, token: 2 }] });
  });
});

describe('an agent', () => {
  it('that no longer holds the attempt is not listened to', () => {
    expect(types(running(), { type: 'attempt-finished', run, token: 99, speaker, result: result('succeeded') })).toBe(
      'STALE_LEASE',
    );
  });

  it('saying the same start twice has the effect of once', () => {
    expect(types(running(), { type: 'attempt-started', run, token: 1, speaker })).toEqual([]);
  });

  it('that refuses the first step because something changed sends the plan back', () => {
    expect(types(granted(), refused('PLAN_CHANGED'))).toEqual(['attempt.refused', 'plan.withdrawn']);
    expect(types(granted(), refused('DISK_FULL'))).toEqual(['attempt.refused', 'run.paused']);
  });

  it('may start only what it claimed, and nobody else may claim it then', () => {
    const other = { agent: 'nas-agent', instance: 'second' };
    const of = { run, token: 1 } as const;
    expect(types(granted(), { type: 'attempt-started', ...of, speaker })).toBe('STALE_LEASE');
    expect(types(claimed(), { type: 'attempt-claimed', ...of, speaker: other })).toBe('STALE_LEASE');
    expect(types(claimed(), { type: 'attempt-started', ...of, speaker: other })).toBe('STALE_LEASE');
    expect(types(claimed(), { type: 'attempt-claimed', ...of, speaker })).toEqual([]);
    expect(types(claimed(), { type: 'attempt-started', ...of, speaker })).toEqual(['attempt.started']);
  });

  it('is not believed about the end of what it never claimed', () => {
    expect(types(granted(), { type: 'attempt-finished', run, token: 1, speaker, result: result('succeeded') })).toBe(
      'STALE_LEASE',
    );
  });

  it('that holds an attempt cannot have it taken away as if nothing had run', () => {
    expect(types(granted(), refused('NO_AGENT', null))).toEqual(['attempt.refused', 'task.failed']);
    expect(types(claimed(), refused('NO_AGENT', null))).toBe('STALE_LEASE');
    expect(types(running(), refused('NOT_STARTED'))).toBe('STALE_LEASE');
  });

  it('that was restarted before the start lets the step be handed out again, three times in all', () => {
    const again = (state: TaskState): TaskState => {
      const next = having(state, { type: 'grant-attempt', run });
      return having(next, { type: 'attempt-claimed', run, token: next.lastToken, speaker });
    };
    const first = claimed();
    const second = again(having(first, refused('NOT_STARTED')));
    expect(second).toMatchObject({ status: 'running', lastToken: 2 });
    expect(second.proposal?.planHash).toBe(first.proposal?.planHash);
    const third = again(having(second, { ...refused('NOT_STARTED'), token: 2 }));
    expect(types(third, { ...refused('NOT_STARTED'), token: 3 })).toEqual(['attempt.refused', 'task.failed']);
  });

  it('of a version without claims is still heard to the end, and what it started is not started again', () => {
    const old: TaskState = [
      { type: 'attempt.started', run, step: 1, attempt: 1, token: 1, agent: 'local' } as const,
    ].reduce(evolve, granted());
    expect(types(old, { type: 'attempt-claimed', run, token: 1, speaker })).toBe('STALE_LEASE');
    expect(types(old, { type: 'attempt-finished', run, token: 1, speaker, result: result('succeeded') })).toEqual([
      'attempt.finished',
      'task.succeeded',
    ]);
    expect(types(old, { type: 'attempt-finished', run, token: 1, speaker: null, result: result('unknown') })).toEqual([
      'attempt.finished',
      'task.unknown',
    ]);
  });

  it('whose word nobody has ends the task as unknown, never as failed or done', () => {
    expect(types(running(), { type: 'attempt-finished', run, token: 1, speaker, result: result('unknown') })).toEqual([
      'attempt.finished',
      'task.unknown',
    ]);
  });
});

describe('a cancel', () => {
  it('that comes after the last step succeeded does not call the change cancelled', () => {
    const merging = having(running(aPlan({ branch: 'chiffon/1' })), {
      type: 'attempt-finished',
      run,
      token: 1,
      speaker,
      result: result('succeeded'),
    });
    expect(types(merging, { type: 'cancel', person: local, policy: aPolicy(), reason: '' })).toBe('WRONG_STATE');
  });

  it('that races the last step keeps the success that it was', () => {
    const racing = having(running(), { type: 'cancel', person: local, policy: aPolicy(), reason: '' });
    expect(types(racing, { type: 'attempt-finished', run, token: 1, speaker, result: result('succeeded') })).toEqual([
      'attempt.finished',
      'task.succeeded',
    ]);
  });

  it('between two steps keeps the second from starting', () => {
    const two = aPlan({ steps: [aStep(), aStep({ number: 2 })] });
    const racing = having(running(two), { type: 'cancel', person: local, policy: aPolicy(), reason: 'stop' });
    expect(types(racing, { type: 'attempt-finished', run, token: 1, speaker, result: result('succeeded') })).toEqual([
      'attempt.finished',
      'task.cancelled',
    ]);
  });

  it('of what no agent has taken ends the task at once, and a claim that comes later is refused', () => {
    const cancel: TaskCommand = { type: 'cancel', person: local, policy: aPolicy(), reason: '' };
    expect(types(granted(), cancel)).toEqual(['attempt.refused', 'task.cancelled']);
    expect(types(having(granted(), cancel), { type: 'attempt-claimed', run, token: 1, speaker })).toBe('STALE_LEASE');
  });

  it('keeps an agent that claimed the step from being let go', () => {
    const cancelled = having(claimed(), { type: 'cancel', person: local, policy: aPolicy(), reason: 'stop' });
    expect(cancelled.status).toBe('running');
    expect(types(cancelled, { type: 'attempt-claimed', run, token: 1, speaker })).toBe('WRONG_STATE');
    expect(types(cancelled, refused('NOT_STARTED'))).toEqual(['attempt.refused', 'task.cancelled']);
  });

  it('is for the requester or an approver', () => {
    expect(types(running(), { type: 'cancel', person: stranger, policy: aPolicy(), reason: '' })).toBe('NOT_ALLOWED');
    expect(types(received(), { type: 'cancel', person: stranger, policy: aPolicy(), reason: '' })).toBe('NOT_ALLOWED');
  });
});

describe('a paused run', () => {
  it('goes on for the requester or an approver, and for nobody else', () => {
    const paused = having(granted(), refused('DISK_FULL'));
    expect(types(paused, { type: 'resume', person: stranger, policy: aPolicy() })).toBe('NOT_ALLOWED');
    expect(types(paused, { type: 'resume', person: stranger, policy: aPolicy({ who: ['discord:9'] }) })).toEqual([
      'run.resumed',
    ]);
    expect(types(paused, { type: 'resume', person: local, policy: aPolicy({ who: ['discord:9'] }) })).toEqual([
      'run.resumed',
    ]);
  });
});

describe('a turn', () => {
  const behind = (...tasks: number[]) => tasks.map((task) => toTaskId(task));
  const queue = (state: TaskState, ...tasks: number[]): TaskCommand => ({
    type: 'queue',
    planHash: state.proposal?.planHash ?? planHash(aPlan()),
    behind: behind(...tasks),
  });

  it('is told when it changes, and not again', () => {
    const approved = having(proposed(), approve());
    expect(types(approved, queue(approved, 7, 8))).toEqual(['run.queued']);
    const queued = having(approved, queue(approved, 7, 8));
    expect(queued).toMatchObject({ status: 'approved', behind: [7, 8] });
    expect(types(queued, queue(queued, 7, 8))).toEqual([]);
    expect(types(queued, queue(queued, 8))).toEqual(['run.queued']);
    expect(having(queued, startRun(queued)).behind).toEqual([]);
  });

  it('behind nobody is no wait, and behind itself no order', () => {
    const approved = having(proposed(), approve());
    const queued = having(approved, queue(approved, 7));
    expect(types(queued, queue(queued))).toEqual([]);
    expect(types(approved, queue(approved, 1))).toBe('WRONG_STATE');
  });

  it('is not paused while an agent holds a step', () => {
    expect(types(claimed(), { type: 'pause', reason: 'x' })).toBe('WRONG_STATE');
    expect(types(running(), { type: 'pause', reason: 'x' })).toBe('WRONG_STATE');
  });

  it('takes what nobody has claimed back with a pause, and hands it out anew when the run goes on', () => {
    const paused = having(granted(), { type: 'pause', reason: 'x' });
    expect(types(paused, { type: 'attempt-claimed', run, token: 1, speaker })).toBe('STALE_LEASE');
    const resumed = having(paused, { type: 'resume', person: local, policy: aPolicy() });
    expect(having(resumed, { type: 'grant-attempt', run })).toMatchObject({ status: 'running', lastToken: 2 });
  });
});

describe('planning', () => {
  it('that was overtaken by an answer or a change is void', () => {
    const state = received();
    const asked = having(state, {
      type: 'ask',
      basis: planningBasis(state),
      question: { text: '?', candidates: [], decides: 'input', about: 'x' },
      judged: { tier: 'rules', confidence: 1, why: [], costMicroUsd: 0 },
    });
    const answered = having(asked, { type: 'answer', actor: local.id, answer: 'y' });
    expect(types(answered, { type: 'propose', basis: planningBasis(state), plan: aPlan(), policy: aPolicy() })).toBe(
      'WRONG_STATE',
    );
  });

  it('takes an answer to the question of its number alone, where it names one', () => {
    const question = { text: '?', candidates: [], decides: 'input', about: 'x' } as const;
    const judged = { tier: 'rules', confidence: 1, why: [], costMicroUsd: 0 } as const;
    const ask = (state: TaskState): TaskCommand => ({ type: 'ask', basis: planningBasis(state), question, judged });
    const answer = (number?: number): TaskCommand => ({
      ...{ type: 'answer', actor: local.id, answer: 'y' },
      ...(number !== undefined && { question: number }),
    });
    const first = having(received(), ask(received()));
    expect([0, 1, 2].map((number) => types(first, answer(number)))).toEqual([
      ...['WRONG_STATE', ['question.answered'], 'WRONG_STATE'],
    ]);
    const answered = having(first, answer(1));
    const second = having(answered, ask(answered));
    expect([1, 2, undefined].map((number) => types(second, answer(number)))).toEqual([
      ...['WRONG_STATE', ['question.answered'], ['question.answered']],
    ]);
  });

  it('cannot propose nothing, or a plan for another task', () => {
    const state = received();
    const propose = (plan: Plan): TaskCommand => ({
      type: 'propose',
      basis: planningBasis(state),
      plan,
      policy: aPolicy(),
    });
    expect(types(state, propose(aPlan({ steps: [] })))).toBe('PLAN_CHANGED');
    expect(types(state, propose(aPlan({ task: toTaskId(2) })))).toBe('PLAN_CHANGED');
  });
});

describe('the merge', () => {
  it('of another commit than the one that ran is refused', () => {
    const merging = having(running(aPlan({ branch: 'chiffon/1' })), {
      type: 'attempt-finished',
      run,
      token: 1,
      speaker,
      result: result('succeeded'),
    });
    const commit = merging.proposal?.plan.commit ?? aPlan().commit;
    expect(
      types(merging, {
        type: 'merged',
        into: 'main',
        run,
        commit: aPlan({ commit: `${'2'.repeat(40)}` as typeof commit }).commit,
        link: null,
        pushed: false,
      }),
    ).toBe('PLAN_CHANGED');
    expect(types(merging, { type: 'merged', into: 'main', run, commit, link: null, pushed: false })).toEqual([
      'change.merged',
      'task.succeeded',
    ]);
  });

  it('that git refuses leaves a failed task, though every step ran', () => {
    const merging = having(running(aPlan({ branch: 'chiffon/1' })), {
      type: 'attempt-finished',
      run,
      token: 1,
      speaker,
      result: result('succeeded'),
    });
    expect(types(merging, { type: 'merge-refused', run, reason: 'main moved' })).toEqual([
      'change.kept',
      'task.failed',
    ]);
  });
});
