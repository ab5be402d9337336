// What a bot and an agent hold after many tasks: real services, every task asked, planned, approved, dispatched, told and recorded;
// only the steps themselves are over as soon as they begin. As many as fit into the time (BENCH_MINUTES, 4 without it).
import { join } from 'node:path';
import type { TaskEventType } from '../core/task/event.ts';
import { finalEventTypes } from '../core/task/event.ts';
import { openDesk } from '../test/services/desk.ts';
import type { Lab } from '../test/services/lab.ts';
import { until } from '../test/services/until.ts';
import type { Bench, Figure } from './figure.ts';
import { figure } from './figure.ts';
import { residentMb } from './many-lines.ts';
import type { QuickAgent } from './services.ts';
import { onServices, startQuickAgent } from './services.ts';

const minutes = Number(process.env.BENCH_MINUTES ?? 4);
const inFlight = 12;
const samples = 30;
const goalTasks = 100_000;
/** 100,000 tasks would cost 100 MB. */
const goalMbAThousand = 1;
/** With fewer, a slope says more of the collector's moods than of the program. */
const slopeTasks = 2_000;

const hosts = Array.from({ length: inFlight }, (_, index) => `host-${index + 1}`);
const files = {
  'inventory/hosts.yml': `all:\n  vars: { ansible_connection: local }\n  hosts: { ${hosts.map((host) => `${host}: `).join(', ')} }\n`,
  ...Object.fromEntries(
    hosts.map((host) => [
      `visit-${host}.yml`,
      `# Visit ${host}.\n- name: Visit ${host}\n  hosts: ${host}\n  gather_facts: false\n  tasks:\n    - ansible.builtin.debug:\n`,
    ]),
  ),
};

export const memory: Bench = {
  name: 'memory',
  what: `what a bot and an agent hold after ${minutes} minutes of tasks`,
  run: () =>
    onServices({ files }, async (lab) => {
      const env = { NODE_OPTIONS: `--expose-gc --import=${join(import.meta.dirname, 'tell-memory.ts')}` };
      const bot = lab.bot({ env });
      await bot.shows(/Ask for a change/);
      const ofAgent = { ...env, CHIFFON_AGENT_CONCURRENCY: String(inFlight) };
      await using agent = await startQuickAgent(lab, 'nothing', ofAgent);
      return figuresOf(await measure(lab, bot, agent));
    }),
};

type Sample = { readonly tasks: number; readonly bot: Held; readonly agent: Held };
/** `live`: heap and buffers after a collection of garbage. */
type Held = { readonly rssMb: number; readonly liveMb: number };
type Told = Pick<QuickAgent, 'pid' | 'output' | 'signal'>;

async function measure(lab: Lab, bot: Told, agent: Told): Promise<readonly Sample[]> {
  const taken: Sample[] = [];
  const began = performance.now();
  const people = approveEverything(lab);
  for (let sample = 1; sample <= samples; sample += 1) {
    const due = began + (minutes * 60_000 * sample) / samples;
    await until(() => performance.now() >= due || people.failed(), { timeoutMs: minutes * 60_000, everyMs: 50 });
    const failure = people.failed();
    if (failure !== undefined) throw failure;
    const tasks = people.ended();
    const [ofBot, ofAgent] = await Promise.all([held(bot), held(agent)]);
    taken.push({ tasks, bot: ofBot, agent: ofAgent });
  }
  await people.stop();
  return taken;
}

async function held(one: Told): Promise<Held> {
  const rssMb = await residentMb(one.pid);
  const from = one.output().length;
  one.signal('SIGUSR2');
  const told = await until(() => /^memory (\d+)$/m.exec(one.output().slice(from)), { what: () => 'what it holds' });
  return { rssMb, liveMb: Number(told[1]) / 2 ** 20 };
}

/** A request for each host at all times; whatever is proposed is approved, and an end is followed by the next request. */
function approveEverything(lab: Lab) {
  const desk = openDesk(lab);
  const hostOf = new Map<number, string>();
  let ended = 0;
  let failure: Error | undefined;
  let stopping = false;
  let wake = (): void => {};
  const unsubscribe = lab.store.subscribe(() => wake());

  const ask = async (host: string): Promise<void> => void hostOf.set(await desk.ask(`visit ${host}`), host);
  const act = async (type: TaskEventType, task: Parameters<typeof desk.approve>[0]): Promise<void> => {
    if (type === 'plan.proposed') {
      const approved = await desk.approve(task);
      if (approved.type !== 'accepted') throw new Error(`#${task} was not approved: ${JSON.stringify(approved)}`);
    }
    if (!(finalEventTypes as readonly string[]).includes(type)) return;
    if (type !== 'task.succeeded') throw new Error(`#${task} ended with ${type}`);
    // Its number may come back from `ask` after its first event.
    const host = await until(() => hostOf.get(task));
    hostOf.delete(task);
    ended += 1;
    if (!stopping) await ask(host);
  };
  const fail = (error: unknown): void => {
    failure ??= error instanceof Error ? error : new Error(String(error));
  };
  const follow = async (): Promise<void> => {
    let after = (await lab.store.head()).seq;
    await Promise.all(hosts.map(ask));
    while (!stopping) {
      const woken = new Promise<void>((resolve) => {
        wake = resolve;
      });
      const page = await lab.store.readAfter(after, 1_000);
      after = page.at(-1)?.seq ?? after;
      for (const { event, task } of page) void act(event.type, task).catch(fail);
      if (page.length === 0) await woken;
    }
  };
  const following = follow().catch(fail);
  return {
    ended: () => ended,
    failed: () => failure,
    stop: async () => {
      stopping = true;
      wake();
      await following;
      unsubscribe();
    },
  };
}

function figuresOf(all: readonly Sample[]): readonly Figure[] {
  const tasks = all.at(-1)?.tasks ?? 0;
  const at = (share: number): Sample | undefined => all.find((sample) => sample.tasks >= tasks * share);
  const secondHalf = all.filter((sample) => sample.tasks >= tasks / 2);
  const figures: Figure[] = [
    figure({
      ...{ name: 'tasks that were asked, approved and done', unit: 'per second', measured: tasks / (minutes * 60) },
      ...{ baseline: null, against: '', goal: 'none set', holds: true },
    }),
  ];
  for (const who of ['bot', 'agent'] as const) {
    for (const share of [0.1, 0.5, 1])
      figures.push(
        figure({
          name: `${who} after ${at(share)?.tasks} tasks, resident (live: ${Math.round(at(share)?.[who].liveMb ?? 0)} MB)`,
          ...{ unit: 'MB', measured: at(share)?.[who].rssMb ?? Number.NaN, baseline: null, against: '' },
          ...{ goal: `after ${goalTasks}; ${tasks} were reached`, holds: tasks >= goalTasks },
        }),
      );
    const growth = slope(secondHalf.map((sample) => [sample.tasks / 1_000, sample[who].liveMb]));
    figures.push(
      figure({
        name: `${who}, live memory gained for each 1,000 tasks of the second half`,
        ...{ unit: 'MB', measured: growth, baseline: null, against: '' },
        goal: `${goalMbAThousand} MB, over ${slopeTasks} tasks at least; ${tasks} were reached`,
        holds: tasks >= slopeTasks && growth <= goalMbAThousand,
      }),
    );
    const resident = slope(secondHalf.map((sample) => [sample.tasks / 1_000, sample[who].rssMb]));
    figures.push(
      figure({
        name: `${who}, resident memory gained for each 1,000 tasks of the second half`,
        ...{ unit: 'MB', measured: resident, baseline: null, against: '', goal: 'none set', holds: true },
      }),
    );
  }
  return figures;
}

/** Of the line that fits best. */
function slope(points: readonly (readonly [number, number])[]): number {
  const mean = (of: 0 | 1): number => points.reduce((sum, point) => sum + point[of], 0) / points.length;
  const [x, y] = [mean(0), mean(1)];
  const spread = points.reduce((sum, point) => sum + (point[0] - x) ** 2, 0);
  return spread === 0 ? 0 : points.reduce((sum, point) => sum + (point[0] - x) * (point[1] - y), 0) / spread;
}
