// The bot's own store is away, or full, when something is said: who would be told of a fault by a chat that hands it over again would
// be told of one that never was.
import { afterEach, beforeEach, expect, it } from 'vitest';
import { makeSubmit } from '../../bot/submit.ts';
import type { ErrorName } from '../../core/error.ts';
import { ChiffonError } from '../../core/error.ts';
import type { Store } from '../../core/ports/event-log.ts';
import { replay } from '../../core/task/evolve.ts';
import { aPolicy } from '../builders/plan.ts';
import { openDesk } from './desk.ts';
import type { Life, Stage } from './stage.ts';
import { now, openStage } from './stage.ts';

let stage: Stage;
beforeEach(async () => {
  stage = await openStage();
});
afterEach(() => stage.close());

const policy = aPolicy();
const message = { content: { type: 'text', text: 'deploy grafana' }, messageId: 'the-same' } as const;

function having(change: Partial<Store>): Life {
  const store = { ...stage.store, ...change };
  return { ...stage, store, submit: makeSubmit({ log: store, clock: { now: () => new Date(now) } }) };
}

const failing = (kind: ErrorName): Life =>
  having({ nextTask: () => Promise.reject(new ChiffonError(kind, 'It is away.')) });

it.each(['DATABASE_FAILED', 'DISK_FULL'] as const)(
  '%s: a chat that tries again gets the fault, and the person nothing',
  async (kind) => {
    const { send, answers } = openDesk(failing(kind), policy, { handsOverAgain: true });
    await expect(send(message)).rejects.toMatchObject({ kind });
    expect(answers).toEqual([]);
    expect(await stage.store.readAfter(0, 10)).toEqual([]);
  },
);

it.each(['DATABASE_FAILED', 'DISK_FULL'] as const)('%s: where nothing comes again the person is told', async (kind) => {
  const { send, answers } = openDesk(failing(kind), policy);
  expect(await send(message)).toEqual({ task: null, refused: true });
  expect(answers).toMatchObject([{ type: 'refusal', code: new ChiffonError(kind, '').code }]);
});

it('any other fault is told everywhere: it would come again and again', async () => {
  const { send, answers } = openDesk(failing('INTERNAL'), policy, { handsOverAgain: true });
  expect(await send(message)).toEqual({ task: null, refused: true });
  expect(answers).toMatchObject([{ type: 'refusal', code: 'CHF-999' }]);
});

it('an approval that was stored by a store which could not say so is done, and nobody hears of a fault', async () => {
  const { task } = await stage.approved(['nas']);
  await stage.act(task, { type: 'withdraw-approval', person: stage.person, on: {} });
  const append: Store['append'] = async (request) => {
    await stage.store.append(request);
    throw new ChiffonError('DATABASE_FAILED', 'The connection was lost.');
  };
  const said = { content: { type: 'text', text: 'approve' }, messageId: 'yes' } as const;
  const first = openDesk(having({ append }), policy, { handsOverAgain: true });
  await expect(first.send(said)).rejects.toMatchObject({ kind: 'DATABASE_FAILED' });
  const log = await stage.store.readAfter(0, 100);
  expect(replay(task, await stage.store.readTask(task)).status).toBe('approved');
  const next = openDesk(await stage.nextLife(), policy, { handsOverAgain: true });
  expect(await next.send(said)).toEqual({ task, refused: false });
  expect([...first.answers, ...next.answers]).toEqual([]);
  expect(await stage.store.readAfter(0, 100)).toEqual(log);
});
