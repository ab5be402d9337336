// Brings a task's run as far as it can go from where the log says that it stands: its turn, its start, the next attempt, the merge.
// Whatever woke us may come twice: every effect here is refused or known as a copy when it does.
import type { AttemptAbout } from '../../core/contracts/envelope.ts';
import { attemptKey } from '../../core/contracts/envelope.ts';
import { ChiffonError } from '../../core/error.ts';
import type { RunId, TaskId } from '../../core/ids.ts';
import { toActorId } from '../../core/ids.ts';
import type { InfrastructureRepository } from '../../core/ports/repository.ts';
import type { TaskCommand } from '../../core/task/command.ts';
import { replay } from '../../core/task/evolve.ts';
import type { Attempt, TaskState } from '../../core/task/state.ts';
import { liveAttempt, nextStep } from '../../core/task/state.ts';
import { openSecrets } from '../planning/request-secrets.ts';
import type { Standing } from './contenders.ts';
import { readStanding } from './contenders.ts';
import type { DispatchParts } from './dispatch-parts.ts';
import { stopMs } from './leases.ts';
import { startRun } from './start-run.ts';

const dispatcher = toActorId('system:dispatcher');

/** Each turn takes one move; a run of the longest plan ends long before. */
const movesAtMost = 20;
const triesAtMost = 3;
const sentAtMost = 10_000;

export async function moveOn(parts: DispatchParts, task: TaskId): Promise<void> {
  try {
    let standing: Standing | null = await readStanding(parts.store, task);
    for (let move = 0; move < movesAtMost && standing !== null; move += 1) standing = await moveOnce(parts, standing);
    parts.broken.delete(task);
  } catch (error) {
    await holdUp(parts, task, error);
  }
}

/** What trying again would not mend stops this task, with its reason, and no other. The rest is thrown, and tried again. */
async function holdUp(parts: DispatchParts, task: TaskId, error: unknown): Promise<void> {
  const reason = whyNotAgain(parts, task, error);
  if (reason === undefined) throw error;
  parts.log.error({ err: error, task }, 'a run cannot go on');
  const { status, proposal } = replay(task, await parts.store.readTask(task));
  if (status === 'running') await parts.submit(task, dispatcher, { type: 'pause', reason });
  else if (status === 'approved' && proposal !== null)
    await parts.submit(task, dispatcher, { type: 'withdraw', planHash: proposal.planHash, reason });
}

/** Undefined when it is to be tried again. What nobody foresaw is tried a few times: it must not hold up every other task. */
function whyNotAgain(parts: DispatchParts, task: TaskId, error: unknown): string | undefined {
  if (error instanceof ChiffonError) return error.retryable || error.kind === 'FENCED' ? undefined : error.message;
  const times = (parts.broken.get(task) ?? 0) + 1;
  parts.broken.set(task, times);
  return times < triesAtMost
    ? undefined
    : 'Something broke that should not have; the log file in the data folder says more.';
}

/** The task since that move; null where there is no other one to make at once. */
async function moveOnce(parts: DispatchParts, standing: Standing): Promise<Standing | null> {
  const { state } = standing;
  const { proposal, run, status } = state;
  if (proposal === null) return null;
  if (status === 'approved') {
    const begun = await startRun(parts, standing, proposal);
    return begun === null ? null : { ...standing, state: begun };
  }
  if (status !== 'running' || run === null) return null;
  const live = liveAttempt(state);
  if (live !== undefined) {
    if (live.phase === 'granted') await sendStart(parts, state, run, live);
    else if (state.cancel !== null) await sendCancel(parts, state, run, live);
    return null;
  }
  if (nextStep(state) > proposal.plan.steps.length) {
    await merge(parts, state, run);
    return null;
  }
  const granted = await parts.submit(state.task, dispatcher, { type: 'grant-attempt', run }, { known: state });
  return granted.type === 'accepted' ? { ...standing, state: granted.state } : null;
}

async function sendStart(parts: DispatchParts, state: TaskState, run: RunId, live: Attempt): Promise<void> {
  const about = aboutOf(state, run, live);
  const plan = state.proposal?.plan;
  const step = plan?.steps[live.step - 1];
  if (plan === undefined || step === undefined || parts.sent.has(attemptKey(about))) return;
  const secrets = await openSecrets(parts.store, step.vars);
  if (secrets === undefined) {
    const reason = `A secret that step ${live.step} needs is gone or is not the one that was approved. Nothing of this step ran; ask again.`;
    await parts.submit(state.task, dispatcher, {
      type: 'attempt-refused',
      ...{ run, token: live.token, speaker: null, kind: 'PLAN_CHANGED', reason },
    });
    return;
  }
  // A run that has begun goes before others, or two runs would hold each other's hosts for longer.
  await parts.voice.start(step.agent, live.step === 1 ? 'normal' : 'high', about, plan, secrets);
  rememberSent(parts.sent, attemptKey(about));
  parts.leases.granted(about);
}

/** What is forgotten is sent again at most, and known as a copy. */
function rememberSent(sent: Set<string>, key: string): void {
  sent.add(key);
  const [oldest] = sent;
  if (sent.size > sentAtMost && oldest !== undefined) sent.delete(oldest);
}

async function sendCancel(parts: DispatchParts, state: TaskState, run: RunId, live: Attempt): Promise<void> {
  // An attempt of a version that knew no claims has no holder; its agent is gone with that version.
  if (live.holder === null) return;
  const about = aboutOf(state, run, live);
  const { agent } = live.holder;
  // An agent that ignores it, or cannot be told, does not keep the run.
  parts.leases.heard(about, { inMs: stopMs });
  await parts.voice
    .tell(agent, about, { type: 'step.cancel', reason: state.cancel?.reason ?? '' })
    .catch((error: unknown) => parts.log.warn({ err: error, task: state.task, agent }, 'a cancel could not be said'));
}

export function aboutOf(state: TaskState, run: RunId, live: Attempt): AttemptAbout {
  return { task: state.task, run, step: live.step, attempt: live.attempt, token: live.token };
}

async function merge(parts: DispatchParts, state: TaskState, run: RunId): Promise<void> {
  const plan = state.proposal?.plan;
  if (plan === undefined || plan.branch === null) return;
  await parts.submit(state.task, dispatcher, await mergeCommand(parts, run, plan.branch, plan.commit));
}

/** A remote that is away pauses the run, with every step done: `resume` tries the merge again. */
async function mergeCommand(
  parts: DispatchParts,
  run: RunId,
  branch: string,
  commit: Parameters<InfrastructureRepository['merge']>[0]['commit'],
): Promise<TaskCommand> {
  try {
    const result = await parts.repository.merge({ branch, commit });
    if (result.type === 'refused') return { type: 'merge-refused', run, reason: result.reason };
    const into = (await parts.repository.refresh()).branch;
    const { link, pushed, note } = result;
    return { type: 'merged', run, into, commit: result.commit, link, pushed, note };
  } catch (error) {
    if (!(error instanceof ChiffonError)) throw error;
    parts.log.warn({ err: error }, 'the merge has to be tried again');
    return { type: 'pause', reason: `every step is done, but the change is not merged yet. ${error.message}` };
  }
}
