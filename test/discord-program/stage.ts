// The whole program on the tests' Discord: a data folder, an infrastructure repository, a policy, people who may approve and
// people who may not, and the bot as a process that a test starts, stops and kills.
import { readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { PersonHandle } from '../discord/handles.ts';
import type { SeenMessage } from '../discord/seen.ts';
import type { DiscordOptions, DiscordServer } from '../discord/start.ts';
import { startDiscord } from '../discord/start.ts';
import { copyFirstStart } from '../e2e/fresh-home.ts';
import type { Home } from '../e2e/home.ts';
import { makeHome } from '../e2e/home.ts';
import { playbooks } from '../e2e/playbooks.ts';
import { runProgram } from '../e2e/program.ts';
import { writeRepository } from '../e2e/repositories.ts';
import type { Service, ServiceOptions } from '../e2e/service.ts';
import { startService } from '../e2e/service.ts';
import type { Stored } from '../e2e/stored.ts';
import { readStored } from '../e2e/stored.ts';

export type Stage = {
  readonly discord: DiscordServer;
  readonly folder: string;
  readonly home: Home;
  /** Who may approve everything. */
  readonly ada: PersonHandle;
  readonly bob: PersonHandle;
  /** Who may approve nothing. */
  readonly eve: PersonHandle;
  readonly setPolicy: (rules: string) => Promise<void>;
  /** Resolves when the bot takes commands. */
  readonly start: (options?: Partial<ServiceOptions>) => Promise<Service>;
  /** Does not wait. */
  readonly begin: (options?: Partial<ServiceOptions>) => Service;
  /** Asks by `/do`; resolves to the plan card. */
  readonly ask: (person: PersonHandle, request: string, where?: string) => Promise<SeenMessage>;
  /** The result in a card's thread, once it is there. */
  readonly result: (card: SeenMessage, timeoutMs?: number) => Promise<SeenMessage>;
  /** A message as it is now. */
  readonly look: (message: SeenMessage) => Promise<SeenMessage>;
  /** The message once it looks so. */
  readonly becomes: (
    message: SeenMessage,
    fits: (now: SeenMessage) => boolean,
    what: string,
    timeoutMs?: number,
  ) => Promise<SeenMessage>;
  /** Lines that playbooks left. */
  readonly marks: () => Promise<readonly string[]>;
  /** Lets the playbook `hold on` go on. */
  readonly release: () => Promise<void>;
  /** The log and the output of the one attempt of each step, while no bot is running. */
  readonly stored: () => Promise<Stored>;
  readonly program: (...args: readonly string[]) => ReturnType<typeof runProgram>;
  readonly [Symbol.asyncDispose]: () => Promise<void>;
};

export type StageOptions = {
  readonly discord?: DiscordOptions;
  readonly env?: Readonly<Record<string, string>>;
  /** More files of the infrastructure repository; told the stage's folder, and the server before anybody is in it. */
  readonly files?: (folder: string, discord: DiscordServer) => Readonly<Record<string, string>>;
  /** Instead of the repository of playbooks: sets one up and names it. */
  readonly repository?: (folder: string) => Promise<Readonly<Record<string, string>>>;
};

const startMs = 60_000;

export async function openStage(options: StageOptions = {}): Promise<Stage> {
  const [discord, home] = await Promise.all([
    startDiscord({ limits: 'generous', ...options.discord }),
    makeHome({ LOG_LEVEL: 'info' }),
  ]);
  await copyFirstStart(home);
  const { folder } = home;
  const [ada, bob, eve] = [discord.person('ada'), discord.person('bob'), discord.person('eve')];
  const policy = join(folder, 'policy.yaml');
  const setPolicy = (rules: string) => writeFile(policy, rules);
  await setPolicy(`approvers:\n  - who: ['discord:${ada.id}', 'discord:${bob.id}']\n`);
  const infrastructure =
    options.repository === undefined
      ? await writeRepository(folder, { ...playbooks(folder), ...options.files?.(folder, discord) })
      : await options.repository(folder);
  const env: Readonly<Record<string, string>> = {
    ...home.env,
    POLICY_FILE: policy,
    DISCORD_TOKEN: discord.token,
    DISCORD_GUILD_ID: discord.guild.id,
    DISCORD_API_URL: discord.apiUrl,
    GIT_CONFIG_GLOBAL: '/dev/null',
    ...infrastructure,
    ...options.env,
  };
  const services = new Set<Service>();

  const begin: Stage['begin'] = (more = {}) => {
    const service = startService({ folder, ...more, env: { ...env, ...more.env } });
    services.add(service);
    return service;
  };
  const find = (id: string) => async (): Promise<SeenMessage> => {
    const channel = [...discord.world.channels.values()].find(({ messages }) => messages.some((one) => one.id === id));
    const found = (await discord.channel(channel?.id ?? '').everything()).find((one) => one.id === id);
    if (found === undefined) throw new Error(`there is no message ${id}`);
    return found;
  };
  return {
    ...{ discord, folder, home: { ...home, env }, ada, bob, eve, setPolicy, begin },
    start: async (more) => {
      const service = begin(more);
      await service.says(/✓ (connected to|everything in)/);
      await discord.until(
        () => discord.gateway.connected() > 0 && discord.world.commands.has(discord.guild.id),
        `a bot that takes commands:\n${service.stderr().slice(-2_000)}`,
        startMs,
      );
      return service;
    },
    ask: async (person, request, where = 'general') => {
      const before = new Set((await discord.channel(where).messages()).map(({ id }) => id));
      const asked = await person.command('do', { request }, { in: where });
      if (asked.failure !== undefined) throw new Error(`/do: ${asked.failure}`);
      return discord
        .channel(where)
        .until(
          ({ id, buttons, content }) =>
            !before.has(id) && content.includes(request) && buttons.some(({ label }) => label === 'Approve'),
          `the card of "${request}"`,
          startMs,
        );
    },
    result: async (card, timeoutMs = startMs) => {
      await discord.until(() => discord.world.channels.has(card.id), 'the thread of a run', timeoutMs);
      return discord.channel(card.id).until(({ content }) => ending.test(content), 'a result', timeoutMs);
    },
    look: (message) => find(message.id)(),
    becomes: async (message, fits, what, timeoutMs = startMs) => {
      const channel = discord.channel(message.channelId);
      return channel.until((one) => one.id === message.id && fits(one), what, timeoutMs);
    },
    marks: async () =>
      (await readFile(join(folder, 'marks'), 'utf8').catch(() => '')).split('\n').filter((line) => line !== ''),
    release: () => writeFile(join(folder, 'go'), ''),
    stored: () => readStored(env.CHIFFON_HOME ?? ''),
    program: (...args) => runProgram({ folder, env }, args),
    [Symbol.asyncDispose]: async () => {
      await Promise.all([...services].map((service) => service.kill()));
      await discord.stop();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

const ending = /^\S #\d+ (succeeded|failed|was cancelled|ended unknown)/;
