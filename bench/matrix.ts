// Matrix, on a real Synapse: how fast a tap and a printed line are seen, what a flood costs in edits, how long a restart takes to make
// every open card true, what Synapse's own limits refuse, and what being on Matrix costs in memory. Synapse limits nobody but where
// that is said: by default it takes ten events and then one in five seconds, which would be all that is measured.
import { setTimeout as wait } from 'node:timers/promises';
import { openObserver } from '../test/matrix/observer.ts';
import type { Bench, Figure } from './figure.ts';
import { figure, quantile } from './figure.ts';
import { residentMb } from './many-lines.ts';
import type { Flood } from './matrix-run.ts';
import {
  approveMany,
  bareReplies,
  floodLines,
  floodRoom,
  isFloodWhole,
  playbooks,
  printAndSee,
  ticked,
} from './matrix-run.ts';
import type { MatrixStage } from './matrix-stage.ts';
import { connected, openMatrixStage } from './matrix-stage.ts';
import type { Heard } from './room-watch.ts';
import { bodyOf, epochMs, relates } from './room-watch.ts';

const open = { tasks: 100, rooms: 10, stale: 20 };
const goals = { lineMs: 2_000, restartMs: 15_000 };

export const matrix: Bench = {
  name: 'matrix',
  what: `taps and ${floodLines} lines on Matrix (a Synapse without limits), a restart with ${open.tasks} open tasks`,
  run: async () => [...(await withoutLimits()), ...(await withLimits())],
};

async function withoutLimits(): Promise<readonly Figure[]> {
  await using stage = await openMatrixStage({ rateLimits: 'none', rooms: open.rooms, playbooks });
  const bare = await bareReplies(stage);
  // The first start makes the database.
  await idleMemory(stage, false);
  const withoutMb = await idleMemory(stage, false);
  const withMb = await idleMemory(stage, true);
  const service = await stage.start();
  const taps = await approveMany(stage);
  const lines = await printAndSee(stage);
  const flood = await floodRoom(stage);
  service.signal('SIGTERM');
  await service.ended;
  const stored = await isFloodWhole(stage, flood);
  const restart = await restartWithOpenTasks(stage);
  return [
    ...tapFigures(bare, taps),
    ...lineFigures(lines),
    ...floodFigures(flood, stored),
    ...restartFigures(restart),
    figure({
      ...{ name: 'resident memory of a bot on Matrix, started and idle', unit: 'MB', measured: withMb },
      ...{ baseline: withoutMb, against: 'the same bot without Matrix', goal: 'none set', holds: true },
    }),
  ];
}

async function idleMemory(stage: MatrixStage, isOnMatrix: boolean): Promise<number> {
  const service = isOnMatrix ? stage.begin() : stage.begin({ env: stage.alone, args: ['serve'] });
  await service.says(/✓ (connected to|everything in)/);
  if (isOnMatrix) await service.says(connected);
  // What a start leaves behind is collected by then, in both.
  await wait(5_000);
  const measured = await residentMb(service.pid);
  service.signal('SIGTERM');
  await service.ended;
  return measured;
}

type Restart = { readonly trueMs: number; readonly requests: number; readonly readyMs: number };

/** A fifth of the cards do not say what the log says, as after a crash; all of them must be looked at. */
async function restartWithOpenTasks(stage: MatrixStage): Promise<Restart> {
  const { watch, self, bot } = stage;
  let service = await stage.start();
  const asked = stage.rooms.map(async (room) => {
    const cards: Heard[] = [];
    for (let task = 0; task < open.tasks / open.rooms; task += 1) cards.push(await stage.ask(room, 'restart web'));
    return cards;
  });
  const cards = (await Promise.all(asked)).flat();
  await service.kill();
  const stale = cards.filter((_, index) => index % (open.tasks / open.stale) === 0);
  for (const { room, event } of stale) await self.edit(room, event.event_id, '✅ approved');
  const isTrue = (card: Heard) => (heard: Heard) =>
    heard.event.sender === bot.userId &&
    relates(heard, 'm.replace', card.event.event_id) &&
    bodyOf(heard) === bodyOf(card);
  await using observer = await openObserver(stage.url);
  const from = watch.heard.length;
  const beganMs = epochMs();
  service = stage.begin({ env: { MATRIX_HOMESERVER_URL: observer.url } });
  const seen = stale.map((card) => watch.sees(isTrue(card), { from, what: 'a true card', timeoutMs: 120_000 }));
  await service.says(connected);
  const readyMs = epochMs() - beganMs;
  const trueMs = Math.max(...(await Promise.all(seen)).map(({ atMs }) => atMs)) - beganMs;
  const requests = observer.requests.length;
  service.signal('SIGTERM');
  await service.ended;
  return { trueMs, requests, readyMs };
}

/** One run from its request to its result, as a bot has it whom nobody freed from Synapse's limits. */
async function withLimits(): Promise<readonly Figure[]> {
  await using stage = await openMatrixStage({ rateLimits: 'default', rooms: 1, playbooks });
  await using observer = await openObserver(stage.url);
  const service = await stage.start({ env: { MATRIX_HOMESERVER_URL: observer.url } });
  const askedMs = epochMs();
  const card = await stage.ask(stage.rooms[0] ?? '', 'tick away');
  const sentMs = await stage.approve(card);
  const result = await stage.result(card);
  const refused = observer.requests.filter(({ status }) => status === 429).length;
  service.signal('SIGTERM');
  await service.ended;
  const isOutput = ({ event: { content } }: Heard) => content.msgtype === 'm.file';
  if (!stage.watch.heard.some(isOutput)) throw new Error('the log of the run is not there');
  return [
    one('429s caused in one run, with Synapse’s own limits', 'requests', refused, '0', refused === 0),
    one('request to a card with its reactions, with Synapse’s own limits', 'ms', sentMs - askedMs, 'none set', true),
    one('approval to result, with Synapse’s own limits', 'ms', result.atMs - sentMs, 'none set', true),
  ];
}

function one(name: string, unit: Figure['unit'], measured: number, goal: string, holds: boolean): Figure {
  return figure({ name, unit, measured, baseline: null, against: '', goal, holds });
}

type Bare = Awaited<ReturnType<typeof bareReplies>>;
type Taps = Awaited<ReturnType<typeof approveMany>>;

function tapFigures({ trips, answers }: Bare, { seen, signs }: Taps): readonly Figure[] {
  return [
    ...[0.5, 0.99].map((share) => {
      const name = `a reaction from one bare client to another, p${share * 100} of ${trips.length}`;
      return one(name, 'ms', quantile(trips, share), 'none set', true);
    }),
    ...[0.5, 0.99].map((share) =>
      figure({
        ...{ name: `✅ to the first sign of it, p${share * 100} of ${seen.length} (${signs})`, unit: 'ms' },
        ...{ measured: quantile(seen, share), baseline: quantile(answers, share) },
        ...{ against: 'a bare bot that answers each reaction', goal: 'none set', holds: true },
      }),
    ),
  ];
}

function lineFigures(lines: readonly number[]): readonly Figure[] {
  const [p50, p99] = [quantile(lines, 0.5), quantile(lines, 0.99)];
  const name = (share: string): string =>
    `a line printed to its being counted in the room, ${share} of ${lines.length}`;
  return [
    one(name('p50'), 'ms', p50, 'none set', true),
    one(name('p99'), 'ms', p99, `${goals.lineMs} ms, all seen`, p99 <= goals.lineMs && lines.length === ticked),
  ];
}

function floodFigures({ floodMs, edits }: Flood, stored: { lines: number; whole: boolean }): readonly Figure[] {
  return [
    one(
      'lines printed in the flood, approval to result',
      'per second',
      stored.lines / (floodMs / 1_000),
      'none set',
      true,
    ),
    figure({
      ...{ name: 'edits of the live message under flood', unit: 'requests', measured: edits },
      ...{ baseline: stored.lines, against: 'lines printed, each a new state', goal: 'one a second at most' },
      holds: edits <= floodMs / 1_000,
    }),
    one(
      'lines stored, in order, all of them in the thread’s file',
      'lines',
      stored.lines,
      `all ${floodLines}`,
      stored.whole,
    ),
  ];
}

function restartFigures({ trueMs, requests, readyMs }: Restart): readonly Figure[] {
  return [
    figure({
      ...{ name: `restart to every card true, ${open.tasks} open in ${open.rooms} rooms, ${open.stale} of them stale` },
      ...{ unit: 'ms', measured: trueMs, baseline: readyMs, against: 'the same start to its connection' },
      ...{ goal: `${goals.restartMs} ms`, holds: trueMs <= goals.restartMs },
    }),
    one('requests that a restart took', 'requests', requests, 'none set', true),
  ];
}
