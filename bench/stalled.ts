// A playbook that prints a great deal while the bot stands still (SIGSTOP): it does not wait for the bot, its output lies on the
// agent's disk, neither process keeps it in memory, and all of it is stored once the bot goes on. BENCH_MB says how much, 200 without it.
import { createHash } from 'node:crypto';
import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { TaskEvent } from '../core/task/event.ts';
import { openDesk } from '../test/services/desk.ts';
import type { Lab, LabProcess } from '../test/services/lab.ts';
import { until } from '../test/services/until.ts';
import type { Bench, Figure } from './figure.ts';
import { figure } from './figure.ts';
import { residentMb } from './many-lines.ts';
import { onServices } from './services.ts';

const linesAPart = 20_000;
const lineBytes = 1_000;
const parts = Math.max(1, Math.round((Number(process.env.BENCH_MB ?? 200) * 1e6) / (linesAPart * lineBytes)));
const longMs = 1_800_000;
const goalMb = 150;
/** Beside a bot that reads. */
const goalTime = 1.1;

/** Lines of a list: Ansible prints one for each element. */
function playbook(folder: string): Readonly<Record<string, string>> {
  const mark = (text: string) => `    - ansible.builtin.shell: echo ${text} $(date +%s%3N) >> ${folder}/marks\n`;
  const numbered = `map('regex_replace', '^(.*)$', 'line \\\\1 ${'x'.repeat(lineBytes - 20)}')`;
  const print = (part: number) =>
    `    - ansible.builtin.debug: { msg: "{{ range(${part * linesAPart}, ${(part + 1) * linesAPart}) | map('string') | ${numbered} | list }}" }\n`;
  const tasks = [mark('begins'), ...Array.from({ length: parts }, (_, part) => print(part)), mark('ends')];
  return {
    'print-much.yml': `# Print much.\n- name: Print much\n  hosts: one\n  gather_facts: false\n  tasks:\n${tasks.join('')}`,
  };
}

export const stalled: Bench = {
  name: 'stalled',
  what: `${(parts * linesAPart * lineBytes) / 1e6} MB printed while the bot stands still`,
  run: () =>
    onServices({ files: playbook }, async (lab) => {
      const bot = lab.bot();
      await bot.shows(/Ask for a change/);
      const agent = await lab.agent();
      const fresh = { botMb: await residentMb(bot.pid), agentMb: await residentMb(agent.pid) };
      const reading = await printMuch(lab, bot, agent, fresh, false);
      const stopped = await printMuch(lab, bot, agent, fresh, true);
      return figuresOf(reading, stopped);
    }),
};

type Printed = {
  /** From the playbook's first task to its last. */
  readonly playbookMs: number;
  readonly whole: boolean;
  readonly storedMb: number;
  readonly spoolMb: number;
  readonly agentMb: number;
  readonly botMb: number;
  /** From SIGCONT, or the playbook's end, to the task's. */
  readonly catchUpMs: number;
};

type Fresh = Pick<Printed, 'botMb' | 'agentMb'>;

async function printMuch(lab: Lab, bot: LabProcess, agent: LabProcess, fresh: Fresh, stall: boolean): Promise<Printed> {
  const desk = openDesk(lab);
  const marksBefore = (await lab.marks()).length;
  const [ofBot, ofAgent] = [watchResident(bot.pid), watchResident(agent.pid)];
  const task = await desk.order('print much');
  await until(async () => (await lab.marks()).length > marksBefore, { what: () => 'the playbook’s begin' });
  if (stall) bot.signal('SIGSTOP');
  await until(async () => (await lab.marks()).length > marksBefore + 1, {
    ...{ timeoutMs: longMs, everyMs: 100 },
    what: () => 'the playbook’s end',
  });
  const [begins, ends] = (await lab.marks()).slice(marksBefore).map((line) => Number(line.split(' ')[1]));
  const spoolMb = (await folderBytes(join(lab.folder, 'agent-nas', 'agent', 'output'))) / 2 ** 20;
  const wentOn = performance.now();
  if (stall) bot.signal('SIGCONT');
  const end = await desk.ends(task, longMs);
  const catchUpMs = performance.now() - wentOn;
  const growth = { botMb: ofBot.most() - fresh.botMb, agentMb: ofAgent.most() - fresh.agentMb };
  const { whole, bytes } = await stored(lab, await desk.history(task));
  return {
    ...growth,
    ...{ playbookMs: (ends ?? 0) - (begins ?? 0), spoolMb, catchUpMs },
    ...{ whole: whole && end === 'task.succeeded', storedMb: bytes / 2 ** 20 },
  };
}

/** The largest that it gets. */
function watchResident(pid: number) {
  let most = 0;
  const look = (): void =>
    void residentMb(pid).then(
      (now) => {
        most = Math.max(most, now);
      },
      () => {},
    );
  const timer = setInterval(look, 100).unref();
  return {
    most: () => {
      clearInterval(timer);
      return most;
    },
  };
}

async function folderBytes(folder: string): Promise<number> {
  const sizes = (await readdir(folder)).map(async (name) => (await stat(join(folder, name))).size);
  return (await Promise.all(sizes)).reduce((sum, size) => sum + size, 0);
}

/** Every line that the playbook printed, once, in order, with the digest that the agent signed. */
async function stored(lab: Lab, history: readonly TaskEvent[]) {
  const finished = history.find((event) => event.type === 'attempt.finished');
  if (finished?.type !== 'attempt.finished') return { whole: false, bytes: 0 };
  const { run, step, attempt, result } = finished;
  const hash = createHash('sha256');
  let [bytes, lines, next, inOrder, after] = [0, 0, 0, true, 0];
  for (;;) {
    const chunks = await lab.store.readOutput(run, step, attempt, after, 100);
    if (chunks.length === 0) break;
    for (const chunk of chunks) {
      hash.update(chunk.text);
      bytes += Buffer.byteLength(chunk.text);
      lines += chunk.lines;
      inOrder &&= chunk.seq === after + 1;
      after = chunk.seq;
      for (const [, number] of chunk.text.matchAll(/"line (\d+) /g)) {
        inOrder &&= Number(number) === next;
        next += 1;
      }
    }
  }
  const sums = { sha256: hash.digest('hex'), lines, bytes };
  const { output } = result;
  const asSigned = sums.sha256 === output.sha256 && lines === output.lines && bytes === output.bytes;
  return { whole: inOrder && asSigned && next === parts * linesAPart, bytes };
}

function figuresOf(reading: Printed, stopped: Printed): readonly Figure[] {
  const alone = { baseline: null, against: '' };
  const growth = (who: string, measured: number): Figure =>
    figure({
      ...{ name: `${who}, most resident memory above what it held after its start`, unit: 'MB', measured, ...alone },
      ...{ goal: `${goalMb} MB`, holds: measured <= goalMb },
    });
  const time = stopped.playbookMs / reading.playbookMs;
  return [
    figure({
      name: 'the playbook’s time, the bot standing still',
      ...{ unit: 'ms', measured: stopped.playbookMs, baseline: reading.playbookMs, against: 'with a bot that reads' },
      ...{ goal: `${goalTime}x`, holds: time <= goalTime },
    }),
    figure({
      name: 'stored in the end, every line once, in order, the agent’s digest',
      ...{ unit: 'MB', measured: stopped.storedMb, ...alone, goal: 'all', holds: stopped.whole && reading.whole },
    }),
    figure({
      name: 'on the agent’s disk when the playbook ended',
      ...{ unit: 'MB', measured: stopped.spoolMb, ...alone, goal: 'none set', holds: true },
    }),
    growth('agent, bot standing still', stopped.agentMb),
    growth('agent, bot reading', reading.agentMb),
    growth('bot, that stood still and caught up', stopped.botMb),
    growth('bot, reading', reading.botMb),
    figure({
      name: 'from SIGCONT to the task’s end',
      ...{ unit: 'ms', measured: stopped.catchUpMs, ...alone, goal: 'none set', holds: true },
    }),
  ];
}
