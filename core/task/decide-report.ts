// What an agent's word changes: who holds an attempt, that it started, that nothing came of it, how it ended. Called by decide-run.ts.
import { refusal } from '../error.ts';
import type { Plan } from '../plan/plan.ts';
import type { Holder, TaskCommand } from './command.ts';
import type { Decision } from './decision.ts';
import { events } from './decision.ts';
import type { TaskEvent } from './event.ts';
import type { Attempt, Proposal, TaskState } from './state.ts';
import { liveAttempt, runOf } from './state.ts';

type ReportCommand = Extract<
  TaskCommand,
  { type: 'attempt-claimed' | 'attempt-started' | 'attempt-refused' | 'attempt-finished' }
>;

export function decideReport(state: TaskState, proposal: Proposal, command: ReportCommand): Decision {
  const live = liveAttempt(state);
  if (live === undefined || state.run !== command.run || live.token !== command.token)
    return refusal(
      'STALE_LEASE',
      `An agent spoke for attempt token ${command.token} of task #${state.task}, which it does not hold.`,
    );
  const why = whyNotHeard(state, live, command);
  if (why !== null) return refusal('STALE_LEASE', why);
  const about = { run: runOf(state), step: live.step, attempt: live.attempt, token: live.token };
  if (command.type === 'attempt-claimed') {
    // Said again, it is answered with core's word to go: not after a cancel.
    if (state.cancel !== null) return refusal('WRONG_STATE', `Task #${state.task} is being cancelled.`);
    return live.phase === 'granted'
      ? events({ type: 'attempt.claimed', ...about, ...holderOf(command.speaker) })
      : events();
  }
  if (command.type === 'attempt-started')
    return live.phase === 'started'
      ? events()
      : events({ type: 'attempt.started', ...about, agent: command.speaker.agent });
  if (command.type === 'attempt-refused') {
    const refused: TaskEvent = { type: 'attempt.refused', ...about, kind: command.kind, reason: command.reason };
    const ending = afterRefusal(state, proposal, live, command);
    return ending === null ? events(refused) : events(refused, ending);
  }
  const finished: TaskEvent = { type: 'attempt.finished', ...about, result: command.result };
  const ending = afterAttempt(state, proposal.plan, live, command.result);
  return ending === null ? events(finished) : events(finished, ending);
}

/** An attempt that no agent has claimed, given back by core: none may start it any more, and there is nobody to ask. */
export function takenBack(state: TaskState, live: Attempt, kind: string, reason: string): TaskEvent {
  const { step, attempt, token } = live;
  return { type: 'attempt.refused', run: runOf(state), step, attempt, token, kind, reason };
}

/** Only who claimed an attempt may speak for it. Core itself may give back what nobody claimed, and end what fell silent. */
function whyNotHeard(state: TaskState, live: Attempt, { type, speaker }: ReportCommand): string | null {
  const of = `an attempt of task #${state.task}`;
  if (live.phase === 'started' && type === 'attempt-refused')
    return `It cannot be refused any more: ${of} has started.`;
  if (speaker === null)
    return type === 'attempt-refused' && live.phase !== 'granted'
      ? `It may be running already: an agent holds ${of}.`
      : null;
  if (live.phase === 'granted')
    return type === 'attempt-claimed' || type === 'attempt-refused'
      ? null
      : `The agent “${speaker.agent}” spoke for ${of} that it had not claimed.`;
  // Started under a version that knew no claims: any agent may end it, and none may begin it again.
  if (live.holder === null)
    return type === 'attempt-claimed' ? `The agent “${speaker.agent}” claimed ${of} that has started.` : null;
  return isSame(speaker, live.holder) ? null : `The agent “${speaker.agent}” spoke for ${of} that another one holds.`;
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

function isSame(one: Holder, other: Holder): boolean {
  return one.agent === other.agent && one.instance === other.instance;
}

function holderOf({ agent, instance }: Holder): Holder {
  return { agent, instance };
}
