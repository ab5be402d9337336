// Messages at their worst: more that must be put aside than there is room for, commands that an agent has forgotten, and a commit
// that is not the approved one, sent in core's name.
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { execa } from 'execa';
import { afterEach, expect, it } from 'vitest';
import { z } from 'zod';
import { openJournal } from '../../agents/runtime/journal.ts';
import { envelopeOf } from '../../core/contracts/envelope.ts';
import { signed, toPrivateKey } from '../../core/contracts/signature.ts';
import { toRunId } from '../../core/ids.ts';
import type { Queue } from '../../core/ports/bus.ts';
import { git } from '../e2e/program.ts';
import { readLog } from '../services/bot-log.ts';
import type { Desk } from '../services/desk.ts';
import { openDesk } from '../services/desk.ts';
import { expectInvariants } from '../services/invariants.ts';
import type { Lab, LabOptions } from '../services/lab.ts';
import { openLab } from '../services/lab.ts';
import { beginTalk, expectWholeTalk, finishTalk, talkPlaybook } from '../services/talk.ts';
import { until } from '../services/until.ts';
import type { WireTap } from '../services/wire-tap.ts';
import { openWireTap } from '../services/wire-tap.ts';
import { ownBroker } from '../setup/rabbitmq.ts';

const commands = 'agent.ansible.normal';
const cleanups: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const cleanUp of cleanups.splice(0).toReversed()) await cleanUp();
});

async function open(options: LabOptions = {}): Promise<{ lab: Lab; desk: Desk; tap: WireTap }> {
  const lab = await openLab(options);
  cleanups.push(lab.dispose);
  const tap = await openWireTap(lab.env.RABBITMQ_URL ?? '');
  cleanups.push(tap.close);
  return { lab, tap, desk: openDesk(lab) };
}

it('more is put aside than there is room for: nobody’s messages are lost, and in the end nothing of it either', async () => {
  const broker = await ownBroker();
  cleanups.push(broker.drop);
  // How soon the broker tries again to put aside what found no room; by itself after three minutes.
  await broker.rabbitmqctl('eval', 'application:set_env(rabbit, dead_letter_worker_publisher_confirm_timeout, 500).');
  const narrow = { pattern: '^chiffon[.]dead$', 'apply-to': 'queues', definition: { 'max-length': 3 } };
  await broker.manage('PUT', 'policies/{vhost}/narrow', narrow);
  const { lab, desk, tap } = await open({ rabbitmqUrl: broker.url, files: talkPlaybook });
  await Promise.all([
    lab.bot().shows(/Ask for a change/),
    lab.agent('nas', { env: { CHIFFON_AGENT_CONCURRENCY: '2' } }),
  ]);
  const queues: readonly Queue[] = ['core.events', commands, 'agent-control.nas'];
  const poison = queues.flatMap((queue) =>
    Array.from({ length: 15 }, (_, at) => ({ queue, message: `${queue} ${at}` })),
  );

  const task = await beginTalk(lab, desk);
  for (const { queue, message } of poison) await tap.write(queue, message);
  await until(async () => (await tap.read('chiffon.dead')).length >= 3, { everyMs: 200 });
  await finishTalk(lab);
  await expectWholeTalk(lab, desk, task);
  for (let time = 0; time < 3; time += 1) {
    const next = await desk.order('leave mark');
    expect(await desk.ends(next)).toBe('task.succeeded');
  }
  expect(await lab.marks()).toEqual(['talk-begins', 'talk-waits', 'talk-ends', 'mark', 'mark', 'mark']);
  expect((await tap.read('chiffon.dead')).length).toBeLessThan(poison.length / 2);

  await broker.manage('DELETE', 'policies/{vhost}/narrow');
  const wanted = new Set(poison.map(({ message }) => message));
  let found = new Set<unknown>();
  await until(
    async () => {
      found = new Set((await tap.read('chiffon.dead')).map(({ message }) => message));
      return found.size >= wanted.size;
    },
    { everyMs: 300, what: () => `${wanted.size} put aside (${found.size})` },
  );
  expect(found).toEqual(wanted);
  await expectInvariants(lab, { beginMark: 'talk-begins' });
});

it('a command that comes again when the agent has long forgotten it does not run', async () => {
  const { lab, desk, tap } = await open();
  await lab.bot().shows(/Ask for a change/);
  const task = await desk.order('leave mark');
  const [real] = await until(async () => {
    const lying = await tap.read(commands);
    return lying.length > 0 ? lying : undefined;
  });
  const first = await lab.agent('nas');
  expect(await desk.ends(task)).toBe('task.succeeded');
  await until(async () => (await lab.journal()).some((line) => lineSchema.parse(line).type === 'settled'));
  first.signal('SIGTERM');
  await first.ended;

  const journal = await openJournal(join(lab.folder, 'agent-nas', 'agent'));
  const [entry] = journal.entries();
  if (entry === undefined) throw new Error('the journal is empty');
  // The journal keeps the newest 500 of those that are over.
  for (let attempt = 0; attempt < 500; attempt += 1) {
    const about = { ...entry.about, run: toRunId(crypto.randomUUID()) };
    await journal.claim(about, entry.instance, new Date(Date.now() + 1_000_000 + attempt).toISOString());
    await journal.settled(`${about.run}.${about.token}`);
  }
  await journal.close();

  await lab.agent('nas');
  expect(JSON.stringify(await lab.journal())).not.toContain(entry.about.run);
  await tap.write(commands, real?.message, 10);
  const next = await desk.order('mark elsewhere');
  expect(await desk.ends(next)).toBe('task.succeeded');
  expect(await lab.marks()).toEqual(['mark', 'elsewhere']);
  // The agent itself knows, and asks core for nothing.
  const told = (await readLog(lab, 'agent-nas')).filter(({ msg }) => /may have been here before/.test(msg));
  expect(told).toHaveLength(10);
  await until(async () => (await tap.read('chiffon.dead')).length === 10, { everyMs: 100 });
  expect((await desk.history(task)).at(-1)).toMatchObject({ type: 'task.succeeded' });
  await expectInvariants(lab);
});

it('another commit than the approved one, signed with core’s own key, is not run', async () => {
  const { lab, desk, tap } = await open();
  // It stands still with the commit in its hands, so that the forger is the first.
  const bot = lab.bot({ fault: { at: 'publish', when: 'before', type: 'commit.pack', signal: 'SIGSTOP' } });
  await lab.agent('nas');
  const task = await desk.order('leave mark');
  await bot.stopped();
  const granted = (await desk.history(task)).find((event) => event.type === 'attempt.granted');
  if (granted?.type !== 'attempt.granted') throw new Error('it was not granted');
  const { run, step, attempt, token } = granted;
  const approved = (await git(lab.repository, 'rev-parse', 'HEAD')).trim();
  const other = await otherCommit(lab);
  const coreKey = toPrivateKey(await readFile(join(lab.folder, 'core-signing.key'), 'utf8'));
  const core = { name: 'core', clock: { now: () => new Date() }, newId: () => crypto.randomUUID() };
  const send = async (commit: string) => {
    const envelope = envelopeOf(core, 'agent:nas', { task, run, step, attempt, token }, { lifetimeMs: 60_000 });
    const pack = { type: 'commit.pack', commit, part: 1, parts: 1, failure: null, data: other.pack.toString('base64') };
    await tap.write('agent-control.nas', signed({ ...envelope, ...pack }, coreKey));
  };
  await send(other.commit);
  await send(approved);
  await until(
    async () => (await lab.journal()).some((line) => lineSchema.parse(line).event?.type === 'attempt.refused'),
    { what: () => 'the agent’s refusal' },
  );
  bot.signal('SIGCONT');
  expect(await desk.ends(task)).toBe('task.failed');
  expect((await desk.history(task)).at(-1)).toMatchObject({
    kind: 'PACK_REFUSED',
    reason: expect.stringContaining('Nothing was done'),
  });
  expect(await lab.marks()).toEqual([]);

  // Neither commit stays: the next run gets the right one.
  const next = await desk.order('leave mark');
  expect(await desk.ends(next)).toBe('task.succeeded');
  expect(await lab.marks()).toEqual(['mark']);
  await expectInvariants(lab);
});

const lineSchema = z.looseObject({ type: z.string(), event: z.looseObject({ type: z.string() }).optional() });

/** A commit upon the approved one, which nobody has approved, and its pack. */
async function otherCommit(lab: Lab): Promise<{ readonly commit: string; readonly pack: Buffer }> {
  const folder = join(lab.folder, 'other');
  await git(lab.folder, 'clone', '-q', lab.repository, folder);
  await execa('sed', ['-i', 's/echo mark /echo evil /', join(folder, 'leave-mark.yml')]);
  await git(folder, 'commit', '-qam', 'Another one');
  const commit = (await git(folder, 'rev-parse', 'HEAD')).trim();
  const { stdout } = await execa('git', ['-C', folder, 'pack-objects', '--revs', '--stdout', '-q'], {
    input: `${commit}^!\n`,
    encoding: 'buffer',
  });
  return { commit, pack: Buffer.from(stdout) };
}
