// Discord: how fast a click is acknowledged and its effect seen while a run floods its output and other tasks are planned, what a
// flood costs in requests, how long a restart takes to make every open card true, and what being in Discord costs in memory.
import { once } from 'node:events';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { execa } from 'execa';
import type { Stage } from '../test/discord-program/stage.ts';
import { openStage } from '../test/discord-program/stage.ts';
import { play } from '../test/e2e/playbooks.ts';
import type { Service } from '../test/e2e/service.ts';
import { until } from '../test/services/until.ts';
import type { Bench, Figure } from './figure.ts';
import { figure, quantile } from './figure.ts';
import { residentMb } from './many-lines.ts';

const flood = { seconds: 60, linesASecond: 10_000 };
const open = { tasks: 100, channels: 10, stale: 20 };
const bareClicks = 200;
/** Somebody asks for something else so often. */
const roundMs = 500;
const goals = { acknowledgedMs: 300, growthMb: 150, restartMs: 15_000 };

export const discord: Bench = {
  name: 'discord',
  what: `clicks in Discord under ${flood.linesASecond} lines a second, a restart with ${open.tasks} open tasks`,
  run: async () => {
    await using stage = await openStage({
      discord: { limits: 'real' },
      env: { LOG_LEVEL: 'warn' },
      files: () => ({ 'flood.yml': floodPlaybook() }),
    });
    for (let channel = 0; channel < open.channels; channel += 1) stage.discord.owner.addChannel(channelName(channel));
    const bare = await bareAcknowledgements(stage);
    const alone = { DISCORD_TOKEN: '', DISCORD_GUILD_ID: '', DISCORD_API_URL: '' };
    // The first start makes the database.
    await idleMemory(stage, alone, ['serve']);
    const withoutMb = await idleMemory(stage, alone, ['serve']);
    const withMb = await idleMemory(stage, {}, []);
    const load = await underLoad(stage);
    const restart = await restartWithOpenTasks(stage);
    const { user, shared, global } = stage.discord.refusals;
    const broken = stage.discord.violations.map(({ request, reason }) => `${request}: ${reason}`);
    if (broken.length > 0) throw new Error(broken.join('\n'));
    return [
      ...clickFigures(bare, load),
      ...floodFigures(load),
      one('429s caused', 'requests', user + shared + global, '0', user + shared + global === 0),
      ...restartFigures(restart),
      figure({
        ...{ name: 'resident memory of a bot in Discord, started and idle', unit: 'MB', measured: withMb },
        ...{ baseline: withoutMb, against: 'the same bot without Discord', goal: 'none set', holds: true },
      }),
    ];
  },
};

const channelName = (index: number): string => `room-${index % open.channels}`;

/** Ansible prints a line for each element of a list. On two free cores this is about the wanted rate. */
function floodPlaybook(): string {
  const task = `    - ansible.builtin.debug: { msg: "{{ range(${flood.linesASecond}) | map('string') | map('regex_replace', '^', 'line ') | list }}" }`;
  return play('Flood the log', 'three', Array<string>(flood.seconds).fill(task));
}

async function bareAcknowledgements(stage: Stage): Promise<readonly number[]> {
  const { discord: server, ada } = stage;
  const channel = server.channel('general');
  const file = join(import.meta.dirname, 'bare-discord.ts');
  const child = execa(process.execPath, [file, server.apiUrl, server.token, channel.id], {
    ...{ reject: false, cleanup: true, buffer: false },
  });
  await once(child.stdout, 'data');
  const message = await channel.until(({ buttons }) => buttons.length > 0, 'a message with a button');
  const samples: number[] = [];
  for (let click = 0; click < bareClicks; click += 1)
    samples.push((await ada.press(message.id, 'press')).acknowledgedAfterMs ?? Number.NaN);
  child.kill('SIGKILL');
  await child;
  server.owner.deleteMessage(message.id);
  return samples;
}

async function idleMemory(
  stage: Stage,
  env: Readonly<Record<string, string>>,
  args: readonly string[],
): Promise<number> {
  const service = stage.begin({ env, args });
  await service.says(/✓ (connected to|everything in)/);
  // What a start leaves behind is collected by then, in both.
  await wait(5_000);
  const measured = await residentMb(service.pid);
  service.signal('SIGTERM');
  await service.ended;
  return measured;
}

type Load = {
  readonly acknowledged: readonly number[];
  readonly seen: readonly number[];
  readonly cards: readonly number[];
  readonly lines: number;
  readonly floodMs: number;
  readonly edits: number;
  /** The most in its first fifth, in the rest of it, and when its log was made a file. */
  readonly mostMb: { readonly early: number; readonly printing: number; readonly filing: number };
  readonly isWhole: boolean;
};

/** While one run floods, people ask for other things in other rooms and reject what is proposed. */
async function underLoad(stage: Stage): Promise<Load> {
  const { discord: server, ada, bob } = stage;
  const service = await stage.start();
  const card = await stage.ask(ada, 'flood the log');
  const [began, startedMs] = [performance.now(), Date.now()];
  await ada.press(card.id, 'Approve');
  const resultOf = stage.result(card, 600_000);
  let over = false;
  void resultOf.then(() => {
    over = true;
  });
  const memory: { readonly atMs: number; readonly mb: number }[] = [];
  const watch = setInterval(() => {
    const atMs = Date.now();
    void residentMb(service.pid).then((mb) => memory.push({ atMs, mb }));
  }, 200);
  await server.until(() => server.world.channels.has(card.id), 'the flood’s thread', 60_000);
  const [acknowledged, seen, cards]: [number[], number[], number[]] = [[], [], []];
  for (let round = 0; !over; round += 1) {
    const next = wait(roundMs);
    const room = channelName(round);
    const asked = await bob.command('do', { request: 'restart web' }, { in: room });
    acknowledged.push(asked.acknowledgedAfterMs ?? Number.NaN);
    const askedMs = sentAtMs(asked.id);
    const fresh = await server
      .channel(room)
      .until(
        ({ createdMs, buttons }) => createdMs >= askedMs && buttons.some(({ label }) => label === 'Reject'),
        'a card',
        60_000,
      );
    cards.push(fresh.createdMs - askedMs);
    const pressed = await bob.press(fresh.id, 'Reject');
    acknowledged.push(pressed.acknowledgedAfterMs ?? Number.NaN);
    const changed = await stage.becomes(fresh, ({ content }) => content.startsWith('✖ rejected'), 'a rejected card');
    seen.push((changed.editedMs ?? Number.NaN) - sentAtMs(pressed.id));
    await next;
  }
  clearInterval(watch);
  await resultOf;
  const floodMs = performance.now() - began;
  const [live, log] = await server.channel(card.id).messages();
  const edits = server.requests.filter(
    ({ route, path }) => route.startsWith('PATCH') && path.endsWith(`/${live?.id}`),
  ).length;
  service.signal('SIGTERM');
  await service.ended;
  const output = (await stage.stored()).output(taskOf(card.content));
  const numbers = [...output.matchAll(/"line (\d+)"/g)].map(([, number]) => Number(number));
  const isStored = numbers.every((number, index) => number === index % flood.linesASecond);
  const lines = numbers.length;
  const file = log?.attachments.map(({ text }) => text).join('') ?? '';
  // Of a log that is very long its end is attached.
  const isWhole =
    isStored && lines === flood.seconds * flood.linesASecond && `${output.replace(/[\r\n]+$/, '')}\n`.endsWith(file);
  const printedMs = live?.editedMs ?? Number.NaN;
  const earlyMs = startedMs + (printedMs - startedMs) / 5;
  const most = (fromMs: number, toMs: number): number =>
    Math.max(...memory.filter(({ atMs }) => atMs >= fromMs && atMs < toMs).map(({ mb }) => mb));
  const mostMb = {
    early: most(startedMs, earlyMs),
    printing: most(earlyMs, printedMs),
    filing: most(printedMs, Number.POSITIVE_INFINITY),
  };
  return { acknowledged, seen, cards, lines, floodMs, edits, mostMb, isWhole };
}

const taskOf = (content: string): number => Number(/#(\d+) /.exec(content)?.[1]);

type Restart = { readonly trueMs: number; readonly requests: number; readonly readyMs: number };

/** A fifth of the cards do not say what the log says, as after a crash; all of them must be looked at. */
async function restartWithOpenTasks(stage: Stage): Promise<Restart> {
  const { discord: server, ada } = stage;
  let service: Service = await stage.start();
  const cards = await Promise.all(
    Array.from({ length: open.channels }, async (_, room) => {
      const asked = [];
      for (let task = 0; task < open.tasks / open.channels; task += 1)
        asked.push(await stage.ask(ada, 'restart web', channelName(room)));
      return asked;
    }),
  );
  await service.kill();
  const all = cards.flat().map(({ id, channelId }) => {
    const found = server.world.channels.get(channelId)?.messages.find((one) => one.id === id);
    if (found === undefined) throw new Error(`there is no message ${id}`);
    return { message: found, content: found.content };
  });
  const stale = all.filter((_, index) => index % (open.tasks / open.stale) === 0);
  for (const { message } of stale) message.content = `✅ approved\n${message.content}`;
  const asked = server.requests.length;
  const began = performance.now();
  service = stage.begin();
  await until(() => server.gateway.connected() > 0);
  const readyMs = performance.now() - began;
  await server.until(() => stale.every(({ message, content }) => message.content === content), 'true cards', 300_000);
  const trueMs = performance.now() - began;
  const requests = server.requests.length - asked;
  service.signal('SIGTERM');
  await service.ended;
  return { trueMs, requests, readyMs };
}

const epochMs = 1_420_070_400_000;
const sentAtMs = (snowflake: string): number => Number(BigInt(snowflake) >> 22n) + epochMs;

function one(name: string, unit: Figure['unit'], measured: number, goal: string, holds: boolean): Figure {
  return figure({ name, unit, measured, baseline: null, against: '', goal, holds });
}

function clickFigures(bare: readonly number[], { acknowledged, seen, cards }: Load): readonly Figure[] {
  const beside = (share: number) => ({ baseline: quantile(bare, share), against: 'a bare discord.js client at rest' });
  const clicks = `${acknowledged.length} clicks`;
  return [
    figure({
      ...{ name: `click to acknowledgement under load, p50 of ${clicks}`, unit: 'ms' },
      ...{ measured: quantile(acknowledged, 0.5), ...beside(0.5), goal: 'none set', holds: true },
    }),
    figure({
      ...{ name: `click to acknowledgement under load, p99 of ${clicks}`, unit: 'ms' },
      ...{ measured: quantile(acknowledged, 0.99), ...beside(0.99), goal: `${goals.acknowledgedMs} ms` },
      holds: quantile(acknowledged, 0.99) <= goals.acknowledgedMs,
    }),
    ...[0.5, 0.99].map((share) =>
      one(`click to visible change under load, p${share * 100}`, 'ms', quantile(seen, share), 'none set', true),
    ),
    ...[0.5, 0.95].map((share) =>
      one(`/do to the plan card under load, p${share * 100}`, 'ms', quantile(cards, share), 'none set', true),
    ),
  ];
}

function floodFigures({ lines, floodMs, edits, mostMb, isWhole }: Load): readonly Figure[] {
  const rate = lines / (floodMs / 1_000);
  const memory = (who: string, measured: number): Figure =>
    figure({
      ...{ name: `most resident memory, ${who}`, unit: 'MB', measured },
      ...{ baseline: mostMb.early, against: 'in the first fifth of the flood', goal: `${goals.growthMb} MB more` },
      holds: measured - mostMb.early <= goals.growthMb,
    });
  return [
    one('lines printed, approval to result', 'per second', rate, `about ${flood.linesASecond}`, true),
    figure({
      ...{ name: 'edits of the live message under flood', unit: 'requests', measured: edits },
      ...{ baseline: lines, against: 'lines printed, each a new state', goal: 'one a second at most' },
      holds: edits <= floodMs / 1_000,
    }),
    one('lines stored, in order, with the end of them as the thread’s file', 'lines', lines, 'all', isWhole),
    memory('bot, agent and database in one process, while it prints', mostMb.printing),
    memory('the same, while its log is made a file', mostMb.filing),
  ];
}

function restartFigures({ trueMs, requests, readyMs }: Restart): readonly Figure[] {
  return [
    figure({
      ...{ name: `restart to every card true, ${open.tasks} open, ${open.stale} of them stale`, unit: 'ms' },
      ...{ measured: trueMs, baseline: readyMs, against: 'the same start to its connection' },
      ...{ goal: `${goals.restartMs} ms`, holds: trueMs <= goals.restartMs },
    }),
    one('requests that a restart took', 'requests', requests, 'none set', true),
  ];
}
