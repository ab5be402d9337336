// How far each projector has come, and what it has put outside.
import { and, eq, sql } from 'drizzle-orm';
import type { ProjectorStore } from '../../core/ports/event-log.ts';
import { toColumn } from '../../drizzle/exact-text.ts';
import { checkpoint, delivery } from '../../drizzle/schema.ts';
import type { Backend } from './backend.ts';
import { fencedChange } from './fence.ts';

export function makeProjectorStore(backend: Backend): ProjectorStore {
  return {
    checkpoint: (projector) =>
      backend.read(async (database) => {
        const [row] = await database.select().from(checkpoint).where(eq(checkpoint.projector, projector));
        return row?.seq ?? 0;
      }),
    saveCheckpoint: (projector, seq, fence) =>
      backend.write((database) =>
        fencedChange(
          database,
          fence,
          (allowed) => sql`insert into checkpoint (projector, seq) select ${projector}, ${seq}::bigint from ${allowed}
            on conflict (projector) do update set seq = excluded.seq`,
          // One that a crash of the database takes back makes its projector handle events again, as it may have to anyway.
          { derived: true },
        ),
      ),
    delivered: (projector, key) =>
      backend.read(async (database) => {
        const [row] = await database
          .select({ reference: delivery.reference })
          .from(delivery)
          .where(and(eq(delivery.projector, projector), eq(delivery.key, key)));
        return row?.reference;
      }),
    saveDelivered: (projector, key, reference, fence) =>
      backend.write((database) =>
        fencedChange(
          database,
          fence,
          (allowed) => sql`insert into delivery (projector, key, reference)
            select ${projector}, ${toColumn(key)}, ${toColumn(reference)} from ${allowed}
            on conflict (projector, key) do update set reference = excluded.reference`,
        ),
      ),
  };
}
