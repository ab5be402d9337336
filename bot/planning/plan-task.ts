// One task's planning: read the repository, ask the planner, and turn its word into a command for the task.
import { buildPlan, editedFiles } from '../../core/plan/build-plan.ts';
import type { Plan } from '../../core/plan/plan.ts';
import type { Planner, PlanningOutcome } from '../../core/planner/planner.ts';
import { expiryMs } from '../../core/policy/policy.ts';
import type { Clock } from '../../core/ports/clock.ts';
import type { EventLog } from '../../core/ports/event-log.ts';
import type { InfrastructureRepository, RepositoryState } from '../../core/ports/repository.ts';
import type { TaskCommand } from '../../core/task/command.ts';
import type { TaskState } from '../../core/task/state.ts';
import { planningBasis } from '../../core/task/state.ts';
import type { ReadPolicy } from '../policy-file.ts';
import { planRetry } from './plan-retry.ts';
import type { ReadRepository, RepositoryReading } from './read-repository.ts';
import { refuse } from './refuse.ts';
import { asksForSecret, secretRefs } from './request-secrets.ts';

export type PlanTask = (state: TaskState, previous: Plan | null) => Promise<TaskCommand>;

export function makePlanTask(parts: {
  readonly store: Pick<EventLog, 'readTask'>;
  readonly readRepository: ReadRepository;
  readonly repository: InfrastructureRepository;
  readonly planner: Planner;
  readonly readPolicy: ReadPolicy;
  readonly clock: Clock;
}): PlanTask {
  return async (state, previous) => {
    if (state.retryOf !== null) return planRetry(parts, state, state.retryOf, previous);
    const reading = await parts.readRepository();
    if (reading.type === 'refusal') return refuse(state, reading);
    const outcome = await parts.planner({
      request: state.request,
      dialogue: state.dialogue,
      changes: state.changes,
      catalogue: reading.catalogue,
      snapshot: reading.snapshot,
      secrets: secretRefs([state.request, ...state.changes, ...state.dialogue.map((turn) => turn.answer)]),
    });
    if (outcome.decision === 'ask')
      return {
        type: 'ask',
        basis: planningBasis(state),
        question: { ...outcome.question, secret: asksForSecret(reading.catalogue, outcome.question) },
        judged: judged(outcome),
      };
    if (outcome.decision === 'refuse')
      return {
        type: 'refuse',
        basis: planningBasis(state),
        kind: outcome.kind,
        reason: outcome.reason,
        nearest: outcome.nearest,
        judged: judged(outcome),
      };
    return propose(parts, state, previous, reading, outcome);
  };
}

async function propose(
  parts: Parameters<typeof makePlanTask>[0],
  state: TaskState,
  previous: Plan | null,
  reading: RepositoryReading,
  outcome: Extract<PlanningOutcome, { decision: 'plan' }>,
): Promise<TaskCommand> {
  const blocking = dirtyInTheWay(reading.state, outcome);
  if (blocking.length > 0)
    return refuse(state, {
      type: 'refusal',
      kind: 'REPOSITORY_DIRTY',
      message: `${blocking.join(', ')} in ${reading.state.name} ${blocking.length === 1 ? 'has changes that are' : 'have changes that are'} not committed, and the plan needs ${blocking.length === 1 ? 'it' : 'them'}. Commit or discard them, then ask again.`,
    });
  const policy = await parts.readPolicy();
  const now = parts.clock.now();
  const revision = state.revision + 1;
  const edited = editedFiles(outcome);
  const prepared =
    edited.size === 0
      ? { branch: null, commit: reading.snapshot.commit, note: undefined }
      : await parts.repository.prepareBranch({
          task: state.task,
          revision,
          base: reading.snapshot.commit,
          files: [...edited].map(([path, text]) => ({ path, text })),
          message: commitMessage(state, outcome),
          at: now.toISOString(),
        });
  const notes = [reading.state.note, prepared.note].filter((note) => note !== undefined);
  const plan = buildPlan({
    task: state.task,
    request: state.request,
    outcome: { ...outcome, understood: [...outcome.understood, ...notes] },
    snapshot: reading.snapshot,
    catalogue: reading.catalogue,
    commit: prepared.commit,
    branch: prepared.branch,
    policyVersion: policy.version,
    expiresAt: new Date(now.getTime() + expiryMs(policy)).toISOString(),
    previous,
    revision,
  });
  return { type: 'propose', basis: planningBasis(state), plan, policy };
}

function commitMessage(state: TaskState, outcome: Extract<PlanningOutcome, { decision: 'plan' }>): string {
  const paths = outcome.steps.flatMap((step) => step.edits.map((edit) => edit.path));
  return `${outcome.steps.map((step) => step.action.title).join('; ')}\n\nChanges ${[...new Set(paths)].join(', ')} for task #${state.task}.\n\nChiffon-Task: ${state.task}\n`;
}

/** What the checkout changed and the plan reads or edits: there the person sees another text than the one that would run. */
function dirtyInTheWay(
  repository: RepositoryState,
  outcome: Extract<PlanningOutcome, { decision: 'plan' }>,
): readonly string[] {
  const needed = new Set(
    outcome.steps.flatMap((step) => [...step.action.reads, ...step.edits.map((edit) => edit.path)]),
  );
  return repository.dirty.filter((path) => needed.has(path));
}

function judged(outcome: PlanningOutcome) {
  return { tier: outcome.tier, confidence: outcome.confidence, why: outcome.why, costMicroUsd: outcome.costMicroUsd };
}
