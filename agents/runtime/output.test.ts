import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Chunk } from '../../core/contracts/messages.ts';
import { makeRedactor } from '../../core/redaction/redactor.ts';
import { makeOutput } from './output.ts';

async function through(pieces: readonly Uint8Array[], values: readonly string[] = []) {
  const chunks: Chunk[] = [];
  const output = makeOutput({
    redactor: makeRedactor({ values }),
    send: async (chunk) => {
      chunks.push(chunk);
    },
  });
  for (const piece of pieces) await output.write(piece);
  const end = await output.end();
  return { chunks, end, text: chunks.map(({ text }) => text).join('') };
}

const text = (...parts: string[]) => through(parts.map((part) => Buffer.from(part)));

describe('an attempt’s output', () => {
  it('comes in numbered chunks of whole lines, with a digest over exactly what they hold', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.oneof(fc.string({ unit: 'binary' }), fc.constant('\n'), fc.constant('x'.repeat(70_000)))),
        async (parts) => {
          const { chunks, end, text: whole } = await text(...parts);
          expect(chunks.map(({ seq }) => seq)).toEqual(chunks.map((_, index) => index + 1));
          for (const chunk of chunks) {
            expect(chunk.text.endsWith('\n')).toBe(true);
            expect(chunk.lines).toBe(chunk.text.split('\n').length - 1);
            expect(chunk.text.isWellFormed()).toBe(true);
          }
          expect(end).toEqual({
            sha256: createHash('sha256').update(whole).digest('hex'),
            lines: chunks.reduce((sum, { lines }) => sum + lines, 0),
            bytes: Buffer.byteLength(whole),
            chunks: chunks.length,
          });
        },
      ),
      { numRuns: 25 },
    );
  });

  it('keeps chunks near 64 kB, whatever comes', async () => {
    const { chunks } = await text(`${'y'.repeat(999)}\n`.repeat(1_000), 'z'.repeat(300_000));
    expect(Math.max(...chunks.map((chunk) => Buffer.byteLength(chunk.text)))).toBeLessThanOrEqual(2 * 64 * 1024);
  });

  it('cuts an endless line, with a mark, and never in a character', async () => {
    const { text: whole } = await text('😀'.repeat(50_000));
    expect(whole.split('\n').every((line) => Buffer.byteLength(line) <= 64 * 1024)).toBe(true);
    expect(whole.replaceAll(' [cut: the line goes on]\n', '')).toBe(`${'😀'.repeat(50_000)}\n`);
  });

  it('is plain: no colours, no titles, no cursor tricks, no bells, no text that runs backwards', async () => {
    const { text: whole } = await text(
      '\x1b[31mred\x1b[0m \x1b]0;title\x07t \x1b[2K\x1b(Bx\x07\x00 a\x1b',
      '[1mb\x9b1mc \u202eevil\u202c\r\nprogress 1\rprogress 2\n',
    );
    expect(whole).toBe('red t x ab' + 'c evil\nprogress 1\nprogress 2\n');
  });

  it('replaces what is not UTF-8, and puts characters together that come in two pieces', async () => {
    const euro = Buffer.from('€');
    const { text: whole } = await through([euro.subarray(0, 1), euro.subarray(1), Buffer.from([0xff, 0x0a])]);
    expect(whole).toBe('€\ufffd\n');
  });

  it('hides a secret even when colours stand in the middle of it', async () => {
    const { text: whole } = await through(
      [Buffer.from('hunter2\x1b[0m-hun'), Buffer.from('ter2\n')],
      ['hunter2-hunter2'],
    );
    expect(whole).toBe('[redacted]\n');
  });

  it('shows the first line at once and does not wait for the end', async () => {
    const chunks: Chunk[] = [];
    const output = makeOutput({
      redactor: makeRedactor({ values: [] }),
      send: async (chunk) => {
        chunks.push(chunk);
      },
    });
    await output.write(Buffer.from('first\nsecond'));
    expect(chunks.map((chunk) => chunk.text)).toEqual(['first\n']);
    await output.end();
  });

  it('lets its writer wait when more than eight chunks are on their way', async () => {
    const gate = Promise.withResolvers<void>();
    let sent = 0;
    const output = makeOutput({
      redactor: makeRedactor({ values: [] }),
      send: async () => {
        sent += 1;
        await gate.promise;
      },
    });
    const line = Buffer.from(`${'x'.repeat(65_000)}\n`.repeat(2));
    let written = 0;
    const writing = (async () => {
      for (let count = 0; count < 30; count += 1) {
        await output.write(line);
        written += 1;
      }
    })();
    await new Promise((resolve) => setImmediate(resolve));
    expect(written).toBeLessThan(10);
    expect(sent).toBeLessThan(12);
    gate.resolve();
    await writing;
    expect((await output.end()).lines).toBe(60);
  });

  it('gives the bus’s fault to its writer', async () => {
    const output = makeOutput({
      redactor: makeRedactor({ values: [] }),
      send: () => Promise.reject(new Error('away')),
    });
    await output.write(Buffer.from('one\n'));
    await new Promise((resolve) => setImmediate(resolve));
    await expect(output.write(Buffer.from('two\n'))).rejects.toThrow('away');
  });
});
