import { Writable } from 'node:stream';
import { expect, test } from 'vitest';
import { makePainter } from './painter.ts';

/** A terminal that takes nothing until it is told to, and what was put above the prompt. */
function stalledTerminal() {
  let goOn: (() => void) | null = null;
  let open = false;
  const output = new Writable({
    highWaterMark: 1,
    write: (_chunk, _encoding, done) => {
      if (open) done();
      else goOn = () => done();
    },
  });
  const above: string[] = [];
  let drawings = 0;
  const screen = {
    draw: (_frame: unknown, lines: readonly string[] = []) => {
      drawings += 1;
      above.push(...lines);
      output.write('drawing');
    },
    clear: () => {},
    wipe: () => {},
  };
  const painter = makePainter({
    output,
    screen,
    frame: () => ({ rows: [], cursor: { row: 0, column: 0 } }),
    moving: () => false,
  });
  const resume = (): void => {
    open = true;
    goOn?.();
  };
  return { painter, above, drawings: () => drawings, resume };
}

test('a stalled terminal is not drawn to, holds back who prints, and loses nothing', async () => {
  const { painter, above, drawings, resume } = stalledTerminal();
  const lines = Array.from({ length: 12 }, (_, card) =>
    Array.from({ length: 1_000 }, (_line, index) => `${card}.${index}`),
  );
  let printed = 0;
  const printing = (async () => {
    for (const card of lines) {
      await painter.print(card);
      printed += 1;
    }
  })();
  await expect.poll(() => drawings()).toBe(1);
  for (let turn = 0; turn < 20; turn += 1) {
    painter.soon();
    await new Promise((resolve) => setImmediate(resolve));
  }
  expect(drawings()).toBe(1);
  expect(printed).toBeLessThan(12);
  resume();
  await printing;
  await expect.poll(() => above).toEqual(lines.flat());
  painter.stop();
});

test('many changes in one turn are one drawing; the last one is drawn at the end', async () => {
  const { painter, above, drawings, resume } = stalledTerminal();
  resume();
  for (let index = 0; index < 100; index += 1) painter.soon();
  await expect.poll(() => drawings()).toBe(1);
  void painter.print(['goodbye']);
  painter.finish();
  expect(above).toEqual(['goodbye']);
  await painter.print(['too late']);
  expect(above).toEqual(['goodbye']);
});
