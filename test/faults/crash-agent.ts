// One death of the agent: killed at a named point of an attempt, then started again; for crash-agent.test.ts and its long form.
import type { TaskEvent, TaskEventType } from '../../core/task/event.ts';
import type { Desk } from '../services/desk.ts';
import type { FaultPoint } from '../services/fault-points.ts';
import type { Lab, LabProcess } from '../services/lab.ts';
import { until } from '../services/until.ts';
import { expectKilled } from './expect-killed.ts';

export type Scene = { readonly lab: Lab; readonly desk: Desk; readonly bot: LabProcess };

export type Survived = {
  readonly end: TaskEventType;
  /** How often the step was handed out. */
  readonly grants: number;
  readonly marks: readonly string[];
  readonly history: readonly TaskEvent[];
  /** What the result card says. */
  readonly card: string;
};

/** `request`: its first mark, when the agent is to be killed once that is there, and not at a fault point. */
export async function surviveAgentDeath(
  scene: Scene,
  dies: FaultPoint | { readonly onceMarked: string },
): Promise<Survived> {
  const { lab, desk } = scene;
  const before = (await lab.marks()).length;
  const marksSince = async () => (await lab.marks()).slice(before);
  const mortal = await lab.agent('nas', 'at' in dies ? { fault: dies } : {});
  const task = await desk.order('at' in dies ? 'leave mark' : 'hold on');
  if ('onceMarked' in dies) {
    await until(async () => (await marksSince()).includes(dies.onceMarked));
    mortal.signal('SIGKILL');
  }
  await expectKilled(mortal);
  const agent = await lab.agent();
  const end = await desk.ends(task);
  const cards = () => scene.bot.views().filter((view) => view.type === 'result' && view.task === task);
  await until(() => cards().length > 0, { what: () => `a result card of #${task}` });
  await agent.kill();
  await until(async () => (await lab.strays()).length === 0, { timeoutMs: 15_000, what: () => 'nothing left running' });
  const history = await desk.history(task);
  const grants = history.filter(({ type }) => type === 'attempt.granted').length;
  return { end, grants, marks: await marksSince(), history, card: JSON.stringify(cards()) };
}
