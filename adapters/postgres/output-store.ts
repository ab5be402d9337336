// What steps printed: many rows to a statement, for a playbook may print 100,000 lines in seconds.
import { and, asc, eq, gt, sql } from 'drizzle-orm';
import type { RunId } from '../../core/ids.ts';
import { toRunId } from '../../core/ids.ts';
import type { OutputChunk, OutputStore } from '../../core/ports/event-log.ts';
import { toColumn } from '../../drizzle/exact-text.ts';
import { output } from '../../drizzle/schema.ts';
import type { Backend, Database } from './backend.ts';

const rowsAtMost = 1_000;
const charactersAtMost = 1_000_000;

export function makeOutputStore(backend: Backend): OutputStore {
  return {
    appendOutput: async (chunks) => {
      const [first, ...more] = inBatches(chunks);
      if (first === undefined) return;
      const store = async (database: Database) =>
        more.length === 0
          ? insert(database, first)
          : database.transaction(async (transaction) => {
              for (const batch of [first, ...more]) await insert(transaction, batch);
            });
      await backend.write(
        store,
        chunks.reduce((sum, { text }) => sum + text.length, 0),
      );
    },
    readOutput: (run, step, attempt, after, limit) =>
      backend.read(async (database) => {
        const rows = await database
          .select({ seq: output.seq, text: output.text, lines: output.lines })
          .from(output)
          .where(and(ofAttempt(run, step, attempt), gt(output.seq, after)))
          .orderBy(asc(output.seq))
          .limit(limit);
        return rows.map((row) => ({ run: toRunId(run), step, attempt, ...row }));
      }),
    outputExtent: (run, step, attempt) => backend.read((database) => extent(database, run, step, attempt)),
  };
}

/** One parameter and not seven a row: building and binding those costs more than all else together. */
async function insert(database: Database, chunks: readonly OutputChunk[]): Promise<void> {
  const rows = JSON.stringify(
    chunks.map((chunk) => ({ ...chunk, text: toColumn(chunk.text), bytes: Buffer.byteLength(chunk.text) })),
  );
  await database.execute(sql`
    insert into output (run, step, attempt, seq, text, lines, bytes)
    select * from json_to_recordset(${rows}::json) as chunk
      (run text, step integer, attempt integer, seq integer, text text, lines integer, bytes integer)
    on conflict do nothing`);
}

function inBatches(chunks: readonly OutputChunk[]): OutputChunk[][] {
  const batches: OutputChunk[][] = [];
  let batch: OutputChunk[] = [];
  let characters = 0;
  for (const chunk of chunks) {
    if (batch.length === rowsAtMost || (batch.length > 0 && characters + chunk.text.length > charactersAtMost)) {
      batches.push(batch);
      batch = [];
      characters = 0;
    }
    batch.push(chunk);
    characters += chunk.text.length;
  }
  if (batch.length > 0) batches.push(batch);
  return batches;
}

async function extent(database: Database, run: RunId, step: number, attempt: number) {
  // Chunks are numbered from 1, so one whose rank is its number has no gap before it.
  const rank = sql<number>`row_number() over (order by ${output.seq})`.as('rank');
  const ranked = database
    .select({ seq: output.seq, lines: output.lines, bytes: output.bytes, rank })
    .from(output)
    .where(ofAttempt(run, step, attempt))
    .as('ranked');
  const [sums] = await database
    .select({
      chunks: sql`count(*)`.mapWith(Number),
      lines: sql`coalesce(sum(${ranked.lines}), 0)`.mapWith(Number),
      bytes: sql`coalesce(sum(${ranked.bytes}), 0)`.mapWith(Number),
      contiguous: sql`coalesce(max(${ranked.seq}) filter (where ${ranked.seq} = ${ranked.rank}), 0)`.mapWith(Number),
    })
    .from(ranked);
  return sums ?? { chunks: 0, lines: 0, bytes: 0, contiguous: 0 };
}

function ofAttempt(run: RunId, step: number, attempt: number) {
  return and(eq(output.run, run), eq(output.step, step), eq(output.attempt, attempt));
}
