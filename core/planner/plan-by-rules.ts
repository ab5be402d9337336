// The planner's first tier: no model, no network, no clock. A request is read into clauses, each is held against the
// catalogue, and how well it fits decides between a plan, a question and a refusal. docs/planner.md tells how.
import type { Catalogue } from '../catalogue/model.ts';
import { amend } from './changes.ts';
import { readAnswers } from './dialogue.ts';
import { type Draft, refuse, type Stop } from './draft.ts';
import { finish } from './finish.ts';
import { lexiconOf } from './matching/lexicon.ts';
import type { Planner, PlanningInput, PlanningOutcome } from './planner.ts';
import { readClauses } from './reading/clauses.ts';
import { normalise } from './reading/tokens.ts';
import { resolve } from './resolve.ts';
import { screen } from './screen.ts';

/** What the rules make of a request: a plan, a question, or a refusal. Never throws on what people type. */
export function planByRules(input: PlanningInput): PlanningOutcome {
  const why: string[] = [];
  const outcome = decide(input, why);
  const judged = { tier: 'rules' as const, why, costMicroUsd: 0 };
  if (outcome.type === 'plan')
    return {
      ...judged,
      decision: 'plan',
      confidence: outcome.confidence,
      steps: outcome.steps,
      understood: outcome.understood,
    };
  if (outcome.type === 'ask')
    return { ...judged, decision: 'ask', confidence: outcome.confidence, question: outcome.question };
  return {
    ...judged,
    decision: 'refuse',
    confidence: outcome.confidence,
    kind: outcome.kind,
    reason: outcome.reason,
    nearest: outcome.nearest.slice(0, 5).map((action) => ({ action: action.id, title: action.title })),
  };
}

/** The rules as a tier behind the planner's port. */
export const rulesPlanner: Planner = (input) => Promise.resolve(planByRules(input));

/** Builds a catalogue's index ahead of the first request. */
export function warmUp(catalogue: Catalogue): void {
  lexiconOf(catalogue);
}

type Plan = {
  readonly type: 'plan';
  readonly confidence: number;
  readonly steps: Extract<PlanningOutcome, { decision: 'plan' }>['steps'];
  readonly understood: readonly string[];
};

function decide(input: PlanningInput, why: string[]): Plan | Stop {
  const text = normalise(input.request);
  const screened = screen(input.request, text);
  if (screened !== null) return screened;
  const answers = readAnswers(input.dialogue);
  if (answers.givenUp) return refuse('NOTHING_FITS', 'Nothing is planned, as you said.');
  if (answers.unclear !== null) {
    const { question, answer } = answers.unclear;
    return {
      type: 'ask',
      confidence: 0.4,
      question: {
        ...question,
        text: `I cannot match “${answer.slice(0, 80)}” to one of these. ${question.text.replace(/^I cannot match “[^”]*” to one of these\. /, '')}`,
      },
    };
  }
  if (input.catalogue.actions.length === 0)
    return refuse('NO_ACTIONS', 'The repository offers nothing that Chiffon can run. Add a playbook and commit.');
  const lexicon = lexiconOf(input.catalogue);
  const reading = readClauses(input.request, lexicon);
  const context = { lexicon, text: reading.text, secrets: input.secrets, answers, why };
  const resolved = resolve(reading.clauses, context);
  if (resolved.type !== 'drafts') return resolved;
  let drafts: readonly Draft[] = resolved.drafts;
  for (const change of input.changes) {
    const amended = amend(drafts, change, { ...context, text: normalise(change) });
    if (amended.type !== 'drafts') return amended;
    drafts = amended.drafts;
  }
  if (drafts.length === 0) return refuse('NOTHING_FITS', 'Nothing is left to do.');
  const finished = finish(drafts, { input, lexicon, answers });
  if (finished.type !== 'steps') return finished;
  const confidence = Math.min(1, ...drafts.map((draft) => draft.score));
  return {
    type: 'plan',
    confidence: Math.round(confidence * 100) / 100,
    steps: finished.steps,
    understood: [...finished.understood, ...resolved.notes],
  };
}
