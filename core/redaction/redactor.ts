// Keeps secrets out of what leaves an agent: the values that it knows, in their usual encodings, and whatever looks like a token.
// One redactor for one stream of text; `redact` is for messages beside the stream.
//
// What it cannot do: hide values of fewer than four characters (they stand in every output), or of four and five other than
// as a word of their own; find a value that a program changed (reversed, encrypted, wrapped over several lines by `base64`).
import { encodedForms, printedForm, shortestAnywhere, shortestHidden } from './encodings.ts';
import type { StreamFilter } from './known-values.ts';
import { makeKnownValuesFilter, redactedMark } from './known-values.ts';
import { findTokens, inOrder, type OpenBlock, type Range } from './token-patterns.ts';

export type Redactor = StreamFilter & {
  /** Hides these values from now on. */
  add(values: readonly string[]): void;
  /** A text of its own, not part of the stream. */
  redact(text: string): string;
};

/** A line longer than this is shown before its end has come. In UTF-16 units. */
const longestHeld = 64 * 1024;
/** So much of a line cut like that is looked at again together with what follows. */
const lookBack = 16 * 1024;
const afterToken = /[\s"'<>)}\],;]|$/;

/** Gives out whole lines only, but for those longer than 64 k; `end` gives the rest. */
export function makeRedactor(options: { readonly values: readonly string[] }): Redactor {
  const known = makeKnownValuesFilter();
  const added = new Set<string>();
  const words = new Set<string>();
  let word: RegExp | undefined;
  let open: OpenBlock = 'none';
  let held = '';
  /** Set when the last thing shown was the first part of a token without an end. */
  let inToken = false;

  function add(values: readonly string[]): void {
    for (const value of values) {
      if (added.has(value)) continue;
      added.add(value);
      const printed = printedForm(value);
      if (printed.length >= shortestAnywhere) {
        known.add(encodedForms(value.toWellFormed()));
        known.takeBack(held);
        held = '';
      } else if (printed.length >= shortestHidden) {
        words.add(printed);
        word = wordsPattern(words);
      }
    }
  }

  function hiddenIn(text: string, block: OpenBlock): { readonly ranges: readonly Range[]; readonly open: OpenBlock } {
    const found = findTokens(text, block);
    if (word === undefined) return found;
    const words: Range[] = [...text.matchAll(word)].map((match) => [match.index, match.index + match[0].length]);
    return { ranges: inOrder([...found.ranges, ...words]), open: found.open };
  }

  function push(text: string): string {
    held += known.push(text);
    let out = '';
    const lines = held.lastIndexOf('\n') + 1;
    if (lines > 0) out += giveOut(held.slice(0, lines), lines);
    while (held.length > longestHeld) out += giveOut(held, held.length - lookBack);
    return out;
  }

  /** Shows about `count` units of what is held, having looked at all of `text`: a secret that starts before is hidden to its end. */
  function giveOut(text: string, count: number): string {
    const start = inToken ? text.search(afterToken) : 0;
    if (start > 0) inToken = start === text.length;
    const found = hiddenIn(text.slice(start), open);
    let out = '';
    let position = start;
    for (const range of found.ranges) {
      const [from, to] = [range[0] + start, range[1] + start];
      if (from >= count) break;
      out += text.slice(position, from) + redactedMark;
      position = to;
      inToken = to === text.length;
    }
    const end = isLowSurrogate(text.charCodeAt(count)) ? count - 1 : count;
    if (position < end) {
      out += text.slice(position, end);
      position = end;
    }
    if (text.endsWith('\n')) open = found.open;
    held = held.slice(position);
    return out;
  }

  function end(): string {
    const out = push(known.end());
    const rest = giveOut(held, held.length);
    open = 'none';
    inToken = false;
    return out + rest;
  }

  add(options.values);
  return {
    add,
    push,
    end,
    redact(text) {
      const shown = known.replaceIn(text);
      return replace(shown, hiddenIn(shown, 'none').ranges);
    },
  };
}

/** Hides what looks like a secret in one text; for what goes into a chat and has passed no agent. */
export function redactText(text: string): string {
  return replace(text, findTokens(text, 'none').ranges);
}

function replace(text: string, ranges: readonly Range[]): string {
  let out = '';
  let position = 0;
  for (const [start, end] of ranges) {
    out += text.slice(position, start) + redactedMark;
    position = end;
  }
  return out + text.slice(position);
}

function wordsPattern(words: ReadonlySet<string>): RegExp {
  const any = [...words].map((text) => text.replace(/[\\^$.*+?()[\]{}|/]/g, '\\$&')).join('|');
  return new RegExp(`(?<![\\p{L}\\p{N}])(?:${any})(?![\\p{L}\\p{N}])`, 'gu');
}

function isLowSurrogate(unit: number): boolean {
  return unit >= 0xdc00 && unit <= 0xdfff;
}
