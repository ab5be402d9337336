// One action held against one thing asked for: every word that was said has to be explained by the action's verb,
// subject, inputs, hosts or description. What stays unexplained lowers the score; that is what keeps a wrong plan away.
import { isContent } from '../reading/settle.ts';
import type { Token } from '../reading/tokens.ts';
import { verbFit } from '../words/verbs.ts';
import { alignNames } from './align.ts';
import { Evidence } from './evidence.ts';
import { fillPositional } from './fill-positional.ts';
import type { ExplainContext, Fit, Target } from './fit.ts';
import type { Part } from './given-inputs.ts';
import type { Entry } from './lexicon.ts';
import { namedShare } from './name-share.ts';
import { namesFile } from './named-file.ts';
import { readInputs } from './read-inputs.ts';
import { mayStillFit, verbOf, verbWithValues } from './verb-answers.ts';

/** Holds an action against what was asked; null where the verb or every word speaks against it. */
export function explain(entry: Entry, target: Target, context: ExplainContext): Fit | null {
  const { lexicon } = context;
  const parts: readonly Part[] = [{ lead: 'object', said: '', tokens: target.object }, ...target.parts];
  const file = namesFile(
    entry,
    parts,
    target.verb?.readings.some((reading) => reading.verb === 'run' && reading.strength === 1) ?? false,
  );
  const subjectTokens = parts
    .filter((part) => subjectLeads.has(part.lead))
    .flatMap((part) => [...part.tokens, breakToken]);
  const aligned = alignNames(
    subjectTokens.filter((token) => token === breakToken || isContent(token)),
    entry.names,
    lexicon.weight,
    lexicon.isKnown,
  );
  const verb = verbOf(entry, target);
  // An alias that says a verb of its own, "nightly run", answers to that verb; a playbook that is named, to any.
  const byAlias =
    target.verb === null
      ? 0
      : verbFit(
          target.verb.readings,
          aligned.name === null || aligned.name.verbs.length === 0 ? ['-'] : aligned.name.verbs,
        );
  const verbFitted = Math.max(verb.fit, byAlias, file === null ? 0 : 0.9);
  if (verbFitted === 0 && target.verb !== null && !mayStillFit(entry, target)) return null;
  const given = readInputs(entry.action, parts, {
    text: context.text,
    secrets: context.secrets,
    switchOff: target.verb?.readings.some((reading) => reading.verb === 'disable' && reading.strength === 1) ?? false,
    switchOn: target.verb?.readings.some((reading) => reading.verb === 'enable' && reading.strength === 1) ?? false,
    subject: new Set(aligned.matched.keys()),
    otherNames: lexicon.otherNames,
  });
  return judge(new Evidence(entry, target, context, parts, aligned, given, verb.nouns, file), verbFitted);
}

const subjectLeads: ReadonlySet<string> = new Set(['object', 'for', 'of', 'from', 'to', 'on', 'with', 'by', 'as']);
const breakToken: Token = { kind: 'mark', text: ',', word: ',', start: -1, end: -1, chunk: -1, joined: false };

/** The score: the verb's fit, times the share of words explained squared, times how much of the name was said. */
function judge(evidence: Evidence, verbFitted: number): Fit | null {
  const { entry, aligned } = evidence;
  for (const part of evidence.parts) evidence.weigh(part);
  fillPositional(evidence);
  const description = evidence.describedOnly();
  const verb = verbWithValues(evidence, verbFitted);
  if (verb === 0) return null;
  let explained = evidence.total === 0 ? 1 : evidence.sure / evidence.total;
  let named = namedShare(evidence);
  const isNamed = aligned.said > 0.3 && !(aligned.name?.generic ?? true);
  let by: Fit['by'] = evidence.file !== null ? 'file' : isNamed ? 'name' : evidence.byValue ? 'value' : 'verb';
  if (description !== null && explained < description.explained && by !== 'name') {
    explained = description.explained;
    named = Math.max(named, 0.5);
    by = 'description';
  }
  const score = verb * explained ** 2 * (0.55 + 0.45 * named);
  if (score <= 0) return null;
  return {
    entry,
    score: Math.min(1, score),
    verb,
    explained,
    named,
    by,
    values: evidence.values,
    problems: evidence.problems,
    unknownInputs: [...evidence.given.unknown, ...evidence.unknownWith],
    unknownPlaces: evidence.unknownPlaces,
    unexplained: evidence.unexplained,
    timeSaid: evidence.timeSaid,
    places: evidence.places,
    notes: evidence.notes,
  };
}
