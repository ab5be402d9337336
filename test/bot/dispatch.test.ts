// Approved plans on their way to the agents: whose turn it is, what is checked again, what is sent how often, and what one task's
// fault does to the others. The real projectors, log and Git; agents are silent here.
import { randomUUID } from 'node:crypto';
import { afterEach, describe, expect, it } from 'vitest';
import { makeContenders } from '../../bot/dispatch/contenders.ts';
import type { DispatchParts } from '../../bot/dispatch/dispatch-parts.ts';
import { resumeAttempts } from '../../bot/dispatch/resume-attempts.ts';
import { makeProgressed } from '../../bot/leading/progressed.ts';
import { projectorRunner } from '../../bot/leading/run-projectors.ts';
import { makeDispatchHandler } from '../../bot/projectors/dispatcher.ts';
import { makeTaskTableHandler } from '../../bot/projectors/task-table.ts';
import { poolQueue } from '../../core/contracts/queues.ts';
import { ChiffonError } from '../../core/error.ts';
import type { TaskId } from '../../core/ids.ts';
import { toCommitSha, toConversationId, toPlanHash, toTaskId } from '../../core/ids.ts';
import { digests } from '../../core/plan/build-plan.ts';
import type { Plan } from '../../core/plan/plan.ts';
import { stepsHash } from '../../core/plan/plan-hash.ts';
import type { TaskEventType } from '../../core/task/event.ts';
import type { TaskState } from '../../core/task/state.ts';
import { planningBasis } from '../../core/task/state.ts';
import { aPlan, aPolicy, aStep } from '../builders/plan.ts';
import type { Files } from '../git/scratch.ts';
import { git, makeLab, makeScratch } from '../git/scratch.ts';
import { until } from '../services/until.ts';
import type { Stage } from './stage.ts';
import { aboutOf, log, openStage, person } from './stage.ts';

const scratch = makeScratch();
const files: Files = { 'site.yml': '- hosts: all\n  tasks: []\n', 'other.yml': '- hosts: all\n  tasks: []\n' };
type Dispatcher = Awaited<ReturnType<typeof openDispatcher>>;
let at: Dispatcher;
afterEach(() => at.close());

/** `change`: what is different from the parts that lead-work hands in. */
async function openDispatcher(change: (parts: DispatchParts) => Partial<DispatchParts> = () => ({})) {
  const stage: Stage = await openStage();
  const lab = await makeLab(scratch, files);
  const commands: { readonly id: string; readonly task: number; readonly queue: string }[] = [];
  const stops: (() => Promise<void>)[] = [];
  for (const priority of ['high', 'normal'] as const)
    stops.push(
      await stage.bus.consume(poolQueue('ansible', priority), async (message) => {
        const { id, task } = message as { id: string; task: number };
        commands.push({ id, task, queue: priority });
        return 'done';
      }),
    );

  /** A life of the leading bot; returns how it ends. */
  async function lead(): Promise<() => Promise<void>> {
    const { store } = stage;
    const progressed = makeProgressed(store);
    const leadership = await store.lead('work', new AbortController().signal);
    const { run, stop } = projectorRunner({ store, log, fence: leadership.fence, progressed });
    run('task-table', makeTaskTableHandler(store));
    const parts: DispatchParts = {
      ...{ store, submit: stage.submit, voice: stage.voice, leases: stage.leases, log, newId: randomUUID },
      ...{ repository: lab.repository, readPolicy: async () => aPolicy(), clock: stage.clock },
      tasksAreCurrent: () => progressed.caughtUp(['task-table']),
      contenders: makeContenders(store),
      sent: new Set(),
      broken: new Map(),
    };
    const moving = { ...parts, ...change(parts) };
    await resumeAttempts(moving);
    run('dispatch', makeDispatchHandler({ ...moving, registry: stage.registry }));
    return async () => {
      await stop();
      await leadership.release();
    };
  }

  const plan = async (hosts: readonly string[], more: Partial<Plan> = {}): Promise<Partial<Plan>> => {
    const commit = lab.head();
    const { files: now } = await lab.repository.snapshot(commit);
    const steps = [aStep({ hosts, digests: digests(['site.yml'], now, new Map()) })];
    return { baseCommit: commit, commit, steps, ...more };
  };
  const typesOf = async (task: TaskId) => (await stage.eventsOf(task)).map(({ type }) => type);
  return {
    ...{ stage, lab, commands, lead, plan, typesOf },
    approved: async (hosts: readonly string[], more?: Partial<Plan>) => stage.approved(await plan(hosts, more)),
    sees: (task: TaskId, type: TaskEventType) =>
      until(async () => (await stage.eventsOf(task)).findLast((event) => event.type === type), {
        everyMs: 5,
        timeoutMs: 10_000,
        what: () => `${type} of #${task}`,
      }),
    isSent: (task: TaskId) =>
      until(() => commands.some((each) => each.task === task), { everyMs: 5, timeoutMs: 10_000 }),
    /** An agent did it. */
    done: async (state: TaskState) => {
      const { task, run, token } = aboutOf(await stage.stateOf(state.task));
      const speaker = { agent: 'nas', instance: 'one' };
      await stage.act(
        task,
        { type: 'attempt-claimed', run, token, speaker },
        { type: 'attempt-started', run, token, speaker },
        {
          ...{ type: 'attempt-finished', run, token, speaker },
          result: {
            ...{ outcome: 'succeeded', error: null, recap: {}, changed: {}, notes: [], exitCode: 0, durationMs: 1 },
            output: { sha256: '', lines: 0, bytes: 0 },
          },
        },
      );
    },
    close: async () => {
      for (const stop of stops.splice(0).reverse()) await stop();
      await stage.close();
    },
    ending: (stop: () => Promise<void>) => void stops.push(stop),
  };
}

async function open(change?: (parts: DispatchParts) => Partial<DispatchParts>): Promise<void> {
  at = await openDispatcher(change);
  at.ending(await at.lead());
}

describe('turns', () => {
  it('plans that meet on a host run in the order of their approvals, and learn their new places', async () => {
    await open();
    const first = await at.approved(['atlas']);
    await at.isSent(first.task);
    const second = await at.approved(['atlas', 'vega']);
    const third = await at.approved(['vega']);
    const elsewhere = await at.approved(['rigel']);
    await at.isSent(elsewhere.task);
    expect(await at.sees(second.task, 'run.queued')).toMatchObject({ behind: [first.task] });
    expect(await at.sees(third.task, 'run.queued')).toMatchObject({ behind: [second.task] });
    await at.done(first);
    await at.isSent(second.task);
    expect(await at.typesOf(third.task)).not.toContain('run.started');
    await at.done(second);
    await at.isSent(third.task);
    expect(at.commands.map(({ task }) => task)).toEqual([first, elsewhere, second, third].map(({ task }) => task));
  });

  it('a plan that is withdrawn lets the next one begin', async () => {
    await open();
    const first = await at.approved(['atlas']);
    await at.isSent(first.task);
    const second = await at.approved(['atlas']);
    const third = await at.approved(['atlas']);
    await at.sees(third.task, 'run.queued');
    at.lab.commit({ 'site.yml': '- hosts: all\n  tasks: [fail]\n' });
    const fourth = await at.approved(['atlas']);
    await at.done(first);
    for (const gone of [second, third]) await at.sees(gone.task, 'plan.withdrawn');
    await at.isSent(fourth.task);
  });
});

describe('the recheck before dispatch', () => {
  async function withdrawn(state: TaskState): Promise<string> {
    const event = await at.sees(state.task, 'plan.withdrawn');
    expect(await at.typesOf(state.task)).not.toContain('run.started');
    return event.type === 'plan.withdrawn' ? event.reason : '';
  }

  it('withdraws a plan whose files, policy or commit are not what was approved', async () => {
    let policy = aPolicy();
    await open(() => ({ readPolicy: async () => policy }));
    const moved = { baseCommit: at.lab.head() };
    at.lab.commit({ 'site.yml': '- hosts: all\n  tasks: [fail]\n' });
    const old = await at.plan(['atlas'], { ...moved, commit: moved.baseCommit });
    const steps = [aStep({ digests: [{ path: 'site.yml', sha256: 'b'.repeat(64) }] })];
    expect(await withdrawn(await at.stage.approved({ ...old, steps }))).toMatch(/^site\.yml changed on main after/);
    expect(await withdrawn(await at.approved(['atlas'], { steps }))).toMatch(/^site\.yml at \w{8} is not what was/);
    expect(await withdrawn(await at.approved(['atlas'], { commit: toCommitSha('e'.repeat(40)) }))).toBe(
      'The commit eeeeeeee that was approved is not in the repository any more.',
    );
    policy = aPolicy({ needs: 2 });
    expect(await withdrawn(await at.approved(['atlas']))).toBe('The policy changed after the approval.');
  });

  it('withdraws a plan that cannot be checked, with the reason', async () => {
    await open(({ repository }) => ({
      repository: {
        ...repository,
        mainNow: async () => {
          throw new ChiffonError('GIT_FAILED', 'Git is broken.');
        },
      },
    }));
    expect(await withdrawn(await at.approved(['atlas']))).toBe('Git is broken.');
  });
});

describe('a fault of one task', () => {
  const broken = (task: () => TaskId | undefined, fault: () => Error) => (parts: DispatchParts) => ({
    voice: {
      ...parts.voice,
      start: async (...args: Parameters<DispatchParts['voice']['start']>) => {
        if (args[2].task === task()) throw fault();
        await parts.voice.start(...args);
      },
    },
  });

  it('that trying again does not mend pauses its run with the reason, and the others go on', async () => {
    let bad: TaskId | undefined;
    await open(
      broken(
        () => bad,
        () => new ChiffonError('SIGNING_KEY', 'It cannot be signed.'),
      ),
    );
    bad = await at.stage.store.nextTask();
    const first = await at.approved(['atlas']);
    expect(await at.sees(first.task, 'run.paused')).toMatchObject({ reason: 'It cannot be signed.' });
    await at.isSent((await at.approved(['vega'])).task);
  });

  it('does not keep a bot from taking over', async () => {
    let bad: TaskId | undefined;
    at = await openDispatcher(
      broken(
        () => bad,
        () => new ChiffonError('SIGNING_KEY', 'It cannot be signed.'),
      ),
    );
    const first = await at.approved(['atlas']);
    const second = await at.approved(['vega']);
    bad = first.task;
    at.ending(await at.lead());
    await at.sees(first.task, 'run.paused');
    await at.isSent(second.task);
  });

  it('does not keep the others in the queue from their turn', async () => {
    let bad: TaskId | undefined;
    await open(
      broken(
        () => bad,
        () => new ChiffonError('SIGNING_KEY', 'It cannot be signed.'),
      ),
    );
    const first = await at.approved(['atlas', 'vega']);
    await at.isSent(first.task);
    const second = await at.approved(['atlas']);
    const third = await at.approved(['vega']);
    bad = second.task;
    await at.sees(third.task, 'run.queued');
    await at.done(first);
    await at.sees(second.task, 'run.paused');
    await at.isSent(third.task);
  });

  it('that may pass is tried again', async () => {
    let failures = 0;
    let bad: TaskId | undefined;
    await open(
      broken(
        () => (failures < 2 ? bad : undefined),
        () => {
          failures += 1;
          return new ChiffonError('BUS_FAILED', 'The bus is away.');
        },
      ),
    );
    bad = await at.stage.store.nextTask();
    const { task } = await at.approved(['atlas']);
    await at.isSent(task);
    expect(failures).toBe(2);
    expect(await at.typesOf(task)).not.toContain('run.paused');
  });

  it('a secret that is gone sends the plan back, and nothing runs', async () => {
    await open();
    const steps = (await at.plan(['atlas'])).steps?.map((step) => ({
      ...step,
      vars: { password: { $secret: 'gone', digest: 'c'.repeat(64) } },
    }));
    const { task } = await at.approved(['atlas'], steps === undefined ? {} : { steps });
    expect(await at.sees(task, 'plan.withdrawn')).toMatchObject({
      reason: expect.stringMatching(/^A secret that step 1 needs is gone/),
    });
    expect(at.commands).toEqual([]);
  });
});

describe('a command', () => {
  it('is sent once by one bot, and again, under the same id, by the one that takes over', async () => {
    at = await openDispatcher();
    const end = await at.lead();
    const { task } = await at.approved(['atlas']);
    await at.isSent(task);
    const another = await at.approved(['vega']);
    await at.isSent(another.task);
    await end();
    expect(at.commands.filter((each) => each.task === task)).toHaveLength(1);
    at.ending(await at.lead());
    await until(() => at.commands.filter((each) => each.task === task).length > 1, { everyMs: 5 });
    expect(new Set(at.commands.filter((each) => each.task === task).map(({ id }) => id)).size).toBe(1);
  });

  it('that an agent has claimed is not sent again by the bot that takes over; a cancel is told again', async () => {
    at = await openDispatcher();
    const end = await at.lead();
    const state = await at.approved(['atlas']);
    await at.isSent(state.task);
    const { run, token, task } = aboutOf(await at.stage.stateOf(state.task));
    const agent = await at.stage.agent('nas');
    await at.stage.act(task, {
      ...{ type: 'attempt-claimed', run, token, speaker: { agent: 'nas', instance: agent.instance } },
    });
    await at.stage.act(task, { type: 'cancel', person, policy: aPolicy(), reason: 'no more' });
    await agent.isTold('step.cancel');
    await end();
    at.ending(await at.lead());
    await agent.isTold('step.cancel', 2);
    expect(at.commands).toHaveLength(1);
  });
});

describe('the branch of a failed task', () => {
  /** A commit over main on `chiffon/<task>`. */
  const branched = (task: number) =>
    at.lab.repository.prepareBranch({
      ...{
        task: toTaskId(task),
        revision: 1,
        base: at.lab.head(),
        message: 'A change',
        at: '2026-01-01T00:00:00.000Z',
      },
      files: [{ path: 'config.yml', text: `by: ${task}\n` }],
    });
  const branches = () => git(at.lab.folder, 'branch', '--list', '--format=%(refname:short)', 'chiffon/*').split('\n');

  /** A plan that waits: for a request, or of what was left of task 90. */
  async function proposed(left: Awaited<ReturnType<typeof branched>>, isRetry: boolean): Promise<TaskState> {
    const planned = await at.plan(['atlas'], { branch: left.branch, commit: left.commit });
    const expiresAt = new Date(Date.now() + 3_600_000).toISOString();
    const of = { task: toTaskId(90), planHash: toPlanHash('a'.repeat(64)), fromStep: 2 };
    const retryOf = { ...of, stepsHash: stepsHash(planned.steps ?? []) };
    const task = await at.stage.store.nextTask();
    const received = await at.stage.act(task, {
      ...{ type: 'receive', conversation: toConversationId('terminal:local'), requester: person.id },
      ...{ request: 'x', messageId: `m${task}` },
      ...(isRetry && { retry: { of: retryOf, number: task } }),
    });
    const plan = aPlan({ ...planned, task, expiresAt, ...(isRetry && { retryOf }) });
    return at.stage.act(task, { type: 'propose', basis: planningBasis(received), plan, policy: aPolicy() });
  }
  const decision = () => ({ person, on: {}, policy: aPolicy(), now: new Date().toISOString() });

  it('stays when a retry of it is rejected, and is merged when a retry of it succeeds', async () => {
    await open();
    const left = await branched(90);
    const rejected = await proposed(left, true);
    await at.stage.act(rejected.task, { type: 'reject', reason: '', ...decision() });
    // One of its own goes: by then the retry's end has been handled.
    const other = await proposed(await branched(91), false);
    await at.stage.act(other.task, { type: 'reject', reason: '', ...decision() });
    await until(() => !branches().includes('chiffon/91'), { everyMs: 5, timeoutMs: 10_000 });
    expect(branches()).toEqual(['chiffon/90']);

    const again = await proposed(left, true);
    await at.stage.act(again.task, { type: 'approve', ...decision() });
    await at.isSent(again.task);
    await at.done(again);
    expect(await at.sees(again.task, 'change.merged')).toMatchObject({ branch: 'chiffon/90', commit: left.commit });
    expect(at.lab.head()).toBe(left.commit);
  });
});
