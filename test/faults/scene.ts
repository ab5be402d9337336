// What the fault tests of one file share: a laboratory, a person at the desk, a bot; and after each test no agent is left.
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from 'vitest';
import type { Desk } from '../services/desk.ts';
import { openDesk } from '../services/desk.ts';
import type { FaultPoint } from '../services/fault-points.ts';
import { expectInvariants } from '../services/invariants.ts';
import type { Lab, LabOptions, LabProcess, ProcessOptions } from '../services/lab.ts';
import { openLab } from '../services/lab.ts';
import { until } from '../services/until.ts';

export type Scene = {
  readonly lab: () => Lab;
  readonly desk: () => Desk;
  /** The one that is there for all tests; `withBot: false` leaves bots to the tests. */
  readonly bot: () => LabProcess;
  /** Takes commands; killed after the test. */
  readonly agent: (name?: string, options?: ProcessOptions) => Promise<LabProcess>;
  /** An agent that will come to its fault point, for that task, perhaps before it is ready. */
  readonly doomed: (fault: FaultPoint, task: number) => Promise<LabProcess>;
  /** What playbooks left in this test. */
  readonly marks: () => Promise<readonly string[]>;
  readonly marked: (line: string) => Promise<unknown>;
  /** Resolves when nothing is alive that a step started. */
  readonly nothingLeft: () => Promise<unknown>;
  /** The last test of the file. */
  readonly recordHolds: () => void;
};

export function sharedScene(options: LabOptions & { readonly withBot?: boolean } = {}): Scene {
  let lab: Lab;
  let desk: Desk;
  let bot: LabProcess;
  let marksBefore = 0;
  const agents: LabProcess[] = [];
  beforeAll(async () => {
    lab = await openLab(options);
    desk = openDesk(lab);
    if (options.withBot !== false) bot = lab.bot();
  });
  beforeEach(async () => {
    await lab.holdAgain();
    marksBefore = (await lab.marks()).length;
  });
  afterEach(async () => void (await Promise.all(agents.splice(0).map((agent) => agent.kill()))));
  afterAll(() => lab?.dispose());

  async function start(name?: string, more?: ProcessOptions): Promise<LabProcess> {
    const agent = await lab.startAgent(name, more);
    agents.push(agent);
    return agent;
  }
  const marks = async () => (await lab.marks()).slice(marksBefore);
  return {
    lab: () => lab,
    desk: () => desk,
    bot: () => bot,
    agent: async (name, more) => {
      const agent = await start(name, more);
      await agent.shows(/^ready$/m);
      return agent;
    },
    doomed: (fault, task) => start('nas', { fault: { ...fault, task } }),
    marks,
    marked: (line) => until(async () => (await marks()).includes(line), { what: () => `the mark ${line}` }),
    nothingLeft: () =>
      until(async () => (await lab.strays()).length === 0, { timeoutMs: 30_000, what: () => 'nothing left running' }),
    recordHolds: () => {
      it('and the record holds after all of it', async () => {
        await expectInvariants(lab);
        expect(await lab.strays()).toEqual([]);
      });
    },
  };
}

/** Resolves to the result card of a task. */
export async function cardOf(bot: LabProcess, task: number): Promise<string> {
  const cards = () => bot.views().filter((view) => view.type === 'result' && view.task === task);
  await until(() => cards().length > 0, { what: () => `the result card of #${task}` });
  expect(cards()).toHaveLength(1);
  return JSON.stringify(cards()[0]);
}
