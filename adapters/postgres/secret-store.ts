// Secret inputs of live tasks: sealed before they reach the database, deleted when their task ends.
import { eq } from 'drizzle-orm';
import type { SecretStore } from '../../core/ports/event-log.ts';
import { secret } from '../../drizzle/schema.ts';
import type { Backend } from './backend.ts';
import type { SecretBox } from './secret-box.ts';

export function makeSecretStore(backend: Backend, box: SecretBox): SecretStore {
  return {
    putSecret: async (task, reference, value) => {
      const sealed = box.seal(value, reference);
      await backend.write(async (database) => {
        await database
          .insert(secret)
          .values({ reference, task, sealed })
          .onConflictDoUpdate({ target: secret.reference, set: { task, sealed } });
      });
    },
    secret: async (reference) => {
      const [row] = await backend.read(
        async (database) =>
          await database.select({ sealed: secret.sealed }).from(secret).where(eq(secret.reference, reference)),
      );
      return row === undefined ? undefined : box.open(row.sealed, reference);
    },
    forgetSecrets: (task) =>
      backend.write(async (database) => {
        await database.delete(secret).where(eq(secret.task, task));
      }),
  };
}
