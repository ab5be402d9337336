// Appends to the log, each durable when it resolves, beside plain inserts into the same database without the chain.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { performance } from 'node:perf_hooks';
import { openStore } from '../adapters/postgres/open-store.ts';
import { toActorId, toConversationId } from '../core/ids.ts';
import type { Bench } from './figure.ts';
import { figure, quantile } from './figure.ts';

const rounds = 400;

export const storeAppends: Bench = {
  name: 'appends',
  what: 'durable appends to the embedded log, and what they do to the event loop',
  run: async () => {
    const folder = await mkdtemp(join(tmpdir(), 'chiffon-bench-'));
    const store = await openStore({ dataFolder: folder });
    try {
      const local = toActorId('terminal:local');
      const at = new Date().toISOString();
      const append = async () => {
        const task = await store.nextTask();
        await store.append({
          task,
          expectedVersion: 0,
          actor: local,
          at,
          events: [
            {
              type: 'task.received',
              conversation: toConversationId('terminal:local'),
              requester: local,
              request: 'deploy grafana',
              messageId: 'm',
            },
          ],
        });
      };
      const time = async (work: (round: number) => Promise<void>) => {
        const samples: number[] = [];
        for (let round = 0; round < rounds; round += 1) {
          const began = performance.now();
          await work(round);
          samples.push(performance.now() - began);
        }
        return samples;
      };
      await time(append);
      let [last, gap] = [performance.now(), 0];
      const timer = setInterval(() => {
        gap = Math.max(gap, performance.now() - last - 5);
        last = performance.now();
      }, 5);
      const appended = await time(append);
      clearInterval(timer);
      const plain = await time((round) => store.saveCheckpoint('bench', round));
      return [
        figure({
          name: 'append, median',
          unit: 'ms',
          measured: quantile(appended, 0.5),
          baseline: quantile(plain, 0.5),
          against: 'one plain row saved',
          goal: 'none set',
          holds: true,
        }),
        figure({
          name: 'append, p99',
          unit: 'ms',
          measured: quantile(appended, 0.99),
          baseline: quantile(plain, 0.99),
          against: 'one plain row saved',
          goal: 'none set',
          holds: true,
        }),
        figure({
          name: 'longest hold-up of the event loop meanwhile',
          unit: 'ms',
          measured: gap,
          baseline: null,
          against: '',
          goal: '50 ms',
          holds: gap <= 50,
        }),
      ];
    } finally {
      await store.close();
      await rm(folder, { recursive: true, force: true });
    }
  },
};
