// Numbers as an input counts them: units converted, ranges held.
import type { Input } from '../../catalogue/model.ts';
import type { Token } from '../reading/tokens.ts';
import { wordsOf } from '../words/nearness.ts';
import { convert, readNumber, readQuantity, readUnit, type Unit, unitOfInput } from '../words/numbers.ts';
import { problem, type ReadValue } from './value-result.ts';

export function readAmount(input: Input, tokens: readonly Token[]): ReadValue {
  const first = tokens[0];
  if (first === undefined) return problem('MISSING_INPUT', input, `\`${input.name}\` needs a value.`, 0);
  const kind = input.type === 'int' ? 'a whole number' : 'a number';
  let amount: number | null = null;
  let unit: Unit | null = null;
  let length = 1;
  const quantity = readQuantity(first.text);
  if (quantity !== null) ({ amount, unit } = quantity);
  else {
    amount =
      readNumber(first.text) ?? (/^(a|an)$/.test(first.word) && readUnit(tokens[1]?.word ?? '') !== null ? 1 : null);
    if (amount !== null && tokens[1] !== undefined && (tokens[1].kind === 'word' || tokens[1].text === '%')) {
      const named = tokens[1].word.length > 1 || tokens[1].text === '%' ? readUnit(tokens[1].word) : null;
      if (named !== null) {
        unit = named;
        length = 2;
      }
    }
  }
  if (amount === null) return problem('INVALID_INPUT', input, `\`${input.name}\` is ${kind}, not “${first.text}”.`, 1);
  const own = unitOfInput(wordsOf(input.name), input.description);
  if (unit !== null && own !== null && unit.kind === own.kind) amount = convert(amount, unit, own) ?? amount;
  else if (unit !== null && unit.kind !== 'share' && own !== null) {
    return problem(
      'INVALID_INPUT',
      input,
      `\`${input.name}\` is counted in another unit than “${tokens
        .slice(0, length)
        .map((token) => token.text)
        .join(' ')}”.`,
      length,
    );
  }
  if (input.type === 'int' && !Number.isSafeInteger(amount))
    return problem('INVALID_INPUT', input, `\`${input.name}\` is ${kind}, not ${amount}.`, length);
  const range = rangeOf(input);
  if (range !== null && (amount < range.least || amount > range.most)) {
    return problem(
      'INVALID_INPUT',
      input,
      `\`${input.name}\` is from ${range.least} to ${range.most}, not ${amount}.`,
      length,
    );
  }
  return { type: 'value', value: amount, length };
}

/** The range that an input's name or description says: ports, and `between 1 and 10`, `(0-100)`. */
function rangeOf(input: Input): { readonly least: number; readonly most: number } | null {
  const said = /(?:between|from|range:?|\()\s*(-?\d+)\s*(?:-|–|to|and|\.\.)\s*(\d+)/i.exec(input.description);
  if (said !== null) return { least: Number(said[1]), most: Number(said[2]) };
  return wordsOf(input.name).at(-1) === 'port' ? { least: 1, most: 65_535 } : null;
}
