import { describe, expect, it } from 'vitest';
import type { TaskId } from '../../core/ids.ts';
import { toActorId, toConversationId, toRunId, toTaskId } from '../../core/ids.ts';
import type { TaskCommand } from '../../core/task/command.ts';
import { decide } from '../../core/task/decide.ts';
import type { StoredEvent } from '../../core/task/event.ts';
import { replay } from '../../core/task/evolve.ts';
import { planningBasis } from '../../core/task/state.ts';
import { aPlan, aPolicy, aStep } from '../../test/builders/plan.ts';
import { makeContenders, readStanding } from './contenders.ts';

const person = { id: toActorId('terminal:local'), name: 'local', roles: [] };
const now = '2026-01-01T00:00:00.000Z';
const run = toRunId('00000000-0000-4000-8000-000000000001');

/** A log with its tasks, and what reads it. */
function openLog() {
  const log: StoredEvent[] = [];
  let reads = 0;
  const of = (task: TaskId) => log.filter((stored) => stored.task === task);
  const state = (task: TaskId) => replay(task, of(task));
  const act = (task: TaskId, command: TaskCommand): void => {
    const decision = decide(state(task), command);
    if (decision.type === 'refusal') throw new Error(decision.message);
    for (const event of decision.events) log.push({ task, event, seq: log.length + 1 } as StoredEvent);
  };
  const propose = (task: TaskId, revision = 1): void =>
    act(task, {
      ...{ type: 'propose', basis: planningBasis(state(task)), policy: aPolicy() },
      plan: aPlan({ task, revision, steps: [aStep({ hosts: [`host-${task}`] })] }),
    });
  const approve = (task: TaskId): void => act(task, { type: 'approve', person, policy: aPolicy(), on: {}, now });
  return {
    reader: {
      readTask: async (task: TaskId) => {
        reads += 1;
        return of(task);
      },
    },
    ...{ log, act, state, propose, approve },
    reads: () => reads,
    approved: (number: number): TaskId => {
      const task = toTaskId(number);
      act(task, {
        ...{ type: 'receive', conversation: toConversationId('terminal:local'), requester: person.id },
        ...{ request: 'deploy grafana', messageId: `m${number}` },
      });
      propose(task);
      approve(task);
      return task;
    },
    withdraw: (task: TaskId): void => {
      const planHash = state(task).proposal?.planHash;
      if (planHash === undefined) throw new Error('no plan');
      act(task, { type: 'withdraw', planHash, reason: 'moved' });
    },
  };
}

describe('contenders', () => {
  it('are those that were approved and have not ended, as the log has them right now', async () => {
    const { reader, log, approved, withdraw, act, state } = openLog();
    const contenders = makeContenders(reader);
    const [first, second, third] = [approved(1), approved(2), approved(3)];
    const planHash = state(first).proposal?.planHash;
    if (planHash === undefined) throw new Error('no plan');
    act(first, { type: 'start-run', run, planHash, now });
    for (const stored of log) contenders.note(stored);
    // Not noted yet, and true all the same.
    withdraw(second);
    expect((await contenders.all()).map(({ task, begun }) => [task, begun])).toEqual([
      [first, true],
      [third, false],
    ]);
  });

  it('that are alone read nothing', async () => {
    const { reader, log, approved, reads } = openLog();
    const contenders = makeContenders(reader);
    const task = approved(1);
    for (const stored of log) contenders.note(stored);
    const own = await readStanding(reader, task);
    expect(await contenders.all(own)).toMatchObject([{ task, approvedAt: log.length }]);
    expect(reads()).toBe(1);
  });

  it('found at a take-over are not forgotten over what ended an earlier approval of theirs', async () => {
    const { reader, log, approved, withdraw, propose, approve } = openLog();
    const task = approved(1);
    withdraw(task);
    propose(task, 2);
    approve(task);
    const contenders = makeContenders(reader);
    contenders.found(await readStanding(reader, task));
    contenders.isWhole(log.length);
    for (const stored of log) contenders.note(stored);
    expect(await contenders.all()).toMatchObject([{ task, approvedAt: log.length }]);
    withdraw(task);
    contenders.note(log.at(-1) as StoredEvent);
    expect(await contenders.all()).toEqual([]);
  });
});
