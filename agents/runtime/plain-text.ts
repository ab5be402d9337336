// Printed bytes as plain text: UTF-8 with what is not replaced, no terminal sequences, no control characters but line ends and tabs.
// Before redaction, so that nobody hides a secret from it between two escape codes.

export type PlainText = { push(bytes: Uint8Array): string; end(): string };

/* biome-ignore-start lint/suspicious/noControlCharactersInRegex: control characters are what this file is about */
/** Any terminal sequence (ECMA-48), and characters that turn the direction of text. */
const sequence =
  /\x1b(?:\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b\n]{0,4096}(?:\x07|\x1b\\)|[PX^_][^\x1b\n]{0,4096}\x1b\\|[ -/]*[0-~])|\x9b[0-?]*[ -/]*[@-~]/g;
/** A sequence that the end of the text cuts off. */
const unfinished =
  /(?:\x1b(?:\[[0-?]{0,64}[ -/]{0,8}|\][^\x07\x1b\n]{0,4096}\x1b?|[PX^_][^\x1b\n]{0,4096}\x1b?|[ -/]{0,8})?|\r)$/;
const control = /[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]/;
const controls = /[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]/g;
/* biome-ignore-end lint/suspicious/noControlCharactersInRegex: as above */

export function makePlainText(): PlainText {
  const decoder = new TextDecoder('utf-8', { ignoreBOM: true });
  let held = '';

  function clean(text: string): string {
    if (!control.test(text)) return text;
    return text.replace(sequence, '').replaceAll('\r\n', '\n').replaceAll('\r', '\n').replace(controls, '');
  }

  return {
    push(bytes) {
      let text = held + decoder.decode(bytes, { stream: true });
      held = unfinished.exec(text)?.[0] ?? '';
      if (held !== '') text = text.slice(0, -held.length);
      return clean(text);
    },
    end() {
      const rest = held + decoder.decode();
      held = '';
      return clean(rest);
    },
  };
}

/** One text, not part of a stream. */
export function plainText(text: string): string {
  const filter = makePlainText();
  return filter.push(Buffer.from(text)) + filter.end();
}
