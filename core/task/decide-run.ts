// The rules of a run: what may start, what an agent's word changes, and how a task ends. Called by decide.ts.
import { refusal } from '../error.ts';
import type { Plan } from '../plan/plan.ts';
import { planHash } from '../plan/plan-hash.ts';
import { whyNotAllowed } from '../policy/policy.ts';
import type { Holder, TaskCommand } from './command.ts';
import type { Decision } from './decision.ts';
import { events, outOfPlace } from './decision.ts';
import type { TaskEvent } from './event.ts';
import type { Attempt, Proposal, TaskState } from './state.ts';
import { liveAttempt, nextStep } from './state.ts';

type RunCommand = Exclude<
  TaskCommand,
  { type: 'receive' | 'ask' | 'refuse' | 'propose' | 'answer' | 'approve' | 'reject' | 'change' | 'expire' | 'cancel' }
>;

export function decideRun(state: TaskState, command: RunCommand): Decision {
  const { proposal } = state;
  if (proposal === null) return outOfPlace(state, 'run');
  switch (command.type) {
    case 'withdraw':
      if (state.status !== 'approved' && state.status !== 'proposed') return outOfPlace(state, 'be withdrawn');
      return events({ type: 'plan.withdrawn', planHash: proposal.planHash, reason: command.reason });
    case 'queue':
      return decideQueue(state, proposal, command);
    case 'start-run':
      return decideStart(state, proposal, command);
    case 'pause':
      if (state.status !== 'running') return outOfPlace(state, 'pause');
      return events({ type: 'run.paused', run: runOf(state), reason: command.reason });
    case 'resume':
      if (state.status !== 'paused') return refusal('WRONG_STATE', `Task #${state.task} is not paused.`);
      return decideResume(state, proposal, command);
    case 'grant-attempt':
      return decideGrant(state, proposal, command.run);
    case 'attempt-claimed':
    case 'attempt-started':
    case 'attempt-refused':
    case 'attempt-finished':
      return decideReport(state, proposal, command);
    case 'merged':
    case 'merge-refused':
      return decideMerge(state, proposal, command);
  }
}

/** To go on is as much a decision as to begin: for who asked, or who may approve the plan. */
function decideResume(
  state: TaskState,
  { plan }: Proposal,
  command: Extract<RunCommand, { type: 'resume' }>,
): Decision {
  const { person, policy } = command;
  const denied = person.id === state.requester ? null : whyNotAllowed(policy, person, plan);
  return denied ?? events({ type: 'run.resumed', run: runOf(state), actor: person.id });
}

function decideQueue(state: TaskState, proposal: Proposal, command: Extract<RunCommand, { type: 'queue' }>): Decision {
  if (state.status !== 'approved' || command.planHash !== proposal.planHash) return outOfPlace(state, 'wait its turn');
  const same =
    command.behind.length === state.behind.length && command.behind.every((task, at) => task === state.behind[at]);
  return same ? events() : events({ type: 'run.queued', planHash: proposal.planHash, behind: [...command.behind] });
}

function decideStart(
  state: TaskState,
  proposal: Proposal,
  command: Extract<RunCommand, { type: 'start-run' }>,
): Decision {
  if (state.status !== 'approved') return outOfPlace(state, 'start');
  // The stored plan, the stored hash and the hash of what would run now have to be one.
  if (planHash(proposal.plan) !== proposal.planHash || command.planHash !== proposal.planHash)
    return events({
      type: 'plan.withdrawn',
      planHash: proposal.planHash,
      reason: 'What would run now is not what was approved.',
    });
  if (command.now >= proposal.plan.expiresAt)
    return events({
      type: 'plan.withdrawn',
      planHash: proposal.planHash,
      reason: 'The approval expired before the run could start.',
    });
  return events({ type: 'run.started', run: command.run, planHash: proposal.planHash });
}

function decideGrant(state: TaskState, proposal: Proposal, run: string): Decision {
  if (state.status !== 'running' || state.run !== run || liveAttempt(state) !== undefined || state.cancel !== null)
    return outOfPlace(state, 'be given to an agent');
  const step = nextStep(state);
  if (step > proposal.plan.steps.length) return outOfPlace(state, 'be given to an agent');
  return events({
    type: 'attempt.granted',
    run: runOf(state),
    step,
    attempt: state.attempts.filter((attempt) => attempt.step === step).length + 1,
    planHash: proposal.planHash,
    token: state.lastToken + 1,
  });
}

function decideReport(
  state: TaskState,
  proposal: Proposal,
  command: Extract<
    RunCommand,
    { type: 'attempt-claimed' | 'attempt-started' | 'attempt-refused' | 'attempt-finished' }
  >,
): Decision {
  const live = liveAttempt(state);
  if (live === undefined || state.run !== command.run || live.token !== command.token)
    return refusal(
      'STALE_LEASE',
      `An agent spoke for attempt token ${command.token} of task #${state.task}, which it does not hold.`,
    );
  const about = { run: runOf(state), step: live.step, attempt: live.attempt, token: live.token };
  if (command.speaker !== null && live.holder !== null && !isSame(command.speaker, live.holder))
    return refusal(
      'STALE_LEASE',
      `The agent “${command.speaker.agent}” spoke for an attempt of task #${state.task} that another one holds.`,
    );
  if (command.type === 'attempt-claimed')
    return live.phase === 'granted'
      ? events({ type: 'attempt.claimed', ...about, ...holderOf(command.speaker) })
      : events();
  if (command.type === 'attempt-started') {
    if (live.phase === 'started') return events();
    if (live.phase === 'granted')
      return refusal('STALE_LEASE', `An agent started an attempt of task #${state.task} that it had not claimed.`);
    return events({ type: 'attempt.started', ...about, agent: command.speaker.agent });
  }
  if (command.type === 'attempt-refused') {
    if (live.phase === 'started')
      return refusal('STALE_LEASE', `The attempt of task #${state.task} has started and cannot be refused any more.`);
    const refused: TaskEvent = { type: 'attempt.refused', ...about, kind: command.kind, reason: command.reason };
    const ending = afterRefusal(state, proposal, live, command);
    return ending === null ? events(refused) : events(refused, ending);
  }
  const finished: TaskEvent = { type: 'attempt.finished', ...about, result: command.result };
  const ending = afterAttempt(state, proposal.plan, live, command.result);
  return ending === null ? events(finished) : events(finished, ending);
}

/** A step whose start came to nothing is handed out again so often. Nothing ran, so the approval still stands. */
const startsAtMost = 3;

/** Nothing ran. Before the first step that sends the plan back to the person; later the task has to end. Null: it is tried again. */
function afterRefusal(
  state: TaskState,
  proposal: Proposal,
  live: Attempt,
  said: { readonly kind: string; readonly reason: string },
): TaskEvent | null {
  if (state.cancel !== null) return { type: 'task.cancelled', ...state.cancel };
  const starts = state.attempts.filter(({ step, refusal }) => step === live.step && refusal === 'NOT_STARTED').length;
  if (said.kind === 'NOT_STARTED' && starts + 1 < startsAtMost) return null;
  if (said.kind === 'DISK_FULL') return { type: 'run.paused', run: runOf(state), reason: said.reason };
  if (said.kind === 'PLAN_CHANGED' && live.step === 1)
    return { type: 'plan.withdrawn', planHash: proposal.planHash, reason: said.reason };
  return { type: 'task.failed', kind: said.kind, reason: said.reason };
}

/** How a finished attempt ends the task; null when more is to be done. */
function afterAttempt(
  state: TaskState,
  plan: Plan,
  live: Attempt,
  result: Extract<TaskEvent, { type: 'attempt.finished' }>['result'],
): TaskEvent | null {
  const title = plan.steps[live.step - 1]?.title ?? `step ${live.step}`;
  switch (result.outcome) {
    case 'unknown':
      return {
        type: 'task.unknown',
        reason: result.error?.message ?? `Nobody can say whether step ${live.step}, “${title}”, was done.`,
      };
    case 'failed':
      return {
        type: 'task.failed',
        kind: result.error?.kind ?? 'STEP_FAILED',
        reason: result.error?.message ?? `Step ${live.step}, “${title}”, failed.`,
      };
    case 'cancelled':
      return state.cancel === null
        ? {
            type: 'task.failed',
            kind: 'STEP_FAILED',
            reason: `Step ${live.step}, “${title}”, was stopped and nobody asked for it.`,
          }
        : { type: 'task.cancelled', ...state.cancel };
    case 'succeeded': {
      const last = live.step === plan.steps.length;
      // A cancel that came when the last step was done already: the change is made, and the truth is success.
      if (!last) return state.cancel === null ? null : { type: 'task.cancelled', ...state.cancel };
      return plan.branch === null ? { type: 'task.succeeded', run: runOf(state) } : null;
    }
  }
}

function decideMerge(
  state: TaskState,
  proposal: Proposal,
  command: Extract<RunCommand, { type: 'merged' | 'merge-refused' }>,
): Decision {
  const { plan } = proposal;
  const ready =
    (state.status === 'running' || state.status === 'paused') &&
    state.run === command.run &&
    plan.branch !== null &&
    nextStep(state) > plan.steps.length;
  if (!ready || plan.branch === null) return outOfPlace(state, 'have its change merged');
  const run = runOf(state);
  if (command.type === 'merge-refused')
    return events(
      { type: 'change.kept', run, branch: plan.branch, commit: plan.commit, reason: command.reason },
      {
        type: 'task.failed',
        kind: 'REPOSITORY_DIVERGED',
        reason: `Every step ran, but the configuration change could not be merged: ${command.reason}`,
      },
    );
  if (command.commit !== plan.commit)
    return refusal('PLAN_CHANGED', `The commit that was merged for task #${state.task} is not the one that ran.`);
  return events(
    {
      type: 'change.merged',
      run,
      branch: plan.branch,
      into: command.into,
      commit: command.commit,
      link: command.link,
      pushed: command.pushed,
      ...(command.note === undefined ? {} : { note: command.note }),
    },
    { type: 'task.succeeded', run },
  );
}

function isSame(one: Holder, other: Holder): boolean {
  return one.agent === other.agent && one.instance === other.instance;
}

function holderOf({ agent, instance }: Holder): Holder {
  return { agent, instance };
}

function runOf(state: TaskState) {
  if (state.run === null) throw new TypeError(`task #${state.task} has no run`);
  return state.run;
}
