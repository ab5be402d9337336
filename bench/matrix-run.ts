// What people see of runs on Matrix: how soon after a tap, how soon after a line was printed, and what a flood of lines comes to.
import { once } from 'node:events';
import { join } from 'node:path';
import { execa } from 'execa';
import { play } from '../test/e2e/playbooks.ts';
import type { MatrixStage } from './matrix-stage.ts';
import type { Heard } from './room-watch.ts';
import { bodyOf, epochMs, relates, watchRooms } from './room-watch.ts';

const bareReactions = 100;
const approvals = { atMost: 50, withinMs: 80_000 };
/** The lines that are timed come in threes, for a command takes long beside what it prints. */
const ticks = { rounds: 40, each: 3 };
const flood = { tasks: 20, linesEach: 10_000 };

const debug = (text: string): string => `    - ansible.builtin.debug: { msg: "${text}" }`;
const tick = (number: number): string => debug(`tick ${number} {{ now().timestamp() }}`);
/** Ansible prints a line for each element of a list. */
const print = debug(`{{ range(${flood.linesEach}) | map('string') | map('regex_replace', '^', 'line ') | list }}`);

export const playbooks = {
  'tick.yml': play(
    'Tick away',
    'three',
    Array.from({ length: ticks.rounds }, (_, round) => [
      ...Array.from({ length: ticks.each }, (_, at) => tick(round * ticks.each + at)),
      '    - ansible.builtin.command: sleep 0.3',
    ]).flat(),
  ),
  'flood.yml': play('Flood the log', 'three', Array<string>(flood.tasks).fill(print)),
};

/** What the homeserver and a client take by themselves: to another client's sync, and to the answer of a bot that is nothing else. */
export async function bareReplies({ url, self, ada, bob, watch, rooms }: MatrixStage) {
  const [room = ''] = rooms;
  const bobs = await watchRooms(bob);
  const message = await ada.say(room, 'a message');
  const [trips, answers]: [number[], number[]] = [[], []];
  for (let at = 0; at < bareReactions; at += 1) {
    const from = bobs.heard.length;
    const sentMs = epochMs();
    await ada.react(room, message, `${at}`);
    const seen = await bobs.sees((heard) => relates(heard, 'm.annotation', message), { from, what: 'a reaction' });
    trips.push(seen.atMs - sentMs);
  }
  bobs.stop();
  const child = execa(process.execPath, [join(import.meta.dirname, 'bare-matrix.ts'), url, self.accessToken], {
    ...{ reject: false, cleanup: true, buffer: false },
  });
  await once(child.stdout, 'data');
  for (let at = 0; at < bareReactions; at += 1) {
    const from = watch.heard.length;
    const sentMs = epochMs();
    const reaction = await ada.react(room, message, `answered ${at}`);
    const seen = await watch.sees((heard) => bodyOf(heard) === reaction, { from, what: 'an answer' });
    answers.push(seen.atMs - sentMs);
  }
  child.kill('SIGKILL');
  await child;
  return { trips, answers };
}

/** From the moment in which ✅ is sent to the first that its person sees of it, each in another room than the one before. */
export async function approveMany(stage: MatrixStage) {
  const { watch, rooms } = stage;
  const seen: number[] = [];
  const signs = new Set<string>();
  const began = performance.now();
  while (seen.length < approvals.atMost && performance.now() - began < approvals.withinMs) {
    const card = await stage.ask(rooms[seen.length % rooms.length] ?? '', 'restart web');
    const from = watch.heard.length;
    const id = card.event.event_id;
    const sentMs = await stage.approve(card);
    const about = (heard: Heard) => relates(heard, 'm.replace', id) || relates(heard, 'm.thread', id);
    const sign = await watch.sees(about, { from, what: 'a sign' });
    seen.push(sign.atMs - sentMs);
    const what = relates(sign, 'm.replace', id) ? 'its edit to' : 'in its thread:';
    signs.add(`${what} “${/^\S+ [a-z]+/.exec(bodyOf(sign))?.[0] ?? bodyOf(sign).slice(0, 20)}”`);
    await stage.result(card);
  }
  return { seen, signs: [...signs].join(' or ') };
}

const linesOf = (heard: Heard): number =>
  Number(/([\d,]+) lines?\b/.exec(bodyOf(heard))?.[1]?.replaceAll(',', '') ?? 0);

/** The texts of the files in the thread of a card. */
async function filesOf({ watch, ada }: MatrixStage, card: Heard): Promise<string> {
  const files = watch.heard
    .filter((heard) => relates(heard, 'm.thread', card.event.event_id) && heard.event.content.msgtype === 'm.file')
    .map(({ event }) => event.content.url ?? '');
  const texts = [];
  for (const file of files) texts.push(Buffer.from(await ada.download(file)).toString());
  return texts.join('');
}

/** The states of a run's live message, the first one included. */
function statesOf({ watch }: MatrixStage, card: Heard): readonly Heard[] {
  const live = watch.heard.find((heard) => relates(heard, 'm.thread', card.event.event_id));
  if (live === undefined) return [];
  return watch.heard.filter((heard) => heard === live || relates(heard, 'm.replace', live.event.event_id));
}

/** A line that is printed is seen when a state of the live message counts it. */
export async function printAndSee(stage: MatrixStage): Promise<readonly number[]> {
  const card = await stage.ask(stage.rooms[1] ?? '', 'tick away');
  await stage.approve(card);
  await stage.result(card);
  const states = statesOf(stage, card);
  const lines = (await filesOf(stage, card)).split('\n');
  return lines.flatMap((line, index) => {
    const printedMs = Number(/tick \d+ (\d+\.\d+)/.exec(line)?.[1] ?? Number.NaN) * 1_000;
    if (Number.isNaN(printedMs)) return [];
    const seen = states.find((state) => linesOf(state) > index);
    return [(seen?.atMs ?? Number.POSITIVE_INFINITY) - printedMs];
  });
}

export const ticked = ticks.rounds * ticks.each;
export const floodLines = flood.tasks * flood.linesEach;

export type Flood = { readonly card: Heard; readonly floodMs: number; readonly edits: number; readonly file: string };

export async function floodRoom(stage: MatrixStage): Promise<Flood> {
  const card = await stage.ask(stage.rooms[2] ?? '', 'flood the log');
  const sentMs = await stage.approve(card);
  const { atMs } = await stage.result(card, 180_000);
  return {
    ...{ card, floodMs: atMs - sentMs, edits: statesOf(stage, card).length - 1 },
    file: await filesOf(stage, card),
  };
}

/** After the bot has ended: whether what it stored is whole and in order, and what was attached is all of it. */
export async function isFloodWhole(
  stage: MatrixStage,
  { card, file }: Flood,
): Promise<{ lines: number; whole: boolean }> {
  const task = Number(/#(\d+) /.exec(bodyOf(card))?.[1]);
  const output = (await stage.stored()).output(task);
  const numbers = [...output.matchAll(/"line (\d+)"/g)].map(([, number]) => Number(number));
  const inOrder = numbers.every((number, index) => number === index % flood.linesEach);
  const isAttached = `${output.replace(/[\r\n]+$/, '')}\n` === file;
  return { lines: numbers.length, whole: inOrder && numbers.length === floodLines && isAttached };
}
