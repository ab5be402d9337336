// The first gate for everything that people type: bounded, plain text.
import type { Refusal } from '../../core/error.ts';
import { refusal } from '../../core/error.ts';

const charactersAtMost = 4_000;
// Tab and line breaks are fine; escapes, NUL, bidirectional overrides and their like are not.
// biome-ignore lint/suspicious/noControlCharactersInRegex: these are the ones to find
const controlCharacters = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]/;

/** Null when the message may be read. */
export function whyNotReadable(text: string): Refusal | null {
  if (text.length > charactersAtMost)
    return refusal(
      'MESSAGE_TOO_LONG',
      `That message has ${text.length.toLocaleString('en')} characters; a request may have ${charactersAtMost.toLocaleString('en')}. Say it shorter.`,
    );
  const found = controlCharacters.exec(text);
  if (found !== null) {
    const code = (found[0].codePointAt(0) ?? 0).toString(16).padStart(4, '0').toUpperCase();
    return refusal(
      'MESSAGE_CONTROL_CHARACTERS',
      `That message holds a control character (U+${code}) at place ${found.index + 1}; type it again as plain text.`,
    );
  }
  return null;
}

/** What the record keeps of a message that was refused: short and printable. */
export function excerpt(text: string): string {
  return text.slice(0, 120).replace(new RegExp(controlCharacters, 'g'), '�');
}
