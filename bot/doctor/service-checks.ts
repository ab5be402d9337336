// What is asked of the services: the database and what its log knows of keys and agents, the broker and its queues.
import { controlQueue, poolQueue } from '../../core/contracts/queues.ts';
import { systemTask } from '../../core/ids.ts';
import type { Queue } from '../../core/ports/bus.ts';
import type { EventLog } from '../../core/ports/event-log.ts';
import type { EnrolledAgent } from '../dispatch/agent-registry.ts';
import { openAgentRegistry } from '../dispatch/agent-registry.ts';
import type { Finding } from './finding.ts';
import { broken, note, well } from './finding.ts';

type DatabaseAnswer = {
  readonly type: 'ready' | 'not-made' | 'failed';
  readonly sentence: string;
  readonly notes?: readonly string[];
};
type BrokerAnswer = {
  readonly type: string;
  readonly sentence: string;
  readonly deadLetters?: number;
  readonly queues?: readonly { readonly queue: Queue; readonly waiting: number; readonly consumers: number }[];
};

export function databaseFindings(answer: DatabaseAnswer): readonly Finding[] {
  if (answer.type === 'failed')
    return [
      broken('database', answer.sentence, 'Check DATABASE_URL and the server’s log; docs/database.md shows a set-up.'),
    ];
  const notes = (answer.notes ?? []).map((text) => note('database', text, 'docs/database.md shows a set-up.'));
  return [well('database', answer.sentence), ...notes];
}

/** `coreKey`: the public key that core signs with. */
export type LogKnows = { readonly agents: readonly EnrolledAgent[]; readonly coreKey: string | undefined };

export async function whatTheLogKnows(log: EventLog): Promise<LogKnows> {
  const key = (await log.readTask(systemTask, ['core.key'])).at(-1)?.event;
  return {
    agents: (await openAgentRegistry(log)).agents(),
    coreKey: key?.type === 'core.key' ? key.publicKey : undefined,
  };
}

/** The queues that `brokerFindings` wants to hear of. */
export function queuesOf(agents: readonly EnrolledAgent[]): readonly Queue[] {
  return ['core.events', ...poolsOf(agents).flatMap(poolQueues), ...agents.map(({ name }) => controlQueue(name))];
}

export function brokerFindings(answer: BrokerAnswer, agents: readonly EnrolledAgent[]): readonly Finding[] {
  if (answer.type !== 'ready')
    return [broken('broker', answer.sentence, 'Check RABBITMQ_URL, the broker’s log and its users’ permissions.')];
  const at = (queue: Queue) => answer.queues?.find((each) => each.queue === queue);
  const isHeard = (queue: Queue) => (at(queue)?.consumers ?? 0) > 0;
  const found: Finding[] = [well('broker', answer.sentence)];
  if ((answer.deadLetters ?? 0) > 0)
    found.push(
      note(
        'dead letters',
        `${answer.deadLetters} messages could not be handled and were put aside.`,
        'Look at the queue chiffon.dead in the broker’s management page, then purge it.',
      ),
    );
  found.push(
    isHeard('core.events')
      ? well('bot', 'A bot is running and hears the agents.')
      : note('bot', 'No bot is running.', 'Start one: `npm start`, or `npm start -- serve`.'),
  );
  if (agents.length === 0)
    found.push(note('agents', 'No agent is enrolled, so nothing can run.', 'npm start -- agents enroll <name>'));
  for (const { name, pool } of agents)
    found.push(
      isHeard(controlQueue(name))
        ? well('agent', `${name} of the pool ${pool} is connected.`)
        : note('agent', `${name} of the pool ${pool} is not connected.`, 'Start it: `npm run agent` on its machine.'),
    );
  for (const pool of poolsOf(agents)) {
    const waiting = poolQueues(pool).reduce((sum, queue) => sum + (at(queue)?.waiting ?? 0), 0);
    if (waiting > 0)
      found.push(
        note('queue', `${waiting} steps wait for an agent of the pool ${pool}.`, 'Start an agent of that pool.'),
      );
  }
  return found;
}

function poolsOf(agents: readonly EnrolledAgent[]): readonly string[] {
  return [...new Set(agents.map(({ pool }) => pool))];
}

function poolQueues(pool: string): readonly Queue[] {
  return [poolQueue(pool, 'high'), poolQueue(pool, 'normal')];
}
