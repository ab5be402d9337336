// Slash commands: how Discord is told of them, what each says, and what is suggested while somebody types.
import { expect, it } from 'vitest';
import { sampleHelp } from '../builders/views.ts';
import { openChatStage } from './chat-stage.ts';

it('every slash command says in the conversation what it means', async () => {
  await using stage = await openChatStage();
  const { discord, taken } = stage;
  const ada = discord.person('ada');
  await stage.startChat();
  await discord.until(() => discord.world.commands.get(discord.guild.id), 'the slash commands');
  const said = async (name: string, values: Record<string, string | number> = {}) => {
    const asked = await ada.command(name, values);
    await asked.until(({ replies }) => replies.some(({ loading }) => !loading), `an answer to /${name}`);
    return taken.at(-1)?.content;
  };
  expect(await said('status')).toEqual({ type: 'text', text: 'status' });
  expect(await said('history')).toEqual({ type: 'text', text: 'history' });
  expect(await said('log', { task: 7 })).toEqual({ type: 'text', text: 'log #7' });
  expect(await said('log', { task: 7, step: 2 })).toEqual({ type: 'text', text: 'log #7 2' });
  expect(await said('cancel', { task: 7, reason: 'wrong host' })).toEqual({
    type: 'text',
    text: 'cancel #7 wrong host',
  });
  expect(await said('catalogue', { filter: 'grafana' })).toEqual({ type: 'text', text: 'catalogue grafana' });
  expect(await said('agents')).toEqual({ type: 'text', text: 'agents' });
  expect(await said('cost')).toEqual({ type: 'text', text: 'cost' });
  expect(await said('help')).toEqual({ type: 'text', text: 'help' });
  discord.assertNoViolations();
});

it('commands are told to Discord once, and again only when they differ', async () => {
  await using stage = await openChatStage();
  const { discord } = stage;
  const puts = () => discord.requests.filter(({ route }) => route.startsWith('PUT') && route.endsWith('/commands'));
  for (const _ of ['first', 'second']) {
    const chat = await stage.startChat();
    await chat.stop();
  }
  expect(puts()).toHaveLength(1);
  const [first, ...others] = discord.world.commands.get(discord.guild.id) ?? [];
  expect(first).toBeDefined();
  discord.world.commands.set(discord.guild.id, others);
  await (await stage.startChat()).stop();
  expect(puts()).toHaveLength(2);
});

it('an answer to a command is shown to the one who asked, in the place of "is thinking"', async () => {
  await using stage = await openChatStage();
  const { discord } = stage;
  const chat = await stage.startChat();
  stage.handle = async (incoming) => {
    await chat.answer(incoming, sampleHelp);
    return { task: null, refused: false };
  };
  await discord.until(() => discord.world.commands.get(discord.guild.id), 'the slash commands');
  const asked = await discord.person('ada').command('help');
  await asked.until(({ replies }) => replies.some(({ loading }) => !loading));
  expect(asked.replies).toHaveLength(1);
  expect(asked.replies[0]).toMatchObject({ ephemeral: true, loading: false });
  expect(asked.replies[0]?.content).not.toContain('Done');
  expect(await discord.channel('general').messages()).toEqual([]);
});

it('suggestions come while somebody types, numbers for tasks, and none that Discord would not take', async () => {
  await using stage = await openChatStage();
  const { discord } = stage;
  const ada = discord.person('ada');
  await stage.startChat();
  await discord.until(() => discord.world.commands.get(discord.guild.id), 'the slash commands');
  stage.suggest = async (about, typed) =>
    about === 'request'
      ? [
          { label: `deploy grafana (${typed})`, value: 'deploy grafana' },
          { label: 'too long', value: 'x'.repeat(101) },
          ...Array.from({ length: 40 }, (_, index) => ({ label: 'y'.repeat(150), value: `more ${index}` })),
        ]
      : [{ label: `#12 ${about}`, value: '#12' }];
  const typing = await ada.autocomplete('do', 'request', 'gra');
  expect(typing.choices?.[0]).toMatchObject({ name: 'deploy grafana (gra)', value: 'deploy grafana' });
  expect(typing.choices).toHaveLength(25);
  const log = await ada.autocomplete('log', 'task', '1');
  expect(log.choices).toMatchObject([{ name: '#12 any-task', value: 12 }]);
  const cancel = await ada.autocomplete('cancel', 'task', '1');
  expect(cancel.choices).toMatchObject([{ name: '#12 open-task', value: 12 }]);
  stage.suggest = async () => {
    throw new Error('no catalogue');
  };
  expect((await ada.autocomplete('do', 'request', 'g')).choices).toEqual([]);
  discord.assertNoViolations();
});
