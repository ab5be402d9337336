// Everything of `Store` that is a question to the database, on any backend.
import type { Backend, StoreCalls } from './backend.ts';
import { makeEventLog } from './event-log.ts';
import { makeOutputStore } from './output-store.ts';
import { makeProjectorStore } from './projector-store.ts';
import { makeSealedStore } from './sealed-store.ts';
import type { SecretBox } from './secret-box.ts';
import { makeSecretStore } from './secret-store.ts';
import { makeTaskTable } from './task-table.ts';

export function makeStoreCalls(backend: Backend, secrets: SecretBox): StoreCalls {
  return {
    ...makeEventLog(backend),
    ...makeOutputStore(backend),
    ...makeProjectorStore(backend),
    ...makeTaskTable(backend),
    ...makeSecretStore(backend, secrets),
    ...makeSealedStore(backend, secrets),
  };
}
