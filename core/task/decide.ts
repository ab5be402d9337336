// state, command -> events or a refusal. Every rule of a task's life, and nothing else: no clock, no randomness, no I/O.
import type { ErrorName, Refusal } from '../error.ts';
import { refusal } from '../error.ts';
import { planHash } from '../plan/plan-hash.ts';
import { requirement, whyNotAllowed, whyNotSelf } from '../policy/policy.ts';
import type { DecisionOn, TaskCommand } from './command.ts';
import { takenBack } from './decide-report.ts';
import { decideRun } from './decide-run.ts';
import type { Decision } from './decision.ts';
import { events, outOfPlace } from './decision.ts';
import type { TaskEvent } from './event.ts';
import { decideRetry, isWhatWasLeft } from './retry.ts';
import type { Proposal, TaskState } from './state.ts';
import { isEnded, liveAttempt, planningBasis } from './state.ts';

export function decide(state: TaskState, command: TaskCommand): Decision {
  switch (command.type) {
    case 'receive':
      if (state.status !== 'none') return no('WRONG_STATE', 'That task exists already.');
      return events({
        type: 'task.received',
        conversation: command.conversation,
        requester: command.requester,
        request: command.request,
        messageId: command.messageId,
        ...(command.retry === undefined ? {} : { retryOf: command.retry.of }),
      });
    case 'retry':
      return decideRetry(state, command);
    case 'ask':
    case 'refuse':
    case 'propose':
      return decidePlanning(state, command);
    case 'answer':
      if (state.status !== 'asking') return no('WRONG_STATE', `Task #${state.task} asked nothing.`);
      if (command.question !== undefined && command.question !== state.dialogue.length + 1)
        return no('WRONG_STATE', `That question of task #${state.task} is answered already.`);
      return events({ type: 'question.answered', actor: command.actor, answer: command.answer });
    case 'approve':
      return decideApproval(state, command);
    case 'withdraw-approval':
      return decideTakingBack(state, command);
    case 'reject':
    case 'change':
      return decideAgainst(state, command);
    case 'expire':
      return decideExpiry(state, command.now);
    case 'cancel':
      return decideCancel(state, command);
    default:
      return decideRun(state, command);
  }
}

function decidePlanning(
  state: TaskState,
  command: Extract<TaskCommand, { type: 'ask' | 'refuse' | 'propose' }>,
): Decision {
  if (state.status !== 'received' && state.status !== 'planning') return outOfPlace(state, 'be planned');
  if (command.basis !== planningBasis(state))
    return no('WRONG_STATE', `Task #${state.task} changed while it was planned.`);
  if (command.type === 'ask')
    return events({ type: 'question.asked', question: command.question, ...copyJudged(command.judged) });
  if (command.type === 'refuse')
    return events({
      type: 'task.refused',
      kind: command.kind,
      reason: command.reason,
      nearest: [...command.nearest],
      ...copyJudged(command.judged),
    });
  const { plan, policy } = command;
  const fits =
    plan.task === state.task &&
    plan.revision === state.revision + 1 &&
    plan.policyVersion === policy.version &&
    plan.steps.length > 0 &&
    isWhatWasLeft(state, plan);
  if (!fits) return no('PLAN_CHANGED', `The plan for task #${state.task} does not fit where the task stands.`);
  const { needs, self, approvers } = requirement(policy, plan);
  return events({ type: 'plan.proposed', plan, planHash: planHash(plan), needs, self, approvers: [...approvers] });
}

function decideApproval(state: TaskState, command: Extract<TaskCommand, { type: 'approve' }>): Decision {
  const standing = standingPlan(state, command.on, command.now);
  if (standing.type !== 'standing') return standing;
  const { proposal } = standing;
  if (command.policy.version !== proposal.plan.policyVersion)
    return events({
      type: 'plan.withdrawn',
      planHash: proposal.planHash,
      reason: 'The policy changed after the plan was made.',
    });
  const denied =
    whyNotAllowed(command.policy, command.person, proposal.plan) ??
    (state.requester === null ? null : whyNotSelf(proposal, command.person.id, state.requester));
  if (denied !== null) return denied;
  if (proposal.approvals.includes(command.person.id))
    return no(
      'ALREADY_DECIDED',
      `${command.person.id} approved this plan already; it needs ${proposal.needs} persons.`,
    );
  const given: TaskEvent = { type: 'approval.given', planHash: proposal.planHash, actor: command.person.id };
  const enough = proposal.approvals.length + 1 >= proposal.needs;
  return enough ? events(given, { type: 'plan.approved', planHash: proposal.planHash }) : events(given);
}

/** Until a run has begun: then what was approved is being done. */
function decideTakingBack(
  state: TaskState,
  { person, on }: Extract<TaskCommand, { type: 'withdraw-approval' }>,
): Decision {
  const { proposal, task, status } = state;
  const isAbout =
    proposal !== null &&
    (on.revision === undefined || on.revision === state.revision) &&
    (on.hashPrefix === undefined || proposal.planHash.startsWith(on.hashPrefix));
  if (!isAbout || !proposal.approvals.includes(person.id))
    return no('WRONG_STATE', `${person.id} has given no approval that stands for task #${task}.`);
  if (status === 'running' || status === 'paused')
    return no(
      'WRONG_STATE',
      `Task #${task} runs already, so its approval cannot be taken back; \`cancel #${task}\` stops it.`,
    );
  if (status !== 'proposed' && status !== 'approved') return outOfPlace(state, 'lose an approval');
  return events({ type: 'approval.taken-back', planHash: proposal.planHash, actor: person.id });
}

function decideAgainst(state: TaskState, command: Extract<TaskCommand, { type: 'reject' | 'change' }>): Decision {
  const standing = standingPlan(state, command.on, command.now);
  if (standing.type !== 'standing') return standing;
  const { plan, planHash: hash } = standing.proposal;
  const denied = command.person.id === state.requester ? null : whyNotAllowed(command.policy, command.person, plan);
  if (denied !== null) return denied;
  if (command.type === 'change' && plan.retryOf !== undefined)
    return no(
      'WRONG_STATE',
      `#${state.task} does what was left of #${plan.retryOf.task}, and nothing else. Reject it and make a request of its own.`,
    );
  return command.type === 'reject'
    ? events({ type: 'plan.rejected', planHash: hash, actor: command.person.id, reason: command.reason })
    : events({ type: 'changes.requested', planHash: hash, actor: command.person.id, change: command.change });
}

function decideExpiry(state: TaskState, now: string): Decision {
  if (state.status !== 'proposed' || state.proposal === null) return outOfPlace(state, 'expire');
  if (now < state.proposal.plan.expiresAt) return no('WRONG_STATE', `The plan of task #${state.task} has not expired.`);
  return events({ type: 'plan.expired', planHash: state.proposal.planHash });
}

function decideCancel(state: TaskState, command: Extract<TaskCommand, { type: 'cancel' }>): Decision {
  if (state.status === 'none' || isEnded(state.status)) return outOfPlace(state, 'be cancelled');
  const { person, reason } = command;
  const denied =
    person.id === state.requester || state.proposal === null
      ? null
      : whyNotAllowed(command.policy, person, state.proposal.plan);
  if (denied !== null) return denied;
  if (state.proposal === null && person.id !== state.requester)
    return no('NOT_ALLOWED', `Only ${state.requester} can cancel task #${state.task} before it has a plan.`);
  if (state.cancel !== null) return no('WRONG_STATE', `Task #${state.task} is being cancelled already.`);
  const live = liveAttempt(state);
  if (live?.phase === 'granted')
    return events(takenBack(state, live, 'NOT_STARTED', 'It was cancelled before an agent took it.'), {
      type: 'task.cancelled',
      actor: person.id,
      reason,
    });
  if (live !== undefined) return events({ type: 'cancel.requested', actor: person.id, reason });
  // Every step succeeded and only the merge is left: the change is made, and calling it cancelled would be false.
  if (state.proposal !== null && state.run !== null && allStepsDone(state, state.proposal)) {
    // Paused there, the merge cannot be made for now: whoever gives it up has the change on its branch.
    const { branch, commit } = state.proposal.plan;
    if (state.status === 'paused' && branch !== null)
      return events(
        { type: 'change.kept', run: state.run, branch, commit, reason: `${person.id} gave up merging it.` },
        {
          type: 'task.failed',
          kind: 'REPOSITORY_DIVERGED',
          reason: `Every step is done, but the configuration change was not merged; it is on the branch ${branch}.`,
        },
      );
    return no('WRONG_STATE', `Every step of task #${state.task} is done already.`);
  }
  return events({ type: 'task.cancelled', actor: person.id, reason });
}

function allStepsDone(state: TaskState, proposal: Proposal): boolean {
  return proposal.plan.steps.every((step) =>
    state.attempts.some((attempt) => attempt.step === step.number && attempt.result?.outcome === 'succeeded'),
  );
}

type Standing = { readonly type: 'standing'; readonly proposal: Proposal };

function standingPlan(state: TaskState, on: DecisionOn, now: string): Standing | Decision {
  if (on.revision !== undefined && on.revision < state.revision)
    return no(
      'STALE_REVISION',
      on.revision === 0
        ? `The plan of task #${state.task} was made after that was said. Look at it and decide again; nothing was decided.`
        : `That was revision ${on.revision}; revision ${state.revision} of task #${state.task} is the newest. Nothing was decided.`,
    );
  if (state.status !== 'proposed' || state.proposal === null) return outOfPlace(state, 'be decided');
  if (on.hashPrefix !== undefined && !state.proposal.planHash.startsWith(on.hashPrefix))
    return no(
      'HASH_MISMATCH',
      `That decision is not for the plan that stands there for task #${state.task}. Nothing was decided.`,
    );
  if (now >= state.proposal.plan.expiresAt) return events({ type: 'plan.expired', planHash: state.proposal.planHash });
  return { type: 'standing', proposal: state.proposal };
}

function copyJudged(judged: Extract<TaskCommand, { type: 'ask' }>['judged']) {
  return { tier: judged.tier, confidence: judged.confidence, why: [...judged.why], costMicroUsd: judged.costMicroUsd };
}

function no(kind: ErrorName, message: string): Refusal {
  return refusal(kind, message);
}
