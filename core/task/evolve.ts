// state, event -> state. Total and pure: replaying the log gives the same state on every machine.
import type { TaskId } from '../ids.ts';
import { toTaskId } from '../ids.ts';
import type { StoredEvent, TaskEvent } from './event.ts';
import type { Attempt, TaskState } from './state.ts';
import { emptyTask } from './state.ts';

export function replay(task: TaskId, events: readonly Pick<StoredEvent, 'event'>[]): TaskState {
  return events.reduce((state, stored) => evolve(state, stored.event), emptyTask(task));
}

export function evolve(before: TaskState, event: TaskEvent): TaskState {
  const state = { ...before, version: before.version + 1 };
  switch (event.type) {
    case 'task.received':
      return {
        ...state,
        status: 'received',
        conversation: event.conversation,
        requester: event.requester,
        request: event.request,
        retryOf: event.retryOf ?? null,
      };
    case 'question.asked':
      return { ...state, status: 'asking', question: event.question };
    case 'question.answered':
      return {
        ...state,
        status: 'planning',
        question: null,
        dialogue:
          state.question === null
            ? state.dialogue
            : [...state.dialogue, { question: state.question, answer: event.answer }],
      };
    case 'plan.proposed':
      return {
        ...state,
        status: 'proposed',
        revision: event.plan.revision,
        proposal: {
          plan: event.plan,
          planHash: event.planHash,
          needs: event.needs,
          self: event.self,
          approvers: event.approvers,
          approvals: [],
        },
      };
    case 'approval.given':
      return {
        ...state,
        proposal: state.proposal && { ...state.proposal, approvals: [...state.proposal.approvals, event.actor] },
      };
    case 'approval.taken-back':
      return {
        ...state,
        status: 'proposed',
        behind: [],
        proposal: state.proposal && {
          ...state.proposal,
          approvals: state.proposal.approvals.filter((actor) => actor !== event.actor),
        },
      };
    case 'plan.approved':
      return { ...state, status: 'approved' };
    case 'changes.requested':
      return { ...state, status: 'planning', changes: [...state.changes, event.change], proposal: null };
    case 'plan.withdrawn':
      return { ...state, status: 'planning', proposal: null, behind: [], run: null, attempts: [] };
    case 'run.queued':
      return { ...state, behind: event.behind.map(toTaskId) };
    case 'run.started':
      return { ...state, status: 'running', behind: [], run: event.run };
    case 'attempt.granted':
      return {
        ...state,
        lastToken: event.token,
        attempts: [
          ...state.attempts,
          {
            step: event.step,
            attempt: event.attempt,
            token: event.token,
            phase: 'granted',
            holder: null,
            refusal: null,
            result: null,
          },
        ],
      };
    case 'attempt.claimed':
      return withAttempt(state, event.token, (attempt) => ({
        ...attempt,
        phase: 'claimed',
        holder: { agent: event.agent, instance: event.instance },
      }));
    case 'attempt.started':
      return withAttempt(state, event.token, (attempt) => ({ ...attempt, phase: 'started' }));
    case 'attempt.refused':
      return withAttempt(state, event.token, (attempt) => ({ ...attempt, phase: 'refused', refusal: event.kind }));
    case 'attempt.finished':
      return withAttempt(state, event.token, (attempt) => ({ ...attempt, phase: 'finished', result: event.result }));
    case 'run.paused':
      return { ...state, status: 'paused' };
    case 'run.resumed':
      return { ...state, status: 'running' };
    case 'cancel.requested':
      return { ...state, cancel: { actor: event.actor, reason: event.reason } };
    case 'change.merged':
      return { ...state, merged: event.commit };
    case 'task.refused':
      return { ...state, status: 'refused' };
    case 'plan.rejected':
      return { ...state, status: 'rejected' };
    case 'plan.expired':
      return { ...state, status: 'expired' };
    case 'task.succeeded':
      return { ...state, status: 'succeeded' };
    case 'task.failed':
      return { ...state, status: 'failed' };
    case 'task.cancelled':
      return { ...state, status: 'cancelled' };
    case 'task.unknown':
      return { ...state, status: 'unknown' };
    case 'change.kept':
    case 'command.refused':
    case 'message.refused':
    case 'agent.enrolled':
    case 'agent.revoked':
    case 'core.key':
    case 'system.noted':
      return state;
  }
}

function withAttempt(state: TaskState, token: number, change: (attempt: Attempt) => Attempt): TaskState {
  return { ...state, attempts: state.attempts.map((attempt) => (attempt.token === token ? change(attempt) : attempt)) };
}
