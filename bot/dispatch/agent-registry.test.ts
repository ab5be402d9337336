import { expect, it } from 'vitest';
import { newKeyPair, publicKeyText } from '../../core/contracts/signature.ts';
import type { EventLog } from '../../core/ports/event-log.ts';
import type { StoredEvent, TaskEvent } from '../../core/task/event.ts';
import { openAgentRegistry } from './agent-registry.ts';

const at = '2026-01-01T12:00:00.000Z';
const enrolled = (name: string, pool = 'ansible'): TaskEvent => ({
  ...{ type: 'agent.enrolled', name, pool, publicKey: publicKeyText(newKeyPair().publicKey) },
});
const revoked = (name: string): TaskEvent => ({ type: 'agent.revoked', name, reason: '' });

function aLog(...events: TaskEvent[]) {
  const stored = () => events.map((event, index) => ({ event, at, seq: index + 1 }) as StoredEvent);
  const log: Pick<EventLog, 'readTask'> = { readTask: async () => stored() };
  return { log, stored, add: (event: TaskEvent) => events.push(event) };
}

it('an agent is known from its enrolment to its revocation, with the pool and key of the last one', async () => {
  const { log, add } = aLog(enrolled('nas'), enrolled('old'), revoked('old'), enrolled('nas', 'docker'));
  const registry = await openAgentRegistry(log);
  expect(registry.agents()).toMatchObject([{ name: 'nas', pool: 'docker', since: at }]);
  add(enrolled('old'));
  expect(registry.agent('old')).toBeUndefined();
  await registry.refresh();
  expect(registry.agent('old')).toMatchObject({ pool: 'ansible' });
});

it('events that come late, or twice, bring nobody back', async () => {
  const { log, stored, add } = aLog(enrolled('nas'), enrolled('second'));
  const registry = await openAgentRegistry(log);
  add(revoked('nas'));
  await registry.refresh();
  for (const event of stored().slice(0, 2)) registry.apply(event);
  expect(registry.agents().map(({ name }) => name)).toEqual(['second']);
});

it('agents of this very process need no enrolment', async () => {
  const { publicKey } = newKeyPair();
  const own = { name: 'embedded', pool: 'ansible', key: publicKey, since: at };
  const registry = await openAgentRegistry(aLog().log, [own]);
  await registry.refresh();
  expect(registry.agent('embedded')).toBe(own);
});
