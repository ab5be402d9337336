// Somebody has the broker's password and writes whatever they like into every queue. Nothing runs, nothing is recorded, a run that is
// under way is not disturbed, and the log says what was tried.
import { randomUUID } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { z } from 'zod';
import { toIdentity } from '../../core/contracts/identity.ts';
import { newKeyPair, signed, toPrivateKey } from '../../core/contracts/signature.ts';
import { readLog } from '../services/bot-log.ts';
import type { Desk } from '../services/desk.ts';
import { openDesk } from '../services/desk.ts';
import { expectInvariants } from '../services/invariants.ts';
import type { Lab } from '../services/lab.ts';
import { openLab } from '../services/lab.ts';
import { until } from '../services/until.ts';
import type { WireTap } from '../services/wire-tap.ts';
import { openWireTap } from '../services/wire-tap.ts';

const commands = 'agent.ansible.normal';
const { privateKey: anotherKey } = newKeyPair();
const objectSchema = z.record(z.string(), z.unknown());

let lab: Lab;
let desk: Desk;
let tap: WireTap;
beforeEach(async () => {
  lab = await openLab();
  desk = openDesk(lab);
  tap = await openWireTap(lab.env.RABBITMQ_URL ?? '');
  await lab.bot().shows(/Ask for a change/);
});
afterEach(async () => {
  await tap.close();
  await lab.dispose();
});

const kindsOf = async (home: string) =>
  (await readLog(lab, home)).flatMap(({ kind }) => (kind === undefined ? [] : [kind]));
const putAside = async (from: string) => (await tap.read('chiffon.dead')).filter((each) => each.from === from);

/** Everything that is in the queue now has been answered. */
const isEmpty = async (queue: string) => until(async () => (await tap.read(queue)).length === 0, { everyMs: 200 });

async function seenIn(home: string, kind: string, times: number): Promise<void> {
  let kinds: readonly string[] = [];
  await until(
    async () => {
      kinds = await kindsOf(home);
      return kinds.filter((each) => each === kind).length >= times;
    },
    { what: () => `${kind}, ${times} times in the log of ${home} (${kinds.join(' ')})` },
  );
}

it('a command that is forged, altered, expired, moved or repeated starts nothing', async () => {
  const task = await desk.order('leave mark');
  await desk.sees(task, 'attempt.granted');
  const [real] = await until(async () => {
    const found = await tap.read(commands);
    return found.length > 0 ? found : undefined;
  });
  const command = objectSchema.parse(real?.message);
  const coreKey = toPrivateKey(await readFile(join(lab.folder, 'core-signing.key'), 'utf8'));
  const unsigned = (({ signature: _, ...rest }) => rest)(command);
  const fresh = () => ({ ...unsigned, id: randomUUID(), token: 99, run: randomUUID() });

  const nas = await lab.agent('nas');
  expect(await desk.ends(task)).toBe('task.succeeded');
  const refused: readonly unknown[] = [
    signed(fresh(), anotherKey),
    { ...command, commit: 'f'.repeat(40) },
    { ...command, token: 2 },
    fresh(),
    signed({ ...fresh(), sender: 'nas' }, coreKey),
    signed({ ...fresh(), to: 'pool:desktop' }, coreKey),
    signed({ ...fresh(), protocol: 2 }, coreKey),
    'no JSON at all',
    { type: 'step.start' },
    null,
  ];
  for (const each of refused) await tap.write(commands, each);
  await tap.write(commands, signed({ ...fresh(), expiresAt: '2026-01-01T00:00:00.000Z' }, coreKey));
  await tap.write(commands, command, 10);
  await isEmpty(commands);
  await until(async () => (await putAside(commands)).length === refused.length, {
    what: () => 'all that was refused among what is put aside',
  });
  await seenIn('agent-nas', 'SIGNATURE_INVALID', 5);
  for (const kind of ['NOT_ENROLLED', 'PROTOCOL_UNKNOWN']) await seenIn('agent-nas', kind, 1);

  // Another agent has never seen the command, and would run it: core does not let it go.
  await nas.kill();
  await lab.agent('pi');
  await tap.write(commands, command, 3);
  await isEmpty(commands);
  const another = await desk.order('mark elsewhere');
  expect(await desk.ends(another)).toBe('task.succeeded');
  expect(await lab.marks()).toEqual(['mark', 'elsewhere']);
  expect((await desk.history(task)).filter(({ type }) => type === 'attempt.claimed')).toHaveLength(1);
  await expectInvariants(lab);
});

it('results, claims, output and cancels of others change nothing of a run that is under way', async () => {
  await lab.agent('nas');
  const identity = join(lab.folder, 'pi.json');
  expect((await lab.program(['agents', 'enroll', 'pi', '--output', identity])).exitCode).toBe(0);
  const pi = toIdentity(JSON.parse(await readFile(identity, 'utf8')));
  const task = await desk.order('hold on');
  await until(async () => (await lab.marks()).includes('wait-begins'));
  const started = (await lab.store.readTask(task)).find(({ event }) => event.type === 'attempt.claimed')?.event;
  if (started?.type !== 'attempt.claimed') throw new Error('it was not claimed');
  const { run, step, attempt, token } = started;
  const about = { task, run, step, attempt, token };
  const cover = () => ({
    ...{ protocol: 1, id: randomUUID(), trace: '0'.repeat(32), sentAt: new Date().toISOString(), expiresAt: null },
    ...{ to: 'core', ...about },
  });
  const result = {
    ...{ outcome: 'succeeded', error: null, recap: {}, changed: {}, notes: [], exitCode: 0, durationMs: 1 },
    output: { sha256: '', lines: 0, bytes: 0 },
  };
  const finished = { type: 'attempt.finished', instance: randomUUID(), result, chunks: 0, resent: 0 };
  const claimed = { type: 'attempt.claimed', pool: 'ansible', instance: randomUUID() };
  const output = { type: 'attempt.output', chunks: [{ seq: 1, text: 'a lie\n', lines: 1 }] };

  const forged: readonly unknown[] = [
    signed({ ...cover(), ...finished, sender: 'nas' }, anotherKey),
    signed({ ...cover(), ...finished, sender: 'mallory' }, anotherKey),
    { ...cover(), ...finished, sender: 'nas' },
    'no JSON at all',
    { type: 'core.mark' },
  ];
  for (const each of forged) await tap.write('core.events', each);
  // Those of an agent that is enrolled, for an attempt that is another's.
  for (const speech of [finished, claimed, output])
    await tap.write('core.events', signed({ ...cover(), ...speech, sender: 'pi' }, pi.privateKey));
  await tap.write('agent-control.nas', {
    ...cover(),
    type: 'step.cancel',
    reason: 'x',
    sender: 'core',
    to: 'agent:nas',
  });
  await until(async () => (await putAside('core.events')).length === forged.length, {
    what: () => 'all forged put aside',
  });
  for (const kind of ['SIGNATURE_INVALID', 'NOT_ENROLLED']) await seenIn('bot', kind, 1);
  await until(async () =>
    (await readLog(lab, 'bot')).some(({ msg }) => /“pi” spoke for .* that another one holds/.test(msg)),
  );
  await seenIn('agent-nas', 'SIGNATURE_INVALID', 1);

  expect((await lab.program(['agents', 'revoke', 'pi'])).exitCode).toBe(0);
  await until(async () => {
    await tap.write('core.events', signed({ ...cover(), ...claimed, sender: 'pi' }, pi.privateKey));
    return (await putAside('core.events')).length > forged.length;
  });
  await lab.release();
  expect(await desk.ends(task)).toBe('task.succeeded');
  expect(await lab.marks()).toEqual(['wait-begins', 'wait-ends']);
  const text = (await lab.store.readOutput(run, step, attempt, 0, 100)).map((chunk) => chunk.text).join('');
  expect(text).not.toContain('a lie');
  expect(text).toContain('PLAY RECAP');
  await expectInvariants(lab, { beginMark: 'wait-begins' });
});
