// Reactions under a card, on a real homeserver: which ones decide, and that each decides once.
import { beforeEach, describe, expect, it } from 'vitest';
import type { ChatStage } from './chat-stage.ts';
import { eventOf, openChatStage, planOf } from './chat-stage.ts';
import type { Person } from './people.ts';

/** The taps that were handed over so far, with who gave them. */
const taps = ({ taken }: ChatStage) =>
  taken.flatMap(({ content, messageId }) => (content.type === 'button' ? [`${content.button} ${messageId}`] : []));

describe('a reaction', () => {
  let ben: Person;
  let stage: ChatStage;
  beforeEach(async () => {
    stage = await openChatStage();
    ben = await stage.homeserver.person('ben');
    await stage.ada.invite(stage.room, ben.userId);
    await ben.join(stage.room);
    return () => stage[Symbol.asyncDispose]();
  });

  it('decides under the card alone: not under anything else, on an edit, in another room, or by the bot', async () => {
    const { ada, bot, room, conversation, homeserver } = stage;
    const chat = await stage.startChat();
    const plan = planOf(7);
    const root = await chat.post(conversation, 'event:1', plan);
    const card = eventOf(root);
    await ada.sees(room, ({ eventId, reactions }) => eventId === card && reactions.length === 3);
    await chat.update(conversation, root, { ...plan, notes: ['Look twice.'] });
    const { versions } = await ada.sees(room, ({ eventId, body }) => eventId === card && body.includes('Look twice.'));
    expect(versions).toHaveLength(2);
    const edit = (await ada.events(room)).find(({ content }) => content['m.relates_to']?.rel_type === 'm.replace');
    const elsewhere = await ada.createRoom({ name: 'elsewhere', invite: [bot.userId] });
    await homeserver.as(bot).join(elsewhere);

    await ada.react(room, await ada.say(room, 'good morning'), '✅');
    await ada.react(room, edit?.event_id ?? '', '✅');
    await expect(ada.react(elsewhere, card, '✅')).rejects.toThrow('Relations must be in the same room');
    await homeserver.as(bot).react(room, card, '👍');
    await ada.react(room, card, '👍🏽');
    await ada.send(room, 'm.reaction', { 'm.relates_to': { rel_type: 'm.annotation', event_id: 7, key: ['✅'] } });
    await ada.send(room, 'm.reaction', {});
    const approved = await ben.react(room, card, '✅\ufe0f');
    const rejected = await ada.react(room, card, '❌');
    await stage.untilTaken(2);
    expect(taps(stage)).toEqual([`approve ${approved}`, `reject ${rejected}`]);
    expect(stage.taken.map(({ person }) => person.id)).toEqual([`matrix:${ben.userId}`, `matrix:${ada.userId}`]);
  });

  it('✏️ is answered in the thread, and what is said there is a change', async () => {
    const { ada, room, conversation } = stage;
    const chat = await stage.startChat();
    const root = await chat.post(conversation, 'event:change', planOf(8));
    await ada.react(room, eventOf(root), '✍🏿');
    const asked = await ada.sees(
      room,
      ({ body, thread }) => thread === eventOf(root) && body.includes('What should change'),
    );
    expect(asked.mentions).toEqual([ada.userId]);
    await ada.say(room, 'on nas instead', { thread: eventOf(root), replyTo: asked.eventId });
    expect(await stage.untilTaken(1)).toMatchObject([
      { thread: root, content: { type: 'text', text: 'on nas instead' } },
    ]);
  });

  it('counts once when it was given while the bot was down; not when it was taken back, or its person left, before that', async () => {
    const { ada, room, conversation, homeserver } = stage;
    const eve = await homeserver.person('eve');
    await ada.invite(room, eve.userId);
    await eve.join(room);
    const first = await stage.startChat();
    const plan = planOf(9);
    const root = await first.post(conversation, 'event:down', plan);
    await ada.sees(room, ({ eventId, reactions }) => eventId === eventOf(root) && reactions.length === 3);
    await first.stop();
    await eve.react(room, eventOf(root), '✅');
    await ada.kick(room, eve.userId);
    await ben.redact(room, await ben.react(room, eventOf(root), '✅'));
    const given = await ada.react(room, eventOf(root), '✅');
    const next = await stage.startChat();
    await next.bringUpToDate([{ conversation, reference: root, view: plan }]);
    await stage.untilTaken(1);
    // The sync says it as well, and so does a third life that looks at the card.
    await next.stop();
    const third = await stage.startChat();
    await third.bringUpToDate([{ conversation, reference: root, view: plan }]);
    const last = await ada.say(room, '!chiffon status');
    await stage.until(() => expect(stage.taken.map(({ messageId }) => messageId)).toContain(last));
    expect(taps(stage)).toEqual([`approve ${given}`]);
  });

  it('is read at the card when the bot does not know any more how far it had heard', async () => {
    const { ada, room, conversation } = stage;
    const first = await stage.startChat();
    const plan = planOf(10);
    const root = await first.post(conversation, 'event:forgot', plan);
    await first.stop();
    const given = await ada.react(room, eventOf(root), '❌');
    await stage.memory.keep('sync-token', 's0_nothing_like_that');
    const next = await stage.startChat();
    await stage.until(() => expect(stage.looked).toContain(null));
    await next.bringUpToDate([{ conversation, reference: root, view: plan }]);
    await stage.untilTaken(1);
    expect(taps(stage)).toEqual([`reject ${given}`]);
  });

  it('that its person removes is taken back, also in another life; one that did not count, or that another removed, is not', async () => {
    const { ada, room, conversation, homeserver } = stage;
    const eve = await homeserver.person('eve');
    await ada.invite(room, eve.userId);
    await eve.join(room);
    stage.handle = async ({ person }) => ({ task: null, refused: person.id === `matrix:${eve.userId}` });
    const first = await stage.startChat();
    const root = await first.post(conversation, 'event:back', planOf(11));
    const given = await ada.react(room, eventOf(root), '✅');
    const second = await ben.react(room, eventOf(root), '✅');
    const refused = await eve.react(room, eventOf(root), '✅');
    await stage.untilTaken(3);
    await eve.redact(room, refused);
    await ada.redact(room, second);
    const rejected = await ben.react(room, eventOf(root), '❌');
    await stage.untilTaken(4);
    await ben.redact(room, rejected);
    await first.stop();
    await ada.redact(room, given);
    await stage.startChat();
    await stage.untilTaken(5);
    const last = await ada.say(room, '!chiffon status');
    await stage.until(() => expect(stage.taken.at(-1)?.messageId).toBe(last));
    expect(stage.taken.filter(({ content }) => content.type === 'take-back')).toMatchObject([
      {
        ...{ conversation, thread: root, person: { id: `matrix:${ada.userId}` } },
        content: { task: 11, revision: 1, hashPrefix: planOf(11).planHash.slice(0, 12) },
      },
    ]);
  });
});
