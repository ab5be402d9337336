// A task's whole output, read no faster than it is taken.
import { expect, it } from 'vitest';
import { toActorId, toPlanHash, toRunId, toTaskId } from '../core/ids.ts';
import type { EventLog, OutputChunk, OutputStore } from '../core/ports/event-log.ts';
import { attemptsOf, streamOutput } from './stream-log.ts';

const [first, second] = ['1', '2'].map((digit) => toRunId(`00000000-0000-4000-8000-00000000000${digit}`));
if (first === undefined || second === undefined) throw new Error('no runs');

it('comes a page at a time: no page is read before the one before it was taken', async () => {
  const pages: number[] = [];
  const store: Pick<OutputStore, 'readOutput'> = {
    readOutput: async (run, step, attempt, after, limit) => {
      pages.push(after);
      const left = Math.min(limit, 120 - after);
      return Array.from(
        { length: left },
        (_, index): OutputChunk => ({
          run,
          step,
          attempt,
          seq: after + index + 1,
          text: `${after + index + 1}\n`,
          lines: 1,
        }),
      );
    },
  };
  const taken: string[] = [];
  for await (const text of streamOutput(store, { run: first, step: 1, attempt: 1 })) {
    taken.push(text);
    expect(pages.length).toBe(Math.ceil(taken.length / 10));
  }
  expect(taken.join('')).toBe(Array.from({ length: 120 }, (_, index) => `${index + 1}\n`).join(''));
});

it('is of every attempt in every run, or of those of one step', async () => {
  const granted = (run: typeof first, step: number, attempt: number, version: number) => ({
    ...{
      seq: version,
      task: toTaskId(1),
      version,
      actor: toActorId('system:dispatcher'),
      at: '',
      prevHash: '',
      hash: '',
    },
    event: {
      ...{ type: 'attempt.granted' as const, run, step, attempt, token: version },
      planHash: toPlanHash('a'.repeat(64)),
    },
  });
  const all = [granted(first, 1, 1, 1), granted(second, 1, 1, 2), granted(second, 1, 2, 3), granted(second, 2, 1, 4)];
  const log: Pick<EventLog, 'readTask'> = { readTask: async () => all };
  const names = async (step: number | null) =>
    (await attemptsOf(log, toTaskId(1), step)).map(({ run, step: of, attempt }) => [
      run === first ? 1 : 2,
      of,
      attempt,
    ]);
  expect(await names(null)).toEqual([
    [1, 1, 1],
    [2, 1, 1],
    [2, 1, 2],
    [2, 2, 1],
  ]);
  expect(await names(2)).toEqual([[2, 2, 1]]);
});
