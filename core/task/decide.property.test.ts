// What holds for every sequence of commands, whoever sends them and in whatever order: the promises of an approval.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { aPlan, aPolicy, aStep } from '../../test/builders/plan.ts';
import type { ActorId } from '../ids.ts';
import { toActorId, toCommitSha, toConversationId, toPlanHash, toRunId, toTaskId } from '../ids.ts';
import { planHash, stepsHash } from '../plan/plan-hash.ts';
import type { Policy } from '../policy/policy.ts';
import type { Holder, TaskCommand } from './command.ts';
import { decide } from './decide.ts';
import type { AttemptOutcome, TaskEvent } from './event.ts';
import { finalEventTypes } from './event.ts';
import { evolve, replay } from './evolve.ts';
import type { Proposal, TaskState } from './state.ts';
import { emptyTask, isEnded, liveAttempt, nextStep, planningBasis } from './state.ts';

const task = toTaskId(1);
const runs = ['00000000-0000-4000-8000-000000000001', '00000000-0000-4000-8000-000000000002'].map(toRunId);
const policies = [
  aPolicy(),
  aPolicy({ who: ['terminal:local', 'matrix:@b:x'], needs: 2 }),
  aPolicy({ who: ['terminal:local', 'matrix:@b:x'], self: false }),
];
const people = ['terminal:local', 'matrix:@b:x', 'discord:9'].map((id) => ({ id: toActorId(id), name: id, roles: [] }));
const times = ['2026-01-01T00:00:00.000Z', '2026-01-01T12:00:00.000Z', '2026-01-03T00:00:00.000Z'];
const outcome = (word: AttemptOutcome['outcome']): AttemptOutcome => ({
  outcome: word,
  error: null,
  recap: {},
  changed: {},
  notes: [],
  exitCode: 0,
  durationMs: 1,
  output: { sha256: '', lines: 0, bytes: 0 },
});
/** Two agents, one of them in two lives. */
const agents: readonly Holder[] = [
  { agent: 'one', instance: 'a' },
  { agent: 'one', instance: 'b' },
  { agent: 'two', instance: 'c' },
];
const judged = { tier: 'rules', confidence: 1, why: [], costMicroUsd: 0 } as const;

/** What was left of some failed task: two steps. */
const left = {
  ...{ task: toTaskId(9), planHash: toPlanHash('e'.repeat(64)), fromStep: 2 },
  stepsHash: stepsHash([aStep(), aStep()]),
};

/** A command made for the state that it meets: mostly fitting, sometimes stale or forged. */
type Move = (state: TaskState) => TaskCommand;

const pick = <T>(list: readonly T[]) => fc.constantFrom(...list);
const fitting = (state: TaskState) => ({
  token: state.lastToken,
  run: state.run ?? toRunId('00000000-0000-4000-8000-000000000001'),
});

/** Mostly the holder about the newest attempt; now and then another agent, another life, or an attempt of before. */
const speaking = fc
  .tuple(pick(agents), fc.integer({ min: 0, max: 5 }), fc.boolean())
  .map(([agent, lag, own]) => (state: TaskState) => ({
    run: fitting(state).run,
    token: state.lastToken - (lag === 0 ? 1 : 0),
    speaker: own ? (liveAttempt(state)?.holder ?? agent) : agent,
  }));
const reporting = fc.tuple(speaking, fc.integer({ min: 0, max: 9 })).map(([speaks, core]) => (state: TaskState) => {
  const said = speaks(state);
  return { ...said, speaker: core === 0 ? null : said.speaker };
});

const moves: fc.Arbitrary<Move> = fc.oneof(
  {
    weight: 3,
    arbitrary: fc.boolean().map(
      (again): Move =>
        () => ({
          type: 'receive',
          conversation: toConversationId('terminal:local'),
          requester: toActorId('terminal:local'),
          request: 'x',
          messageId: '1',
          ...(again && { retry: { of: left, number: 0 } }),
        }),
    ),
  },
  {
    weight: 6,
    arbitrary: fc
      .tuple(pick(policies), fc.integer({ min: 1, max: 3 }), fc.boolean(), fc.integer({ min: 0, max: 9 }), fc.boolean())
      .map(
        ([policy, count, branch, lag, again]): Move =>
          (state) => ({
            type: 'propose',
            basis: lag === 0 ? 'stale' : planningBasis(state),
            policy,
            plan: aPlan({
              task,
              revision: state.revision + 1,
              policyVersion: policy.version,
              branch: branch ? 'chiffon/1' : null,
              commit: toCommitSha((branch ? '2' : '1').repeat(40)),
              steps: Array.from({ length: count }, (_, index) => aStep({ number: index + 1 })),
              ...(again && { retryOf: left }),
            }),
          }),
      ),
  },
  {
    weight: 1,
    arbitrary: fc.constant<Move>((state) => ({
      type: 'ask',
      basis: planningBasis(state),
      question: { text: '?', candidates: [], decides: 'input', about: 'x' },
      judged,
    })),
  },
  {
    weight: 1,
    arbitrary: fc.constant<Move>((state) => ({
      type: 'refuse',
      basis: planningBasis(state),
      kind: 'NOTHING_FITS',
      reason: 'no',
      nearest: [],
      judged,
    })),
  },
  {
    weight: 1,
    arbitrary: fc.constant<Move>(() => ({ type: 'answer', actor: toActorId('terminal:local'), answer: '1' })),
  },
  {
    weight: 8,
    arbitrary: fc.tuple(pick(people), pick(policies), pick(times), fc.integer({ min: 0, max: 9 })).map(
      ([person, policy, now, lag]): Move =>
        (state) => ({
          type: 'approve',
          person,
          // Most often the policy that the plan was made under, as in life.
          policy: policies.find((other) => lag > 2 && other.version === state.proposal?.plan.policyVersion) ?? policy,
          now,
          on:
            lag === 0
              ? { revision: state.revision - 1 }
              : lag === 1
                ? { hashPrefix: 'ffffffff' }
                : { revision: state.revision },
        }),
    ),
  },
  {
    weight: 2,
    arbitrary: pick(people).map(
      (person): Move =>
        (state) => ({ type: 'withdraw-approval', person, on: { revision: state.revision } }),
    ),
  },
  {
    weight: 1,
    arbitrary: fc.tuple(pick(people), pick(policies), pick(times)).map(
      ([person, policy, now]): Move =>
        () => ({ type: 'reject', person, policy, now, on: {}, reason: '' }),
    ),
  },
  {
    weight: 1,
    arbitrary: fc.tuple(pick(people), pick(policies), pick(times)).map(
      ([person, policy, now]): Move =>
        () => ({ type: 'change', person, policy, now, on: {}, change: 'y' }),
    ),
  },
  {
    weight: 1,
    arbitrary: pick(times).map(
      (now): Move =>
        () => ({ type: 'expire', now }),
    ),
  },
  {
    weight: 1,
    arbitrary: fc.constant<Move>((state) => ({
      type: 'withdraw',
      planHash: state.proposal?.planHash ?? toPlanHash('0'.repeat(64)),
      reason: 'moved',
    })),
  },
  {
    weight: 6,
    arbitrary: fc.tuple(pick(runs), pick(times), fc.integer({ min: 0, max: 5 })).map(
      ([run, now, lag]): Move =>
        (state) => ({
          type: 'start-run',
          run,
          now,
          planHash: lag === 0 || state.proposal === null ? toPlanHash('0'.repeat(64)) : state.proposal.planHash,
        }),
    ),
  },
  { weight: 8, arbitrary: fc.constant<Move>((state) => ({ type: 'grant-attempt', run: fitting(state).run })) },
  {
    weight: 4,
    arbitrary: fc.tuple(pick(['attempt-claimed', 'attempt-started'] as const), speaking).map(
      ([type, speaks]): Move =>
        (state) => ({ type, ...speaks(state) }),
    ),
  },
  {
    weight: 3,
    arbitrary: fc
      .tuple(pick(['NOT_STARTED', 'NOT_STARTED', 'PLAN_CHANGED', 'DISK_FULL', 'UNSAFE_INPUT']), reporting)
      .map(
        ([kind, reports]): Move =>
          (state) => ({ type: 'attempt-refused', ...reports(state), kind, reason: 'no' }),
      ),
  },
  {
    weight: 8,
    arbitrary: fc
      .tuple(pick(['succeeded', 'succeeded', 'succeeded', 'failed', 'cancelled', 'unknown'] as const), reporting)
      .map(
        ([word, reports]): Move =>
          (state) => ({ type: 'attempt-finished', ...reports(state), result: outcome(word) }),
      ),
  },
  {
    weight: 1,
    arbitrary: fc.array(fc.integer({ min: 1, max: 4 }).map(toTaskId), { maxLength: 3 }).map(
      (behind): Move =>
        (state) => ({ type: 'queue', planHash: state.proposal?.planHash ?? toPlanHash('0'.repeat(64)), behind }),
    ),
  },
  { weight: 1, arbitrary: fc.constant<Move>(() => ({ type: 'pause', reason: 'disk' })) },
  {
    weight: 1,
    arbitrary: fc.tuple(pick(people), pick(policies)).map(
      ([person, policy]): Move =>
        () => ({ type: 'resume', person, policy }),
    ),
  },
  {
    weight: 1,
    arbitrary: fc.tuple(pick(people), pick(policies)).map(
      ([person, policy]): Move =>
        () => ({ type: 'cancel', person, policy, reason: '' }),
    ),
  },
  {
    weight: 1,
    arbitrary: fc.tuple(pick(people), pick(policies)).map(
      ([person, policy]): Move =>
        () => ({ type: 'retry', person, policy, earlier: null }),
    ),
  },
  {
    weight: 4,
    arbitrary: fc.boolean().map(
      (same): Move =>
        (state) => ({
          type: 'merged',
          into: 'main',
          run: fitting(state).run,
          commit: same ? (state.proposal?.plan.commit ?? toCommitSha('3'.repeat(40))) : toCommitSha('3'.repeat(40)),
          link: null,
          pushed: false,
        }),
    ),
  },
  {
    weight: 1,
    arbitrary: fc.constant<Move>((state) => ({ type: 'merge-refused', run: fitting(state).run, reason: 'diverged' })),
  },
);

function play(sequence: readonly Move[]): { readonly events: readonly TaskEvent[]; readonly state: TaskState } {
  const events: TaskEvent[] = [];
  let state = emptyTask(task);
  for (const move of sequence) {
    const decision = decide(state, move(state));
    if (decision.type === 'refusal') continue;
    events.push(...decision.events);
    state = decision.events.reduce(evolve, state);
  }
  return { events, state };
}

function mayStill(proposal: Proposal | null, person: ActorId, requester: ActorId): boolean {
  if (proposal === null || proposal.approvals.includes(person) || !proposal.approvers.includes(person)) return false;
  return proposal.self || person !== requester;
}

/** What would come next if all went well. */
const ahead =
  (policy: Policy, branch: boolean, word: AttemptOutcome['outcome'], agent: Holder): Move =>
  (state) => {
    const local = people[0] ?? { id: toActorId('terminal:local'), name: '', roles: [] };
    switch (state.status) {
      case 'none':
        return {
          type: 'receive',
          conversation: toConversationId('terminal:local'),
          requester: local.id,
          request: 'x',
          messageId: '1',
        };
      case 'received':
      case 'planning':
        return {
          type: 'propose',
          basis: planningBasis(state),
          policy,
          plan: aPlan({
            task,
            revision: state.revision + 1,
            policyVersion: policy.version,
            branch: branch ? 'chiffon/1' : null,
            steps: [aStep(), aStep({ number: 2 })],
            ...(state.retryOf !== null && { retryOf: state.retryOf }),
          }),
        };
      case 'asking':
        return { type: 'answer', actor: local.id, answer: '1' };
      case 'proposed': {
        const own = policies.find((candidate) => candidate.version === state.proposal?.plan.policyVersion) ?? policy;
        const person = people.find(({ id }) => mayStill(state.proposal, id, local.id)) ?? local;
        return { type: 'approve', person, policy: own, now: '2026-01-01T00:00:00.000Z', on: {} };
      }
      case 'approved':
        return {
          type: 'start-run',
          run: fitting(state).run,
          now: '2026-01-01T00:00:00.000Z',
          planHash: state.proposal?.planHash ?? toPlanHash('0'.repeat(64)),
        };
      case 'paused':
        return { type: 'resume', person: local, policy };
      default: {
        const attempt = liveAttempt(state);
        const speaker = attempt?.holder ?? agent;
        if (attempt?.phase === 'granted') return { type: 'attempt-claimed', ...fitting(state), speaker };
        if (attempt?.phase === 'claimed') return { type: 'attempt-started', ...fitting(state), speaker };
        if (attempt !== undefined)
          return { type: 'attempt-finished', ...fitting(state), speaker, result: outcome(word) };
        if (nextStep(state) > (state.proposal?.plan.steps.length ?? 0))
          return {
            type: 'merged',
            into: 'main',
            run: fitting(state).run,
            commit: state.proposal?.plan.commit ?? toCommitSha('3'.repeat(40)),
            link: null,
            pushed: true,
          };
        return { type: 'grant-attempt', run: fitting(state).run };
      }
    }
  };

/** So that long lives are reached as well as short ones. */
const forward = fc
  .tuple(
    pick(policies),
    fc.boolean(),
    pick(['succeeded', 'succeeded', 'succeeded', 'failed', 'unknown', 'cancelled'] as const),
    pick(agents),
  )
  .map(([policy, branch, word, agent]) => ahead(policy, branch, word, agent));
const onward = ahead(aPolicy(), false, 'succeeded', { agent: 'one', instance: 'a' });

const lives = fc.array(fc.oneof({ weight: 2, arbitrary: forward }, { weight: 1, arbitrary: moves }), {
  minLength: 1,
  maxLength: 50,
  size: 'max',
});
const always = (name: string, holds: (events: readonly TaskEvent[], state: TaskState) => void) =>
  it(name, () => {
    fc.assert(
      fc.property(lives, (sequence) => {
        const { events, state } = play(sequence);
        holds(events, state);
      }),
      { numRuns: 1_500 },
    );
  });

describe('any sequence of commands', () => {
  always('grants a step only under a live approval of exactly the plan that stands', (events) => {
    events.forEach((event, index) => {
      if (event.type !== 'attempt.granted') return;
      const before = events.slice(0, index);
      const proposed = before.findLastIndex((other) => other.type === 'plan.proposed');
      const proposal = before[proposed];
      if (proposal?.type !== 'plan.proposed') throw new Error('a step was granted without a plan');
      const since = before.slice(proposed + 1);
      expect(planHash(proposal.plan)).toBe(event.planHash);
      expect(since.some((other) => other.type === 'plan.approved' && other.planHash === event.planHash)).toBe(true);
      expect(
        since.some(
          (other) => other.type === 'plan.withdrawn' || other.type === 'plan.rejected' || other.type === 'plan.expired',
        ),
      ).toBe(false);
      // Those that stand: given, and not taken back after that.
      const approvers = since.flatMap((other, at) =>
        other.type === 'approval.given' &&
        other.planHash === event.planHash &&
        !since.slice(at).some((later) => later.type === 'approval.taken-back' && later.actor === other.actor)
          ? [other.actor]
          : [],
      );
      expect(new Set(approvers).size).toBeGreaterThanOrEqual(proposal.needs);
      for (const approver of approvers) expect(proposal.approvers).toContain(approver);
      if (!proposal.self) expect(approvers).not.toContain('terminal:local');
    });
  });

  always('has one final event at most, and nothing after it but refused commands', (events, state) => {
    const finals = events.filter((event) => (finalEventTypes as readonly string[]).includes(event.type));
    expect(finals.length).toBeLessThanOrEqual(1);
    expect(isEnded(state.status)).toBe(finals.length === 1);
    if (finals.length === 1)
      expect((finalEventTypes as readonly string[]).includes(events.at(-1)?.type ?? '')).toBe(true);
  });

  always('replays to the same state', (events, state) => {
    expect(
      replay(
        task,
        events.map((event) => ({ event })),
      ),
    ).toEqual(state);
  });

  always('runs the steps in order, one at a time, and none again that succeeded', (events) => {
    let held: number | null = null;
    let done = 0;
    for (const event of events) {
      if (event.type === 'attempt.granted') {
        expect(held).toBeNull();
        expect(event.step).toBe(done + 1);
        held = event.token;
      }
      if (event.type === 'attempt.finished') {
        expect(event.token).toBe(held);
        held = null;
        if (event.result.outcome === 'succeeded') done = event.step;
      }
      if (event.type === 'attempt.refused') held = null;
      if (event.type === 'plan.withdrawn') done = 0;
    }
  });

  always('gives an attempt to one agent in one life of it, and lets nobody else speak for it', (events) => {
    const holders = new Map<number, Holder>();
    for (const event of events) {
      if (event.type === 'attempt.claimed') {
        expect(holders.has(event.token)).toBe(false);
        holders.set(event.token, { agent: event.agent, instance: event.instance });
      }
      if (event.type === 'attempt.started') expect(holders.get(event.token)?.agent).toBe(event.agent);
    }
  });

  always('starts an attempt once, after its claim, and never one that was refused', (events) => {
    const started = new Set<number>();
    const refused = new Set<number>();
    const claimed = new Set<number>();
    for (const event of events) {
      if (event.type === 'attempt.claimed') claimed.add(event.token);
      if (event.type === 'attempt.refused') {
        expect(started).not.toContain(event.token);
        refused.add(event.token);
      }
      if (event.type !== 'attempt.started') continue;
      expect(claimed).toContain(event.token);
      expect(started).not.toContain(event.token);
      expect(refused).not.toContain(event.token);
      started.add(event.token);
    }
  });

  always(
    'hands a step out again after a start that came to nothing, under the same approval, and three times at most',
    (events) => {
      let refusedStarts = 0;
      let step = 0;
      let hash = '';
      for (const [index, event] of events.entries()) {
        if (event.type === 'plan.withdrawn') step = 0;
        if (event.type === 'attempt.granted') {
          if (event.step === step && refusedStarts > 0) expect(event.planHash).toBe(hash);
          if (event.step !== step) refusedStarts = 0;
          step = event.step;
          hash = event.planHash;
        }
        if (event.type !== 'attempt.refused' || event.kind !== 'NOT_STARTED') continue;
        refusedStarts += 1;
        expect(refusedStarts).toBeLessThanOrEqual(3);
        const next = events[index + 1]?.type;
        if (refusedStarts === 3) expect(['task.failed', 'task.cancelled']).toContain(next);
        else expect(next).not.toBe('plan.withdrawn');
      }
    },
  );

  always('goes on to an end when all goes well from wherever it stands', (_events, state) => {
    let now = state;
    for (let move = 0; move < 30 && !isEnded(now.status); move += 1) {
      const decision = decide(now, onward(now));
      if (decision.type === 'refusal') throw new Error(`${now.status} hangs: ${decision.message}`);
      expect(decision.events.length).toBeGreaterThan(0);
      now = decision.events.reduce(evolve, now);
    }
    expect(isEnded(now.status)).toBe(true);
  });

  it('replays a log of the version that knew no claims, and ends it', () => {
    fc.assert(
      fc.property(lives, pick(agents), (sequence, speaker) => {
        const old = play(sequence).events.filter(({ type }) => type !== 'attempt.claimed');
        const state = replay(
          task,
          old.map((event) => ({ event })),
        );
        if (liveAttempt(state)?.phase !== 'started') return;
        for (const by of [speaker, null])
          expect(
            decide(state, { type: 'attempt-finished', ...fitting(state), speaker: by, result: outcome('failed') }),
          ).toMatchObject({ type: 'events', events: [{ type: 'attempt.finished' }, { type: 'task.failed' }] });
        expect(decide(state, { type: 'attempt-claimed', ...fitting(state), speaker }).type).toBe('refusal');
      }),
      { numRuns: 1_500 },
    );
  });

  always('never reuses a fencing token', (events) => {
    const tokens = events.flatMap((event) => (event.type === 'attempt.granted' ? [event.token] : []));
    expect(new Set(tokens).size).toBe(tokens.length);
  });

  always('succeeds only when every step of the plan did, and the change is merged where there is one', (events) => {
    if (events.at(-1)?.type !== 'task.succeeded') return;
    const proposal = events.findLast((event) => event.type === 'plan.proposed');
    const since = events.slice(events.findLastIndex((event) => event.type === 'plan.proposed'));
    const done = since.flatMap((event) =>
      event.type === 'attempt.finished' && event.result.outcome === 'succeeded' ? [event.step] : [],
    );
    expect(new Set(done).size).toBe(proposal?.plan.steps.length);
    expect(since.some((event) => event.type === 'change.merged')).toBe(proposal?.plan.branch !== null);
  });

  always('plans for a retry exactly the steps that were left, and no retry for a request', (events) => {
    const [received] = events;
    const asked = received?.type === 'task.received' ? received.retryOf : undefined;
    for (const event of events) {
      if (event.type !== 'plan.proposed') continue;
      expect(event.plan.retryOf).toEqual(asked);
      if (asked !== undefined) expect(stepsHash(event.plan.steps)).toBe(asked.stepsHash);
    }
  });

  always('is tried again only when it failed in a step, and is then what it was', (_events, state) => {
    const decision = decide(state, {
      ...{ type: 'retry', person: { id: toActorId('terminal:local'), name: '', roles: [] } },
      ...{ policy: aPolicy(), earlier: null },
    });
    const isLeft = state.status === 'failed' && nextStep(state) <= (state.proposal?.plan.steps.length ?? 0);
    expect(decision).toEqual(isLeft ? { type: 'events', events: [] } : expect.objectContaining({ type: 'refusal' }));
  });

  it('reaches every state, so that the properties above are not about nothing', () => {
    const seen = new Set<string>();
    for (const sequence of fc.sample(lives, { numRuns: 6_000, seed: 7 })) {
      let state = emptyTask(task);
      for (const move of sequence) {
        const decision = decide(state, move(state));
        if (decision.type === 'events') state = decision.events.reduce(evolve, state);
        seen.add(state.status);
      }
    }
    const states = [
      'received',
      'planning',
      'asking',
      'proposed',
      'approved',
      'running',
      'paused',
      'succeeded',
      'failed',
      'cancelled',
      'unknown',
      'refused',
      'rejected',
      'expired',
    ];
    expect([...seen].sort()).toEqual(expect.arrayContaining(states));
  });
});
