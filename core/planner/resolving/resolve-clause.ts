// One clause: a question, a statement, a wish for a configuration list, or things to be done.
import type { Action } from '../../catalogue/model.ts';
import { askForAction } from '../ask.ts';
import { refuse, type Stop } from '../draft.ts';
import { readConfigWishes } from '../editing/config-wish.ts';
import { choose } from '../matching/choose.ts';
import type { Fit, Target } from '../matching/fit.ts';
import type { Clause } from '../reading/clause.ts';
import { isContent } from '../reading/settle.ts';
import { aboutOf, targetsOf } from '../reading/targets.ts';
import { isBetterAsAction } from './attach-lists.ts';
import { resolveTarget } from './resolve-target.ts';
import type { Resolving } from './resolving.ts';

/** Takes a clause into the steps; a stop where it has to be asked about or refused. */
export function resolveClause(run: Resolving, clause: Clause, all: readonly Clause[]): Stop | null {
  const { context } = run;
  const about = aboutOf(clause, context.text);
  if (clause.negated) {
    run.negated.push(clause);
    return null;
  }
  if (clause.statement && clause.verb === null && clause.question !== 'open') {
    if (clause.conditional) run.conditions.push(about);
    const other = all.some((candidate) => candidate !== clause && (candidate.verb !== null || candidate.negated));
    if (other) return null;
    return refuseStatement(run, clause, about);
  }
  if (clause.question !== null) {
    const stop = resolveQuestion(run, clause, about);
    if (stop !== null) return stop;
  }
  if (clause.conditional) run.conditions.push(about);
  const wishes = readConfigWishes(clause, context.lexicon, about).filter(
    (wish) => wish.items.length > 0 || wish.unknown.length > 0,
  );
  if (wishes.length > 0 && wishes.some((wish) => !isBetterAsAction(run, clause, wish))) {
    for (const wish of wishes) run.wishes.push({ wish, clause });
    return null;
  }
  for (const target of targetsOf(clause, context.lexicon, context.text)) {
    const stop = resolveTarget(run, target, clause);
    if (stop !== null) return stop;
  }
  return null;
}

function resolveQuestion(run: Resolving, clause: Clause, about: string): Stop | null {
  const check = clause.question === 'yes-no';
  if (check) {
    // "is grafana up?" may be what a check answers.
    clause.verb = { text: 'check', phrase: 'check', readings: [{ verb: 'check', strength: 1 }], carrier: false };
    clause.statement = false;
    clause.objects = clause.objects
      .map((object) =>
        object.filter(
          (token) =>
            !/^(up|down|ok|okay|running|alive|healthy|online|reachable|working|fine|there|still|is|are)$/.test(
              token.word,
            ),
        ),
      )
      .filter((object) => object.some(isContent));
    const [target] = targetsOf(clause, run.context.lexicon, run.context.text);
    const choice = target === undefined ? null : choose(target, run.context, null);
    if (choice?.type === 'one' && choice.fit.entry.verbs.some((verb) => verb === 'check' || verb === 'test'))
      return null;
  }
  return refuse(
    'NOTHING_FITS',
    `“${about}” is a question; I only plan changes. \`status\` and \`history\` show what was done, \`catalogue\` what can be done.`,
    nearestTo(run, clause),
  );
}

function refuseStatement(run: Resolving, clause: Clause, about: string): Stop {
  const nearest = nearestTo(run, clause);
  const subject = clause.objects
    .flat()
    .some((token) => run.context.lexicon.subjectWord(token.word) || run.context.lexicon.places.isName(token.word));
  const candidates = subject ? candidatesFor(run, clause) : [];
  if (candidates.length > 0)
    return askForAction(`“${about}” says how things are. What should be done?`, candidates, about, 0.4);
  return refuse('NOTHING_FITS', `“${about}” says how things are, not what should be done.`, nearest);
}

function candidatesFor(run: Resolving, clause: Clause): readonly Fit[] {
  const object = clause.objects.flat().filter((token) => run.context.lexicon.subjectWord(token.word));
  if (object.length === 0) return [];
  const target: Target = { verb: null, object, parts: [], places: [], about: '', everything: false, wished: false };
  const choice = choose(target, run.context, null);
  return choice.type === 'several' ? choice.fits : choice.type === 'one' ? [choice.fit] : [];
}

function nearestTo(run: Resolving, clause: Clause): readonly Action[] {
  const [target] = targetsOf(clause, run.context.lexicon, run.context.text);
  if (target === undefined) return [];
  const choice = choose({ ...target, verb: null }, run.context, null);
  return choice.type === 'none' ? choice.nearest : choice.considered.map((fit) => fit.entry.action);
}
