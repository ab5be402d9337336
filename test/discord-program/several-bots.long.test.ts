// Several bots with one token on shared services: one of them is in Discord. When it dies or hangs, another one is, within seconds, and
// nothing happens twice.
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import type { PersonHandle } from '../discord/handles.ts';
import type { SeenMessage } from '../discord/seen.ts';
import type { DiscordServer } from '../discord/start.ts';
import { startDiscord } from '../discord/start.ts';
import type { Service } from '../e2e/service.ts';
import { startService } from '../e2e/service.ts';
import { expectInvariants } from '../services/invariants.ts';
import type { Lab } from '../services/lab.ts';
import { openLab } from '../services/lab.ts';

const takeoverMs = 5_000;
let lab: Lab;
let discord: DiscordServer;
let ada: PersonHandle;
let bob: PersonHandle;
const services = new Set<Service>();

beforeEach(async () => {
  discord = await startDiscord({ limits: 'generous' });
  [ada, bob] = [discord.person('ada'), discord.person('bob')];
  lab = await openLab();
  await writeFile(join(lab.folder, 'policy.yaml'), `approvers:\n  - who: ['discord:${ada.id}', 'discord:${bob.id}']\n`);
});

afterEach(async () => {
  await Promise.all([...services].map((service) => service.kill()));
  services.clear();
  await lab.dispose();
  await discord.stop();
});

async function bot(home: string): Promise<Service> {
  const service = startService({
    folder: lab.folder,
    env: {
      ...lab.env,
      CHIFFON_HOME: join(lab.folder, home),
      CHIFFON_TERMINAL: home,
      DISCORD_TOKEN: discord.token,
      DISCORD_GUILD_ID: discord.guild.id,
      DISCORD_API_URL: discord.apiUrl,
      LOG_LEVEL: 'info',
    },
  });
  services.add(service);
  await service.says(/✓ connected to the database and the broker/);
  return service;
}

/** Which of them is in Discord, by its own log; the newest word counts. */
async function inDiscord(
  all: readonly Service[],
  afterMs = 0,
): Promise<{ readonly service: Service; readonly sinceMs: number }> {
  return discord.until(
    () => {
      const begun = all.flatMap((service) =>
        service
          .logged()
          .filter(
            ({ msg, leads, time }) => msg === 'this bot leads' && leads === 'conversation:discord' && time >= afterMs,
          )
          .map(({ time }) => ({ service, sinceMs: time })),
      );
      return begun.toSorted((one, other) => other.sinceMs - one.sinceMs)[0];
    },
    'a bot in Discord',
    30_000,
  );
}

async function ask(person: PersonHandle, request: string): Promise<SeenMessage> {
  const before = new Set((await discord.channel('general').messages()).map(({ id }) => id));
  const asked = await person.command('do', { request });
  expect(asked.failure).toBeUndefined();
  return discord
    .channel('general')
    .until(({ id, buttons }) => !before.has(id) && buttons.some(({ label }) => label === 'Approve'), 'a card', 30_000);
}

async function result(card: SeenMessage): Promise<SeenMessage> {
  await discord.until(() => discord.world.channels.has(card.id), 'a thread', 30_000);
  return discord.channel(card.id).until(({ content }) => /^\S #\d+ succeeded/.test(content), 'a result', 60_000);
}

it('the bot in Discord is killed in the middle of a run: another shows how it goes on, and every card works', async () => {
  const bots = [await bot('one'), await bot('two')];
  await lab.agent();
  const { service: first } = await inDiscord(bots);
  const [other] = bots.filter((each) => each !== first);
  if (other === undefined) throw new Error('there is no other bot');
  expect(discord.gateway.connected()).toBe(1);
  const [waits, runs] = [await ask(ada, 'leave mark'), await ask(ada, 'hold on')];
  await bob.press(runs.id, 'Approve');
  await lab.happens('attempt.started');

  const killed = Date.now();
  await first.kill();
  const { sinceMs } = await inDiscord([other]);
  expect(sinceMs - killed).toBeLessThan(takeoverMs);
  await discord.until(() => discord.gateway.connected() === 1, 'one connection');
  const pressed = await ada.press(waits.id, 'Approve');
  expect(pressed.failure).toBeUndefined();
  expect(Date.now() - killed).toBeLessThan(takeoverMs + 1_000);
  await lab.release();
  expect((await result(runs)).content).toMatch(/^✔ #2 succeeded/);
  expect((await result(waits)).content).toMatch(/^✔ #1 succeeded/);
  for (const card of [waits, runs]) {
    const lines = (await discord.channel(card.id).messages()).map(({ content }) => content.split('\n')[0]?.slice(0, 8));
    expect(new Set(lines).size, lines.join()).toBe(lines.length);
  }
  expect((await discord.channel('general').messages()).map(({ id }) => id)).toEqual([waits.id, runs.id]);
  expect(await lab.marks()).toEqual(['wait-begins', 'wait-ends', 'mark']);
  await expectInvariants(lab, { home: 'two' });
  discord.assertNoViolations();
});

it('a bot that hangs with a click in its hands wakes up when another is in Discord: the click counts once', async () => {
  const bots = [await bot('one'), await bot('two')];
  await lab.agent();
  const { service: first } = await inDiscord(bots);
  const [other] = bots.filter((each) => each !== first);
  if (other === undefined) throw new Error('there is no other bot');
  const card = await ask(ada, 'leave mark');
  const before = Date.now();
  first.signal('SIGSTOP');
  const hangs = ada.press(card.id, 'Approve');
  await inDiscord([other], before);
  expect((await hangs).failure).toBe('The application did not respond');
  // Two bots have a click on the same card now, and Discord says another one to both.
  first.signal('SIGCONT');
  const pressed = await bob.press(card.id, 'Approve');
  expect(pressed.failure).toBeUndefined();
  expect((await result(card)).content).toMatch(/^✔ #1 succeeded/);
  await discord.until(() => discord.gateway.connected() === 1, 'one connection', 20_000);
  expect(await lab.marks()).toEqual(['mark']);
  const types = (await lab.events()).map(({ event }) => event.type);
  for (const once of ['approval.given', 'plan.approved', 'run.started', 'task.succeeded'])
    expect(
      types.filter((type) => type === once),
      once,
    ).toHaveLength(1);
  const thread = (await discord.channel(card.id).messages()).map(({ content }) => content.split('\n')[0]);
  expect(thread, thread.join('\n')).toHaveLength(3);
  await expectInvariants(lab, { home: 'two' });
  // What the bot that hung says too late, Discord refuses; that is not a mistake that it could have avoided.
  discord.assertNoViolations([10_062, 40_060]);
});
