// A cancel that is said about when the playbook ends. For agent-cancel.test.ts and its long form.
import { expect, it } from 'vitest';
import type { Scene } from './scene.ts';

type Act = () => Promise<void>;

/** `race`: when the playbook is let go on, and when the cancel is said. */
export function itEndsOnce(
  scene: Scene,
  races: readonly (readonly [string, (release: Act, cancel: Act) => Promise<void>])[],
): void {
  it.each(races)('racing the end of the playbook, %s: one end, and a true one', async (_when, race) => {
    const desk = scene.desk();
    await scene.agent();
    const task = await desk.order('hold on');
    await scene.marked('wait-begins');
    await race(scene.lab().release, async () => void (await desk.cancel(task)));
    const end = await desk.ends(task);
    await scene.nothingLeft();
    expect(['task.succeeded', 'task.cancelled']).toContain(end);
    if (end === 'task.succeeded') expect(await scene.marks()).toEqual(['wait-begins', 'wait-ends']);
    const finished = (await desk.history(task)).filter(({ type }) => type === 'attempt.finished');
    expect(finished).toMatchObject([{ result: { outcome: end === 'task.succeeded' ? 'succeeded' : 'cancelled' } }]);
  });
}
