// Every decision and result into the audit repository, one commit each.
import { auditEntry } from '../../core/audit/audit-entry.ts';
import { systemTask } from '../../core/ids.ts';
import type { EventLog } from '../../core/ports/event-log.ts';
import type { AuditRepository } from '../../core/ports/repository.ts';
import type { StoredEvent } from '../../core/task/event.ts';

export function makeAuditHandler({ store, audit }: { readonly store: EventLog; readonly audit: AuditRepository }) {
  return async (stored: StoredEvent): Promise<void> => {
    if (stored.task === systemTask) return;
    const history = (await store.readTask(stored.task)).filter((other) => other.version <= stored.version);
    const entry = auditEntry(history);
    if (entry !== null) await audit.record(entry);
  };
}
