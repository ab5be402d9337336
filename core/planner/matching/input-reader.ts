// Reads the inputs that a clause names, with their values on either side of the name. Keeps what was found and used.
import type { Action, Input } from '../../catalogue/model.ts';
import type { JsonValue } from '../../json.ts';
import type { SecretRef } from '../../plan/plan.ts';
import { isContent } from '../reading/settle.ts';
import type { Token } from '../reading/tokens.ts';
import { wordsOf } from '../words/nearness.ts';
import { readNumber, readQuantity, readUnit } from '../words/numbers.ts';
import type { InputsContext, Part } from './given-inputs.ts';
import { inputNamesOf } from './input-names.ts';
import { choiceAt } from './read-choice.ts';
import { readValue } from './read-value.ts';
import type { InputProblem, ReadValue, ValueContext } from './value-result.ts';

const connectors = /^(to|of|is|as|at|be|set|equals|should|equal|being|=|:|was)$/;

export class InputReader {
  readonly values = new Map<string, JsonValue | SecretRef>();
  readonly used = new Set<Token>();
  readonly problems: InputProblem[] = [];
  readonly unknown: { name: string; tokens: readonly Token[] }[] = [];
  readonly action: Action;
  readonly context: InputsContext;
  readonly value: ValueContext;

  constructor(action: Action, context: InputsContext) {
    this.action = action;
    this.context = context;
    this.value = {
      text: context.text,
      secrets: context.secrets,
      otherNames: context.otherNames,
      endsAt: (tokens, at) => {
        const token = tokens[at];
        if (token === undefined || token.kind === 'mark') return true;
        const found = inputNamesOf(action).at(tokens, at);
        if (found === null) return /^(and|but|with|on|for)$/.test(token.word);
        // A name only ends a list where a value can follow it.
        const next = tokens[at + found.length];
        return found.input.type === 'bool' || next !== undefined;
      },
    };
  }

  /** Named inputs in one part. A name at its end takes its value from the next part: "retention | of | two weeks". */
  part(part: Part, next: Part | undefined): void {
    const { tokens } = part;
    for (let at = 0; at < tokens.length; ) {
      const token = tokens[at];
      if (token === undefined) break;
      if (token.kind === 'mark' || this.used.has(token)) {
        at += 1;
        continue;
      }
      const forced = this.forcedAssignment(tokens, at, part);
      if (forced > 0) {
        at += forced;
        continue;
      }
      const before = tokens[at - 1];
      const isUnit = before !== undefined && readNumber(before.text) !== null && readUnit(token.word) !== null;
      const named = isUnit ? null : inputNamesOf(this.action).at(tokens, at);
      if (named === null || !this.mayName(named.sure, part, tokens, at, named.length, next)) {
        at += 1;
        continue;
      }
      at = this.assign(named.input, part, tokens, at, named.length, next);
    }
  }

  /** A weak name alone in the object is more likely the subject: only with a value beside it. */
  private mayName(
    sure: number,
    part: Part,
    tokens: readonly Token[],
    at: number,
    length: number,
    next: Part | undefined,
  ): boolean {
    if (part.lead === 'with' || part.lead === 'without') return true;
    if (sure === 1 && length > 1) return true;
    const isSubject = tokens.slice(at, at + length).some((token) => this.context.subject.has(token));
    const following = tokens[at + length];
    const hasValue = following !== undefined || next?.lead === 'of' || next?.lead === 'to' || next?.lead === 'as';
    const before = tokens[at - 1];
    const valueBefore =
      before !== undefined &&
      (before.kind === 'number' ||
        before.kind === 'quantity' ||
        readNumber(before.text) !== null ||
        readUnit(before.word) !== null);
    if (this.context.switchOff || this.context.switchOn) return true;
    if (
      isSubject &&
      part.lead === 'object' &&
      inputNamesOf(this.action).at(tokens, at)?.input.type === 'list' &&
      following?.kind === 'word' &&
      isContent(following) &&
      !this.context.subject.has(following)
    )
      return true;
    if (isSubject && !(following !== undefined && (following.kind === 'mark' || following.kind !== 'word')))
      return sure >= 0.95 && following !== undefined && !this.context.subject.has(following);
    return hasValue || valueBefore || sure >= 0.95;
  }

  /** `name = value` is meant as an input whatever the name is. Returns how many tokens it took. */
  private forcedAssignment(tokens: readonly Token[], at: number, part: Part): number {
    const first = tokens[at];
    if (first === undefined || first.kind !== 'word') return 0;
    let end = at + 1;
    while (tokens[end]?.chunk === first.chunk) end += 1;
    const mark = tokens[end];
    const isAssigned = mark?.kind === 'mark' && mark.text === '=' && tokens[end + 1] !== undefined;
    const name = this.context.text.slice(first.start, tokens[end - 1]?.end ?? first.end);
    if (/^ansible_/i.test(name)) {
      const taken = tokens.slice(at, isAssigned ? end + 2 : end + 1);
      this.problems.push({
        kind: 'UNSAFE_INPUT',
        input: name,
        message: `\`${name}\` steers Ansible itself and cannot be given in a request.`,
        candidates: [],
      });
      for (const token of taken) this.used.add(token);
      return taken.length;
    }
    if (!isAssigned) return 0;
    const known = inputNamesOf(this.action).at(tokens, at);
    if (known !== null && at + known.length === end) return 0;
    // "memory limit = 2g": the name may begin earlier, with a space in it.
    for (let back = 1; back <= 3; back += 1) {
      const earlier = at - back < 0 ? null : inputNamesOf(this.action).at(tokens, at - back);
      if (earlier !== null && at - back + earlier.length === end) return 0;
    }
    const ahead = inputNamesOf(this.action).at(tokens, at);
    if (ahead !== null && at + ahead.length > end) return 0;
    if (part.lead === 'object' && this.context.subject.has(first)) return 0;
    const taken = tokens.slice(at, end + 2);
    this.unknown.push({ name, tokens: taken });
    for (const token of taken) this.used.add(token);
    return taken.length;
  }

  private assign(
    input: Input,
    part: Part,
    tokens: readonly Token[],
    at: number,
    length: number,
    next: Part | undefined,
  ): number {
    const nameTokens = tokens.slice(at, at + length);
    let from = at + length;
    while (tokens[from] !== undefined && connectors.test(tokens[from]?.text.toLowerCase() ?? '')) from += 1;
    const assigned = from > at + length;
    if (input.type === 'int' || input.type === 'float')
      while (
        tokens[from] !== undefined &&
        /^(it|them|those|for|only|just|least|most|up|last|about|around|the)$/.test(tokens[from]?.word ?? '')
      )
        from += 1;
    if (part.lead === 'without' && input.type === 'bool') {
      this.put(input, this.switched(input, false, nameTokens), nameTokens);
      return from;
    }
    const here = tokens.slice(from);
    const startsHere = here[0] !== undefined && here[0].kind !== 'mark';
    if (input.type === 'bool' && !assigned) {
      const read = startsHere ? readValue(input, here, this.value) : null;
      if (read?.type === 'value') {
        this.put(input, this.switched(input, read.value === true, nameTokens), [
          ...nameTokens,
          ...here.slice(0, read.length),
        ]);
        return from + read.length;
      }
      const before = tokens[at - 1]?.word ?? '';
      const off = this.context.switchOff || /^(no|not|disable|disabled|without|off|non)$/.test(before);
      const usedBefore = tokens[at - 1];
      this.put(
        input,
        this.switched(input, !off, nameTokens),
        /^(no|not|disable|disabled|enable|enabled|off|on)$/.test(before) && usedBefore !== undefined
          ? [...nameTokens, usedBefore]
          : nameTokens,
      );
      return from;
    }
    // "30 days retention", "debug log level": the value stands before the name.
    if (!assigned) {
      const before = this.valueBefore(input, tokens, at);
      if (
        before !== null &&
        (!startsHere || this.value.endsAt(tokens, from) || readValue(input, here, this.value).type === 'problem')
      ) {
        this.take(input, nameTokens, before.tokens, before.read);
        return from;
      }
    }
    if (startsHere && !(this.isNextInput(tokens, from) && !assigned)) {
      const read = readValue(input, here, this.value);
      return from + this.take(input, nameTokens, here, read);
    }
    if (
      !startsHere &&
      next !== undefined &&
      (next.lead === 'of' ||
        next.lead === 'to' ||
        next.lead === 'as' ||
        (next.lead === 'on' && next.said === 'at') ||
        (next.lead === 'with' && (next.said === 'set to' || next.said === 'where')) ||
        (next.lead === 'for' && (input.type === 'int' || input.type === 'float')))
    ) {
      const value = next.tokens.filter(
        (token, index) =>
          !(index === 0 && /^(a|an|the)$/.test(token.word) && readUnit(next.tokens[1]?.word ?? '') === null),
      );
      const read = readValue(input, value, this.value);
      if (read.type === 'value' || next.lead !== 'for') this.take(input, nameTokens, value, read);
      return from;
    }
    const before = tokens[at - 1];
    if (
      input.choices !== undefined &&
      before !== undefined &&
      before.kind === 'word' &&
      isContent(before) &&
      !this.context.subject.has(before) &&
      !this.used.has(before)
    ) {
      this.take(input, nameTokens, [before], readValue(input, [before], this.value));
      return from;
    }
    if (nameTokens.every((token) => this.context.subject.has(token))) return from;
    if (part.lead === 'with' || part.lead === 'without') {
      this.problems.push({
        kind: 'MISSING_INPUT',
        input: input.name,
        message: `No value was given for \`${input.name}\`.`,
        candidates: (input.choices ?? []).map(String),
      });
      for (const token of nameTokens) this.used.add(token);
    }
    return from;
  }

  private isNextInput(tokens: readonly Token[], at: number): boolean {
    const found = inputNamesOf(this.action).at(tokens, at);
    const next = tokens[at + (found?.length ?? 0)];
    return found !== null && found.sure >= 0.9 && next !== undefined && next.kind !== 'mark';
  }

  take(input: Input, nameTokens: readonly Token[], tokens: readonly Token[], read: ReadValue): number {
    const taken = tokens.slice(0, read.length);
    if (read.type === 'value') this.put(input, read.value, [...nameTokens, ...taken]);
    else {
      this.problems.push(read.problem);
      for (const token of [...nameTokens, ...taken]) this.used.add(token);
    }
    return read.length;
  }

  /** "without traefik" where the input is `disable_traefik`: what is said and what is declared point in opposite directions. */
  private switched(input: Input, on: boolean, nameTokens: readonly Token[]): boolean {
    const turnsOff = /^(disable|disabled|no|skip|without|exclude|off|not)$/;
    const isReverse =
      wordsOf(input.name).some((word) => turnsOff.test(word)) && !nameTokens.some((token) => turnsOff.test(token.word));
    return isReverse ? !on : on;
  }

  put(input: Input, value: JsonValue | SecretRef, tokens: readonly Token[]): void {
    const known = this.values.get(input.name);
    if (known !== undefined && JSON.stringify(known) !== JSON.stringify(value)) {
      this.problems.push({
        kind: 'INVALID_INPUT',
        input: input.name,
        message: `\`${input.name}\` was given twice, with different values.`,
        candidates: [],
      });
    }
    this.values.set(input.name, value);
    for (const token of tokens) this.used.add(token);
  }

  private valueBefore(
    input: Input,
    tokens: readonly Token[],
    at: number,
  ): { readonly read: ReadValue; readonly tokens: readonly Token[] } | null {
    for (const back of [2, 1]) {
      const before = tokens.slice(Math.max(0, at - back), at);
      const [first] = before;
      if (
        first === undefined ||
        before.length < back ||
        before.some((token) => this.used.has(token) || token.kind === 'mark')
      )
        continue;
      if (input.type === 'int' || input.type === 'float') {
        const isOne = back === 2 && /^an?$/.test(first.word) && readUnit(before[1]?.word ?? '') !== null;
        if (readNumber(first.text) === null && readQuantity(first.text) === null && !isOne) continue;
        const read = readValue(input, before, this.value);
        if (read.length === back || read.type === 'problem') return { read, tokens: before };
      } else if (input.choices !== undefined && input.type !== 'list') {
        const found = choiceAt(input.choices, before, true, this.context.otherNames);
        if (found !== null && found.length === back)
          return { read: { type: 'value', value: found.value, length: back }, tokens: before };
      } else if (input.type === 'str' && back === 1 && (first.kind === 'quantity' || first.kind === 'version')) {
        return { read: { type: 'value', value: first.text, length: 1 }, tokens: before };
      }
    }
    return null;
  }
}
