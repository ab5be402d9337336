// A message from sections that may not all fit: what matters less is left out first, whole lines at a time. What a line is, and how
// much room it takes, is the chat's.

export type Section<Line> = {
  /** 0 is shown whatever else there is; of the others the higher is left out sooner. */
  readonly rank: number;
  /** Its lines, as many as fit into so much room. */
  readonly take: (room: number) => { readonly lines: readonly Line[]; readonly whole: boolean };
};

export type Layout<Line> = {
  /** Lines of which the first ones are shown; `before` (a heading, an empty line) only with at least one of them. */
  readonly section: (rank: number, lines: readonly Line[], before?: readonly Line[]) => Section<Line>;
  /** The sections in their order, in at most that room; `rest` says where to find what is missing. */
  readonly layOut: (sections: readonly Section<Line>[], rest: Line, roomAtMost: number) => readonly Line[];
};

/** @param sizeOf the room that a line takes, its line end included */
export function makeLayout<Line>(sizeOf: (line: Line) => number): Layout<Line> {
  const sizeOfAll = (lines: readonly Line[]): number => lines.reduce((sum, line) => sum + sizeOf(line), 0);

  function filled(sections: readonly Section<Line>[], roomAtMost: number): { lines: readonly Line[]; whole: boolean } {
    const taken = new Map<Section<Line>, readonly Line[]>();
    let room = roomAtMost;
    let whole = true;
    for (const each of sections.toSorted((a, b) => a.rank - b.rank)) {
      const part = each.take(room);
      taken.set(each, part.lines);
      room -= sizeOfAll(part.lines);
      whole &&= part.whole;
    }
    return { lines: sections.flatMap((each) => taken.get(each) ?? []), whole };
  }

  return {
    section: (rank, lines, before = []) => ({
      rank,
      take: (room) => {
        if (lines.length === 0) return { lines: [], whole: true };
        const kept: Line[] = [];
        let left = room - sizeOfAll(before);
        for (const line of lines) {
          left -= sizeOf(line);
          if (left < 0) break;
          kept.push(line);
        }
        return { lines: kept.length === 0 ? [] : [...before, ...kept], whole: kept.length === lines.length };
      },
    }),

    layOut(sections, rest, roomAtMost) {
      const all = filled(sections, roomAtMost);
      return all.whole ? all.lines : [...filled(sections, roomAtMost - sizeOf(rest)).lines, rest];
    },
  };
}
