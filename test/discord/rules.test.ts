// Who may do what where, whom a message notifies, and what becomes of threads and files: the rest of Discord's rules.
import { AttachmentBuilder, MessageType } from 'discord.js';
import { describe, expect, it } from 'vitest';
import { ask, connect, openDiscord } from './server-stage.ts';
import type { DiscordServer } from './start.ts';

const messages = (server: DiscordServer, which = 'ops') => `/channels/${server.channel(which).id}/messages`;

async function post(server: DiscordServer, body: object, path = messages(server)) {
  const answer = await ask(server, 'POST', path, body);
  if (typeof answer.body !== 'object' || answer.body === null || !('id' in answer.body))
    throw new Error(JSON.stringify(answer.body));
  return String(answer.body.id);
}

describe('a nonce', () => {
  it('that is enforced makes one message of two requests', async () => {
    await using server = await openDiscord();
    const body = { content: 'x', nonce: '142:1:card', enforce_nonce: true };
    const first = await post(server, body);
    expect(await post(server, body)).toBe(first);
    expect(await post(server, { ...body, enforce_nonce: false })).not.toBe(first);
    expect(await server.channel('ops').messages()).toHaveLength(2);
  });

  it('is forgotten after some minutes', async () => {
    await using server = await openDiscord();
    const body = { content: 'x', nonce: '1', enforce_nonce: true };
    const first = await post(server, body);
    server.clock.advance(10 * 60_000);
    expect(await post(server, body)).not.toBe(first);
  });
});

describe('a message notifies', () => {
  it.each([
    [
      'everybody it names, when nothing is held back',
      undefined,
      { users: ['ada'], roles: ['ops team'], everyone: false },
    ],
    ['nobody, when all is held back', { parse: [] }, { users: [], roles: [], everyone: false }],
    ['users alone', { parse: ['users'] }, { users: ['ada'], roles: [], everyone: false }],
    ['the roles that are listed', { roles: ['ops team'] }, { users: [], roles: ['ops team'], everyone: false }],
  ] as const)('%s', async (_, allowed, expected) => {
    await using server = await openDiscord();
    const ada = server.person('ada');
    const team = server.owner.addRole({ name: 'ops team', mentionable: true });
    const idOf = (name: string) => (name === 'ada' ? ada.id : team);
    const roles = allowed && 'roles' in allowed ? { roles: allowed.roles.map(idOf) } : {};
    await post(server, {
      content: `<@${ada.id}> <@&${team}> @everyone`,
      ...(allowed && { allowed_mentions: { ...allowed, ...roles } }),
    });
    const [seen] = await server.channel('ops').messages();
    expect(seen?.pings).toEqual({
      everyone: expected.everyone,
      users: expected.users.map(idOf),
      roles: expected.roles.map(idOf),
    });
  });

  it('everybody at once, and roles that are not to be mentioned, only with the permission for it', async () => {
    await using server = await openDiscord({ botPermissions: ['ViewChannel', 'SendMessages', 'MentionEveryone'] });
    const team = server.owner.addRole({ name: 'team' });
    await post(server, { content: `@here <@&${team}>` });
    server.owner.setBotPermissions(['ViewChannel', 'SendMessages']);
    await post(server, { content: `@here <@&${team}>` });
    expect((await server.channel('ops').messages()).map(({ pings }) => pings)).toEqual([
      { everyone: true, users: [], roles: [team] },
      { everyone: false, users: [], roles: [] },
    ]);
  });

  it('whom it answers, unless told otherwise, and nobody by an edit', async () => {
    await using server = await openDiscord();
    const ada = server.person('ada');
    const asked = await ada.say('ops', 'a question');
    const reply = { content: 'x', message_reference: { message_id: asked } };
    await post(server, reply);
    const quiet = await post(server, { ...reply, allowed_mentions: { parse: [], replied_user: false } });
    await ask(server, 'PATCH', `${messages(server)}/${quiet}`, { content: `<@${ada.id}>` });
    expect((await server.channel('ops').messages()).map(({ pings }) => pings.users)).toEqual([[], [ada.id], []]);
  });
});

describe('without the permission', () => {
  it.each([
    ['to see a channel', 'ViewChannel', 'GET', (id: string) => `/channels/${id}`, 50001],
    ['to write', 'SendMessages', 'POST', (id: string) => `/channels/${id}/messages`, 50013],
    ['to read what was said', 'ReadMessageHistory', 'GET', (id: string) => `/channels/${id}/messages/1`, 10008],
    ['to manage the channel', 'ManageChannels', 'DELETE', (id: string) => `/channels/${id}`, 50013],
  ] as const)('%s it is refused', async (_, permission, method, path, code) => {
    await using server = await openDiscord();
    const { id } = server.channel('ops');
    server.owner.setOverrides('ops', [{ id: server.application.id, type: 'member', deny: [permission] }]);
    const answer = await ask(server, method, path(id), method === 'POST' ? { content: 'x' } : undefined);
    expect(answer.body).toMatchObject({ code });
    expect(answer.status).toBe(code === 10008 ? 404 : 403);
    // A bot may lose a permission at any time: that is no fault of its.
    server.assertNoViolations();
  });

  it('a role gives back what everyone is denied', async () => {
    await using server = await openDiscord();
    const id = server.owner.addChannel('team', [{ id: server.guild.id, deny: ['ViewChannel'] }]);
    expect(await ask(server, 'GET', `/channels/${id}`)).toMatchObject({ body: { code: 50001 } });
    const role = server.owner.addRole({ name: 'team' });
    server.owner.giveRoles(server.application.id, [role]);
    server.owner.setOverrides('team', [
      { id: server.guild.id, deny: ['ViewChannel'] },
      { id: role, allow: ['ViewChannel'] },
    ]);
    expect((await ask(server, 'GET', `/channels/${id}`)).status).toBe(200);
    await expect(server.person('ada').say('team', 'x')).rejects.toThrow('sees no channel');
  });
});

describe('a thread', () => {
  it('that is archived opens when something is said in it, and cannot be edited in before', async () => {
    await using server = await openDiscord();
    const id = await post(server, { content: 'x' });
    await ask(server, 'POST', `${messages(server)}/${id}/threads`, { name: 'run' });
    const inside = await post(server, { content: 'line' }, `/channels/${id}/messages`);
    await ask(server, 'PATCH', `/channels/${id}`, { archived: true });
    expect(await ask(server, 'PATCH', `/channels/${id}/messages/${inside}`, { content: 'y' })).toMatchObject({
      status: 400,
      body: { code: 50083 },
    });
    await post(server, { content: 'again' }, `/channels/${id}/messages`);
    expect(await ask(server, 'GET', `/channels/${id}`)).toMatchObject({
      body: { thread_metadata: { archived: false } },
    });
  });

  it('is archived by itself when nothing was said in it for its time', async () => {
    await using server = await openDiscord();
    const id = await post(server, { content: 'x' });
    await ask(server, 'POST', `${messages(server)}/${id}/threads`, { name: 'run', auto_archive_duration: 60 });
    const archived = async () => (await ask(server, 'GET', `/channels/${id}`)).body;
    server.clock.advance(50 * 60_000);
    await post(server, { content: 'line' }, `/channels/${id}/messages`);
    server.clock.advance(50 * 60_000);
    expect(await archived()).toMatchObject({ thread_metadata: { archived: false } });
    server.clock.advance(11 * 60_000);
    expect(await archived()).toMatchObject({ thread_metadata: { archived: true } });
  });

  it('that is locked takes nothing from who does not manage threads', async () => {
    await using server = await openDiscord({
      botPermissions: ['ViewChannel', 'SendMessages', 'SendMessagesInThreads', 'CreatePublicThreads'],
    });
    const id = await post(server, { content: 'x' });
    await ask(server, 'POST', `${messages(server)}/${id}/threads`, { name: 'run' });
    server.owner.changeThread(id, { locked: true });
    expect(await ask(server, 'POST', `/channels/${id}/messages`, { content: 'y' })).toMatchObject({
      status: 403,
      body: { code: 160005 },
    });
    expect(await ask(server, 'PATCH', `/channels/${id}`, { locked: false })).toMatchObject({
      status: 403,
      body: { code: 50013 },
    });
    server.owner.deleteChannel(id);
    expect(await ask(server, 'POST', `/channels/${id}/messages`, { content: 'y' })).toMatchObject({
      status: 404,
      body: { code: 10003 },
    });
  });

  it('is opened, joined, left and written in by the real client', async () => {
    await using server = await openDiscord();
    await using bot = await connect(server);
    const message = await bot.say('ops', { content: 'a plan' });
    const thread = await message.startThread({ name: 'run 1', autoArchiveDuration: 1440 });
    expect(thread.id).toBe(message.id);
    expect((await thread.messages.fetch()).map(({ type }) => type)).toEqual([MessageType.ThreadStarterMessage]);
    await thread.send('line 1');
    const ada = server.person('ada');
    await thread.members.add(ada.id);
    await thread.members.remove(ada.id);
    await thread.setArchived(true);
    expect(await server.channel(thread.id).messages()).toMatchObject([{ content: 'line 1' }]);
    await ada.say(thread.id, 'what is this?', { mention: true });
    await server.channel(thread.id).until(({ author }) => author === 'ada');
    server.assertNoViolations();
  });
});

describe('a file', () => {
  it('is uploaded, kept through an edit, served, and taken away', async () => {
    await using server = await openDiscord();
    await using bot = await connect(server);
    const message = await bot.say('ops', {
      content: 'the log',
      files: [new AttachmentBuilder(Buffer.from('line 1\n'), { name: 'run.log' })],
    });
    const url = message.attachments.first()?.url ?? '';
    expect(await (await fetch(url)).text()).toBe('line 1\n');
    await message.edit({ content: 'the log, said anew' });
    expect(await server.channel('ops').messages()).toMatchObject([
      { content: 'the log, said anew', attachments: [{ filename: 'run.log', text: 'line 1\n' }] },
    ]);
    await message.edit({
      attachments: [],
      files: [new AttachmentBuilder(Buffer.from('line 2\n'), { name: 'rest.log' })],
    });
    const [seen] = await server.channel('ops').messages();
    expect(seen?.attachments).toEqual([{ filename: 'rest.log', size: 7, text: 'line 2\n' }]);
    server.assertNoViolations();
  });
});

describe('messages are listed', () => {
  it('newest first, before, after and around one of them', async () => {
    await using server = await openDiscord();
    const sent: string[] = [];
    for (let n = 0; n < 7; n += 1) sent.push(await post(server, { content: `${n}` }));
    const list = async (query: string) => {
      const { body } = await ask(server, 'GET', `${messages(server)}?${query}`);
      return Array.isArray(body) ? body.map((one: { content?: unknown }) => one.content) : body;
    };
    expect(await list('limit=2')).toEqual(['6', '5']);
    expect(await list(`limit=2&before=${sent[3]}`)).toEqual(['2', '1']);
    expect(await list(`limit=2&after=${sent[3]}`)).toEqual(['5', '4']);
    expect(await list(`limit=3&around=${sent[3]}`)).toEqual(['4', '3', '2']);
    expect(await list('limit=101')).toMatchObject({ code: 50035 });
    await ask(server, 'DELETE', `${messages(server)}/${sent[6]}`);
    expect(await list('limit=1')).toEqual(['5']);
  });
});
