// How far each projector has come, and what it has put outside.
import { and, eq } from 'drizzle-orm';
import type { ProjectorStore } from '../../core/ports/event-log.ts';
import { checkpoint, delivery } from '../../drizzle/schema.ts';
import type { Backend } from './backend.ts';
import { fenced } from './fence.ts';

export function makeProjectorStore(backend: Backend): ProjectorStore {
  return {
    checkpoint: (projector) =>
      backend.read(async (database) => {
        const [row] = await database.select().from(checkpoint).where(eq(checkpoint.projector, projector));
        return row?.seq ?? 0;
      }),
    saveCheckpoint: (projector, seq, fence) =>
      backend.write((database) =>
        fenced(database, fence, async (open) => {
          await open
            .insert(checkpoint)
            .values({ projector, seq })
            .onConflictDoUpdate({ target: checkpoint.projector, set: { seq } });
        }),
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
        fenced(database, fence, async (open) => {
          await open
            .insert(delivery)
            .values({ projector, key, reference })
            .onConflictDoUpdate({ target: [delivery.projector, delivery.key], set: { reference } });
        }),
      ),
  };
}
