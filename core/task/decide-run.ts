// The rules of a run: whose turn it is, what may start, what is handed out, and the merge at its end. Called by decide.ts.
import { refusal } from '../error.ts';
import type { RunId } from '../ids.ts';
import { planHash } from '../plan/plan-hash.ts';
import { whyNotAllowed } from '../policy/policy.ts';
import type { TaskCommand } from './command.ts';
import { decideReport, takenBack } from './decide-report.ts';
import type { Decision } from './decision.ts';
import { events, outOfPlace } from './decision.ts';
import type { TaskEvent } from './event.ts';
import type { Proposal, TaskState } from './state.ts';
import { liveAttempt, nextStep, runOf } from './state.ts';

type RunCommand = Exclude<
  TaskCommand,
  {
    type:
      | 'receive'
      | 'retry'
      | 'ask'
      | 'refuse'
      | 'propose'
      | 'answer'
      | 'approve'
      | 'reject'
      | 'change'
      | 'expire'
      | 'cancel'
      | 'withdraw-approval';
  }
>;

export function decideRun(state: TaskState, command: RunCommand): Decision {
  const { proposal } = state;
  if (proposal === null) return outOfPlace(state, 'run');
  switch (command.type) {
    case 'withdraw':
      if ((state.status !== 'approved' && state.status !== 'proposed') || command.planHash !== proposal.planHash)
        return outOfPlace(state, 'be withdrawn');
      return events({ type: 'plan.withdrawn', planHash: proposal.planHash, reason: command.reason });
    case 'queue':
      return decideQueue(state, proposal, command);
    case 'start-run':
      return decideStart(state, proposal, command);
    case 'pause':
      return decidePause(state, command.reason);
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

/** An attempt that nobody has claimed is taken back with it; one that an agent holds may be starting right now. */
function decidePause(state: TaskState, reason: string): Decision {
  const live = liveAttempt(state);
  if (state.status !== 'running' || (live !== undefined && live.phase !== 'granted')) return outOfPlace(state, 'pause');
  const paused: TaskEvent = { type: 'run.paused', run: runOf(state), reason };
  return live === undefined ? events(paused) : events(takenBack(state, live, 'RUN_PAUSED', reason), paused);
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
  const { behind, planHash: hash } = command;
  if (state.status !== 'approved' || hash !== proposal.planHash || behind.includes(state.task))
    return outOfPlace(state, 'wait its turn');
  // Behind nobody it does not wait: its run starts, and that is what the log says then.
  const same = behind.length === state.behind.length && behind.every((task, at) => task === state.behind[at]);
  return same || behind.length === 0
    ? events()
    : events({ type: 'run.queued', planHash: proposal.planHash, behind: [...behind] });
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
  // Its first attempt with it: a run that has begun is out for an agent at once.
  return events(
    { type: 'run.started', run: command.run, planHash: proposal.planHash },
    grantOf(state, proposal, command.run, nextStep(state)),
  );
}

function decideGrant(state: TaskState, proposal: Proposal, run: string): Decision {
  if (state.status !== 'running' || state.run !== run || liveAttempt(state) !== undefined || state.cancel !== null)
    return outOfPlace(state, 'be given to an agent');
  const step = nextStep(state);
  if (step > proposal.plan.steps.length) return outOfPlace(state, 'be given to an agent');
  return events(grantOf(state, proposal, runOf(state), step));
}

function grantOf(state: TaskState, proposal: Proposal, run: RunId, step: number): TaskEvent {
  return {
    type: 'attempt.granted',
    ...{ run, step, planHash: proposal.planHash, token: state.lastToken + 1 },
    attempt: state.attempts.filter((attempt) => attempt.step === step).length + 1,
  };
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
