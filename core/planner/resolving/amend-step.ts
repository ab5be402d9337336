// Words that belong to the step before, not to a step of their own: ", port 8080", "and set the port to 8080",
// "and reboot if needed", "and delete its data".

import type { Action } from '../../catalogue/model.ts';
import type { JsonValue } from '../../json.ts';
import type { Stop } from '../draft.ts';
import { type Choice, explainAction } from '../matching/choose.ts';
import type { Target } from '../matching/fit.ts';
import { inputNamesOf } from '../matching/input-names.ts';
import type { Clause } from '../reading/clause.ts';
import { isContent } from '../reading/settle.ts';
import { textOf } from '../reading/tokens.ts';
import { refuseTroubles } from '../refusals.ts';
import { compact } from '../words/nearness.ts';
import { lacksInput, type Placed, type Resolving } from './resolving.ts';

/** "…, and set the port to 8080": values for the step before, not a step of its own. */
export function amendsPrevious(run: Resolving, target: Target, clause: Clause, choice: Choice): Stop | null | 'not' {
  const last = run.placed.at(-1);
  if (last === undefined) return 'not';
  const switchedOn = choice.type === 'one' && !clause.conditional ? null : namedSwitch(last.draft.action, clause);
  if (switchedOn !== null) {
    clause.conditional = false;
    run.conditions.length = 0;
    run.placed[run.placed.length - 1] = {
      ...last,
      draft: { ...last.draft, values: new Map([...last.draft.values, [switchedOn, true]]) },
    };
    return null;
  }
  const more = listGoesOn(run, target, clause, choice, last);
  if (more) return null;
  if (isBorrowed(clause)) return 'not';
  // "renew certificates, force renewal": the same action again, only to give it one more value.
  const isSame =
    choice.type === 'one' &&
    clause === last.clause &&
    choice.fit.entry.action.id === last.draft.action.id &&
    choice.fit.values.size > 0;
  if (
    isSame &&
    choice.type === 'one' &&
    [...choice.fit.values.keys()].every((name) => !last.draft.values.has(name)) &&
    choice.fit.places.length === last.draft.places.length
  ) {
    run.placed[run.placed.length - 1] = {
      ...last,
      draft: { ...last.draft, values: new Map([...last.draft.values, ...choice.fit.values]) },
    };
    return null;
  }
  if (choice.type === 'one' && choice.fit.by === 'name') return 'not';
  const dropped = keptInput(last.draft.action, target);
  if (dropped !== null) {
    run.placed[run.placed.length - 1] = {
      ...last,
      draft: { ...last.draft, values: new Map([...last.draft.values, [dropped, false]]) },
    };
    return null;
  }
  const tokens = [...target.object, ...target.parts.flatMap((part) => part.tokens)];
  const names = inputNamesOf(last.draft.action);
  const named = tokens.some((token, at) => token.kind === 'word' && isContent(token) && names.at(tokens, at) !== null);
  if (!named) return 'not';
  const own = explainAction(last.draft.action, target, run.context);
  if (own === null || own.values.size === 0 || own.unknownPlaces.length > 0 || own.unexplained.length > 0) return 'not';
  // A value that it has already is the same act on another thing.
  if (
    [...own.values].some(
      ([name, value]) =>
        last.draft.values.has(name) && JSON.stringify(last.draft.values.get(name)) !== JSON.stringify(value),
    )
  )
    return 'not';
  // An act of its own, complete in itself, is no value of the one before.
  const isOwnAct =
    choice.type === 'one' &&
    clause !== last.clause &&
    !clause.inherited &&
    clause.tokens.some((token) => token.word === clause.verb?.text.split(' ')[0]) &&
    choice.fit.entry.action.id !== last.draft.action.id &&
    choice.fit.score > own.score + 0.1 &&
    !lacksInput(choice.fit);
  if (isOwnAct) return 'not';
  const trouble = refuseTroubles(own, run.context, false);
  if (trouble !== null) return trouble;
  run.placed[run.placed.length - 1] = {
    ...last,
    draft: { ...last.draft, values: new Map([...last.draft.values, ...own.values]) },
  };
  return null;
}

/** "back up volumes grafana and traefik": the second is one more value of the list. */
function listGoesOn(run: Resolving, target: Target, clause: Clause, choice: Choice, last: Placed): boolean {
  if (choice.type === 'one' || last.clause !== clause || target.parts.length > 0) return false;
  const first = clause.objects[0] ?? [];
  for (const [name, value] of last.draft.values) {
    if (!isList(value) || !first.some((token) => value.includes(token.text))) continue;
    const item = textOf(run.context.text, target.object.filter(isContent));
    run.placed[run.placed.length - 1] = {
      ...last,
      draft: { ...last.draft, values: new Map([...last.draft.values, [name, [...value, item]]]) },
    };
    return true;
  }
  return false;
}

/** The object was taken over from a neighbour: no word of it was said in this clause. */
export function isBorrowed(clause: Clause): boolean {
  const own = new Set(clause.tokens);
  return clause.objects.flat().every((token) => !own.has(token));
}

/** "and reboot if needed" after an action with an input `reboot_if_needed`. */
function namedSwitch(action: Action, clause: Clause): string | null {
  const tokens = clause.tokens.filter(
    (token) => token.kind === 'word' && !/^(and|please|also|then|it|them)$/.test(token.word),
  );
  const named = inputNamesOf(action).at(tokens, 0);
  if (named === null || named.input.type !== 'bool') return null;
  const rest = tokens
    .slice(named.length)
    .filter((token) => !/^(if|when|as|where|needed|necessary|required|afterwards|after)$/.test(token.word));
  return rest.some(isContent) ? null : named.input.name;
}

/** "and delete its data" after a removal that may keep the data. */
function keptInput(action: Action, target: Target): string | null {
  if (target.verb?.readings.some((reading) => reading.verb === 'remove' && reading.strength === 1) !== true)
    return null;
  const said = target.object
    .filter(isContent)
    .map((token) => token.word)
    .join('');
  const input = action.inputs.find(
    (candidate) =>
      candidate.type === 'bool' &&
      [`keep${said}`, `preserve${said}`, `retain${said}`].includes(compact(candidate.name)),
  );
  return said === '' || input === undefined ? null : input.name;
}

function isList(value: unknown): value is readonly JsonValue[] {
  return Array.isArray(value);
}
