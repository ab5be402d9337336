// What a corpus line expects, as one short text: `plan <action> on <limit> with {json} edits <path>; <next step>`,
// `ask <decides> <about>`, `refuse <KIND>`. And the same text for what the planner decided, so that a difference reads.
import type { PlanningOutcome } from '../planner.ts';

export type CorpusLine = readonly [request: string, expected: string];

/** The outcome as such a text; as much of it as the expectation says. */
export function outcomeText(outcome: PlanningOutcome, expected: string): string {
  if (outcome.decision === 'refuse')
    return expected === 'refuse' || expected === 'no plan' ? expected : `refuse ${outcome.kind}`;
  if (outcome.decision === 'ask') {
    if (expected === 'ask' || expected === 'no plan') return expected;
    const { decides, about } = outcome.question;
    return expected.split(' ').length === 2 ? `ask ${decides}` : `ask ${decides} ${about}`;
  }
  const steps = outcome.steps.map((step) => {
    const vars = Object.fromEntries(
      Object.entries(step.vars).filter(([name]) => !Object.hasOwn(step.action.enables, name)),
    );
    const given = Object.keys(vars).length === 0 ? '' : ` with ${JSON.stringify(vars)}`;
    const edits = step.edits.map((edit) => ` edits ${edit.path}`).join('');
    return `${step.action.id}${step.limit === null ? '' : ` on ${step.limit}`}${given}${edits}`;
  });
  return `plan ${steps.join('; ')}`;
}
