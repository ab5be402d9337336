// Commands, buttons, menus and forms: what Chiffon takes from them, and what the person sees of it.
import { expect, it } from 'vitest';
import { toTaskId } from '../../core/ids.ts';
import { sampleHelp, sampleRefusal } from '../builders/views.ts';
import { openChatStage, planOf, questionOf } from './chat-stage.ts';
import type { WorldEvent } from './world.ts';

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

it('a refused tap is told to the one who tapped, and to nobody else', async () => {
  await using stage = await openChatStage();
  const { discord, general } = stage;
  const chat = await stage.startChat();
  stage.handle = async (incoming) => {
    await chat.answer(incoming, sampleRefusal);
    return { task: toTaskId(7), refused: true };
  };
  const [, card = ''] = (await chat.post(general, 'event:1', planOf(7))).split('/');
  const tapped = await discord.person('ada').press(card, 'Approve');
  await tapped.until(({ replies }) => replies.length > 0);
  expect(tapped.replies).toMatchObject([{ ephemeral: true }]);
  expect(tapped.replies[0]?.content).toContain('Nothing in the catalogue fits');
  expect(await discord.channel('general').messages()).toHaveLength(1);
});

it('changes are asked for in a form, and lead to a button with its text', async () => {
  await using stage = await openChatStage();
  const { discord, general, taken } = stage;
  const chat = await stage.startChat();
  const ada = discord.person('ada');
  const plan = planOf(7, { revision: 2 });
  const [, card = ''] = (await chat.post(general, 'event:1', plan)).split('/');
  const tapped = await ada.press(card, 'Request changes');
  expect(tapped.modal?.fields).toMatchObject([{ label: 'What should be different?', required: true }]);
  expect(taken).toEqual([]);
  const sent = await ada.submitModal(tapped.id, { text: 'on nas instead' });
  await sent.until(({ replies }) => replies.some(({ loading }) => !loading));
  expect(sent.replies.map(({ content }) => content)).toEqual(['#7 is being planned again.']);
  const hashPrefix = plan.planHash.slice(0, 12);
  expect(taken.map(({ content }) => content)).toEqual([
    { type: 'button', button: 'change', task: 7, revision: 2, hashPrefix, text: 'on nas instead' },
  ]);
});

it('details are asked for with the revision of the card', async () => {
  await using stage = await openChatStage();
  const { discord, general, taken } = stage;
  const chat = await stage.startChat();
  const plan = planOf(7, { revision: 3 });
  const [, card = ''] = (await chat.post(general, 'event:1', plan)).split('/');
  stage.handle = async (incoming) => {
    await chat.answer(incoming, { type: 'details', plan });
    return { task: null, refused: false };
  };
  const tapped = await discord.person('ada').press(card, 'Details');
  await tapped.until(({ replies }) => replies.length > 0);
  expect(taken[0]?.content).toEqual({ type: 'details', task: 7, revision: 3 });
  expect(tapped.replies.every(({ ephemeral }) => ephemeral)).toBe(true);
  discord.assertNoViolations();
});

it('a question is answered by a button, by a menu, and in words', async () => {
  await using stage = await openChatStage();
  const { discord, general, taken } = stage;
  const chat = await stage.startChat();
  const ada = discord.person('ada');
  const answers = () => taken.map(({ content }) => content);
  const [, few = ''] = (await chat.post(general, 'event:1', questionOf(7))).split('/');
  await ada.press(few, 'Restart Navidrome');
  await discord.until(() => taken.length === 1, 'the button');
  const form = await ada.press(few, 'Other…');
  await ada.submitModal(form.id, { text: 'the music one' });
  await discord.until(() => taken.length === 2, 'the form');
  const candidates = Array.from({ length: 12 }, (_, index) => ({
    label: index === 3 ? `host ${'x'.repeat(120)}` : `host ${index + 1}`,
    value: `host-${index + 1}`,
  }));
  const [, many = ''] = (await chat.post(general, 'event:2', questionOf(8, { number: 2, candidates }))).split('/');
  const menu = (await discord.channel('general').messages()).find(({ id }) => id === many)?.menus[0];
  await ada.select(many, menu?.customId ?? '', ['4']);
  await discord.until(() => taken.length === 3, 'the menu');
  await ada.select(many, menu?.customId ?? '', ['3']);
  await discord.until(() => taken.length === 4, 'the menu again');
  expect(answers()).toEqual([
    { type: 'answer', task: 7, question: 1, text: 'Restart Navidrome' },
    { type: 'answer', task: 7, question: 1, text: 'the music one' },
    { type: 'answer', task: 8, question: 2, text: 'host 5' },
    // Its label is cut short, so its number is said.
    { type: 'answer', task: 8, question: 2, text: '4' },
  ]);
  discord.assertNoViolations();
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

it('a button that this version does not know says so privately', async () => {
  await using stage = await openChatStage();
  const { discord, general, taken } = stage;
  const chat = await stage.startChat();
  const [, card = ''] = (await chat.post(general, 'event:1', planOf(7))).split('/');
  const message = discord.world.channels.get(discord.channel('general').id)?.messages.find(({ id }) => id === card);
  for (const row of message?.components ?? [])
    for (const part of row.components)
      if ('custom_id' in part) Object.assign(part, { custom_id: `c0:${part.custom_id}` });
  const tapped = await discord.person('ada').press(card, 'Approve');
  expect(tapped.replies).toMatchObject([{ ephemeral: true, content: expect.stringContaining('another version') }]);
  expect(taken).toEqual([]);
});

it('an interaction that Discord says twice is taken once', async () => {
  await using stage = await openChatStage();
  const { discord, general, taken } = stage;
  const chat = await stage.startChat();
  const [, card = ''] = (await chat.post(general, 'event:1', planOf(7))).split('/');
  const told: WorldEvent[] = [];
  discord.world.hear((event) => void (event.name === 'INTERACTION_CREATE' && told.push(event)));
  await discord.person('ada').press(card, 'Approve');
  await discord.until(() => taken.length === 1, 'the tap');
  for (const event of [...told]) discord.world.emit(event);
  await discord.person('ada').press(card, 'Reject');
  await discord.until(() => taken.length === 2, 'the next tap');
  expect(taken.map(({ content }) => content.type === 'button' && content.button)).toEqual(['approve', 'reject']);
  discord.assertNoViolations();
});

it('a tap is acknowledged while the one before it is still being taken', async () => {
  await using stage = await openChatStage();
  const { discord, general, taken } = stage;
  const chat = await stage.startChat();
  const held = Promise.withResolvers<void>();
  stage.handle = async () => {
    await held.promise;
    return { task: toTaskId(7), refused: false };
  };
  const [, card = ''] = (await chat.post(general, 'event:1', planOf(7))).split('/');
  const first = await discord.person('ada').press(card, 'Approve');
  const second = await discord.person('bob').press(card, 'Reject');
  expect([first.failure, second.failure]).toEqual([undefined, undefined]);
  // One at a time in a conversation: the second is taken when the first has been.
  expect(taken).toHaveLength(1);
  held.resolve();
  await discord.until(() => taken.length === 2, 'the second tap');
});

it('a tap whose acknowledgement is lost has its effect, and its answer goes into the channel', async () => {
  await using stage = await openChatStage();
  const { discord, general, taken } = stage;
  const chat = await stage.startChat();
  stage.handle = async (incoming) => {
    await chat.answer(incoming, sampleRefusal);
    return { task: null, refused: true };
  };
  const [, card = ''] = (await chat.post(general, 'event:1', planOf(7))).split('/');
  discord.answerNext(
    { route: 'POST /interactions/:interaction/:token/callback' },
    { status: 404, body: { code: 10_062, message: 'Unknown interaction' } },
  );
  void discord
    .person('ada')
    .press(card, 'Approve')
    .catch(() => {});
  await discord.channel('general').until(({ content }) => content.includes('Nothing in the catalogue fits'));
  expect(taken).toHaveLength(1);
  discord.assertNoViolations();
});

it('an answer that comes after 15 minutes goes into the channel', async () => {
  await using stage = await openChatStage();
  const { discord, general } = stage;
  const chat = await stage.startChat();
  stage.handle = async (incoming) => {
    discord.clock.advance(15 * 60_000);
    await chat.answer(incoming, sampleRefusal);
    return { task: null, refused: true };
  };
  const [, card = ''] = (await chat.post(general, 'event:1', planOf(7))).split('/');
  await discord.person('ada').press(card, 'Approve');
  await discord.channel('general').until(({ content }) => content.includes('Nothing in the catalogue fits'));
  discord.assertNoViolations();
});

it('what could not be taken is said so, to the one who did it', async () => {
  await using stage = await openChatStage();
  const { discord, general } = stage;
  const chat = await stage.startChat();
  stage.handle = async () => {
    throw new Error('the database is away');
  };
  const [, card = ''] = (await chat.post(general, 'event:1', planOf(7))).split('/');
  const tapped = await discord.person('ada').press(card, 'Approve');
  await tapped.until(({ replies }) => replies.length > 0);
  expect(tapped.replies).toMatchObject([{ ephemeral: true, content: expect.stringContaining('could not take that') }]);
});

it('an answer to words in a thread that is closed by then goes into the channel', async () => {
  await using stage = await openChatStage({ botPermissions: ['ViewChannel', 'SendMessages', 'CreatePublicThreads'] });
  const { discord, general } = stage;
  const chat = await stage.startChat();
  const root = await chat.post(general, 'event:1', questionOf(7));
  const thread = root.split('/')[1] ?? '';
  stage.handle = async (incoming) => {
    discord.owner.changeThread(thread, { locked: true });
    await chat.answer(incoming, sampleRefusal);
    return { task: null, refused: true };
  };
  await discord.person('ada').say(thread, 'the second', { mention: true });
  await discord.channel('general').until(({ content }) => content.includes('Nothing in the catalogue fits'));
});

it('what is no interaction is passed over', async () => {
  await using stage = await openChatStage();
  const { discord, general, taken } = stage;
  const chat = await stage.startChat();
  const [, card = ''] = (await chat.post(general, 'event:1', planOf(7))).split('/');
  for (const data of [{}, { type: 3 }, { id: '1', type: 2, token: '', data: null }, { type: 99, data: [] }])
    discord.world.emit({ name: 'INTERACTION_CREATE', intents: 0, data: () => data });
  await discord.person('ada').press(card, 'Approve');
  await discord.until(() => taken.length === 1, 'a tap after that');
});
