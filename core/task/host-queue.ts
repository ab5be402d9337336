// Whose turn it is: two approved plans whose hosts meet run one after the other, in the order of their approvals.
import type { TaskId } from '../ids.ts';
import type { Plan } from '../plan/plan.ts';

export type Contender = {
  readonly task: TaskId;
  readonly hosts: ReadonlySet<string>;
  /** Its run has begun and has not ended; it may be paused. */
  readonly begun: boolean;
  /** The log's seq of its approval. */
  readonly approvedAt: number;
};

/** What a plan works on. Plays on the controller itself meet each other, too. */
export function hostsOf(plan: Plan): ReadonlySet<string> {
  return new Set(plan.steps.flatMap((step) => (step.controller ? [...step.hosts, 'localhost'] : step.hosts)));
}

/** The tasks that go before this one: those whose run has begun first, then by approval. Empty when it is its turn. */
export function tasksBefore(one: Contender, others: readonly Contender[]): readonly TaskId[] {
  return others
    .filter(
      (other) => other.task !== one.task && (other.begun || other.approvedAt < one.approvedAt) && meet(one, other),
    )
    .toSorted((a, b) => Number(b.begun) - Number(a.begun) || a.approvedAt - b.approvedAt)
    .map(({ task }) => task);
}

function meet(one: Contender, other: Contender): boolean {
  return [...one.hosts].some((host) => other.hosts.has(host));
}
