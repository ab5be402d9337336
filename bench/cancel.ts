// `cancel` of a task whose shell has children that ignore signals and move away: how many processes are left?
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { performance } from 'node:perf_hooks';
import { execa } from 'execa';
import { makeHome } from '../test/e2e/home.ts';
import { startProgram } from '../test/e2e/program.ts';
import type { Bench } from './figure.ts';
import { figure } from './figure.ts';
import { makeLab } from './lab.ts';

const napSeconds = 7_301;

export const cancel: Bench = {
  name: 'cancel',
  what: 'processes alive after cancel',
  run: async () => {
    const home = await makeHome();
    try {
      const lab = await makeLab(
        join(home.folder, 'lab'),
        `    - name: Nap\n      ansible.builtin.shell: "(trap '' INT TERM; sleep ${napSeconds}) & setsid sleep ${napSeconds} & setsid sh -c 'trap \\"\\" INT TERM; sleep ${napSeconds}' & wait"\n`,
      );
      const program = startProgram(
        { ...home, env: { ...home.env, INFRA_REPO: lab } },
        ['--json'],
        ['measure it', 'approve'],
        true,
      );
      while ((await nappers()) < 3) await new Promise((resolve) => setTimeout(resolve, 50));
      const during = await nappers();
      const began = performance.now();
      program.say('cancel');
      await program.shows(/"type":"result"/);
      const took = performance.now() - began;
      const left = await nappers();
      program.end();
      await program.finished;
      return [
        figure({
          name: 'processes alive after cancel',
          unit: 'processes',
          measured: left,
          baseline: during,
          against: 'before it',
          goal: '0',
          holds: left === 0,
        }),
        figure({
          name: 'cancel to result card',
          unit: 'ms',
          measured: took,
          baseline: null,
          against: '',
          goal: '11000 ms',
          holds: took <= 11_000,
        }),
      ];
    } finally {
      await rm(home.folder, { recursive: true, force: true });
    }
  },
};

async function nappers(): Promise<number> {
  const { stdout } = await execa('pgrep', ['-fc', `^sleep ${napSeconds}`], { reject: false });
  return Number(stdout);
}
