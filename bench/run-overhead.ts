// A run of 100 tasks through Chiffon, from approval to result, beside the same playbook bare, in turn.
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { performance } from 'node:perf_hooks';
import { execa } from 'execa';
import type { Home } from '../test/e2e/home.ts';
import { makeHome } from '../test/e2e/home.ts';
import { startProgram } from '../test/e2e/program.ts';
import type { Bench } from './figure.ts';
import { figure, quantile } from './figure.ts';
import { makeLab } from './lab.ts';

const rounds = 3;

/** Wall time from the approval to the result card, for one task of a program that is up. */
export async function timeApproved(program: ReturnType<typeof startProgram>, task: number): Promise<number> {
  program.say('measure it');
  await program.shows(new RegExp(`"type":"plan","task":${task},`));
  const began = performance.now();
  program.say('approve');
  await program.shows(new RegExp(`"type":"result","task":${task},`));
  return performance.now() - began;
}

/** Wall time of bare ansible-playbook in the same lab. */
export async function timeBare(home: Home, lab: string): Promise<number> {
  const began = performance.now();
  await execa(home.env.CHIFFON_ANSIBLE_PLAYBOOK ?? 'ansible-playbook', ['play.yml'], {
    cwd: lab,
    env: { ANSIBLE_NOCOLOR: '1' },
    timeout: 300_000,
  });
  return performance.now() - began;
}

export const runOverhead: Bench = {
  name: 'run',
  what: 'a run of 100 tasks beside bare ansible-playbook',
  run: async () => {
    const home = await makeHome();
    try {
      const tasks = Array.from(
        { length: 100 },
        (_, index) =>
          `    - name: Task ${index + 1}\n      ansible.builtin.command: "true"\n      changed_when: false\n`,
      ).join('');
      const lab = await makeLab(join(home.folder, 'lab'), tasks);
      const program = startProgram({ ...home, env: { ...home.env, INFRA_REPO: lab } }, ['--json'], [], true, 900_000);
      const [through, bare]: [number[], number[]] = [[], []];
      for (let round = 0; round < rounds; round += 1) {
        bare.push(await timeBare(home, lab));
        through.push(await timeApproved(program, round + 1));
      }
      program.end();
      await program.finished;
      const [measured, baseline] = [quantile(through, 0.5), quantile(bare, 0.5)];
      return [
        figure({
          name: 'approval to result, 100 tasks, median',
          unit: 'ms',
          measured,
          baseline,
          against: 'bare ansible-playbook',
          goal: '1.03x',
          holds: measured / baseline <= 1.03,
        }),
      ];
    } finally {
      await rm(home.folder, { recursive: true, force: true });
    }
  },
};
