// Buttons, menus and forms: what Chiffon takes from them, and what the person sees of it.
import { expect, it } from 'vitest';
import { toTaskId } from '../../core/ids.ts';
import { sampleRefusal } from '../builders/views.ts';
import { openChatStage, planOf, questionOf } from './chat-stage.ts';
import type { WorldEvent } from './world.ts';

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

it('a tap in another server than the one that is served is not taken', async () => {
  await using stage = await openChatStage();
  const { discord, general, taken } = stage;
  const chat = await stage.startChat();
  const [, card = ''] = (await chat.post(general, 'event:1', planOf(7))).split('/');
  const told: WorldEvent[] = [];
  discord.world.hear((event) => void (event.name === 'INTERACTION_CREATE' && told.push(event)));
  await discord.person('ada').press(card, 'Approve');
  await discord.until(() => taken.length === 1, 'the tap');
  for (const event of [...told])
    discord.world.emit({
      ...event,
      data: (session) => ({ ...Object(event.data(session)), id: '1234567890', guild_id: '111111111111111111' }),
    });
  await discord.person('ada').press(card, 'Reject');
  await discord.until(() => taken.length === 2, 'the next tap');
  expect(taken.map(({ content }) => content.type === 'button' && content.button)).toEqual(['approve', 'reject']);
});
