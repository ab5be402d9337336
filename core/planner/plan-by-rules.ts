// The planner's first tier: no model, no network, no clock. A request is read into clauses, each is held against the
// catalogue, and how well it fits decides between a plan, a question and a refusal. docs/planner.md tells how.
import { amend, changeKey } from './changes.ts';
import { type Answers, readAnswers } from './dialogue.ts';
import { type Draft, refuse, type Stop } from './draft.ts';
import { finish } from './finish.ts';
import { type Lexicon, lexiconOf } from './matching/lexicon.ts';
import type { PlanningInput, PlanningOutcome, Question } from './planner.ts';
import { readClauses } from './reading/clauses.ts';
import { normalise } from './reading/tokens.ts';
import { resolve } from './resolve.ts';
import { screen } from './screen.ts';
import { steeringName } from './steering-names.ts';

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

type Plan = {
  readonly type: 'plan';
  readonly confidence: number;
  readonly steps: Extract<PlanningOutcome, { decision: 'plan' }>['steps'];
  readonly understood: readonly string[];
};

function decide(input: PlanningInput, why: string[]): Plan | Stop {
  const screened = screen(input.request, normalise(input.request));
  if (screened !== null) return screened;
  const answers = readAnswers(input.dialogue);
  if (answers.givenUp) return refuse('NOTHING_FITS', 'Nothing is planned, as you said.');
  if (input.catalogue.actions.length === 0)
    return refuse('NO_ACTIONS', 'The repository offers nothing that Chiffon can run. Add a playbook and commit.');
  const steering = steeringName(
    [input.request, ...input.changes, ...input.dialogue.map((turn) => turn.answer)],
    input.catalogue,
  );
  if (steering !== null)
    return refuse('UNSAFE_INPUT', `\`${steering}\` steers Ansible itself and cannot be given in a request.`);
  const lexicon = lexiconOf(input.catalogue);
  let request = input.request;
  for (const { question, answer, isLast } of answers.restated) {
    // "grafana on atlas" to "What shall I deploy?": said again with what was left out.
    const again = restated(request, question, answer, lexicon);
    const outcome = decideRequest(again, input, answers, lexicon, []);
    const helps = outcome.type === 'plan' || (outcome.type === 'ask' && outcome.question.decides !== 'action');
    if (helps) request = again;
    else if (isLast) return askAgain(question, answer);
  }
  return decideRequest(request, input, answers, lexicon, why);
}

/** A change that cannot be made leaves the plan as it is: it is asked for again, saying why. */
function askOtherwise(stop: Stop, change: string): Stop {
  if (stop.type === 'ask') {
    if (!stop.question.about.startsWith('change: ')) return stop;
    return { ...stop, question: { ...stop.question, about: changeKey(change) } };
  }
  if (stop.kind === 'UNSAFE_INPUT' || stop.kind === 'UNSAFE_REQUEST') return stop;
  const text = `${stop.reason} Say the change in another way, or \`never mind\` to leave the plan as it was.`;
  return {
    type: 'ask',
    confidence: 0.3,
    question: { text, candidates: [], decides: 'config', about: changeKey(change) },
  };
}

/** The request with the words in doubt said more fully, or said anew where the answer is a whole sentence. */
function restated(request: string, question: Question, answer: string, lexicon: Lexicon): string {
  const text = normalise(request);
  const hasVerb = readClauses(answer, lexicon).clauses.some((clause) => clause.verb !== null);
  const at = text.indexOf(question.about);
  if (at < 0) return hasVerb ? answer : `${text} ${answer}`;
  const said = hasVerb ? answer : `${question.about} ${answer}`;
  return text.slice(0, at) + said + text.slice(at + question.about.length);
}

function askAgain(question: Question, answer: string): Stop {
  const text = question.text.replace(/^I cannot match “[^”]*” to one of these\. /, '');
  return {
    type: 'ask',
    confidence: 0.4,
    question: { ...question, text: `I cannot match “${answer.slice(0, 80)}” to one of these. ${text}` },
  };
}

function decideRequest(
  request: string,
  input: PlanningInput,
  answers: Answers,
  lexicon: Lexicon,
  why: string[],
): Plan | Stop {
  const screened = screen(request, normalise(request));
  if (screened !== null) return screened;
  const reading = readClauses(request, lexicon);
  const context = { lexicon, text: reading.text, secrets: input.secrets, answers, why };
  const resolved = resolve(reading.clauses, context);
  if (resolved.type !== 'drafts') return resolved;
  let drafts: readonly Draft[] = resolved.drafts;
  for (const said of input.changes) {
    // A change that was not understood was asked about: the answer says it again, or drops it.
    const change = answers.configs.get(changeKey(said)) ?? said;
    if (change === '') continue;
    const amended = amend(drafts, change, { ...context, text: normalise(change) });
    if (amended.type !== 'drafts') return askOtherwise(amended, said);
    drafts = amended.drafts;
  }
  if (drafts.length === 0) return refuse('NOTHING_FITS', 'Nothing is left to do.');
  const finished = finish(drafts, { input, lexicon, answers });
  const last = input.changes.at(-1);
  if (finished.type !== 'steps') return last === undefined ? finished : askOtherwise(finished, last);
  const confidence = Math.min(1, ...drafts.map((draft) => draft.score));
  return {
    type: 'plan',
    confidence: Math.round(confidence * 100) / 100,
    steps: finished.steps,
    understood: [...finished.understood, ...resolved.notes],
  };
}
