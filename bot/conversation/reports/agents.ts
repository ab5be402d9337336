// `agents`: who is enrolled for which pool since when, and what each of them holds right now.
import type { ListView } from '../../../core/ports/chat.ts';
import type { Store } from '../../../core/ports/event-log.ts';
import { replay } from '../../../core/task/evolve.ts';
import { liveAttempt } from '../../../core/task/state.ts';
import type { EnrolledAgent } from '../../dispatch/agent-registry.ts';
import { openAgentRegistry } from '../../dispatch/agent-registry.ts';

const rowsAtMost = 20;
const runsAtMost = 1_000;

/** `own`: agents of this very process. */
export async function agentsReport(store: Store, own: readonly EnrolledAgent[]): Promise<ListView> {
  const agents = (await openAgentRegistry(store, own)).agents();
  const held = await heldSteps(store);
  const inside = new Set(own.map(({ name }) => name));
  const rows = agents.map(({ name, pool, since }) => ({
    text: `${name}: pool ${pool}, ${inside.has(name) ? 'inside this process, started' : 'enrolled'} ${day(since)}`,
    aside: held.get(name)?.join('; ') ?? 'holds nothing now',
  }));
  const unclaimed = held.get(null)?.length ?? 0;
  return {
    type: 'list',
    title: 'Agents',
    rows: rows.slice(0, rowsAtMost),
    more: Math.max(0, rows.length - rowsAtMost),
    note: [
      ...(rows.length === 0 ? ['No agent is enrolled: `npm start -- agents enroll <name>`.'] : []),
      ...(unclaimed === 0
        ? []
        : [
            `${unclaimed === 1 ? 'One step waits' : `${unclaimed} steps wait`} for an agent: ${held.get(null)?.join('; ')}.`,
          ]),
    ].join(' '),
  };
}

/** The steps under way, by the agent that holds each; under null those that none has taken. */
async function heldSteps(store: Store): Promise<ReadonlyMap<string | null, readonly string[]>> {
  const rows = await store.listTasks({ states: ['running', 'paused'], limit: runsAtMost });
  const held = new Map<string | null, string[]>();
  for (const { task } of rows) {
    const state = replay(task, await store.readTask(task));
    const live = liveAttempt(state);
    if (live === undefined) continue;
    const title = state.proposal?.plan.steps[live.step - 1]?.title ?? '';
    const agent = live.holder?.agent ?? null;
    held.set(agent, [...(held.get(agent) ?? []), `#${task}, step ${live.step}: ${title}`]);
  }
  return held;
}

function day(at: string): string {
  return `${at.slice(0, 16).replace('T', ' ')} UTC`;
}
