// A real homeserver, the program as a service on it, and a person in a few rooms with it: for what is measured on Matrix.
import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { makeHome } from '../test/e2e/home.ts';
import { playbooks } from '../test/e2e/playbooks.ts';
import { writeRepository } from '../test/e2e/repositories.ts';
import type { Service, ServiceOptions } from '../test/e2e/service.ts';
import { startService } from '../test/e2e/service.ts';
import type { Stored } from '../test/e2e/stored.ts';
import { readStored } from '../test/e2e/stored.ts';
import type { Account } from '../test/matrix/accounts.ts';
import type { Person } from '../test/matrix/people.ts';
import { makePeople } from '../test/matrix/people.ts';
import type { RateLimits } from '../test/matrix/synapse-config.ts';
import { startSynapse } from '../test/matrix/synapse-server.ts';
import type { Heard, RoomWatch } from './room-watch.ts';
import { bodyOf, epochMs, relates, watchRooms } from './room-watch.ts';

export type MatrixStage = {
  readonly url: string;
  /** The environment of a service that is not on Matrix. */
  readonly alone: Readonly<Record<string, string>>;
  readonly bot: Account;
  /** The bot's account without the bot. */
  readonly self: Person;
  /** Who may approve everything, in all rooms with the bot. */
  readonly ada: Person;
  /** A client that does nothing, in the first room. */
  readonly bob: Person;
  readonly watch: RoomWatch;
  readonly rooms: readonly string[];
  readonly begin: (options?: Partial<ServiceOptions>) => Service;
  /** Resolves when it hears what people say. */
  readonly start: (options?: Partial<ServiceOptions>) => Promise<Service>;
  /** Resolves to the card, when all of its reactions are there. */
  readonly ask: (room: string, request: string) => Promise<Heard>;
  /** Taps ✅. @returns when that was sent */
  readonly approve: (card: Heard) => Promise<number>;
  /** Resolves to the result, when the card says so too. */
  readonly result: (card: Heard, timeoutMs?: number) => Promise<Heard>;
  /** While no bot is running. */
  readonly stored: () => Promise<Stored>;
  [Symbol.asyncDispose](): Promise<void>;
};

/** Said in the log when it is connected. */
export const connected = /Encrypted rooms are read|Encryption is off/;

type Options = {
  readonly rateLimits: RateLimits;
  readonly rooms: number;
  readonly playbooks: Readonly<Record<string, string>>;
};

export async function openMatrixStage(options: Options): Promise<MatrixStage> {
  const server = await startSynapse(options);
  const home = await makeHome({ LOG_LEVEL: 'info' });
  const services = new Set<Service>();
  const watches: RoomWatch[] = [];
  const dispose = async (): Promise<void> => {
    for (const one of watches) one.stop();
    await Promise.all([...services].map((service) => service.kill()));
    await server.end();
    await rm(home.folder, { recursive: true, force: true });
  };
  try {
    const people = makePeople(server);
    const [bot, ada, bob] = await Promise.all([people.account('chiffon'), people.person('ada'), people.person('bob')]);
    const self = people.as(bot);
    const rooms: string[] = [];
    for (let at = 0; at < options.rooms; at += 1) {
      const room = await ada.createRoom({ name: `room ${at}`, invite: [bot.userId, bob.userId] });
      await self.join(room);
      rooms.push(room);
    }
    await bob.join(rooms[0] ?? '');
    const policy = join(home.folder, 'policy.yaml');
    await writeFile(policy, `approvers:\n  - who: ['matrix:${ada.userId}']\n`);
    const env = {
      ...home.env,
      POLICY_FILE: policy,
      MATRIX_HOMESERVER_URL: server.url,
      MATRIX_ACCESS_TOKEN: bot.accessToken,
      MATRIX_INVITES_FROM: ada.userId,
      GIT_CONFIG_GLOBAL: '/dev/null',
      ...(await writeRepository(home.folder, { ...playbooks(home.folder), ...options.playbooks })),
    };
    const watch = await watchRooms(ada);
    watches.push(watch);
    const begin: MatrixStage['begin'] = (more = {}) => {
      const service = startService({ folder: home.folder, ...more, env: { ...env, ...more.env } });
      services.add(service);
      return service;
    };
    return {
      ...{ url: server.url, bot, self, ada, bob, watch, rooms, begin },
      alone: { MATRIX_HOMESERVER_URL: '', MATRIX_ACCESS_TOKEN: '', MATRIX_INVITES_FROM: '' },
      start: async (more) => {
        const service = begin(more);
        await service.says(connected);
        return service;
      },
      ...conversation({ watch, ada, bot }),
      stored: () => readStored(home.env.CHIFFON_HOME ?? ''),
      [Symbol.asyncDispose]: dispose,
    };
  } catch (error) {
    await dispose();
    throw error;
  }
}

const ending = /^\S #\d+ (succeeded|failed|was cancelled|ended unknown)/;

function conversation({
  watch,
  ada,
  bot,
}: Pick<MatrixStage, 'watch' | 'ada' | 'bot'>): Pick<MatrixStage, 'ask' | 'approve' | 'result'> {
  const says = ({ event }: Heard): boolean => event.sender === bot.userId && event.type === 'm.room.message';
  return {
    ask: async (room, request) => {
      const from = watch.heard.length;
      await ada.say(room, `!chiffon ${request}`);
      const isCard = (heard: Heard) =>
        heard.room === room && says(heard) && new RegExp(`^#\\d+ ${request}`).test(bodyOf(heard));
      const card = await watch.sees(isCard, { from, what: `the card of "${request}"` });
      const seed = (heard: Heard) => relates(heard, 'm.annotation', card.event.event_id);
      const isLast = (heard: Heard) => seed(heard) && watch.heard.slice(from).filter(seed).length === 3;
      await watch.sees(isLast, { from, what: 'three reactions' });
      return card;
    },
    approve: async ({ room, event }) => {
      const sentMs = epochMs();
      await ada.react(room, event.event_id, '✅');
      return sentMs;
    },
    result: async ({ event: { event_id: card } }, timeoutMs = 120_000) => {
      const is = (kind: 'm.thread' | 'm.replace', says: RegExp) => (heard: Heard) =>
        relates(heard, kind, card) && says.test(bodyOf(heard));
      const result = await watch.sees(is('m.thread', ending), { from: 0, what: 'a result', timeoutMs });
      await watch.sees(is('m.replace', /^\S (succeeded|failed|cancelled)/), {
        from: 0,
        what: 'a card that says how it ended',
        timeoutMs,
      });
      return result;
    },
  };
}
