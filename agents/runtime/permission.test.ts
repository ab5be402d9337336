import { randomUUID } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, expect, it, vi } from 'vitest';
import { makeMemoryBus } from '../../adapters/memory-bus/memory-bus.ts';
import { envelopeOf } from '../../core/contracts/envelope.ts';
import type { AgentMessage } from '../../core/contracts/messages.ts';
import { toRunId, toTaskId } from '../../core/ids.ts';
import { coreSide } from '../../test/fakes/core-side.ts';
import { scriptedExecutor } from '../../test/fakes/scripted-executor.ts';
import { aFolder, closeStages, eventually, now, openStage } from '../../test/fakes/stage.ts';
import { askPermission } from './permission.ts';

const disposals: (() => void)[] = [];
afterEach(async () => {
  vi.restoreAllMocks();
  for (const dispose of disposals.splice(0)) dispose();
  await closeStages();
});

const about = { task: toTaskId(1), run: toRunId(randomUUID()), step: 1, attempt: 1, token: 1 };
const start = Date.UTC(2026, 0, 1);

function ask(limits = { againMs: 60_000, validMs: 20_000 }) {
  let wallMs = start;
  let steadyMs = 1_000;
  vi.spyOn(performance, 'now').mockImplementation(() => steadyMs);
  const clock = { now: () => new Date(wallMs) };
  const { identity } = coreSide(makeMemoryBus());
  const speaker = { name: 'one', clock, newId: randomUUID };
  const said: AgentMessage[] = [];
  const ending = new AbortController();
  const permission = askPermission(
    {
      ...{ identity, instance: 'life', clock },
      voice: { envelope: (of) => envelopeOf(speaker, 'core', of), say: async () => {} },
    },
    { mention: (message) => void said.push(message) },
    { about, expiresAt: new Date(start + 3_600_000).toISOString(), signal: ending.signal },
    limits,
  );
  disposals.push(permission.end);
  const envelope = envelopeOf({ ...speaker, name: 'core' }, 'agent:one', about);
  return {
    ...{ permission, said, ending },
    pass: (by: { readonly wallMs?: number; readonly steadyMs?: number }) => {
      wallMs += by.wallMs ?? 0;
      steadyMs += by.steadyMs ?? 0;
    },
    go: (claim = said.at(-1)?.id ?? '') => permission.heard({ type: 'step.go', ...envelope, claim }),
  };
}

it('is given by the answer to the claim, and to no other', () => {
  const { permission, go } = ask();
  go('another');
  expect(permission.holds()).toBe(false);
  go();
  expect(permission.holds()).toBe(true);
  go('another');
  expect(permission.holds()).toBe(true);
});

it.each([
  ['the wall clock jumped ahead', { wallMs: 20_000 }],
  ['the wall clock jumped back', { wallMs: -20_000 }],
  ['time passed that the wall clock does not show', { steadyMs: 20_000 }],
])('is not given by an answer to an old claim: %s', (_name, by) => {
  const { permission, pass, go } = ask();
  pass(by);
  go();
  expect(permission.holds()).toBe(false);
});

it.each([
  ['the wall clock jumped ahead', { wallMs: 20_000 }],
  ['the wall clock jumped back', { wallMs: -20_000 }],
  ['the agent was held up', { steadyMs: 20_000 }],
])('is lost again when it is not used in time: %s', (_name, by) => {
  const { permission, pass, go } = ask();
  go();
  pass({ wallMs: 19_000, steadyMs: 19_000 });
  expect(permission.holds()).toBe(true);
  pass({ wallMs: -19_000, steadyMs: -19_000 });
  pass(by);
  expect(permission.holds()).toBe(false);
});

it('is asked for again while a preparation takes long, and is fresh in the end', async () => {
  const { permission, pass, go, said } = ask({ againMs: 1, validMs: 20_000 });
  go();
  pass({ steadyMs: 30_000, wallMs: 30_000 });
  expect(permission.holds()).toBe(false);
  const count = said.length;
  await eventually(() => said.length > count);
  const given = permission.given();
  go();
  await given;
  expect(permission.holds()).toBe(true);
});

it('ends with the attempt', async () => {
  const { permission, ending } = ask();
  const given = permission.given();
  ending.abort(new Error('stopped'));
  await expect(given).rejects.toThrow('stopped');
  await expect(permission.given()).rejects.toThrow('stopped');
});

it('refuses when the agent was held up between core’s word and the start', async () => {
  const folder = await aFolder();
  const journal = join(folder, 'attempts.jsonl');
  // The machine stands still for a minute while the start is being written down.
  const heldUp = () => existsSync(journal) && readFileSync(journal, 'utf8').includes('"started"');
  const executor = scriptedExecutor();
  const clock = { now: () => new Date(now.getTime() + (heldUp() ? 60_000 : 0)) };
  const stage = await openStage(executor, { folder, clock });
  const order = stage.anOrder();
  await stage.start(order);
  expect(await stage.lastWord(order)).toMatchObject({
    type: 'attempt.refused',
    kind: 'NOT_STARTED',
    reason: expect.stringContaining('held up'),
  });
  expect([executor.started(), executor.discarded()]).toEqual([0, 1]);
});
