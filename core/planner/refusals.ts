// Why a thing asked for cannot be planned, in one sentence that says what to do instead.
import { askForInput } from './ask.ts';
import { refuse, type Stop } from './draft.ts';
import type { Choice } from './matching/choose.ts';
import type { ExplainContext, Fit, Target } from './matching/fit.ts';
import { inputNamesOf } from './matching/input-names.ts';
import { isContent } from './reading/settle.ts';
import { textOf } from './reading/tokens.ts';

/** What was asked, in a few words. */
export function describeTarget(target: Target): string {
  const object = target.object
    .filter(isContent)
    .map((token) => token.text)
    .join(' ');
  return [target.verb?.text ?? '', object].filter((word) => word !== '').join(' ') || target.about;
}

export function refuseNothingFits(
  target: Target,
  choice: Extract<Choice, { type: 'none' }>,
  context: ExplainContext,
): Stop {
  const { lexicon } = context;
  const words = target.object.filter((token) => isContent(token));
  const host = words
    .map((token) =>
      words
        .filter((other) => other.chunk === token.chunk)
        .map((other) => other.word)
        .join(''),
    )
    .find((chunk) => context.lexicon.places.looksLike(chunk));
  if (host !== undefined) {
    const said = words.filter(
      (token) =>
        words
          .filter((other) => other.chunk === token.chunk)
          .map((other) => other.word)
          .join('') === host,
    );
    const name = textOf(context.text, said);
    return refuse(
      'UNKNOWN_HOST',
      `The inventory has no host or group called “${name}”. Nearest: ${lexicon.places.nearest(name).join(', ')}.`,
      choice.nearest,
    );
  }
  const strange = words.filter(
    (token) =>
      token.kind === 'word' &&
      !lexicon.subjectWord(token.word) &&
      lexicon.subject([token.word]) < 1 &&
      !lexicon.places.isName(token.word),
  );
  const isKnownSubject = words.some((token) => lexicon.subjectWord(token.word));
  const nearest = choice.nearest;
  if (target.verb === null && words.length === 0)
    return refuse(
      'NOTHING_FITS',
      'I found nothing in that to do. Say what should be done, for example `deploy grafana on nas`.',
      nearest,
    );
  if (strange.length > 0 && !isKnownSubject) {
    return refuse(
      'NOTHING_FITS',
      `The catalogue has nothing called “${strange
        .map((token) => token.text)
        .join(' ')
        .slice(0, 80)}”.`,
      nearest,
    );
  }
  if (target.verb !== null && isKnownSubject)
    return refuse('NOTHING_FITS', `No action of the catalogue does “${describeTarget(target)}”.`, nearest);
  return refuse('NOTHING_FITS', `No action of the catalogue fits “${target.about}”.`, nearest);
}

/** What is wrong with the values and places given for the action that fits, or null. `early`: the action itself is still in doubt. */
export function refuseTroubles(fit: Fit, context: ExplainContext, early: boolean): Stop | null {
  const { action } = fit.entry;
  const unsafe = fit.problems.find((problem) => problem.kind === 'UNSAFE_INPUT');
  if (unsafe !== undefined) return refuse('UNSAFE_INPUT', unsafe.message, [action], fit.score);
  const [place] = fit.unknownPlaces;
  if (place !== undefined && fit.score >= 0.5) {
    const near = context.lexicon.places.nearest(place);
    return refuse(
      'UNKNOWN_HOST',
      `The inventory has no host or group called “${place}”. Nearest: ${near.join(', ')}.`,
      [action],
      fit.score,
    );
  }
  if (early) return null;
  const [unknown] = fit.unknownInputs;
  if (unknown !== undefined) return refuse('UNKNOWN_INPUT', unknownInput(fit, unknown.name), [action], fit.score);
  const [problem] = fit.problems;
  if (problem !== undefined) {
    const input = action.inputs.find((candidate) => candidate.name === problem.input);
    if (problem.kind === 'MISSING_INPUT' && input !== undefined) return askForInput(action, input, null);
    return refuse(problem.kind, problem.message, [action], fit.score);
  }
  return null;
}

function unknownInput(fit: Fit, name: string): string {
  const { action } = fit.entry;
  const nearest = inputNamesOf(action).nearest(name);
  const has = nearest.length === 0 ? 'it takes no inputs' : `it has ${nearest.map((each) => `\`${each}\``).join(', ')}`;
  return `${action.title} has no input called \`${name}\`: ${has}.`;
}
