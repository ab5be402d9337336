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

/** No inventory can have a host of this name: its letters are not those of one. */
export const configuration = 'the configuration';

/**
 * What a plan works on. Plays on the controller itself meet each other, too. So do two changes of configuration: each has to
 * end as a fast-forward of main, which only the first could do.
 */
export function hostsOf(plan: Plan): ReadonlySet<string> {
  return new Set([
    ...plan.steps.flatMap((step) => (step.controller ? [...step.hosts, 'localhost'] : step.hosts)),
    ...(plan.branch === null ? [] : [configuration]),
  ]);
}

/** The tasks that go before this one: those whose run has begun first, then by approval. Empty when it is its turn. */
export function tasksBefore(one: Contender, others: readonly Contender[]): readonly TaskId[] {
  if (one.begun) return [];
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
