// One lane of the kill rounds: a lab of its own in which one task after another lives while something is done to its bot or agent
// at a random moment. What died is started again, as a service manager does.
import { setTimeout as wait } from 'node:timers/promises';
import type { TaskEvent } from '../../core/task/event.ts';
import { finalEventTypes } from '../../core/task/event.ts';
import { openDesk } from '../services/desk.ts';
import { expectInvariants } from '../services/invariants.ts';
import type { LabOptions, LabProcess } from '../services/lab.ts';
import { openLab } from '../services/lab.ts';
import { until } from '../services/until.ts';
import { openTcpProxy } from './tcp-proxy.ts';

export const faults = [
  'bot killed',
  'agent killed',
  'both killed',
  'bot cut',
  'agent cut',
  'bot held',
  'agent held',
] as const;
export type Fault = (typeof faults)[number];

export type Round = {
  readonly fault: Fault;
  /** From the approval; negative: while it was being planned. */
  readonly atMs: number;
  /** Undefined: the task never ended, and is lost. */
  readonly end: string | undefined;
  /** What is against the rules, in sentences. */
  readonly violations: readonly string[];
  readonly ms: number;
};

export type Lane = {
  readonly round: (random: () => number) => Promise<Round>;
  /** The whole log, output and record; throws what does not hold. */
  readonly verify: () => Promise<void>;
  /** Ends the processes; resolves to those that live on. */
  readonly end: () => Promise<readonly string[]>;
};

/** A lost task is one that has not ended after so long: more than the longest pause of anything in the program. */
const lostMs = 150_000;
const restartMs = 100;
/** How long a task takes when nothing happens, at first. */
const firstGuessMs = 2_500;

export async function openLane(options: LabOptions): Promise<Lane> {
  const lab = await openLab({ ...options, env: { LOG_LEVEL: 'info', ...options.env } });
  const desk = openDesk(lab);
  const wires = {
    bot: await openTcpProxy(lab.env.RABBITMQ_URL ?? ''),
    agent: await openTcpProxy(lab.env.RABBITMQ_URL ?? ''),
  };
  const bot = keepRunning(async () => lab.bot({ env: { RABBITMQ_URL: wires.bot.url } }));
  const agent = keepRunning(() => lab.startAgent('nas', { env: { RABBITMQ_URL: wires.agent.url } }));
  let lifeMs = firstGuessMs;
  await Promise.all([bot.shows(/Ask for a change/), agent.shows(/^ready$/m)]);

  async function suffer(fault: Fault, heldMs: number): Promise<void> {
    switch (fault) {
      case 'bot killed':
        return bot.signal('SIGKILL');
      case 'agent killed':
        return agent.signal('SIGKILL');
      case 'both killed':
        bot.signal('SIGKILL');
        return agent.signal('SIGKILL');
      case 'bot cut':
        return wires.bot.cut();
      case 'agent cut':
        return wires.agent.cut();
      case 'bot held':
      case 'agent held': {
        const held = fault === 'bot held' ? bot : agent;
        held.signal('SIGSTOP');
        await wait(heldMs);
        held.signal('SIGCONT');
      }
    }
  }

  async function round(random: () => number): Promise<Round> {
    const fault = pick(random);
    const [early, share, heldMs] = [random() < 0.2, random(), 100 + random() * 1_400];
    const marksBefore = (await lab.marks()).length;
    const began = performance.now();
    const task = await desk.ask('leave mark');
    const suffered = early ? wait(share * 300).then(() => suffer(fault, heldMs)) : undefined;
    await desk.sees(task, 'plan.proposed', 1, lostMs);
    await desk.approve(task);
    const approved = performance.now();
    const atMs = early ? -share * 300 : share * lifeMs;
    await (suffered ?? wait(atMs).then(() => suffer(fault, heldMs)));
    const end = await desk.ends(task, lostMs).catch(() => undefined);
    // Those that nothing happened to while they lived say how long a life is.
    if (fault.endsWith('held') === false && performance.now() - approved < lifeMs * 2)
      lifeMs = lifeMs * 0.9 + (performance.now() - approved) * 0.1;
    const marks = (await lab.marks()).length - marksBefore;
    const violations = violationsOf(await desk.history(task), marks).map((why) => `#${task}, ${fault}: ${why}`);
    return { fault, atMs, end, violations, ms: performance.now() - began };
  }

  return {
    round,
    verify: async () => {
      let failure: unknown;
      // The record is written a moment after the log.
      const holds = () =>
        expectInvariants(lab).then(
          () => true,
          (error: unknown) => {
            failure = error;
            return false;
          },
        );
      await until(holds, { timeoutMs: 20_000, everyMs: 1_000 }).catch(() => {
        throw failure;
      });
    },
    end: async () => {
      await Promise.all([bot.end(), agent.end()]);
      await Promise.all([wires.bot.close(), wires.agent.close()]);
      const alive = await lab.alive();
      await lab.dispose();
      return alive;
    },
  };
}

const weights: Readonly<Record<Fault, number>> = {
  ...{ 'bot killed': 32, 'agent killed': 28, 'both killed': 12 },
  ...{ 'bot cut': 7, 'agent cut': 7, 'bot held': 7, 'agent held': 7 },
};

function pick(random: () => number): Fault {
  let left = random() * Object.values(weights).reduce((sum, weight) => sum + weight, 0);
  for (const fault of faults) {
    left -= weights[fault];
    if (left < 0) return fault;
  }
  return 'bot killed';
}

/** One end; each attempt at most once in each of its states; what ran, ran once, and was let go by core. */
function violationsOf(events: readonly TaskEvent[], marks: number): readonly string[] {
  const types = events.map(({ type }) => type);
  const finals = types.filter((type) => (finalEventTypes as readonly string[]).includes(type));
  const [end] = finals;
  const perAttempt = events.flatMap((event) => ('token' in event ? [`${event.type} ${event.token}`] : []));
  const claims = types.filter((type) => type === 'attempt.claimed').length;
  return [
    ...(finals.length === 1 ? [] : [`it has ${finals.length} ends: ${finals.join(', ')}`]),
    ...(new Set(perAttempt).size === perAttempt.length ? [] : [`an attempt repeats itself: ${perAttempt.join(', ')}`]),
    ...(marks <= 1 ? [] : [`its playbook ran ${marks} times`]),
    ...(marks <= claims ? [] : ['its playbook ran, and no agent was let go']),
    ...(end === 'task.succeeded' && marks !== 1 ? [`it succeeded, and its playbook ran ${marks} times`] : []),
  ];
}

type Kept = {
  readonly signal: (signal: NodeJS.Signals) => void;
  readonly shows: (test: RegExp) => Promise<void>;
  readonly end: () => Promise<void>;
};

/** Starts it again whenever it ends. */
function keepRunning(start: () => Promise<LabProcess>): Kept {
  let current = start();
  let ending = false;
  const keep = async (): Promise<void> => {
    while (!ending) {
      await (await current).ended;
      await wait(restartMs);
      if (!ending) current = start();
    }
  };
  const kept = keep();
  return {
    signal: (signal) => void current.then((process) => process.signal(signal)),
    shows: async (test) => (await current).shows(test),
    end: async () => {
      ending = true;
      await (await current).kill();
      await kept;
    },
  };
}
