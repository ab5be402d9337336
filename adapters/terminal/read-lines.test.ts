import { expect, test } from 'vitest';
import { readLines } from './read-lines.ts';

async function* chunks(...parts: readonly (string | Uint8Array)[]): AsyncGenerator<Uint8Array> {
  for (const part of parts) yield typeof part === 'string' ? Buffer.from(part) : part;
}
async function linesOf(input: AsyncIterable<Uint8Array>, atMost?: number): Promise<string[]> {
  const lines: string[] = [];
  for await (const line of readLines(input, atMost)) lines.push(line);
  return lines;
}

test('lines are put together from chunks, whatever their ends', async () => {
  expect(await linesOf(chunks('one\ntw', 'o\r', '\nthree'))).toEqual(['one', 'two', 'three']);
});

test('a character split between chunks stays whole, and what is no UTF-8 is shown as such', async () => {
  const bytes = Buffer.from('é日\n');
  expect(
    await linesOf(
      chunks(bytes.subarray(0, 1), bytes.subarray(1, 4), bytes.subarray(4), Buffer.from([0xff, 0x61, 0xe6])),
    ),
  ).toEqual(['é日', '�a�']);
});

test('a line over the bound is cut there, and the next one is read as usual', async () => {
  expect(await linesOf(chunks('x'.repeat(40), 'x'.repeat(40), '\nnext\n'), 50)).toEqual(['x'.repeat(50), 'next']);
});

test('a line that never ends is not kept', async () => {
  let given = 0;
  async function* endless(): AsyncGenerator<Uint8Array> {
    const chunk = Buffer.alloc(1_000_000, 'x');
    for (; given < 100; given += 1) yield chunk;
  }
  const before = process.memoryUsage().heapUsed;
  expect((await linesOf(endless())).map((line) => line.length)).toEqual([200_000]);
  expect(given).toBe(100);
  expect(process.memoryUsage().heapUsed - before).toBeLessThan(50_000_000);
});
