// How well an action's verb answers the one that was said: by itself, by a noun, by a value that the action takes.
import { jsonText } from '../../json.ts';
import type { Token } from '../reading/tokens.ts';
import { verbFit, verbPhrases } from '../words/verbs.ts';
import type { Evidence } from './evidence.ts';
import type { Target } from './fit.ts';
import type { Entry } from './lexicon.ts';

/** How well the action's verb answers, with nouns taken for verbs where the verb said only carries them. */
export function verbOf(entry: Entry, target: Target): { readonly fit: number; readonly nouns: ReadonlySet<Token> } {
  const offered = entry.verbs;
  let fit =
    target.verb === null
      ? target.wished
        ? 0.85 * verbFit([{ verb: 'deploy', strength: 1 }], offered)
        : 0
      : target.verb.phrase === 'ensure'
        ? 0
        : verbFit(target.verb.readings, offered);
  const nouns = new Set<Token>();
  for (const token of target.object) {
    if (token.kind !== 'word') continue;
    const readings = verbPhrases(token.word)
      .filter((phrase) => phrase.nounToo || phrase.form === 'gerund' || phrase.form === 'noun')
      .flatMap((phrase) => phrase.readings);
    if (readings.length === 0) continue;
    const nounFit = verbFit(readings, offered);
    if (nounFit < 0.8) continue;
    // "install updates": the noun is the act, and installing only carries it.
    const installs =
      readings.some((reading) => reading.verb === 'update') &&
      /^(install|apply|roll out|push|deploy)$/.test(target.verb?.phrase ?? '');
    if (target.verb === null || target.verb.carrier || installs) {
      nouns.add(token);
      fit = Math.max(fit, target.verb === null ? nounFit * 0.97 : nounFit * 0.98);
    } else if (fit > 0.5) nouns.add(token);
  }
  return { fit, nouns };
}

/** An action of another verb may still do it by a value: `state: stopped`, `log_level: debug`, another version. */
export function mayStillFit(entry: Entry, target: Target): boolean {
  const bySetting =
    target.verb?.readings.some((reading) => /^(enable|disable|rotate|configure|update|scale)$/.test(reading.verb)) ??
    false;
  return (
    (bySetting && (entry.verbs.includes('deploy') || entry.verbs.includes('configure'))) ||
    entry.action.inputs.some((input) => (input.choices?.length ?? 0) > 1)
  );
}

/** The verb's fit once the values are known: another version is an upgrade, a changed input is configuring. */
export function verbWithValues(evidence: Evidence, fitted: number): number {
  const { entry, target, values } = evidence;
  const says = (verb: string): boolean =>
    target.verb?.readings.some((reading) => reading.verb === verb && reading.strength === 1) ?? false;
  const given = (pattern: RegExp): boolean => [...values.keys()].some((name) => pattern.test(name));
  const deploys = entry.verbs.includes('deploy');
  let verb = fitted;
  // "upgrade nextcloud to 30": deploying with another version is what is meant.
  if (says('update') && deploys && given(/(version|tag|release)$/)) verb = Math.max(verb, 0.86);
  if (says('scale') && deploys && given(/(replicas|instances|workers|count|nodes|size|copies)$/))
    verb = Math.max(verb, 0.86);
  verb = Math.max(verb, verbAsValue(evidence, verb));
  // "set the port of gitea to 3001": configuring by deploying again.
  const sets =
    says('enable') ||
    says('disable') ||
    says('rotate') ||
    (target.verb?.readings.some((reading) => reading.verb === 'configure') ?? false);
  // The value that only says which service is meant sets nothing.
  const settings = [...values.keys()].filter(
    (name) =>
      !entry.action.inputs.some((input) => input.name === name && input.required && input.choices !== undefined),
  );
  if (sets && settings.length > 0 && (deploys || entry.verbs.includes('configure'))) verb = Math.max(verb, 0.86);
  // "maintenance mode on": where nobody knows the action's verb, the value says what to do.
  if (target.verb === null && entry.verbs.length === 0 && settings.length + values.size > 0)
    return Math.max(verb, 0.85);
  // Nothing was said about what to do: the subject alone is worth a question.
  return target.verb === null && !target.wished && verb === 0 ? 0.6 : verb;
}

/** A verb that the action takes as an input: `state: stopped`, `action: [start, stop]`. */
function verbAsValue(evidence: Evidence, verb: number): number {
  const { verb: said } = evidence.target;
  if (said === null || verb >= 0.8) return 0;
  for (const input of evidence.entry.action.inputs) {
    if (input.choices === undefined || evidence.values.has(input.name)) continue;
    const meanings = input.choices.map((choice) => ({ choice, verbs: meaningOf(jsonText(choice)) }));
    if (meanings.filter((meaning) => meaning.verbs.length > 0).length < 2) continue;
    const fits = meanings
      .map((meaning) => ({ ...meaning, fit: meaning.verbs.length === 0 ? 0 : verbFit(said.readings, meaning.verbs) }))
      .sort((a, b) => b.fit - a.fit);
    const [first, second] = fits;
    if (first !== undefined && first.fit >= 0.8 && first.fit > (second?.fit ?? 0)) {
      evidence.values.set(input.name, first.choice);
      evidence.notes.push(`“${said.text}” is ${input.name}=${jsonText(first.choice)}`);
      return first.fit * 0.97;
    }
  }
  return 0;
}

const meanings: ReadonlyMap<string, readonly string[]> = new Map([
  ['on', ['enable', 'start']],
  ['off', ['disable', 'stop']],
  ['enabled', ['enable']],
  ['disabled', ['disable']],
  ['enable', ['enable']],
  ['disable', ['disable']],
  ['present', ['deploy', 'create']],
  ['installed', ['deploy']],
  ['absent', ['remove']],
  ['removed', ['remove']],
  ['started', ['start']],
  ['running', ['start']],
  ['stopped', ['stop']],
  ['restarted', ['restart']],
  ['reloaded', ['reload']],
  ['latest', ['update']],
  ['rebooted', ['reboot']],
]);

function meaningOf(choice: string): readonly string[] {
  const known = meanings.get(choice);
  if (known !== undefined) return known;
  return verbPhrases(choice)
    .filter((phrase) => phrase.form === 'base')
    .flatMap((phrase) => phrase.readings.filter((reading) => reading.strength === 1).map((reading) => reading.verb));
}
