// From the approval to the agent's start, with a bot and an agent as processes on real services, beside a bare message through the
// same broker: published, confirmed, consumed. The agent makes Ansible's process for each step and stops the clock where it would
// let it go: what Ansible itself takes is measured elsewhere (run-overhead.ts).
import { performance } from 'node:perf_hooks';
import { setTimeout as pause } from 'node:timers/promises';
import { connect } from 'amqplib';
import type { StoredEvent, TaskEventType } from '../core/task/event.ts';
import { openDesk } from '../test/services/desk.ts';
import type { Lab } from '../test/services/lab.ts';
import { until } from '../test/services/until.ts';
import type { Bench, Figure } from './figure.ts';
import { figure, quantile } from './figure.ts';
import type { QuickAgent } from './services.ts';
import { onServices, startQuickAgent } from './services.ts';

const tasks = 80;
const tripsATask = 5;
/** A person reads a card before approving it; what the proposal set going is over by then. */
const readingMs = 400;
const queue = 'bench.bare';

export const dispatch: Bench = {
  name: 'dispatch',
  what: 'approval to the agent’s start, beside a bare message through the same broker',
  run: () =>
    onServices({}, async (lab) => {
      await lab.bot().shows(/Ask for a change/);
      await using agent = await startQuickAgent(lab, 'prepares');
      return figuresOf(await measure(lab, agent));
    }),
};

/** Moments of one task, in ms since the epoch. All are the log's own but the last, which is the agent's. */
type Moments = {
  readonly approved: number;
  readonly granted: number;
  readonly claimed: number;
  readonly begins: number;
};

type Measured = { readonly moments: readonly Moments[]; readonly bare: readonly number[] };

/** In turns, because the machine has other work as well. The first task only warms up. */
async function measure(lab: Lab, agent: QuickAgent): Promise<Measured> {
  const desk = openDesk(lab);
  const trips = await openBare(lab.env.RABBITMQ_URL ?? '');
  const moments: Moments[] = [];
  const bare: number[] = [];
  try {
    for (let round = 0; round <= tasks; round += 1) {
      const task = await desk.ask('leave mark');
      await desk.sees(task, 'plan.proposed');
      await pause(readingMs);
      await desk.approve(task);
      await desk.ends(task);
      const history = await lab.store.readTask(task);
      const run = history.flatMap(({ event }) => (event.type === 'run.started' ? [event.run] : []))[0];
      const began = new RegExp(`^begins ${run}\\..* (\\d+)$`, 'm');
      const [, begins] = await until(() => began.exec(agent.output()), { what: () => `#${task} at the agent` });
      const at = momentOf(history);
      const [approved, granted, claimed] = [at('plan.approved'), at('attempt.granted'), at('attempt.claimed')];
      if (round > 0) moments.push({ approved, granted, claimed, begins: Number(begins) });
      for (let trip = 0; trip < tripsATask; trip += 1) {
        const ms = await trips.trip();
        if (round > 0) bare.push(ms);
      }
    }
    return { moments, bare };
  } finally {
    await trips.close();
  }
}

function momentOf(history: readonly StoredEvent[]): (type: TaskEventType) => number {
  return (type) => Date.parse(history.find(({ event }) => event.type === type)?.at ?? '');
}

function figuresOf({ moments, bare }: Measured): readonly Figure[] {
  const against = 'amqplib: publish, confirm, consume; quorum queue, persistent, no delay';
  const whole = moments.map(({ approved, begins }) => begins - approved);
  const part = (name: string, from: keyof Moments, to: keyof Moments): Figure =>
    figure({
      name: `of it, p50: ${name}`,
      unit: 'ms',
      measured: quantile(
        moments.map((each) => each[to] - each[from]),
        0.5,
      ),
      ...{ baseline: null, against: '', goal: 'none set', holds: true },
    });
  const ends = ([0.5, 0.99] as const).map((share) => {
    const [measured, baseline] = [quantile(whole, share), quantile(bare, share)];
    return figure({
      name: `approval to the executor’s start, p${share * 100}`,
      ...{ unit: 'ms', measured, baseline, against },
      goal: share === 0.5 ? '4x' : 'none set',
      holds: share !== 0.5 || measured / baseline <= 4,
    });
  });
  return [
    ...ends,
    part('the approval stored, its turn, the repository checked again', 'approved', 'granted'),
    part('the run and its first attempt stored, the command sent, the agent’s journal and claim', 'granted', 'claimed'),
    part('the claim stored, core’s word sent, the agent’s journal', 'claimed', 'begins'),
  ];
}

async function openBare(url: string) {
  const model = await connect(url, { noDelay: true });
  const [publishing, consuming] = [await model.createConfirmChannel(), await model.createChannel()];
  await consuming.assertQueue(queue, { durable: true, arguments: { 'x-queue-type': 'quorum' } });
  let arrived: () => void = () => {};
  await consuming.consume(queue, (raw) => {
    if (raw !== null) consuming.ack(raw);
    arrived();
  });
  const body = Buffer.alloc(4_000, 'x');
  return {
    /** In ms. */
    trip: async (): Promise<number> => {
      const came = new Promise<void>((resolve) => {
        arrived = resolve;
      });
      const began = performance.now();
      publishing.sendToQueue(queue, body, { persistent: true });
      await Promise.all([publishing.waitForConfirms(), came]);
      return performance.now() - began;
    },
    close: () => model.close(),
  };
}
