// The tables: the log, and what stands beside it. drizzle-kit makes the migrations in this folder from them;
// the triggers that keep `event` and `output` append-only are in 0001_append_only.sql.
import { sql } from 'drizzle-orm';
import { bigint, check, index, integer, pgTable, primaryKey, text, unique } from 'drizzle-orm/pg-core';
import { exactText } from './exact-text.ts';

const count = (name: string) => bigint(name, { mode: 'number' });

/**
 * The truth. `payload` is canonical JSON as text and not jsonb: the hash is over these bytes, which jsonb would reorder and
 * normalise, and jsonb cannot hold `\u0000`, which JSON text can. To query it, cast: `payload::jsonb ->> 'reason'`.
 * `at` is text for the same reason: it stays as it was given (UTC ISO-8601, so that it sorts).
 */
export const event = pgTable(
  'event',
  {
    seq: count('seq').primaryKey(),
    task: count('task').notNull(),
    version: integer('version').notNull(),
    type: text('type').notNull(),
    payload: text('payload').notNull(),
    actor: exactText('actor').notNull(),
    at: exactText('at').notNull(),
    prevHash: text('prev_hash').notNull(),
    hash: text('hash').notNull(),
  },
  (table) => [
    unique('event_task_version').on(table.task, table.version),
    check('event_seq_from_1', sql`${table.seq} >= 1`),
    check('event_task_from_0', sql`${table.task} >= 0`),
    check('event_version_from_1', sql`${table.version} >= 1`),
  ],
);

/** What steps printed, in chunks of whole lines. `bytes` is the UTF-8 length of the text as it was printed. */
export const output = pgTable(
  'output',
  {
    run: text('run').notNull(),
    step: integer('step').notNull(),
    attempt: integer('attempt').notNull(),
    seq: integer('seq').notNull(),
    text: exactText('text').notNull(),
    lines: integer('lines').notNull(),
    bytes: integer('bytes').notNull(),
  },
  (table) => [
    primaryKey({ columns: [table.run, table.step, table.attempt, table.seq] }),
    check('output_seq_from_1', sql`${table.seq} >= 1`),
  ],
);

/** How far each projector has come in the log. */
export const checkpoint = pgTable('checkpoint', {
  projector: text('projector').primaryKey(),
  seq: count('seq').notNull(),
});

/** What a projector has put outside, by a key of its own. */
export const delivery = pgTable(
  'delivery',
  {
    projector: text('projector').notNull(),
    key: exactText('key').notNull(),
    reference: exactText('reference').notNull(),
  },
  (table) => [primaryKey({ columns: [table.projector, table.key] })],
);

/** Keys that an append was made for once, and the task that it made or changed. */
export const once = pgTable('once', {
  key: exactText('key').primaryKey(),
  task: count('task').notNull(),
});

/** How often each work has been led; the newest leader holds the highest token, and only that one may write. */
export const leadership = pgTable('leadership', {
  name: exactText('name').primaryKey(),
  token: count('token').notNull(),
});

/**
 * The states of which few tasks are at a time, among a hundred thousand that have ended: core's `endedStatuses`, as SQL. It is
 * written out here, for a partial index serves a query only that repeats its condition word for word.
 */
export const isOpen = sql`state not in ('succeeded', 'failed', 'cancelled', 'unknown', 'refused', 'rejected', 'expired')`;

/** The read table for status and history: one row a task, derived from the log. */
export const task = pgTable(
  'task',
  {
    task: count('task').primaryKey(),
    state: text('state').notNull(),
    request: exactText('request').notNull(),
    conversation: exactText('conversation').notNull(),
    requester: exactText('requester').notNull(),
    receivedAt: text('received_at').notNull(),
    updatedAt: text('updated_at').notNull(),
    costMicroUsd: count('cost_micro_usd').notNull(),
    summary: exactText('summary').notNull(),
  },
  (table) => [
    index('task_open').on(table.task).where(isOpen),
    // Without it PostgreSQL may go through all that a conversation ever had: PGlite gathers no statistics that tell it better.
    index('task_open_by_conversation').on(table.conversation, table.task).where(isOpen),
    index('task_by_state').on(table.state, table.task),
    index('task_by_conversation').on(table.conversation, table.task),
  ],
);

/** Secret inputs of live tasks, sealed with a key that the database never sees. */
export const secret = pgTable('secret', {
  reference: exactText('reference').primaryKey(),
  task: count('task').notNull(),
  sealed: text('sealed').notNull(),
});
