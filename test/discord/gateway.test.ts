// The gateway, driven by the real client: a cut connection loses nothing, an ended session starts anew, and each rule about who
// may connect and hear what is held.
import { Events, GatewayIntentBits } from 'discord.js';
import { describe, expect, it, vi } from 'vitest';
import { WebSocket } from 'ws';
import { connect, doCommand, openDiscord } from './server-stage.ts';
import type { DiscordServer } from './start.ts';

describe('a cut connection', () => {
  it('is resumed, and what happened meanwhile is heard', async () => {
    await using server = await openDiscord();
    await using bot = await connect(server);
    const heard: string[] = [];
    bot.client.on(Events.MessageCreate, ({ id }) => void heard.push(id));
    const resumed = new Promise<number>((resolve) =>
      bot.client.once(Events.ShardResume, (_, replayed) => resolve(replayed)),
    );
    server.dropConnections();
    await server.until(() => server.gateway.connected() === 0, 'the end of the connection');
    const ada = server.person('ada');
    const said = [await ada.say('ops', 'one'), await ada.say('ops', 'two')];
    expect(await resumed).toBeGreaterThanOrEqual(2);
    expect(heard).toEqual(said);
    server.assertNoViolations();
  });

  it('that was closed with a code, or that the client is asked to renew, is resumed as well', async () => {
    await using server = await openDiscord();
    await using bot = await connect(server);
    for (const cut of [() => server.dropConnections(4000), () => server.gateway.askToReconnect()]) {
      const resumed = new Promise((resolve) => bot.client.once(Events.ShardResume, resolve));
      cut();
      await resumed;
    }
    server.assertNoViolations();
  });

  it('of a session that is forgotten is followed by a new one', async () => {
    await using server = await openDiscord();
    await using bot = await connect(server);
    const ready = new Promise((resolve) => bot.client.once(Events.ShardReady, resolve));
    server.dropConnections();
    await server.until(() => server.gateway.connected() === 0, 'the end of the connection');
    server.gateway.forgetAway();
    await ready;
    expect(server.gateway.connected()).toBe(1);
    server.assertNoViolations();
  });

  it('comes back on the same port after the server was away', async () => {
    await using server = await openDiscord();
    await using bot = await connect(server);
    const resumed = new Promise((resolve) => bot.client.once(Events.ShardResume, resolve));
    await server.stop();
    await server.start();
    await resumed;
    await bot.say('ops', { content: 'still here' });
    server.assertNoViolations();
  });
});

it('an invalid session is started anew', async () => {
  await using server = await openDiscord();
  await using bot = await connect(server);
  const ready = new Promise((resolve) => bot.client.once(Events.ShardReady, resolve));
  server.gateway.invalidate(false);
  await ready;
  const pressed: string[] = [];
  bot.client.on(Events.MessageCreate, ({ id }) => void pressed.push(id));
  const id = await server.person('ada').say('ops', 'hello');
  await vi.waitFor(() => expect(pressed).toEqual([id]));
});

describe('a client that may not', () => {
  it('ask for intents that the application was not given', async () => {
    await using server = await openDiscord();
    await expect(connect(server, { intents: [GatewayIntentBits.MessageContent] })).rejects.toThrow(
      'disallowed intents',
    );
    expect(server.violations).toMatchObject([{ code: 4014 }]);
  });

  it.each([
    ['intents that there are not', { token: 'right', intents: 1 << 30, properties: {} }, 4013],
    ['another token', { token: 'wrong', intents: 1, properties: {} }, 4004],
    ['half of what it takes', { token: 'right' }, 4002],
    ['a shard that there is not', { token: 'right', intents: 1, properties: {}, shard: [1, 1] }, 4010],
  ])('identify with %s', async (_, d, code) => {
    await using server = await openDiscord();
    const socket = await openSocket(server);
    socket.send({ op: 2, d: { ...d, token: d.token === 'right' ? server.token : d.token } });
    expect(await socket.closed).toBe(code);
    expect(server.violations).toMatchObject([{ code }]);
  });

  it.each([
    ['speak before it identified', { op: 3, d: {} }, 4003],
    ['say what is no payload', 'hello', 4002],
    ['ask for a number that was never sent', { op: 6, d: { token: 'x', session_id: 'x', seq: 1 } }, 4004],
  ])('%s', async (_, said, code) => {
    await using server = await openDiscord();
    const socket = await openSocket(server);
    socket.send(said);
    expect(await socket.closed).toBe(code);
  });

  it('fall silent', async () => {
    await using server = await openDiscord({ heartbeatIntervalMs: 100 });
    const socket = await openSocket(server);
    expect(await socket.closed).toBe(4009);
  });

  it('identify a second time at once, or say too much', async () => {
    await using server = await openDiscord({ limits: 'real' });
    const identify = { op: 2, d: { token: server.token, intents: 1, properties: {} } };
    const first = await openSocket(server);
    first.send(identify);
    await vi.waitFor(() => expect(first.heard).toMatchObject([{ op: 10 }, { t: 'READY' }, { t: 'GUILD_CREATE' }]));
    const second = await openSocket(server);
    second.send(identify);
    await vi.waitFor(() => expect(second.heard).toMatchObject([{ op: 10 }, { op: 9, d: false }]));
    for (let n = 0; n < 120; n += 1) first.send({ op: 1, d: null });
    expect(await first.closed).toBe(4008);
  });

  it('start more sessions than there are in a day', async () => {
    await using server = await openDiscord();
    server.gateway.starts.useUp();
    await expect(connect(server)).rejects.toThrow();
  });
});

it('only events of the intents are sent', async () => {
  await using server = await openDiscord();
  await using bot = await connect(server, { intents: [GatewayIntentBits.Guilds] });
  const heard: string[] = [];
  bot.client.on(Events.Raw, ({ t }: { t: string }) => void heard.push(t));
  await server.person('ada').say('ops', 'not heard');
  server.owner.addChannel('new');
  await vi.waitFor(() => expect(heard).toContain('CHANNEL_CREATE'));
  expect(heard).not.toContain('MESSAGE_CREATE');
});

it('what the bot may not see is not told to it', async () => {
  await using server = await openDiscord();
  await using bot = await connect(server);
  const heard: string[] = [];
  bot.client.on(
    Events.Raw,
    ({ t, d }: { t: string; d: { content?: string } }) => void (t === 'MESSAGE_CREATE' && heard.push(d.content ?? '')),
  );
  server.owner.addChannel('hidden', [{ id: server.application.id, type: 'member', deny: ['ViewChannel'] }]);
  const ada = server.person('ada');
  await ada.say('hidden', 'a secret', { mention: true });
  await ada.say('ops', 'hello', { mention: true });
  await vi.waitFor(() => expect(heard).toEqual([`<@${server.application.id}> hello`]));
});

it('an interaction reaches a bot that comes back in time', async () => {
  await using server = await openDiscord();
  await using bot = await connect(server);
  await bot.client.application.commands.set([doCommand]);
  bot.client.on(
    Events.InteractionCreate,
    (interaction) => void (interaction.isChatInputCommand() && interaction.reply('here again')),
  );
  server.dropConnections();
  await server.until(() => server.gateway.connected() === 0, 'the end of the connection');
  const seen = await server.person('ada').command('do', { request: 'x' });
  expect(seen.replies).toMatchObject([{ content: 'here again' }]);
  server.assertNoViolations();
});

it('an endpoint URL of the application diverts what people do, and nobody is told but who asks', async () => {
  await using server = await openDiscord();
  await using bot = await connect(server);
  await bot.client.application.commands.set([doCommand]);
  const heard: string[] = [];
  bot.client.on(Events.Raw, ({ t }: { t: string }) => void heard.push(t));
  server.owner.setInteractionsEndpointUrl('https://example.org/interactions');
  const asked = server.person('ada').command('do', { request: 'x' });
  await server.person('ada').say('ops', 'after that');
  await vi.waitFor(() => expect(heard).toContain('MESSAGE_CREATE'));
  expect(heard).not.toContain('INTERACTION_CREATE');
  server.clock.advance(3_001);
  expect((await asked).failure).toBe('The application did not respond');
  const application = await bot.client.application.fetch();
  expect(application.interactionsEndpointURL).toBe('https://example.org/interactions');
});

/** A client that keeps to no rule. */
async function openSocket(server: DiscordServer) {
  const socket = new WebSocket(`ws://127.0.0.1:${server.port}/gateway?v=10&encoding=json`);
  const heard: unknown[] = [];
  socket.on('message', (data: Buffer) => void heard.push(JSON.parse(data.toString())));
  const closed = new Promise<number>((resolve) => socket.once('close', resolve));
  await new Promise((resolve) => socket.once('open', resolve));
  return {
    heard,
    closed,
    send: (said: unknown) => socket.send(typeof said === 'string' ? said : JSON.stringify(said)),
  };
}
