// Hears of appends by other processes: LISTEN on a connection of its own, made again when it is lost, and a slow look at the
// head for what a proxy or a lost connection swallowed.
import pg from 'pg';
import type { ChainHead } from '../../core/task/chain.ts';
import type { Server } from './server-pool.ts';

export const appendChannel = 'chiffon_append';

const retryMs = { first: 250, most: 5_000 };
const lookMs = 5_000;

export type Listening = { readonly start: () => void; readonly stop: () => Promise<void> };

export function listenForAppends(options: {
  readonly server: Server;
  readonly head: () => Promise<ChainHead>;
  readonly announce: (seq: number) => void;
}): Listening {
  const { server, head, announce } = options;
  const stopping = new AbortController();
  const stopped = new Promise<void>((resolve) =>
    stopping.signal.addEventListener('abort', () => resolve(), { once: true }),
  );
  let running: Promise<void> | undefined;
  let looks: NodeJS.Timeout | undefined;

  const look = async () => {
    const { seq } = await head();
    announce(seq);
  };
  const listenOnce = async (): Promise<void> => {
    const client = new pg.Client(server.config);
    const lost = new Promise<void>((resolve) => {
      client.on('error', () => resolve());
      client.on('end', () => resolve());
    });
    try {
      await client.connect();
      client.on('notification', ({ payload }) => announce(Number(payload)));
      await client.query(`LISTEN ${appendChannel}`);
      await look();
      await Promise.race([lost, stopped]);
    } finally {
      await client.end();
    }
  };
  const run = async (): Promise<void> => {
    let waitMs = retryMs.first;
    while (!stopping.signal.aborted) {
      const began = Date.now();
      await listenOnce().catch(() => {});
      if (Date.now() - began > retryMs.most) waitMs = retryMs.first;
      await Promise.race([new Promise((resolve) => setTimeout(resolve, waitMs).unref()), stopped]);
      waitMs = Math.min(waitMs * 2, retryMs.most);
    }
  };
  return {
    start: () => {
      running ??= run();
      looks ??= setInterval(() => void look().catch(() => {}), lookMs).unref();
    },
    stop: async () => {
      clearInterval(looks);
      stopping.abort();
      await running;
    },
  };
}
