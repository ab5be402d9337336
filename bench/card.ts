// From a typed request to its plan card, through log, planner, git and conversation, beside the planner alone.
import { rm } from 'node:fs/promises';
import { performance } from 'node:perf_hooks';
import { makeHome } from '../test/e2e/home.ts';
import { runProgram, startProgram } from '../test/e2e/program.ts';
import type { Bench } from './figure.ts';
import { figure, quantile } from './figure.ts';

const rounds = 60;
const requests = [
  'deploy uptime kuma to homelab and add existing portals to config',
  'deploy grafana',
  'deploy jellyfin',
  'restart grafana',
];

export const card: Bench = {
  name: 'card',
  what: 'request to plan card',
  run: async () => {
    const home = await makeHome();
    try {
      const alone = await runProgram(
        home,
        ['plan', '--stdin'],
        Array.from({ length: rounds }, (_, round) => requests[round % requests.length] ?? ''),
      );
      const planner = alone.stdout
        .trim()
        .split('\n')
        .map((line) => (JSON.parse(line) as { ms: number }).ms);
      const program = startProgram(home, ['--json'], [], true);
      const samples: number[] = [];
      for (let round = 0; round < rounds; round += 1) {
        const began = performance.now();
        program.say(requests[round % requests.length] ?? '');
        await program.shows(new RegExp(`"type":"plan","task":${round + 1},`));
        samples.push(performance.now() - began);
      }
      program.end();
      await program.finished;
      const shared = { unit: 'ms', against: 'the planner alone, median', baseline: quantile(planner, 0.5) } as const;
      return [
        figure({
          ...shared,
          name: 'request to plan card, p50',
          measured: quantile(samples, 0.5),
          goal: '300 ms',
          holds: quantile(samples, 0.5) <= 300,
        }),
        figure({
          ...shared,
          name: 'request to plan card, p95',
          measured: quantile(samples, 0.95),
          goal: '300 ms',
          holds: quantile(samples, 0.95) <= 300,
        }),
      ];
    } finally {
      await rm(home.folder, { recursive: true, force: true });
    }
  },
};
