// A message's lines from sections that may not all fit. An event has 65,536 bytes, an edit carries its text nearly twice, and a phone
// shows a screen: a message is kept far below (https://spec.matrix.org/latest/client-server-api/#size-limits).
import type { Section as AnySection } from '../../../core/chat/layout.ts';
import { makeLayout } from '../../../core/chat/layout.ts';
import type { Line } from './markup.ts';
import { bytesOf } from './markup.ts';

/** Of body and HTML together, as JSON. */
export const bytesAtMost = 16_000;

export type Section = AnySection<Line>;

const lines = makeLayout<Line>(bytesOf);

export const { section } = lines;

export function layOut(sections: readonly Section[], rest: Line): readonly Line[] {
  return lines.layOut(sections, rest, bytesAtMost);
}
