// The forms in which a known secret shows up in output: as it is, and as the usual tools encode it.
// Gives the patterns that known-values.ts looks for.

/** Shorter values are never hidden: three characters stand in every output by chance. */
export const shortestHidden = 4;
/** From this length on a value is hidden wherever it stands; a shorter one only as a word of its own. */
export const shortestAnywhere = 6;

/** Longer values are looked for in pieces, so that the search stays small and a shortened print is found as well. */
const longestWhole = 256;
const pieceLength = 64;

/** A secret's value as a print shows it: well-formed, with no control characters, no white space around it. */
export function printedForm(value: string): string {
  return value
    .toWellFormed()
    .replaceAll('\r\n', '\n')
    .replace(/(?!\n)\p{Cc}/gu, (character) => (character === '\t' ? '\t' : ''))
    .trim();
}

/** Everything to look for, each at least `shortestAnywhere` long. Empty for a value that is shorter. */
export function encodedForms(value: string): Set<string> {
  const forms = new Set<string>();
  for (const piece of pieces(value)) {
    for (const form of formsOf(piece)) if (form.length >= shortestAnywhere) forms.add(form);
  }
  return forms;
}

function pieces(value: string): string[] {
  const found = value.length <= longestWhole ? [value] : cut(value);
  const printed = printedForm(value);
  found.push(...(printed.length <= longestWhole ? [printed] : cut(printed)));
  // A key of many lines is often printed indented, or a line at a time.
  if (printed.includes('\n')) {
    for (const line of printed.split('\n'))
      found.push(...(line.length <= longestWhole ? [line.trim()] : cut(line.trim())));
  }
  return found.filter((piece) => piece.trim().length >= shortestAnywhere).map((piece) => piece.trim());
}

function cut(value: string): string[] {
  const found: string[] = [];
  for (let start = 0; start < value.length; ) {
    let end = value.length - start < 2 * pieceLength ? value.length : start + pieceLength;
    if (isHighSurrogate(value.charCodeAt(end - 1))) end += 1;
    found.push(value.slice(start, end));
    start = end;
  }
  return found;
}

function* formsOf(text: string): Generator<string> {
  yield text;
  const bytes = Buffer.from(text, 'utf8');
  yield* jsonForms(text);
  yield* urlForms(text);
  yield* shellForms(text);
  yield text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');
  const hex = bytes.toString('hex');
  yield hex;
  yield hex.toUpperCase();
  yield* base64Forms(bytes);
}

/** JSON, JSON within JSON, and both with everything beyond ASCII escaped, as Python's json does by default. */
function* jsonForms(text: string): Generator<string> {
  const once = inJson(text);
  const onceAscii = asciiOnly(once);
  yield once;
  yield inJson(once);
  yield onceAscii;
  yield inJson(onceAscii);
}

function inJson(text: string): string {
  return JSON.stringify(text).slice(1, -1);
}

function asciiOnly(text: string): string {
  return text.replace(/[\u007f-\uffff]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`);
}

function* urlForms(text: string): Generator<string> {
  const component = encodeURIComponent(text);
  const strict = component.replace(
    /[!'()*~]/g,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
  );
  for (const form of [
    component,
    strict,
    encodeURI(text),
    strict.replaceAll('%2F', '/'),
    strict.replaceAll('%7E', '~'),
  ]) {
    yield form;
    yield form.replaceAll('%20', '+');
    yield form.replace(/%[0-9A-F]{2}/g, (code) => code.toLowerCase());
  }
}

function* shellForms(text: string): Generator<string> {
  yield text.replaceAll("'", `'"'"'`);
  yield text.replaceAll("'", `'\\''`);
  yield text.replaceAll("'", "\\'");
  yield text.replaceAll("'", "''");
  yield text.replaceAll('"', '""');
  yield text.replace(/["\\$`]/g, '\\$&');
  yield text.replace(/[^\w@%+=:,./\n-]/g, '\\$&');
}

/** The part of a Base64 text that depends on these bytes alone, at each of the three places where they can begin. */
function* base64Forms(bytes: Buffer): Generator<string> {
  for (const before of [0, 1, 2]) {
    const text = Buffer.concat([Buffer.alloc(before), bytes])
      .toString('base64')
      .replaceAll('=', '');
    const partialEnd = (before + bytes.length) % 3 === 0 ? 0 : 1;
    const form = text.slice(before === 0 ? 0 : before + 1, text.length - partialEnd);
    yield form;
    yield form.replaceAll('+', '-').replaceAll('/', '_');
  }
}

function isHighSurrogate(unit: number): boolean {
  return unit >= 0xd800 && unit <= 0xdbff;
}
