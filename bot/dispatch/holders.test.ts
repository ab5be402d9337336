import { afterEach, expect, it, vi } from 'vitest';
import type { AgentMessage } from '../../core/contracts/messages.ts';
import { toActorId, toConversationId, toRunId, toTaskId } from '../../core/ids.ts';
import type { EventLog } from '../../core/ports/event-log.ts';
import type { TaskCommand } from '../../core/task/command.ts';
import { decide } from '../../core/task/decide.ts';
import type { StoredEvent, TaskEvent } from '../../core/task/event.ts';
import { evolve } from '../../core/task/evolve.ts';
import { emptyTask, planningBasis } from '../../core/task/state.ts';
import { aPlan, aPolicy } from '../../test/builders/plan.ts';
import { makeHolders } from './holders.ts';

afterEach(() => void vi.useRealTimers());

const task = toTaskId(1);
const run = toRunId('00000000-0000-4000-8000-000000000001');
const now = '2026-01-01T12:00:00.000Z';
const person = { id: toActorId('terminal:local'), name: 'local', roles: [] };
const about = { task, run, step: 1, attempt: 1, token: 1 };
const word = (sender: string, change: Partial<typeof about> = {}): AgentMessage => ({
  ...{
    type: 'attempt.heartbeat',
    protocol: 1,
    id: 'x',
    trace: '0'.repeat(32),
    sentAt: now,
    expiresAt: null,
    to: 'core',
  },
  ...{ ...about, ...change, sender },
});

/** A task whose attempt is out, as a log of its own. */
function aLog() {
  const events: TaskEvent[] = [];
  let state = emptyTask(task);
  let reads = 0;
  const act = (command: TaskCommand): void => {
    const decision = decide(state, command);
    if (decision.type === 'refusal') throw new Error(decision.message);
    events.push(...decision.events);
    state = decision.events.reduce(evolve, state);
  };
  act({
    ...{ type: 'receive', conversation: toConversationId('terminal:local'), requester: person.id },
    ...{ request: 'deploy grafana', messageId: 'm' },
  });
  act({ type: 'propose', basis: planningBasis(state), plan: aPlan(), policy: aPolicy() });
  act({ type: 'approve', person, policy: aPolicy(), on: {}, now });
  if (state.proposal === null) throw new Error('no plan');
  act({ type: 'start-run', run, planHash: state.proposal.planHash, now });
  const log: Pick<EventLog, 'readTask'> = {
    readTask: async () => {
      reads += 1;
      return events.map((event, at) => ({ event, seq: at + 1 }) as StoredEvent);
    },
  };
  const claim = (agent: string) => act({ type: 'attempt-claimed', run, token: 1, speaker: { agent, instance: 'one' } });
  return { log, act, claim, reads: () => reads };
}

it('the holder is looked up once, and asked again after a while: the attempt may have been given up', async () => {
  vi.useFakeTimers({ toFake: ['performance'] });
  const { log, act, claim, reads } = aLog();
  claim('nas');
  const holders = makeHolders(log);
  for (let times = 0; times < 10; times += 1) expect(await holders.holds(word('nas'))).toBe(true);
  expect(await holders.holds(word('other'))).toBe(false);
  expect(reads()).toBe(1);
  act({
    ...{ type: 'attempt-finished', run, token: 1, speaker: null },
    result: {
      ...{ outcome: 'unknown', error: null, recap: {}, changed: {}, notes: [], exitCode: null, durationMs: 0 },
      output: { sha256: '', lines: 0, bytes: 0 },
    },
  });
  vi.advanceTimersByTime(4_900);
  expect(await holders.holds(word('nas'))).toBe(true);
  vi.advanceTimersByTime(200);
  expect(await holders.holds(word('nas'))).toBe(false);
  expect(reads()).toBe(2);
});

it('what is forgotten is looked up at once; a token that is not the live one is nobody’s', async () => {
  const { log, claim } = aLog();
  const holders = makeHolders(log);
  claim('nas');
  expect(await holders.holds(word('nas', { token: 2 }))).toBe(false);
  expect(await holders.holds(word('nas'))).toBe(true);
  holders.forget(about);
  expect(await holders.holds(word('nas'))).toBe(true);
});

it('a sender is told at most every ten seconds that an attempt is not its own; another one is told, too', () => {
  vi.useFakeTimers({ toFake: ['performance'] });
  const holders = makeHolders(aLog().log);
  expect(holders.isTimeToSaySo(word('nas'))).toBe(true);
  expect(holders.isTimeToSaySo(word('nas'))).toBe(false);
  expect(holders.isTimeToSaySo(word('other'))).toBe(true);
  vi.advanceTimersByTime(9_900);
  expect(holders.isTimeToSaySo(word('nas'))).toBe(false);
  vi.advanceTimersByTime(200);
  expect(holders.isTimeToSaySo(word('nas'))).toBe(true);
});
