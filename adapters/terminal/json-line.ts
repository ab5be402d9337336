// A view as one line of JSON, which no terminal or log viewer can mistake for anything else.
import type { View } from '../../core/ports/chat.ts';

// JSON escapes C0 by itself; these it would let through.
const unprintable = /[\u007f-\u009f\u00ad\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb]/g;

export function jsonLine(view: View): string {
  const escaped = JSON.stringify(view).replace(
    unprintable,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
  return `${escaped}\n`;
}
