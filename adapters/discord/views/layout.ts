// A message's content from sections that may not all fit into Discord's 2,000 characters.
import type { Section as AnySection } from '../../../core/chat/layout.ts';
import { makeLayout } from '../../../core/chat/layout.ts';

export const contentAtMost = 2_000;

export type Section = AnySection<string>;

/** With its line end; the last one has none. */
const lines = makeLayout<string>((line) => line.length + 1);

export const { section } = lines;

/** The sections in their order, in at most so many characters; `rest` says where to find what is missing. */
export function layOut(sections: readonly Section[], rest: string, charactersAtMost = contentAtMost): string {
  return lines.layOut(sections, rest, charactersAtMost + 1).join('\n');
}
