// The agent stops itself before the start, for longer than its lease, and goes on. For agent-stopped.test.ts and its long form.
import { expect, it } from 'vitest';
import { attemptKey } from '../../core/contracts/envelope.ts';
import type { FaultPoint } from '../services/fault-points.ts';
import type { Scene } from './scene.ts';

export function itDoesNotBegin(scene: Scene, points: readonly (readonly [string, FaultPoint])[]): void {
  it.each(points)('stopped before it began, %s: it does not begin, and takes the next step', async (_when, fault) => {
    const desk = scene.desk();
    const agent = await scene.agent('nas', { fault });
    const task = await desk.order('leave mark');
    expect(await desk.ends(task)).toBe('task.unknown');
    agent.signal('SIGCONT');
    const next = await desk.order('mark elsewhere');
    expect(await desk.ends(next)).toBe('task.succeeded');
    expect(await scene.marks()).toEqual(['elsewhere']);
    const history = await desk.history(task);
    const types = history.map(({ type }) => type);
    expect(types.slice(-3)).toEqual(['attempt.claimed', 'attempt.finished', 'task.unknown']);
    const claim = history.find((event) => event.type === 'attempt.claimed');
    const key = claim === undefined ? 'no claim' : attemptKey(claim);
    expect(await scene.lab().journal()).toContainEqual(expect.objectContaining({ type: 'ended', key }));
    expect(await scene.lab().journal()).not.toContainEqual({ type: 'started', key });
  });
}
