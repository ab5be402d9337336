// The whole program on a real Synapse: a data folder, an infrastructure repository, a policy, people who may approve and one who may
// not, all in one room, and the bot as a process that a test starts, stops and kills.
import { readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { copyFirstStart } from '../e2e/fresh-home.ts';
import { makeHome } from '../e2e/home.ts';
import { playbooks } from '../e2e/playbooks.ts';
import { writeRepository } from '../e2e/repositories.ts';
import type { Service, ServiceOptions } from '../e2e/service.ts';
import { startService } from '../e2e/service.ts';
import type { Stored } from '../e2e/stored.ts';
import { readStored } from '../e2e/stored.ts';
import type { Account } from '../matrix/accounts.ts';
import type { Message } from '../matrix/messages.ts';
import type { People, Person } from '../matrix/people.ts';
import { sharedSynapse } from '../matrix/synapse.ts';
import type { SynapseAddress } from '../matrix/synapse-server.ts';

type Homeserver = SynapseAddress & People;

export type Stage = {
  readonly folder: string;
  readonly bot: Account;
  /** Made by ada; all are in it. */
  readonly room: string;
  /** Who may approve everything. */
  readonly ada: Person;
  readonly ben: Person;
  /** Who may approve nothing. */
  readonly eve: Person;
  readonly setPolicy: (rules: string) => Promise<void>;
  /** Resolves when the bot hears what is said. */
  readonly start: (options?: Partial<ServiceOptions>) => Promise<Service>;
  /** Asks by `!chiffon`; resolves to the plan card. */
  readonly ask: (person: Person, request: string) => Promise<Message>;
  /** The result in a card's thread, once it is there. */
  readonly result: (card: Message, timeoutMs?: number) => Promise<Message>;
  /** The message once it looks so. */
  readonly becomes: (
    message: Message,
    fits: (now: Message) => boolean,
    what: string,
    timeoutMs?: number,
  ) => Promise<Message>;
  /** Lines that playbooks left. */
  readonly marks: () => Promise<readonly string[]>;
  /** Lets playbooks go on that wait for it. */
  readonly release: () => Promise<void>;
  /** While no bot is running. */
  readonly stored: () => Promise<Stored>;
  readonly [Symbol.asyncDispose]: () => Promise<void>;
};

export type StageOptions = {
  /** The one that the test run shares, unless told. */
  readonly homeserver?: Homeserver;
  readonly env?: Readonly<Record<string, string>>;
  /** More files of the infrastructure repository. */
  readonly files?: (folder: string, people: readonly Person[]) => Readonly<Record<string, string>>;
  /** Instead of the repository of playbooks: sets one up and names it. */
  readonly repository?: (folder: string) => Promise<Readonly<Record<string, string>>>;
};

const startMs = 60_000;
const ending = /^\S #\d+ (succeeded|failed|was cancelled|ended unknown)/;

export const isResult = ({ body }: Message): boolean => ending.test(body);
export const taskOf = ({ body }: Message): number => Number(/#(\d+) /.exec(body)?.[1]);

export async function openStage(options: StageOptions = {}): Promise<Stage> {
  const homeserver = options.homeserver ?? (await sharedSynapse());
  const [home, bot, ada, ben, eve] = await Promise.all([
    makeHome({ LOG_LEVEL: 'info' }),
    homeserver.account('chiffon'),
    ...['ada', 'ben', 'eve'].map((name) => homeserver.person(name)),
  ] as const);
  if (ada === undefined || ben === undefined || eve === undefined) throw new TypeError('somebody is missing');
  await copyFirstStart(home);
  const { folder } = home;
  const room = await ada.createRoom({ name: 'the homelab', invite: [bot.userId, ben.userId, eve.userId] });
  for (const invited of [homeserver.as(bot), ben, eve]) await invited.join(room);
  const policy = join(folder, 'policy.yaml');
  const setPolicy = (rules: string) => writeFile(policy, rules);
  await setPolicy(`approvers:\n  - who: ['matrix:${ada.userId}', 'matrix:${ben.userId}']\n`);
  const infrastructure =
    options.repository === undefined
      ? await writeRepository(folder, { ...playbooks(folder), ...options.files?.(folder, [ada, ben, eve]) })
      : await options.repository(folder);
  const env: Readonly<Record<string, string>> = {
    ...home.env,
    POLICY_FILE: policy,
    MATRIX_HOMESERVER_URL: homeserver.url,
    MATRIX_ACCESS_TOKEN: bot.accessToken,
    MATRIX_INVITES_FROM: ada.userId,
    GIT_CONFIG_GLOBAL: '/dev/null',
    ...infrastructure,
    ...options.env,
  };
  const services = new Set<Service>();
  return {
    ...{ folder, bot, room, ada, ben, eve, setPolicy },
    start: async (more = {}) => {
      const service = startService({ folder, ...more, env: { ...env, ...more.env } });
      services.add(service);
      await service.says(/✓ (connected to|everything in)/);
      await service.says(/Encrypted rooms are read and written in/);
      return service;
    },
    ask: async (person, request) => {
      const before = new Set((await person.messages(room)).map(({ eventId }) => eventId));
      await person.say(room, `!chiffon ${request}`);
      return person.sees(
        room,
        ({ eventId, sender, body }) =>
          !before.has(eventId) && sender === bot.userId && body.includes(request) && body.includes('Tap ✅'),
        { what: `the card of "${request}"`, timeoutMs: startMs },
      );
    },
    result: (card, timeoutMs = startMs) =>
      ada.sees(room, (message) => message.thread === card.eventId && isResult(message), {
        what: `a result of ${card.body.split('\n')[0]}`,
        timeoutMs,
      }),
    becomes: (message, fits, what, timeoutMs = startMs) =>
      ada.sees(room, (now) => now.eventId === message.eventId && fits(now), { what, timeoutMs }),
    marks: async () =>
      (await readFile(join(folder, 'marks'), 'utf8').catch(() => '')).split('\n').filter((line) => line !== ''),
    release: () => writeFile(join(folder, 'go'), ''),
    stored: () => readStored(env.CHIFFON_HOME ?? ''),
    [Symbol.asyncDispose]: async () => {
      await Promise.all([...services].map((service) => service.kill()));
      await rm(folder, { recursive: true, force: true });
    },
  };
}
