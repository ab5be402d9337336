// The kill rounds in short: `node test/faults/rounds.ts --rounds 1000` is the long form.
import { randomInt } from 'node:crypto';
import { expect, it } from 'vitest';
import { runRounds } from './rounds.ts';

it('tasks whose bot or agent is killed, held or cut off at a random moment end once, and run once', async () => {
  const seed = randomInt(2 ** 31);
  const summary = await runRounds({ rounds: 8, lanes: 2, seed });
  expect(summary, `seed ${seed}`).toMatchObject({
    rounds: 8,
    survived: 8,
    lost: 0,
    violations: [],
    alive: [],
    verified: 2,
  });
});
