// The agent is killed at a named point of an attempt, and started again; for crash-agent.test.ts and its long form.
import { expect, it } from 'vitest';
import type { TaskEvent, TaskEventType } from '../../core/task/event.ts';
import type { FaultPoint } from '../services/fault-points.ts';
import { expectKilled } from './expect-killed.ts';
import type { Scene } from './scene.ts';
import { cardOf } from './scene.ts';

export type Survived = {
  readonly end: TaskEventType;
  /** How often the step was handed out. */
  readonly grants: number;
  readonly marks: readonly string[];
  readonly history: readonly TaskEvent[];
  readonly card: string;
};

/** `onceMarked`: it is killed when a playbook has left that line, and not at a fault point. */
export async function surviveAgentDeath(
  scene: Scene,
  dies: FaultPoint | { readonly onceMarked: string },
): Promise<Survived> {
  const desk = scene.desk();
  const task = await desk.order('at' in dies ? 'leave mark' : 'hold on');
  const mortal = 'at' in dies ? await scene.doomed(dies, task) : await scene.agent();
  if ('onceMarked' in dies) {
    await scene.marked(dies.onceMarked);
    mortal.signal('SIGKILL');
  }
  await expectKilled(mortal);
  const agent = await scene.agent();
  const end = await desk.ends(task);
  const card = await cardOf(scene.bot(), task);
  await agent.kill();
  await scene.nothingLeft();
  const history = await desk.history(task);
  const grants = history.filter(({ type }) => type === 'attempt.granted').length;
  return { end, grants, marks: await scene.marks(), history, card };
}

/** Points before which nothing was begun, with how often the step is handed out. */
export function itIsDoneAfterAll(scene: Scene, points: readonly (readonly [string, FaultPoint, number])[]): void {
  it.each(points)('%s', async (_when, fault, grants) => {
    const survived = await surviveAgentDeath(scene, fault);
    expect(survived).toMatchObject({ end: 'task.succeeded', grants, marks: ['mark'] });
    const refusals = survived.history.filter((event) => event.type === 'attempt.refused');
    expect(refusals.map(({ kind }) => kind)).toEqual(grants === 1 ? [] : ['NOT_STARTED']);
  });
}
