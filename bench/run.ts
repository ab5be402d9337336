// `npm run bench [-- names] [--json]`: runs the benchmarks one after the other, prints their figures, keeps them in bench/results/.
import { mkdir, writeFile } from 'node:fs/promises';
import { cpus, totalmem } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { brokerRecovery } from './broker-recovery.ts';
import { bus } from './bus.ts';
import { cancel } from './cancel.ts';
import { card } from './card.ts';
import { discord } from './discord.ts';
import { dispatch } from './dispatch.ts';
import { eventLatency } from './event-latency.ts';
import type { Bench, Figure } from './figure.ts';
import { manyLines } from './many-lines.ts';
import { matrix } from './matrix.ts';
import { memory } from './memory.ts';
import { runOverhead } from './run-overhead.ts';
import { secondStart } from './second-start.ts';
import { stalled } from './stalled.ts';
import { storeAppends } from './store-appends.ts';
import { storeIngest } from './store-ingest.ts';
import { takeover } from './takeover.ts';

const benches: readonly Bench[] = [
  card,
  secondStart,
  eventLatency,
  runOverhead,
  manyLines,
  cancel,
  storeAppends,
  storeIngest,
  bus,
  dispatch,
  takeover,
  brokerRecovery,
  memory,
  stalled,
  discord,
  matrix,
];

const { values, positionals } = parseArgs({
  options: { json: { type: 'boolean', default: false }, help: { type: 'boolean', default: false } },
  allowPositionals: true,
});
const unknown = positionals.filter((name) => !benches.some((bench) => bench.name === name));

if (values.help || unknown.length > 0) {
  if (unknown.length > 0) process.stderr.write(`There is no benchmark ${unknown.join(', ')}.\n`);
  process.stdout.write(
    `npm run bench [-- name ...] [--json]\n\n${benches.map((bench) => `  ${bench.name.padEnd(15)} ${bench.what}`).join('\n')}\n`,
  );
  process.exitCode = unknown.length > 0 ? 2 : 0;
} else {
  const results: Record<string, readonly Figure[]> = {};
  for (const bench of benches.filter(({ name }) => positionals.length === 0 || positionals.includes(name))) {
    process.stderr.write(`${bench.name}: ${bench.what} ...\n`);
    const figures = await bench.run().catch((error: unknown): readonly Figure[] => {
      // What the others measured is not thrown away.
      process.stderr.write(`${error instanceof Error ? error.stack : String(error)}\n`);
      process.exitCode = 1;
      return [];
    });
    results[bench.name] = figures;
    for (const one of figures)
      process.stdout.write(values.json ? `${JSON.stringify({ bench: bench.name, ...one })}\n` : `${line(one)}\n`);
  }
  const folder = join(import.meta.dirname, 'results');
  const at = new Date().toISOString();
  await mkdir(folder, { recursive: true });
  const machine = { cores: cpus().length, memoryGb: Math.round(totalmem() / 2 ** 30), node: process.version };
  await writeFile(
    join(folder, `${at.slice(0, 19).replaceAll(':', '-')}.json`),
    `${JSON.stringify({ at, machine, results }, null, 2)}\n`,
  );
}

function line(one: Figure): string {
  const beside = one.baseline === null ? '' : `, beside ${one.baseline} ${one.unit} (${one.against}): ${one.ratio}x`;
  return `  ${one.holds ? 'holds' : 'MISSES'}  ${one.name}: ${one.measured} ${one.unit}${beside}; goal ${one.goal}`;
}
