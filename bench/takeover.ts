// How long the work stands still when the bot that leads it is killed, or hangs, and another one is there.
import type { LabBot } from '../test/services/bot-log.ts';
import { leaderOf } from '../test/services/bot-log.ts';
import type { Lab } from '../test/services/lab.ts';
import type { Bench, Figure } from './figure.ts';
import { figure, quantile } from './figure.ts';
import { onServices } from './services.ts';

const kills = 10;
const goalMs = 5_000;

export const takeover: Bench = {
  name: 'takeover',
  what: 'the bot that leads is killed or hangs, until another leads',
  run: () =>
    onServices({}, async (lab) => {
      let bots = await Promise.all([startBot(lab, 'local'), startBot(lab, 'second')]);
      const killed: number[] = [];
      for (let kill = 0; kill < kills; kill += 1) {
        const { ms, leader, other } = await takeOver(lab, bots, 'SIGKILL');
        killed.push(ms);
        await leader.process.ended;
        bots = [other, await startBot(lab, leader.home)];
      }
      const hung = await takeOver(lab, bots, 'SIGSTOP');
      return [
        one(`killed, ${kills} times, p50`, quantile(killed, 0.5)),
        one(`killed, ${kills} times, longest`, Math.max(...killed)),
        one('stopped (SIGSTOP), once', hung.ms),
      ];
    }),
};

async function startBot(lab: Lab, home: string): Promise<LabBot> {
  const process = lab.bot({ home, terminal: home });
  await process.shows(/Ask for a change/);
  return { home, process };
}

/** From the signal to the other's own word that it leads. */
async function takeOver(lab: Lab, bots: readonly LabBot[], signal: 'SIGKILL' | 'SIGSTOP') {
  const leader = await leaderOf(lab, bots);
  const other = bots.find(({ home }) => home !== leader.home);
  if (other === undefined) throw new Error('there is no other bot');
  const signalled = Date.now();
  leader.process.signal(signal);
  const { sinceMs } = await leaderOf(lab, [other]);
  return { ms: sinceMs - signalled, leader, other };
}

function one(name: string, measured: number): Figure {
  return figure({
    ...{ name, unit: 'ms', measured, baseline: null, against: '' },
    goal: `${goalMs} ms`,
    holds: measured < goalMs,
  });
}
