// What must start nothing: forged, altered, expired, replayed, misaddressed and alien commands.
import { randomUUID } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, expect, it } from 'vitest';
import { sealSecrets } from '../../core/contracts/sealed-secrets.ts';
import { newKeyPair, signed } from '../../core/contracts/signature.ts';
import { scriptedExecutor } from '../../test/fakes/scripted-executor.ts';
import type { Stage } from '../../test/fakes/stage.ts';
import { aFolder, closeStages, eventually, openStage } from '../../test/fakes/stage.ts';

afterEach(closeStages);

const queue = 'agent.ansible.normal';

/** Sends these, and then a right one: when that one is done the others have been handled. */
async function afterThese(stage: Stage, messages: readonly unknown[]): Promise<void> {
  for (const message of messages) await stage.bus.publish(queue, message);
  const right = stage.anOrder();
  await stage.start(right);
  await stage.lastWord(right);
  expect(new Set(stage.told.map(({ run }) => run))).toEqual(new Set([right.run]));
}

it('puts aside a command that somebody else signed, or nobody', async () => {
  const executor = scriptedExecutor();
  const stage = await openStage(executor);
  const bad = [signed(stage.anOrder(), newKeyPair().privateKey), stage.anOrder(), { ...stage.anOrder(), signature: 7 }];
  await afterThese(stage, bad);
  expect(executor.orders).toHaveLength(1);
  expect(stage.bus.putAside(queue)).toEqual(bad);
});

it('puts aside a command of which any field was changed, added or taken away', async () => {
  const executor = scriptedExecutor();
  const stage = await openStage(executor);
  const right: Record<string, unknown> = signed(stage.anOrder(), stage.core.signingKey);
  const bad = Object.keys(right).flatMap((field) => {
    const { [field]: value, ...rest } = right;
    const changed = typeof value === 'string' ? `${value}0` : typeof value === 'number' ? value + 1 : {};
    return [rest, { ...right, [field]: changed }];
  });
  await afterThese(stage, [...bad, { ...right, more: 1 }]);
  expect(executor.orders).toHaveLength(1);
  expect(stage.bus.putAside(queue)).toHaveLength(bad.length + 1);
});

it('puts aside what is for another pool, for one agent alone, from an agent, in another protocol, or no command', async () => {
  const executor = scriptedExecutor();
  const stage = await openStage(executor);
  const bad = [
    { to: 'pool:desktop' },
    { to: 'agent:two' },
    { to: 'core' },
    { sender: 'one' },
    { protocol: 2 },
    { type: 'step.cancel' },
    { type: 'step.begin' },
  ].map((change) => signed({ ...stage.anOrder(), ...change }, stage.core.signingKey));
  await afterThese(stage, [...bad, 'no message at all', null]);
  expect(executor.orders).toHaveLength(1);
  expect(stage.bus.putAside(queue)).toHaveLength(bad.length + 2);
});

it('refuses an expired command, and says by which clock: it is no poison', async () => {
  const executor = scriptedExecutor();
  const stage = await openStage(executor);
  const late = stage.anOrder({ expiresAt: '2026-01-01T12:00:00.000Z' });
  await stage.start(late);
  const word = await stage.lastWord(late);
  expect(word).toMatchObject({ type: 'attempt.refused', kind: 'EXPIRED' });
  expect(word).toHaveProperty(
    'reason',
    expect.stringMatching(/was good until 2026-01-01T12:00:00.000Z.*clock says 2026/),
  );
  expect(executor.orders).toEqual([]);
  expect(stage.bus.putAside(queue)).toEqual([]);
});

it('puts aside a command without an end, and one from a time of which the journal has forgotten attempts', async () => {
  const folder = await aFolder();
  await writeFile(join(folder, 'attempts.jsonl'), '{"type":"forgotten","expiresAt":"2026-01-01T12:30:00.000Z"}\n');
  const executor = scriptedExecutor();
  const stage = await openStage(executor, { folder });
  const bad = [
    stage.anOrder({ expiresAt: null }),
    stage.anOrder({ expiresAt: '2026-01-01T12:29:00.000Z' }),
    stage.anOrder({ expiresAt: '2026-01-01T12:30:00.000Z' }),
  ].map((order) => signed(order, stage.core.signingKey));
  await afterThese(stage, bad);
  expect(executor.orders).toHaveLength(1);
  expect(stage.bus.putAside(queue)).toEqual(bad);
});

it('answers a command that comes again with what became of it, and starts nothing', async () => {
  const executor = scriptedExecutor();
  const stage = await openStage(executor);
  const order = stage.anOrder();
  await stage.start(order);
  const last = await stage.lastWord(order);
  for (let copy = 0; copy < 10; copy += 1) await stage.start(order);
  const words = () => stage.told.filter(({ type }) => type === 'attempt.finished');
  await eventually(() => words().length === 11);
  expect(words().every((word) => JSON.stringify(word) === JSON.stringify(last))).toBe(true);
  expect(executor.orders).toHaveLength(1);
});

it('refuses secrets that are sealed with another key, or for another message', async () => {
  const executor = scriptedExecutor();
  const stage = await openStage(executor);
  const id = randomUUID();
  const sealed = [
    sealSecrets({ ref: 'hunter2' }, Buffer.alloc(32, 1), id),
    sealSecrets({ ref: 'hunter2' }, stage.core.identity.poolKey, 'another'),
    '',
    'not sealed at all',
  ];
  for (const each of sealed) {
    const order = stage.anOrder({ id, sealed: each });
    await stage.start(order);
    expect(await stage.lastWord(order)).toMatchObject({ type: 'attempt.refused', kind: 'SECRET_UNREADABLE' });
  }
  expect(executor.orders).toEqual([]);
});

it('heeds no word on its own queue that core did not sign', async () => {
  const executor = scriptedExecutor({ run: (_report, _order, stopped) => stopped });
  const stage = await openStage(executor);
  const order = stage.anOrder();
  await stage.start(order);
  await eventually(() => executor.running() === 1);
  const { plan: _plan, planHash: _hash, commit: _commit, sealed: _sealed, ...about } = order;
  const cancel = { ...about, type: 'step.cancel' as const, to: 'agent:one', reason: 'forged' };
  await stage.bus.publish('agent-control.one', signed(cancel, newKeyPair().privateKey));
  await stage.bus.publish('agent-control.one', signed({ ...cancel, to: 'agent:two' }, stage.core.signingKey));
  await eventually(() => stage.bus.putAside('agent-control.one').length === 2);
  expect(executor.running()).toBe(1);
  await stage.core.cancel(order);
  await stage.lastWord(order);
});
