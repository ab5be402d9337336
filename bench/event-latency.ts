// From the moment in which Ansible does something to the moment in which the chat shows it, over 100 tasks.
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { ProgressView } from '../core/ports/chat.ts';
import { makeHome } from '../test/e2e/home.ts';
import { startProgram } from '../test/e2e/program.ts';
import type { Bench } from './figure.ts';
import { figure, quantile } from './figure.ts';
import { makeLab } from './lab.ts';

const tasks = 100;

export const eventLatency: Bench = {
  name: 'events',
  what: 'Ansible’s event to the chat',
  run: async () => {
    const home = await makeHome();
    try {
      const lab = await makeLab(
        join(home.folder, 'lab'),
        Array.from(
          { length: tasks },
          (_, index) => `    - name: Task ${index + 1}\n      ansible.builtin.command: "true"\n`,
        ).join(''),
      );
      const program = startProgram(
        { ...home, env: { ...home.env, INFRA_REPO: lab } },
        ['--json'],
        ['measure it', 'approve'],
      );
      // A state is timed when it is first seen: what comes after it in the same line is another state's.
      const lags = new Map<string, number>();
      program.onLine((line) => {
        if (!line.startsWith('{"type":"progress"')) return;
        const view = JSON.parse(line) as ProgressView;
        const nowAt = view.steps[0]?.nowAt ?? null;
        if (nowAt !== null && !lags.has(nowAt)) lags.set(nowAt, Date.now() - Date.parse(nowAt));
      });
      await program.finished;
      const samples = [...lags.values()];
      const against = `${samples.length} states shown`;
      return [
        figure({
          name: 'event to chat, p50',
          unit: 'ms',
          measured: quantile(samples, 0.5),
          baseline: null,
          against,
          goal: '1000 ms',
          holds: quantile(samples, 0.5) <= 1_000,
        }),
        figure({
          name: 'event to chat, p99',
          unit: 'ms',
          measured: quantile(samples, 0.99),
          baseline: null,
          against,
          goal: '1000 ms',
          holds: quantile(samples, 0.99) <= 1_000 && samples.length >= tasks,
        }),
      ];
    } finally {
      await rm(home.folder, { recursive: true, force: true });
    }
  },
};
