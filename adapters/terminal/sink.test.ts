import { Writable } from 'node:stream';
import { expect, test } from 'vitest';
import { makeSink } from './sink.ts';

/** A reader that takes nothing until it is told to. */
function stalledReader() {
  const taken: string[] = [];
  let goOn: (() => void) | null = null;
  let open = false;
  const output = new Writable({
    highWaterMark: 1_000,
    write: (chunk: Buffer, _encoding, done) => {
      taken.push(chunk.toString());
      if (open) done();
      else goOn = () => done();
    },
  });
  const resume = (): void => {
    open = true;
    goOn?.();
  };
  return { output, taken, resume };
}
const unexpected = (error: Error): void => {
  throw error;
};

test('what is written arrives in order', async () => {
  const { output, taken, resume } = stalledReader();
  resume();
  const sink = makeSink(output, unexpected);
  await sink.write('a');
  sink.offer('p', 'b');
  await sink.write('c');
  await sink.flush();
  expect(taken.join('')).toBe('abc');
});

test('before a stalled reader only the newest progress is kept, and every result', async () => {
  const { output, taken, resume } = stalledReader();
  const sink = makeSink(output, unexpected);
  await sink.write('x'.repeat(2_000));
  for (let index = 0; index < 1_000; index += 1) sink.offer('#1', `progress ${index}\n`);
  void sink.write('result\n');
  resume();
  await sink.flush();
  expect(taken.slice(1).join('')).toBe('progress 999\nresult\n');
});

test('a stalled reader holds back who writes, and what is held is let go in order', async () => {
  const { output, taken, resume } = stalledReader();
  const sink = makeSink(output, unexpected);
  let written = 0;
  const writer = (async () => {
    for (let index = 0; index < 50; index += 1) {
      await sink.write(`${String(index).padStart(2, '0')}${'y'.repeat(99_998)}`);
      written += 1;
    }
  })();
  await new Promise((resolve) => setImmediate(resolve));
  expect(written).toBeLessThan(15);
  sink.offer('#1', 'progress that nobody will miss');
  resume();
  await writer;
  await sink.flush();
  expect(taken.filter((text) => text !== '').map((text) => text.slice(0, 2))).toEqual(
    Array.from({ length: 50 }, (_, index) => String(index).padStart(2, '0')),
  );
});

test('a reader that went away is no fault: writing goes on into nothing', async () => {
  const output = new Writable({
    write: (_chunk, _encoding, done) => done(Object.assign(new Error('gone'), { code: 'EPIPE' })),
  });
  const sink = makeSink(output, unexpected);
  for (let index = 0; index < 100; index += 1) await sink.write('y'.repeat(100_000));
  sink.offer('#1', 'progress');
  await sink.flush();
  expect(output.writableLength).toBeLessThanOrEqual(100_000);
});

test('a disk that is full is told of once', async () => {
  const faults: string[] = [];
  const output = new Writable({
    write: (_chunk, _encoding, done) => done(Object.assign(new Error('no space'), { code: 'ENOSPC' })),
  });
  const sink = makeSink(output, (error) => faults.push(error.message));
  await sink.write('a');
  await sink.write('b');
  await sink.flush();
  await expect.poll(() => faults).toEqual(['no space']);
});
