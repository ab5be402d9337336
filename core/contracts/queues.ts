// The names of the queues, in one place for both sides.
import type { Queue } from '../ports/bus.ts';

/** `high`: the next step of a run that has begun, which goes before runs that have not. */
export type Priority = 'high' | 'normal';
export const priorities: readonly Priority[] = ['high', 'normal'];

export function poolQueue(pool: string, priority: Priority): Queue {
  return `agent.${pool}.${priority}`;
}

export function controlQueue(agent: string): Queue {
  return `agent-control.${agent}`;
}
