// What a data folder's database holds, for when no program is running on it.
import { openStore } from '../../adapters/postgres/open-store.ts';
import type { StoredEvent } from '../../core/task/event.ts';

export type Stored = {
  readonly events: readonly StoredEvent[];
  readonly of: (task: number) => readonly StoredEvent['event'][];
  /** What the steps of a task printed, in order. */
  readonly output: (task: number) => string;
};

/** The log, and the output of every attempt that ended. */
export async function readStored(dataFolder: string): Promise<Stored> {
  const none = { databaseUrl: undefined, databaseMigrationUrl: undefined, secretKey: undefined };
  const store = await openStore({ ...none, dataFolder });
  try {
    const events = await store.readAfter(0, 10_000);
    const output = new Map<number, string>();
    for (const { task, event } of events) {
      if (event.type !== 'attempt.finished') continue;
      const chunks = await store.readOutput(event.run, event.step, event.attempt, 0, 100_000);
      output.set(task, `${output.get(task) ?? ''}${chunks.map(({ text }) => text).join('')}`);
    }
    return {
      events,
      of: (wanted) => events.filter(({ task }) => task === wanted).map(({ event }) => event),
      output: (task) => output.get(task) ?? '',
    };
  } finally {
    await store.close();
  }
}
