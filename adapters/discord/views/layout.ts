// A message's content from sections that may not all fit: what matters less is left out first, whole lines at a time.

export const contentAtMost = 2_000;

export type Section = {
  /** 0 is shown whatever else there is; of the others the higher is left out sooner. */
  readonly rank: number;
  /** Its lines, as many as fit into so many characters, each counted with its line end. */
  readonly take: (room: number) => { readonly lines: readonly string[]; readonly whole: boolean };
};

/** Lines of which the first ones are shown; `before` (a heading, an empty line) only with at least one of them. */
export function section(rank: number, lines: readonly string[], before: readonly string[] = []): Section {
  return {
    rank,
    take: (room) => {
      if (lines.length === 0) return { lines: [], whole: true };
      const kept: string[] = [];
      let left = room - sizeOf(before);
      for (const line of lines) {
        left -= line.length + 1;
        if (left < 0) break;
        kept.push(line);
      }
      return { lines: kept.length === 0 ? [] : [...before, ...kept], whole: kept.length === lines.length };
    },
  };
}

/** The sections in their order, in at most so many characters; `rest` says where to find what is missing. */
export function layOut(sections: readonly Section[], rest: string, charactersAtMost = contentAtMost): string {
  const all = filled(sections, charactersAtMost);
  const shown = all.whole ? all.lines : [...filled(sections, charactersAtMost - rest.length - 1).lines, rest];
  return shown.join('\n');
}

function filled(sections: readonly Section[], charactersAtMost: number): { lines: readonly string[]; whole: boolean } {
  const taken = new Map<Section, readonly string[]>();
  let room = charactersAtMost + 1;
  let whole = true;
  for (const each of sections.toSorted((a, b) => a.rank - b.rank)) {
    const part = each.take(room);
    taken.set(each, part.lines);
    room -= sizeOf(part.lines);
    whole &&= part.whole;
  }
  return { lines: sections.flatMap((each) => taken.get(each) ?? []), whole };
}

function sizeOf(lines: readonly string[]): number {
  return lines.reduce((sum, line) => sum + line.length + 1, 0);
}
