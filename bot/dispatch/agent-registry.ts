// Which agents are enrolled, and the key of each, as the log says.
import type { KeyObject } from 'node:crypto';
import { toPublicKey } from '../../core/contracts/signature.ts';
import { systemTask } from '../../core/ids.ts';
import type { EventLog } from '../../core/ports/event-log.ts';
import type { StoredEvent } from '../../core/task/event.ts';

export type EnrolledAgent = {
  readonly name: string;
  readonly pool: string;
  readonly key: KeyObject;
  /** UTC ISO-8601. */
  readonly since: string;
};

export type AgentRegistry = {
  readonly agent: (name: string) => EnrolledAgent | undefined;
  readonly agents: () => readonly EnrolledAgent[];
  /** Takes in an event of the system's stream; others are ignored. */
  readonly apply: (stored: Pick<StoredEvent, 'seq' | 'event' | 'at'>) => void;
  /** Reads the log again: for a name that is not known yet. */
  readonly refresh: () => Promise<void>;
};

/** `own`: agents of this very process, which need no enrolment. */
export async function openAgentRegistry(
  log: Pick<EventLog, 'readTask'>,
  own: readonly EnrolledAgent[] = [],
): Promise<AgentRegistry> {
  const agents = new Map<string, EnrolledAgent>(own.map((agent) => [agent.name, agent]));
  let known = 0;
  const apply: AgentRegistry['apply'] = ({ seq, event, at }) => {
    // A projector that lags must not bring back an agent whose revocation was read already.
    if (seq <= known) return;
    known = seq;
    if (event.type === 'agent.enrolled')
      agents.set(event.name, { name: event.name, pool: event.pool, key: toPublicKey(event.publicKey), since: at });
    else if (event.type === 'agent.revoked') agents.delete(event.name);
  };
  const refresh = async (): Promise<void> => {
    for (const stored of await log.readTask(systemTask, ['agent.enrolled', 'agent.revoked'])) apply(stored);
  };
  await refresh();
  return { agent: (name) => agents.get(name), agents: () => [...agents.values()], apply, refresh };
}
