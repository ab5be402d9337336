// Direct messages: anybody can write to a bot, so they are for the members of the server that Chiffon works for.
import { expect, it } from 'vitest';
import { sampleTasks } from '../builders/views.ts';
import { openChatStage, planOf } from './chat-stage.ts';
import { addChannel, addGuild, removeMember, setMember } from './scene.ts';

const memberRoute = 'GET /guilds/:guild/members/:user';

it('a stranger’s direct messages are told so once, and not taken', async () => {
  await using stage = await openChatStage();
  const { discord, taken } = stage;
  await stage.startChat();
  const mallory = discord.person('mallory');
  const direct = await mallory.openDirect();
  discord.owner.removeMember(mallory.id);
  await mallory.say(direct, 'status');
  await mallory.say(direct, 'log #1', { mention: true });
  const told = await discord.channel(direct).until(({ author }) => author === 'chiffon');
  await discord.person('ada').say('general', 'help', { mention: true });
  await discord.until(() => taken.length > 0, 'what a member says');
  expect(told.content).toContain('only from people who may write in the server');
  expect(taken.map(({ content }) => content)).toEqual([{ type: 'text', text: 'help' }]);
  expect((await discord.channel(direct).messages()).filter(({ author }) => author === 'chiffon')).toHaveLength(1);
  discord.assertNoViolations();
});

it('a stranger’s command, button and suggestions in a direct message show nothing', async () => {
  await using stage = await openChatStage();
  const { discord, taken } = stage;
  let suggested = 0;
  stage.suggest = async () => {
    suggested += 1;
    return [{ label: '#7 deploy grafana', value: '7' }];
  };
  const chat = await stage.startChat();
  // Of a life in which all servers were served.
  const commands = await discord.until(() => discord.world.commands.get(discord.guild.id), 'the slash commands');
  discord.world.commands.set('global', commands);
  const mallory = discord.person('mallory');
  const direct = await mallory.openDirect();
  await mallory.say(direct, 'deploy grafana');
  const { conversation } = await discord.until(() => taken[0], 'the message of a member');
  const [, card = ''] = (await chat.post(conversation, 'event:1', planOf(7))).split('/');
  discord.owner.removeMember(mallory.id);
  discord.clock.advance(61_000);
  for (const acted of [await mallory.command('status', {}, { in: direct }), await mallory.press(card, 'Approve')]) {
    await acted.until(({ replies }) => replies.some(({ loading }) => !loading), 'the refusal');
    expect(acted.replies).toMatchObject([
      { ephemeral: true, content: expect.stringContaining('only from people who may write in the server') },
    ]);
  }
  const typing = await mallory.autocomplete('log', 'task', '', { in: direct });
  expect(typing.choices).toEqual([]);
  expect(suggested).toBe(0);
  expect(taken).toHaveLength(1);
  discord.assertNoViolations();
});

it('a member has the roles of the server in direct messages, and is asked for once a minute', async () => {
  await using stage = await openChatStage();
  const { discord, taken } = stage;
  const chat = await stage.startChat();
  stage.handle = async (incoming) => {
    await chat.answer(incoming, sampleTasks);
    return { task: null, refused: false };
  };
  const ada = discord.person('ada', ['900000000000000001']);
  const asked = () => discord.requests.filter(({ path }) => path.endsWith(`/members/${ada.id}`)).length;
  const direct = await ada.openDirect();
  await ada.say(direct, 'status');
  await ada.say(direct, 'history');
  await discord.until(() => taken.length === 2, 'both');
  expect(asked()).toBe(1);
  discord.owner.giveRoles(ada.id, ['900000000000000002']);
  discord.clock.advance(61_000);
  await ada.say(direct, 'help');
  await discord.until(() => taken.length === 3, 'what is said later');
  expect(taken.map(({ person }) => person.roles)).toEqual([
    ['discord-role:900000000000000001'],
    ['discord-role:900000000000000001'],
    ['discord-role:900000000000000002'],
  ]);
  discord.assertNoViolations();
});

it('whom the server silenced, or did not let in yet, is not heard by a direct message', async () => {
  await using stage = await openChatStage();
  const { discord, taken } = stage;
  await stage.startChat();
  const later = new Date(discord.clock.now() + 600_000).toISOString();
  for (const [name, state] of [
    ['mallory', { communication_disabled_until: later }],
    ['trudy', { pending: true }],
  ] as const) {
    discord.answerNext({ route: memberRoute }, { status: 200, body: { roles: [], ...state } });
    const person = discord.person(name);
    const direct = await person.openDirect();
    await person.say(direct, 'status');
    await discord.channel(direct).until(({ author }) => author === 'chiffon');
  }
  expect(taken).toEqual([]);
});

it('where nobody can say who is a member, nothing is taken', async () => {
  await using stage = await openChatStage();
  const { discord, taken, logged } = stage;
  await stage.startChat();
  discord.answerNext({ route: memberRoute }, { status: 400, body: { code: 50_035, message: 'no' } });
  const ada = discord.person('ada');
  const direct = await ada.openDirect();
  await ada.say(direct, 'status');
  await discord.until(() => logged.some((line) => line.includes('could not be taken')), 'the line in the log');
  expect(taken).toEqual([]);
  await ada.say(direct, 'help');
  await discord.until(() => taken.length === 1, 'the next one, when Discord can say it again');
});

it('without a server of its own Chiffon takes no direct messages', async () => {
  await using stage = await openChatStage({ everywhere: true });
  const { discord, taken } = stage;
  await stage.startChat();
  const ada = discord.person('ada');
  const direct = await ada.openDirect();
  await ada.say(direct, 'status');
  const told = await discord.channel(direct).until(({ author }) => author === 'chiffon');
  expect(told.content).toBe('Chiffon takes no direct messages: say it in a channel of a server where it is.');
  await ada.say('general', 'help', { mention: true });
  await discord.until(() => taken.length > 0, 'what is said in a channel');
  expect(taken.map(({ content }) => content)).toEqual([{ type: 'text', text: 'help' }]);
  discord.assertNoViolations();
});

it('another server is suggested nothing', async () => {
  await using stage = await openChatStage();
  const { discord } = stage;
  stage.suggest = async () => [{ label: '#7 deploy grafana', value: '7' }];
  await stage.startChat();
  const commands = await discord.until(() => discord.world.commands.get(discord.guild.id), 'the slash commands');
  discord.world.commands.set('global', commands);
  const mallory = discord.person('mallory');
  const other = addGuild(discord.world, 'Elsewhere');
  setMember(discord.world, other, mallory.id, []);
  const foreign = addChannel(discord.world, other, 'foreign');
  const typing = await mallory.autocomplete('log', 'task', '', { in: foreign.id });
  expect(typing.choices).toEqual([]);
});

it('a server that the bot is not in, to which somebody brought it along, is not served', async () => {
  await using stage = await openChatStage({ everywhere: true });
  const { discord, taken } = stage;
  await stage.startChat();
  await discord.until(() => discord.world.commands.get('global'), 'the slash commands');
  const mallory = discord.person('mallory');
  const other = addGuild(discord.world, 'Elsewhere');
  setMember(discord.world, other, mallory.id, []);
  const foreign = addChannel(discord.world, other, 'foreign');
  removeMember(discord.world, other, discord.application.bot.id);
  const asked = await mallory.command('status', {}, { in: foreign.id });
  expect(asked.replies).toMatchObject([{ ephemeral: true, content: expect.stringContaining('not in this server') }]);
  const inside = await mallory.command('help');
  await discord.until(() => taken.length > 0, 'what is asked in the server');
  expect(inside.failure).toBeUndefined();
  expect(taken.map(({ content }) => content)).toEqual([{ type: 'text', text: 'help' }]);
});
