// What goes wrong on purpose, and the server as a process of its own.
import { Events, type Interaction } from 'discord.js';
import { describe, expect, it, vi } from 'vitest';
import { spawnDiscord } from './remote.ts';
import { ask, connect, connectTo, doCommand, openDiscord } from './server-stage.ts';

const creating = { route: 'POST /channels/:channel/messages' };

describe('an answer in the place of Discord', () => {
  it('is given once, and nothing is done', async () => {
    await using server = await openDiscord();
    await using bot = await connect(server, { rest: { retries: 0 } });
    server.answerNext(creating, { status: 502, body: 'bad gateway' });
    await expect(bot.say('ops', { content: 'lost' })).rejects.toMatchObject({ status: 502 });
    await bot.say('ops', { content: 'there' });
    expect((await server.channel('ops').messages()).map(({ content }) => content)).toEqual(['there']);
    server.assertNoViolations();
  });

  it('may come although what was asked is done: then the nonce saves who sends again', async () => {
    await using server = await openDiscord();
    await using bot = await connect(server, { rest: { retries: 0 } });
    server.answerNext(creating, { status: 504, applied: true });
    const once = { content: 'once', nonce: 'n1', enforceNonce: true };
    await expect(bot.say('ops', once)).rejects.toMatchObject({ status: 504 });
    expect(await server.channel('ops').messages()).toMatchObject([{ content: 'once' }]);
    await bot.say('ops', once);
    expect(await server.channel('ops').messages()).toHaveLength(1);
  });

  it('is for the requests that it was meant for', async () => {
    await using server = await openDiscord();
    server.answerNext({ ...creating, contentIncludes: 'result "1"' }, { status: 500 });
    const path = `/channels/${server.channel('ops').id}/messages`;
    expect((await ask(server, 'POST', path, { content: 'card' })).status).toBe(200);
    expect((await ask(server, 'POST', path, { content: 'the result "1" is' })).status).toBe(500);
  });
});

describe('a held request', () => {
  it('is done while its answer waits', async () => {
    await using server = await openDiscord();
    await using bot = await connect(server);
    const hold = server.holdRequests(creating);
    let answered = false;
    const sending = bot.say('ops', { content: 'x' }).then(() => {
      answered = true;
    });
    await server.until(() => hold.held === 1, 'the request');
    expect(await server.channel('ops').messages()).toMatchObject([{ content: 'x' }]);
    expect(answered).toBe(false);
    hold.release();
    await sending;
  });

  it('that is cut never comes to its client', async () => {
    await using server = await openDiscord();
    const hold = server.holdRequests(creating);
    const sending = ask(server, 'POST', `/channels/${server.channel('ops').id}/messages`, { content: 'x' });
    await server.until(() => hold.held === 1, 'the request');
    const failed = expect(sending).rejects.toThrow('fetch failed');
    hold.cut();
    await failed;
    expect(server.requests.at(-1)).toMatchObject({ route: creating.route, status: undefined });
  });
});

it('a fault of this server is a violation, and never looks like one of the client', async () => {
  await using server = await openDiscord();
  server.world.guilds.get(server.guild.id)?.members.set(server.application.id, new Set());
  Object.defineProperty(server.guild, 'roles', { get: () => undefined });
  expect((await ask(server, 'GET', `/guilds/${server.guild.id}/roles`).catch(() => ({ status: 500 }))).status).toBe(
    500,
  );
  expect(() => server.assertNoViolations()).toThrow('this server broke');
});

describe('in a process of its own', () => {
  it('people do the same, and the same is seen', async () => {
    await using remote = await spawnDiscord({ limits: 'generous' });
    await using bot = await connectTo(remote);
    await bot.client.application.commands.set([doCommand]);
    bot.client.on(Events.InteractionCreate, (interaction: Interaction) => void answer(interaction));
    const ada = await remote.person('ada');
    const seen = await ada.command('do', { request: 'x' }, { in: 'ops' });
    expect(seen.acknowledgedAfterMs).toBeLessThan(3_000);
    expect((await seen.until(({ replies }) => replies[0]?.content === 'done: x')).replies).toMatchObject([
      { ephemeral: true },
    ]);
    const id = await ada.say('ops', 'hello', { mention: true });
    const channel = await remote.channel('ops');
    expect((await channel.until((message) => message.author === 'ada')).id).toBe(id);
    await expect(ada.press(id, 'Approve')).rejects.toThrow('no button');
    expect(await remote.violations()).toEqual([]);
    expect((await remote.requests()).map(({ route }) => route)).toContain(
      'POST /interactions/:interaction/:token/callback',
    );
  });

  it('its connections are cut, its answers held, and its clock moved', async () => {
    await using remote = await spawnDiscord({ limits: 'generous' });
    await using bot = await connectTo(remote);
    const resumed = new Promise((resolve) => bot.client.once(Events.ShardResume, resolve));
    await remote.dropConnections();
    await resumed;
    await remote.owner('addChannel', 'late');
    const hold = await remote.holdRequests(creating);
    const { id } = await remote.channel('late');
    const sending = ask({ apiUrl: remote.apiUrl, token: remote.token }, 'POST', `/channels/${id}/messages`, {
      content: 'x',
    });
    await vi.waitFor(async () => expect(await hold.held()).toBe(1));
    const failed = expect(sending).rejects.toThrow('fetch failed');
    await hold.cut();
    await failed;
    await remote.advance(3_600_000);
    const late = await remote.channel('late');
    await (await remote.person('ada')).say('late', 'an hour later');
    const [first, second] = await late.messages();
    expect((second?.createdMs ?? 0) - (first?.createdMs ?? 0)).toBeGreaterThan(3_500_000);
  });
});

async function answer(interaction: Interaction): Promise<void> {
  if (!interaction.isChatInputCommand()) return;
  await interaction.deferReply({ flags: 'Ephemeral' });
  await interaction.editReply(`done: ${interaction.options.getString('request')}`);
}
