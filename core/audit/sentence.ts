// Each event as a clause for people, without mark-up: a commit's title, a line of the story.
import type { StoredEvent } from '../task/event.ts';

export function sentence({ event, actor }: StoredEvent): string {
  switch (event.type) {
    case 'task.received':
      return event.retryOf === undefined
        ? `asked by ${event.requester}`
        : `#${event.retryOf.task} tried again by ${event.requester}, from step ${event.retryOf.fromStep}`;
    case 'question.asked':
      return `asked back: ${event.question.text}`;
    case 'question.answered':
      return `answered by ${event.actor}: ${event.answer}`;
    case 'task.refused':
      return `refused: ${event.reason}`;
    case 'plan.proposed':
      return `plan ${event.plan.revision} proposed, ${steps(event.plan.steps.length)}`;
    case 'approval.given':
      return `approved by ${event.actor}`;
    case 'approval.taken-back':
      return `approval taken back by ${event.actor}`;
    case 'plan.approved':
      return 'plan approved';
    case 'plan.rejected':
      return `rejected by ${event.actor}${because(event.reason)}`;
    case 'plan.expired':
      return 'plan expired undecided';
    case 'changes.requested':
      return `changes asked for by ${event.actor}: ${event.change}`;
    case 'plan.withdrawn':
      return `plan withdrawn${because(event.reason)}`;
    case 'run.queued':
      return `waits its turn behind ${event.behind.map((task) => `#${task}`).join(', ')}`;
    case 'run.started':
      return 'run started';
    case 'attempt.granted':
      return `step ${event.step}, attempt ${event.attempt} handed out`;
    case 'attempt.claimed':
      return `step ${event.step}, attempt ${event.attempt} taken by ${event.agent}`;
    case 'attempt.started':
      return `step ${event.step}, attempt ${event.attempt} started by ${event.agent}`;
    case 'attempt.refused':
      return `step ${event.step}, attempt ${event.attempt} not started${because(event.reason)}`;
    case 'attempt.finished':
      return `step ${event.step}, attempt ${event.attempt} ${event.result.outcome}${because(event.result.error?.message ?? '')}`;
    case 'run.paused':
      return `run paused${because(event.reason)}`;
    case 'run.resumed':
      return `run resumed by ${event.actor}`;
    case 'cancel.requested':
      return `cancel asked for by ${event.actor}${because(event.reason)}`;
    case 'change.merged':
      return `change ${event.commit.slice(0, 10)} merged${event.pushed ? ' and pushed' : ''}`;
    case 'change.kept':
      return `change kept on ${event.branch}${because(event.reason)}`;
    case 'task.succeeded':
      return 'succeeded';
    case 'task.failed':
      return `failed${because(event.reason)}`;
    case 'task.cancelled':
      return `cancelled by ${event.actor}${because(event.reason)}`;
    case 'task.unknown':
      return `ended unknown${because(event.reason)}`;
    case 'command.refused':
      return `${event.command} by ${event.actor} refused${because(event.reason)}`;
    case 'agent.enrolled':
      return `agent ${event.name} enrolled in the pool ${event.pool}`;
    case 'core.key':
      return 'core signs with another key from here on';
    case 'agent.revoked':
      return `agent ${event.name} revoked${because(event.reason)}`;
    case 'message.refused':
      return `a message by ${event.actor} refused${because(event.reason)}`;
    case 'system.noted':
      return `noted by ${actor}: ${event.reason}`;
  }
}

function because(reason: string): string {
  return reason === '' ? '' : `: ${reason}`;
}

function steps(count: number): string {
  return count === 1 ? '1 step' : `${count} steps`;
}
