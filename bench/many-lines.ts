// A play that prints 100,000 lines: time beside bare, every line stored in order, memory.
import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { makeHome } from '../test/e2e/home.ts';
import { startProgram } from '../test/e2e/program.ts';
import type { Bench } from './figure.ts';
import { figure } from './figure.ts';
import { makeLab } from './lab.ts';
import { timeApproved, timeBare } from './run-overhead.ts';

const lines = 100_000;

export const manyLines: Bench = {
  name: 'lines',
  what: '100,000 printed lines',
  run: async () => {
    const home = await makeHome();
    try {
      // One debug task whose message is a list: the default callback prints one line for each element.
      const lab = await makeLab(
        join(home.folder, 'lab'),
        `    - name: Print\n      ansible.builtin.debug:\n        msg: "{{ range(${lines}) | map('string') | map('regex_replace', '^', 'line ') | list }}"\n`,
      );
      const baseline = await timeBare(home, lab);
      const program = startProgram(
        { ...home, env: { ...home.env, INFRA_REPO: lab } },
        ['--json'],
        ['help'],
        true,
        900_000,
      );
      await program.shows(/"type":"help"/);
      const before = await residentMb(program.pid);
      let peak = before;
      const watch = setInterval(
        () =>
          void residentMb(program.pid).then(
            (now) => (peak = Math.max(peak, now)),
            () => {},
          ),
        50,
      );
      const measured = await timeApproved(program, 1);
      clearInterval(watch);
      program.say('log');
      await program.shows(/"type":"log"/);
      program.end();
      const { stdout } = await program.finished;
      const log = stdout.split('\n').find((line) => line.startsWith('{"type":"log"')) ?? '{}';
      const text = (JSON.parse(log) as { text?: string }).text ?? '';
      const found = [...text.matchAll(/"line (\d+)"/g)].map((match) => Number(match[1]));
      const whole = found.length === lines && found.every((number, index) => number === index);
      return [
        figure({
          name: `approval to result, ${lines} lines`,
          unit: 'ms',
          measured,
          baseline,
          against: 'bare ansible-playbook',
          goal: '1.2x',
          holds: measured / baseline <= 1.2,
        }),
        figure({
          name: 'lines stored, in order',
          unit: 'per second',
          measured: found.length / (measured / 1_000),
          baseline: null,
          against: '',
          goal: `all ${lines}`,
          holds: whole,
        }),
        figure({
          name: 'peak growth of resident memory',
          unit: 'MB',
          measured: peak - before,
          baseline: null,
          against: '',
          goal: '100 MB',
          holds: peak - before <= 100,
        }),
      ];
    } finally {
      await rm(home.folder, { recursive: true, force: true });
    }
  },
};

export async function residentMb(pid: number): Promise<number> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8');
  return Number(/VmRSS:\s+(\d+) kB/.exec(status)?.[1] ?? 0) / 1_024;
}
