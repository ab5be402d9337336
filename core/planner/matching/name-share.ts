// How much of an action's name a request says: from its subject's words, from "everything", or from the verb alone where
// the action is about machines in general.
import { genericNouns, machineNouns } from '../words/plain-words.ts';
import type { Evidence } from './evidence.ts';
import type { Entry } from './lexicon.ts';

/** How much of the action's name was said. An action about machines in general is named by its verb. */
export function namedShare(evidence: Evidence): number {
  const { entry, aligned, target } = evidence;
  if (evidence.file !== null) return 1;
  const isWhole = wholeOf(entry);
  // About machines, or named only by what it does: "reboot", "backup".
  const machines = entry.names.some(
    (name) =>
      name.words.every((word) => machineNouns.has(word)) ||
      (name.generic && !name.words.every((word) => genericNouns.has(word))),
  );
  if (target.everything && !evidence.strongSaid) {
    if (isWhole) return 1;
    const choosesService = entry.action.inputs.some(
      (input) => input.required && input.choices !== undefined && !evidence.values.has(input.name),
    );
    if (choosesService && entry.names.some((name) => name.generic)) return 0.9;
    if (aligned.said > 0.9) return 0.97;
    return machines &&
      (target.verb?.readings.some((reading) => reading.strength === 1 && entry.verbs.includes(reading.verb)) ?? false)
      ? 0.8
      : 0;
  }
  // A verb of its own, "bootstrap", is all that has to be said.
  const ownVerb =
    target.verb !== null &&
    !/^(deploy|configure|run|install)$/.test(target.verb.phrase) &&
    entry.action.verbs.includes(target.verb.phrase) &&
    entry.verbs[0] !== target.verb.phrase;
  if (ownVerb && !evidence.strongSaid && entry.names.every((name) => name.generic || isWhole)) return 1;
  // A machine that is created or removed is the object itself, not the place.
  if (!evidence.strongSaid && aligned.said === 0 && entry.verbs.some((verb) => verb === 'create' || verb === 'remove'))
    return 0;
  const generic = entry.names.some((name) => name.generic || name.words.every((word) => machineNouns.has(word)));
  if (isWhole && !evidence.strongSaid) return aligned.said > 0.9 ? 1 : 0.4;
  if (!evidence.strongSaid && evidence.machineNamed && !machines && generic) return 0.3;
  if (!evidence.strongSaid && generic) return 1;
  if (evidence.byValue && generic) return 0.97;
  return aligned.said;
}

/** An action that does the whole lab: site.yml and its like. */
export function wholeOf(entry: Entry): boolean {
  const { action } = entry;
  if (action.kind !== 'playbook') return false;
  const subject = entry.names[0]?.compact ?? '';
  const isNamed =
    /^(everything|all|whole|entire|site|full|allservices|wholelab|homelab|lab|thewholelab|completelab|wholehomelab|infrastructure|everyservice|allapps|fullstack)$/.test(
      subject,
    );
  return (
    isNamed ||
    /^(?:(?:ansible|playbooks?|plays)\/)*(?:site|main|all|everything|full|playbook|local|homelab|lab)\.ya?ml$/.test(
      action.playbook,
    )
  );
}
