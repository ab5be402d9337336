// What a projector keeps that nobody else may read: beside what it put outside, sealed before it reaches the database.
import { and, eq, sql } from 'drizzle-orm';
import type { SealedStore } from '../../core/ports/event-log.ts';
import { toColumn } from '../../drizzle/exact-text.ts';
import { delivery } from '../../drizzle/schema.ts';
import type { Backend } from './backend.ts';
import { fencedFault, standing } from './fence.ts';
import type { SecretBox } from './secret-box.ts';

/** Kept apart from what is delivered, under names that no projector has. */
const ownerOf = (projector: string): string => `sealed:${projector}`;
/** No row is deleted here: the program's own role on a server may not. */
const gone = '';
/** A statement takes some 65,000 parameters, three of them for a row. */
const rowsAtOnce = 5_000;

export function makeSealedStore(backend: Backend, box: SecretBox): SealedStore {
  return {
    sealed: async (projector, prefix) => {
      const owner = ownerOf(projector);
      const rows = await backend.read(
        async (database) =>
          await database
            .select({ key: delivery.key, sealed: delivery.reference })
            .from(delivery)
            .where(and(eq(delivery.projector, owner), sql`starts_with(${delivery.key}, ${toColumn(prefix)})`)),
      );
      const there = rows.filter(({ sealed }) => sealed !== gone);
      return new Map(there.map(({ key, sealed }) => [key, box.open(sealed, `${owner} ${key}`)]));
    },
    saveSealed: async (projector, changes, fence) => {
      const owner = ownerOf(projector);
      const rows = [...changes].map(([key, value]) => ({
        ...{ projector: owner, key },
        reference: value === null ? gone : box.seal(value, `${owner} ${key}`),
      }));
      await backend.write(
        (database) =>
          database.transaction(async (transaction) => {
            if (fence !== undefined && !(await standing(transaction, [fence]))(fence)) throw fencedFault(fence);
            for (let at = 0; at < rows.length; at += rowsAtOnce)
              await transaction
                .insert(delivery)
                .values(rows.slice(at, at + rowsAtOnce))
                .onConflictDoUpdate({
                  target: [delivery.projector, delivery.key],
                  set: { reference: sql`excluded.reference` },
                });
          }),
        rows.reduce((bytes, { reference }) => bytes + reference.length, 0),
      );
    },
  };
}
