// From clauses to drafts: each thing asked for gets its action, wishes for configuration find their step, negations take
// out what must not be done, and the steps stand in the order in which they are to be done.
import { askRegardless } from './ask.ts';
import { type Draft, refuse, type Stop } from './draft.ts';
import type { Clause } from './reading/clause.ts';
import { isContent } from './reading/settle.ts';
import { linkClauses } from './reading/targets.ts';
import { attachWishes } from './resolving/attach-lists.ts';
import { applyNegations } from './resolving/negate-steps.ts';
import { merge, orderSteps, spreadLastPlace } from './resolving/order-steps.ts';
import { resolveClause } from './resolving/resolve-clause.ts';
import type { ResolveContext, Resolving } from './resolving/resolving.ts';

export type Resolved = {
  readonly type: 'drafts';
  readonly drafts: readonly Draft[];
  readonly why: readonly string[];
  readonly notes: readonly string[];
};

/** The drafts that a request's clauses ask for. `earlier`: steps that stand already, when this is an amendment. */
export function resolve(
  clauses: readonly Clause[],
  context: ResolveContext,
  earlier: readonly Draft[] = [],
): Resolved | Stop {
  const linked = linkClauses(clauses).filter((clause) => !isTalk(clause));
  const run: Resolving = { context, earlier, placed: [], notes: [], wishes: [], negated: [], conditions: [] };
  for (const clause of linked) {
    const stop = resolveClause(run, clause, linked);
    if (stop !== null) return stop;
  }
  return resultOf(run);
}

/** Nothing in it asks for anything: "hi there", "jellyfin is down" before "restart it". */
function isTalk(clause: Clause): boolean {
  return (
    clause.verb === null &&
    clause.places.length === 0 &&
    !clause.objects.some((object) => object.some(isContent)) &&
    !clause.segments.some((segment) => segment.lead !== 'ignored' && segment.tokens.some(isContent)) &&
    !clause.negated &&
    !clause.conditional
  );
}

function resultOf(run: Resolving): Resolved | Stop {
  const stop = attachWishes(run) ?? applyNegations(run);
  if (stop !== null) return stop;
  orderSteps(run);
  spreadLastPlace(run);
  if (run.placed.length === 0 && run.earlier.length === 0) {
    if (run.negated.length > 0)
      return refuse(
        'NOTHING_FITS',
        'You said only what not to do, so there is nothing to plan. Say what should be done.',
      );
    return refuse(
      'NOTHING_FITS',
      'I found nothing in that to do. Say what should be done, for example `deploy grafana on nas`.',
      run.context.lexicon.entries.slice(0, 5).map((entry) => entry.action),
    );
  }
  const [condition] = run.conditions;
  const [first] = run.placed;
  if (condition !== undefined && first !== undefined && !run.context.answers.actions.has(`when: ${condition}`)) {
    return askRegardless(
      condition,
      run.placed.map(({ draft }) => draft.action),
    );
  }
  return {
    type: 'drafts',
    drafts: merge(run.placed.map(({ draft }) => draft)),
    why: run.context.why,
    notes: run.notes,
  };
}
