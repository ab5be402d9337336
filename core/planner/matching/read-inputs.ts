// The values that a clause gives for one action's inputs: "with port 8080", "keep 30 days", "log level debug",
// "without tls", "as bob". What cannot be placed is left for the caller to judge.

import type { Action } from '../../catalogue/model.ts';
import { isContent } from '../reading/settle.ts';
import type { Token } from '../reading/tokens.ts';
import { readNumber, readUnit } from '../words/numbers.ts';
import type { GivenInputs, InputsContext, Part } from './given-inputs.ts';
import { inputNamesOf } from './input-names.ts';
import { InputReader } from './input-reader.ts';
import { readLoose } from './loose-values.ts';

/** Reads the inputs of an action from a clause's parts. */
export function readInputs(action: Action, said: readonly Part[], context: InputsContext): GivenInputs {
  const reader = new InputReader(action, context);
  const parts = joinAmounts(said, action);
  for (let index = 0; index < parts.length; index += 1) {
    const part = parts[index];
    // "the log level of grafana to debug": the subject stands between the name and its value.
    const next = parts
      .slice(index + 1)
      .find((other) => !other.tokens.filter(isContent).every((token) => context.subject.has(token)));
    if (part !== undefined && part.lead !== 'ignored') reader.part(part, next);
  }
  for (const part of parts) if (part.lead !== 'ignored' && part.lead !== 'except') readLoose(reader, part);
  return { values: reader.values, used: reader.used, problems: reader.problems, unknown: reader.unknown };
}

/** "a year of retention" is one phrase: the amount goes before the name that follows it. */
function joinAmounts(parts: readonly Part[], action: Action): readonly Part[] {
  const joined: Part[] = [];
  for (const part of parts) {
    const last = joined.at(-1);
    const isAmount =
      last !== undefined &&
      endsInAmount(last.tokens) &&
      part.lead === 'of' &&
      inputNamesOf(action).at(part.tokens, 0) !== null;
    if (isAmount) joined[joined.length - 1] = { ...last, tokens: [...last.tokens, ...part.tokens] };
    else joined.push(part);
  }
  return joined;
}

function endsInAmount(tokens: readonly Token[]): boolean {
  const [last, before] = [tokens.at(-1), tokens.at(-2)];
  if (last === undefined) return false;
  if (last.kind === 'quantity') return true;
  return (
    readUnit(last.word) !== null &&
    before !== undefined &&
    (readNumber(before.text) !== null || /^an?$/.test(before.word))
  );
}
