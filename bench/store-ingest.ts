// What the log takes on a server: events and output a second, beside plain batched inserts of the same rows into tables of the
// same shape, with the same indexes, in the same durable database.
import { randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { performance } from 'node:perf_hooks';
import pg from 'pg';
import type { OpenStore } from '../adapters/postgres/open-store.ts';
import { openStore } from '../adapters/postgres/open-store.ts';
import { toActorId, toRunId, toTaskId } from '../core/ids.ts';
import type { OutputChunk } from '../core/ports/event-log.ts';
import { startPostgres } from '../test/setup/postgres-server.ts';
import type { Bench } from './figure.ts';
import { figure, quantile } from './figure.ts';

const rounds = 8;
const eventsARound = 10_000;
const inFlight = 500;
const rowsABatch = 500;
const chunksARound = 4_000;
const chunksABatch = 200;

export const storeIngest: Bench = {
  name: 'ingest',
  what: 'events and output that a server’s log takes a second, beside plain inserts of the same rows',
  run: async () => {
    const folder = await mkdtemp(join(tmpdir(), 'chiffon-bench-'));
    const server = await startPostgres({ durable: true });
    const store = await openStore({ databaseUrl: server.url, dataFolder: folder });
    const client = new pg.Client({ connectionString: server.url });
    try {
      await client.connect();
      await client.query(
        'CREATE TABLE plain_event (LIKE event INCLUDING ALL); CREATE TABLE plain_output (LIKE output INCLUDING ALL)',
      );
      const rates = { events: [] as number[], rows: [] as number[], chunks: [] as number[], outputs: [] as number[] };
      // In turn, so that what else the machine does meets both. The first round only warms up.
      for (let round = 0; round <= rounds; round += 1) {
        const one = {
          events: await rate(eventsARound, () => appendEvents(store, round)),
          rows: await rate(eventsARound, await plainEvents(client, round)),
          chunks: await rate(chunksARound, () => appendChunks(store)),
          outputs: await rate(chunksARound, () => plainChunks(client)),
        };
        if (round === 0) continue;
        for (const name of ['events', 'rows', 'chunks', 'outputs'] as const) rates[name].push(one[name]);
      }
      const [events, rows, chunks, outputs] = [rates.events, rates.rows, rates.chunks, rates.outputs].map((samples) =>
        quantile(samples, 0.5),
      ) as [number, number, number, number];
      return [
        figure({
          name: `events appended one by one, ${inFlight} in flight`,
          unit: 'per second',
          measured: events,
          baseline: rows,
          against: `plain inserts of the same rows, ${rowsABatch} a transaction`,
          goal: '0.8x',
          holds: events / rows >= 0.8,
        }),
        figure({
          name: `output chunks of 25 lines, ${chunksABatch} at once`,
          unit: 'per second',
          measured: chunks,
          baseline: outputs,
          against: 'plain inserts of the same rows',
          goal: 'none set',
          holds: true,
        }),
      ];
    } finally {
      await client.end();
      await store.close();
      await server.stop();
      await rm(folder, { recursive: true, force: true });
    }
  },
};

async function rate(count: number, work: () => Promise<void>): Promise<number> {
  const began = performance.now();
  await work();
  return (count * 1_000) / (performance.now() - began);
}

/** Each caller has a task of its own and waits for one append before it makes the next. */
async function appendEvents(store: OpenStore, round: number): Promise<void> {
  const actor = toActorId('agent:nas-1');
  const run = toRunId(randomUUID());
  const caller = async (_: unknown, index: number) => {
    const task = toTaskId(round * inFlight + index + 1);
    for (let version = 0; version < eventsARound / inFlight; version += 1) {
      const result = await store.append({
        task,
        expectedVersion: version,
        actor,
        at: new Date().toISOString(),
        events: [{ type: 'attempt.started', run, step: 1, attempt: version + 1, token: 7, agent: 'nas-1' }],
      });
      if (result.type !== 'appended') throw new Error(`an append gave ${result.type}`);
    }
  };
  await Promise.all(Array.from({ length: inFlight }, caller));
}

/** The rows that the log has just got, read before the clock starts. */
async function plainEvents(client: pg.Client, round: number): Promise<() => Promise<void>> {
  const { rows } = await client.query<Record<string, unknown>>(
    'SELECT * FROM event WHERE task > $1 AND task <= $2 ORDER BY seq',
    [round * inFlight, (round + 1) * inFlight],
  );
  if (rows.length !== eventsARound) throw new Error(`the log has ${rows.length} rows of this round`);
  return async () => {
    for (let first = 0; first < rows.length; first += rowsABatch)
      await insert(client, 'plain_event', rows.slice(first, first + rowsABatch));
  };
}

function chunksOf(run: OutputChunk['run']): OutputChunk[] {
  const text = 'ok: [web-1] => item number 4711 of a very long play\n'.repeat(25);
  return Array.from({ length: chunksARound }, (_, index) => ({
    run,
    step: 1,
    attempt: 1,
    seq: index + 1,
    text,
    lines: 25,
  }));
}

async function appendChunks(store: OpenStore): Promise<void> {
  const chunks = chunksOf(toRunId(randomUUID()));
  for (let first = 0; first < chunks.length; first += chunksABatch)
    await store.appendOutput(chunks.slice(first, first + chunksABatch));
}

async function plainChunks(client: pg.Client): Promise<void> {
  const chunks = chunksOf(toRunId(randomUUID())).map((chunk) => ({ ...chunk, bytes: chunk.text.length }));
  for (let first = 0; first < chunks.length; first += chunksABatch)
    await insert(client, 'plain_output', chunks.slice(first, first + chunksABatch));
}

/** As most programs do it: one statement with a row of parameters for each row. */
async function insert(client: pg.Client, table: string, rows: readonly object[]): Promise<void> {
  const columns = Object.keys(rows[0] ?? {});
  const places = rows.map((_, row) => `(${columns.map((_column, at) => `$${row * columns.length + at + 1}`).join()})`);
  await client.query({
    text: `INSERT INTO ${table} (${columns.join()}) VALUES ${places.join()}`,
    values: rows.flatMap((row): unknown[] => Object.values(row)),
  });
}
