// Lines of standard input, each bounded: what is over the bound is read and let go, so that a line that never ends costs nothing.
import { StringDecoder } from 'node:string_decoder';

/** Far over what core takes, so that it can refuse a long message and say how long it was. */
const messageCharactersAtMost = 200_000;

/** The lines without their ends; invalid UTF-8 becomes `�`, and a longer line is cut at `charactersAtMost`. */
export async function* readLines(
  input: AsyncIterable<Uint8Array | string>,
  charactersAtMost = messageCharactersAtMost,
): AsyncGenerator<string> {
  const decoder = new StringDecoder('utf8');
  let line = '';
  const add = (text: string): void => {
    if (line.length < charactersAtMost) line += text.slice(0, charactersAtMost - line.length);
  };
  for await (const chunk of input) {
    const text = typeof chunk === 'string' ? chunk : decoder.write(chunk);
    let start = 0;
    for (let end = text.indexOf('\n'); end >= 0; end = text.indexOf('\n', start)) {
      add(text.slice(start, end));
      start = end + 1;
      const whole = line;
      line = '';
      yield whole.replace(/\r$/, '');
    }
    add(text.slice(start));
  }
  add(decoder.end());
  if (line !== '') yield line.replace(/\r$/, '');
}
