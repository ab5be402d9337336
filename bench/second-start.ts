// A second `npm start`, from the command to the prompt, beside npm starting nothing.
import { rm } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { performance } from 'node:perf_hooks';
import { execa } from 'execa';
import { makeHome } from '../test/e2e/home.ts';
import type { Bench } from './figure.ts';
import { figure, quantile } from './figure.ts';

const rounds = 7;
const root = resolve(import.meta.dirname, '..');

export const secondStart: Bench = {
  name: 'start',
  what: 'second start to the prompt',
  run: async () => {
    const home = await makeHome();
    try {
      const start = async () => {
        const began = performance.now();
        // Without CHIFFON_ANSIBLE_PLAYBOOK: the start has to find it by itself, as a person's does.
        const child = execa('npm', ['start'], {
          cwd: root,
          env: { CHIFFON_HOME: join(root, '.chiffon-bench'), NO_COLOR: '1' },
          reject: false,
          timeout: 300_000,
        });
        await new Promise<void>((done) => child.stdout.once('data', () => done()));
        const took = performance.now() - began;
        child.stdin.end();
        await child;
        return took;
      };
      await start();
      const samples: number[] = [];
      const bare: number[] = [];
      for (let round = 0; round < rounds; round += 1) {
        samples.push(await start());
        const began = performance.now();
        await execa('npm', ['--version'], { cwd: root });
        bare.push(performance.now() - began);
      }
      const measured = quantile(samples, 0.5);
      return [
        figure({
          name: 'second start to the greeting, median',
          unit: 'ms',
          measured,
          baseline: quantile(bare, 0.5),
          against: 'npm --version',
          goal: '3000 ms',
          holds: measured <= 3_000,
        }),
      ];
    } finally {
      await rm(home.folder, { recursive: true, force: true });
      await rm(join(root, '.chiffon-bench'), { recursive: true, force: true });
    }
  },
};
