// `node test/faults/rounds.ts --rounds 1000 [--lanes 4] [--minutes 50] [--seed 1]`: tasks, one after another in several labs at once,
// each of which loses its bot, its agent or its wire at a random moment. Every task has to end, once, with its playbook run once.
import { randomBytes, randomInt } from 'node:crypto';
import { parseArgs } from 'node:util';
import pg from 'pg';
import type { LabOptions } from '../services/lab.ts';
import { startPostgres } from '../setup/postgres-server.ts';
import { openVhost } from '../setup/rabbitmq.ts';
import { startRabbit } from '../setup/rabbitmq-server.ts';
import type { Lane, Round } from './rounds-lane.ts';
import { openLane } from './rounds-lane.ts';

export type Summary = {
  readonly seed: number;
  readonly rounds: number;
  readonly survived: number;
  readonly lost: number;
  readonly violations: readonly string[];
  readonly ends: Readonly<Record<string, number>>;
  readonly faults: Readonly<Record<string, number>>;
  readonly verified: number;
  readonly alive: readonly string[];
  readonly secondsARound: number;
  readonly minutes: number;
};

export type RoundsOptions = {
  readonly rounds: number;
  readonly lanes: number;
  readonly seed: number;
  /** No round begins after this. */
  readonly minutes?: number;
  /** Servers for a lane's lab; the test run's own without it. */
  readonly lane?: () => Promise<LabOptions>;
  readonly say?: (line: string) => void;
};

const verifyEvery = 50;

export async function runRounds(options: RoundsOptions): Promise<Summary> {
  const { rounds, seed, minutes = 600, lane: servers = async () => ({}), say = () => {} } = options;
  const began = performance.now();
  const done: Round[] = [];
  const violations: string[] = [];
  const alive: string[] = [];
  let begun = 0;
  let verified = 0;

  const verify = async (lane: Lane, number: number): Promise<void> => {
    await lane.verify().then(
      () => {
        verified += 1;
      },
      (error: unknown) =>
        void violations.push(`lane ${number}: ${error instanceof Error ? error.message : String(error)}`),
    );
  };
  const live = async (number: number): Promise<void> => {
    const lane = await openLane(await servers());
    const random = mulberry32(seed + number);
    const inTime = () => performance.now() - began < minutes * 60_000;
    for (let own = 1; begun < rounds && inTime(); own += 1) {
      begun += 1;
      const round = await lane.round(random);
      done.push(round);
      violations.push(...round.violations);
      const what = `${round.fault} at ${Math.round(round.atMs)} ms: ${round.end ?? 'LOST'}, ${Math.round(round.ms)} ms`;
      say(`${done.length} lane ${number}: ${what}${round.violations.map((why) => `  VIOLATION ${why}`).join('')}`);
      if (own % verifyEvery === 0) await verify(lane, number);
    }
    await verify(lane, number);
    alive.push(...(await lane.end()));
  };
  const lived = await Promise.allSettled(Array.from({ length: options.lanes }, (_, number) => live(number)));
  for (const each of lived) if (each.status === 'rejected') violations.push(`a lane broke: ${each.reason}`);

  const tookMs = performance.now() - began;
  const lost = done.filter(({ end }) => end === undefined).length;
  return {
    ...{ seed, rounds: done.length, lost, violations, verified, alive },
    survived: done.filter(({ end, violations: against }) => end !== undefined && against.length === 0).length,
    ends: count(done.map(({ end }) => end ?? 'lost')),
    faults: count(done.map(({ fault }) => fault)),
    secondsARound: Number((tookMs / 1_000 / Math.max(1, done.length)).toFixed(2)),
    minutes: Number((tookMs / 60_000).toFixed(1)),
  };
}

function count(names: readonly string[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const name of names.toSorted()) counts[name] = (counts[name] ?? 0) + 1;
  return counts;
}

/** A small generator of known numbers: the same seed hurts at the same moments. */
function mulberry32(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

async function main(): Promise<number> {
  const { values } = parseArgs({
    options: {
      rounds: { type: 'string', default: '100' },
      lanes: { type: 'string', default: '4' },
      minutes: { type: 'string', default: '50' },
      seed: { type: 'string', default: String(randomInt(2 ** 31)) },
    },
  });
  const say = (line: string): void => void process.stdout.write(`${line}\n`);
  say(`seed ${values.seed}`);
  const [postgres, rabbit] = await Promise.all([startPostgres(), startRabbit()]);
  const lane = async (): Promise<LabOptions> => {
    const name = `rounds_${randomBytes(4).toString('hex')}`;
    const client = new pg.Client({ connectionString: postgres.url });
    await client.connect();
    await client.query(`CREATE DATABASE "${name}"`);
    await client.end();
    const url = new URL(postgres.url);
    url.pathname = `/${name}`;
    const vhost = await openVhost({ ...rabbit, prefix: 'rounds' });
    return { databaseUrl: url.href, rabbitmqUrl: vhost.url };
  };
  try {
    const summary = await runRounds({
      ...{ rounds: Number(values.rounds), lanes: Number(values.lanes), seed: Number(values.seed), lane, say },
      minutes: Number(values.minutes),
    });
    say(JSON.stringify(summary, null, 2));
    return summary.survived === summary.rounds && summary.violations.length + summary.alive.length === 0 ? 0 : 1;
  } finally {
    await Promise.all([postgres.stop(), rabbit.end()]);
  }
}

if (import.meta.main) process.exitCode = await main();
