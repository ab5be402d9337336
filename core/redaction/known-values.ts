// Hides known values in a stream: keeps back only what may still become a match, and puts one mark in each match's place.
import { makeTextSearch } from './text-search.ts';

/** What stands in the place of something hidden. */
export const redactedMark = '[redacted]';

export type StreamFilter = {
  /** Takes the next piece and gives back what can be shown by now. */
  push(text: string): string;
  /** The rest; the filter is as new afterwards. */
  end(): string;
};

export type KnownValuesFilter = StreamFilter & {
  /** Looks for these from now on, in what is kept back as well. */
  add(patterns: Iterable<string>): void;
  /** Text that was given out but not shown yet: it is read again. */
  takeBack(text: string): void;
  /** Another text, which is no part of the stream. */
  replaceIn(text: string): string;
};

type Range = { start: number; end: number };

export function makeKnownValuesFilter(): KnownValuesFilter {
  const patterns = new Set<string>();
  let search = makeTextSearch([]);
  let stale = false;
  let node = 0;
  let held = '';
  /** The matches that reach into `held`. */
  let matches: Range[] = [];
  /** Whether the last thing given out was a mark. */
  let marked = false;

  function push(text: string): string {
    if (patterns.size === 0) return text;
    const from = refresh() ? 0 : held.length;
    const all = held + text;
    node = search.run(all, from, node, (start, end) => join(matches, { start, end }));
    const kept = Math.max(search.depth(node), endsInHalfPair(all) ? 1 : 0);
    return giveOut(all, all.length - kept);
  }

  /** True when there are new values: what is kept back has to be read again. */
  function refresh(): boolean {
    if (!stale) return false;
    search = makeTextSearch([...patterns]);
    stale = false;
    node = 0;
    return true;
  }

  function giveOut(all: string, safe: number): string {
    let out = '';
    let position = 0;
    for (const { start, end } of matches) {
      if (start >= safe) break;
      if (start > position) {
        out += all.slice(position, start);
        marked = false;
      }
      if (!marked) out += redactedMark;
      marked = true;
      position = Math.min(end, safe);
    }
    if (position < safe) {
      out += all.slice(position, safe);
      marked = false;
    }
    held = all.slice(safe);
    matches = matches
      .filter(({ end }) => end > safe)
      .map(({ start, end }) => ({ start: Math.max(0, start - safe), end: end - safe }));
    return out;
  }

  return {
    add(more) {
      for (const pattern of more) {
        if (pattern.length === 0 || patterns.has(pattern)) continue;
        patterns.add(pattern);
        stale = true;
      }
    },
    takeBack(text) {
      held = text + held;
      matches = matches.map(({ start, end }) => ({ start: start + text.length, end: end + text.length }));
      marked = false;
      stale = true;
    },
    push,
    end() {
      const out = push('') + giveOut(held, held.length);
      node = 0;
      marked = false;
      return out;
    },
    replaceIn(text) {
      if (refresh()) node = search.run(held, 0, 0, (start, end) => join(matches, { start, end }));
      const ranges: Range[] = [];
      search.run(text, 0, 0, (start, end) => join(ranges, { start, end }));
      let out = '';
      let position = 0;
      for (const { start, end } of ranges) {
        out += text.slice(position, start) + redactedMark;
        position = end;
      }
      return out + text.slice(position);
    },
  };
}

/** Adds a match to ranges in order; matches that overlap or touch become one. */
function join(ranges: Range[], range: Range): void {
  for (let last = ranges.at(-1); last !== undefined && range.start <= last.end; last = ranges.at(-1)) {
    range = { start: Math.min(last.start, range.start), end: Math.max(last.end, range.end) };
    ranges.pop();
  }
  ranges.push(range);
}

function endsInHalfPair(text: string): boolean {
  const unit = text.charCodeAt(text.length - 1);
  return unit >= 0xd800 && unit <= 0xdbff;
}
