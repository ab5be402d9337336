// What every chat must do, at a terminal and on a platform alike; what only one of the two owes is told by `heardBy`, and by its own
// statements. Run against the one in memory, at a terminal, on the tests' Discord and on a real Matrix homeserver.
import { setImmediate as turn, setTimeout as wait } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { toConversationId, toTaskId } from '../../core/ids.ts';
import type { Chat } from '../../core/ports/chat.ts';
import { sampleProgress, sampleStep } from '../builders/views.ts';
import { looksContract } from './chat-looks.ts';
import { platformContract } from './chat-platform.ts';
import type { ChatScene, OpenScene } from './chat-scene.ts';
import { eventually, noticeOf, scenes, untilTaken, wordsOf } from './chat-scene.ts';
import { sessionContract } from './chat-session.ts';

export type ChatKind = {
  readonly heardBy: Chat['heardBy'];
  /** `data`: it shows views as they are, to tests. Whoever shows text to people owes more. */
  readonly shows: 'text' | 'data';
  /** Called for each test. */
  readonly openScene: () => Promise<ChatScene>;
};

export function chatContract(name: string, { heardBy, shows, openScene }: ChatKind): void {
  describe(`the chat ${name}`, () => {
    const open = scenes(openScene);
    everyChat(open, heardBy);
    if (heardBy === 'leader') platformContract(open);
    else sessionContract(open);
    if (shows === 'text') looksContract(open, heardBy);
  });
}

function everyChat(open: OpenScene, heardBy: Chat['heardBy']): void {
  it('is what it was said to be, and serves its own conversations alone', async () => {
    const { make, conversation, platform, session, person } = await open();
    const chat = make();
    expect(chat.heardBy).toBe(heardBy);
    expect([platform === null, session === null]).toEqual([heardBy === 'session', heardBy === 'leader']);
    expect(conversation.startsWith(`${chat.platform}:`)).toBe(true);
    expect(person.id.startsWith(`${chat.platform}:`)).toBe(true);
    expect(chat.name).toBe(heardBy === 'leader' ? chat.platform : conversation);
    expect(chat.serves(conversation)).toBe(true);
    const others = ['terminal:another', 'discord:123456789012345678', 'matrix:!room:example.org', 'forum:ops']
      // A platform's chat has all conversations of its platform, a session its own alone.
      .filter((other) => heardBy === 'session' || !other.startsWith(`${chat.platform}:`));
    expect(others.length).toBeGreaterThan(2);
    for (const other of [...others, `not-${conversation}`])
      expect([other, chat.serves(toConversationId(other))]).toEqual([other, false]);
  });

  it('hands over what a person says, once, in its order, one at a time', async () => {
    const { begin, person, conversation } = await open();
    let handling = 0;
    let most = 0;
    const sinceMs = Date.now() - 60_000;
    const { taken } = await begin({
      handle: async () => {
        handling += 1;
        most = Math.max(most, handling);
        for (let turns = 0; turns < 20; turns += 1) await turn();
        handling -= 1;
      },
    });
    const said = ['status', 'deploy grafana', 'deploy grafana', 'why', 'history', 'help'];
    for (const text of said) await person.say(text);
    await untilTaken(taken, said.length);
    await person.say('agents');
    await untilTaken(taken, said.length + 1);
    expect(wordsOf(taken)).toEqual([...said, 'agents']);
    expect(most).toBe(1);
    // The same words once more are another message.
    expect(new Set(taken.map(({ messageId }) => messageId)).size).toBe(said.length + 1);
    for (const incoming of taken) {
      expect(incoming).toMatchObject({ conversation, person: { id: person.id }, content: { type: 'text' } });
      expect(incoming.thread).toBeUndefined();
      // Lines that were written beforehand do not say when; a platform always does.
      const at = incoming.sentAt ?? (heardBy === 'session' ? new Date().toISOString() : 'never');
      expect(new Date(at).toISOString()).toBe(at);
      expect(Date.parse(at)).toBeGreaterThan(sinceMs);
      expect(Date.parse(at)).toBeLessThan(Date.now() + 60_000);
    }
  });

  it('posts once under a key, and shows the newest state of what was posted', async () => {
    const { begin, conversation, planOf, textAt, countOf } = await open();
    const { chat } = await begin();
    const plan = planOf(7, { request: 'deploy grafana' });
    const root = await chat.post(conversation, 'event:1', plan);
    expect(await chat.post(conversation, 'event:1', plan)).toBe(root);
    const notice = await chat.post(conversation, 'event:2', noticeOf(7, 'It is looked at.'), root);
    expect(await chat.post(conversation, 'event:2', noticeOf(7, 'It is looked at.'), root)).toBe(notice);
    const again = await chat.post(conversation, 'event:3', noticeOf(7, 'It is looked at.'), root);
    expect(new Set([root, notice, again]).size).toBe(3);
    await eventually(async () => expect(await countOf('It is looked at.')).toBe(2));
    expect(await countOf('deploy grafana')).toBe(1);
    expect(await chat.update(conversation, root, planOf(7, { standing: 'superseded' }))).toBe('shown');
    expect(await chat.update(conversation, notice, noticeOf(7, 'It goes on.'))).toBe('shown');
    await eventually(async () => {
      expect(await textAt(root)).toContain('superseded');
      expect(await textAt(notice)).toContain('It goes on.');
    });
    // A platform draws over what was there; a terminal has said it.
    expect(await countOf('It is looked at.')).toBe(heardBy === 'leader' ? 1 : 2);
  });

  it('of many quick states always shows the last one', async () => {
    const { begin, conversation, planOf, textAt } = await open();
    const { chat } = await begin();
    const root = await chat.post(conversation, 'event:1', planOf(7));
    const state = (now: string) => ({ ...sampleProgress(sampleStep({ now })), task: toTaskId(7) });
    const live = await chat.post(conversation, 'event:2', state('Begin'), root);
    for (let number = 1; number <= 40; number += 1)
      expect(await chat.update(conversation, live, state(`Task ${number} of 40`))).toBe('shown');
    await eventually(async () => expect(await textAt(live)).toContain('Task 40 of 40'));
  });

  it('hands over a decision as that of the plan on whose card it was taken', async () => {
    const { begin, conversation, person, planOf } = await open();
    const { chat, taken } = await begin();
    const older = await chat.post(conversation, 'event:1', planOf(7));
    const plan = planOf(8, { revision: 3 });
    const card = await chat.post(conversation, 'event:2', plan);
    await person.decide(card, 'approve');
    await untilTaken(taken, 1);
    await person.decide(older, 'reject');
    await untilTaken(taken, 2);
    expect(taken).toHaveLength(2);
    expect(taken[0]).toMatchObject({ conversation, person: { id: person.id } });
    if (heardBy === 'session') {
      // Typed words: which plan they mean is for the bot to find.
      expect(taken.map(({ content }) => content)).toEqual(
        ['approve', 'reject'].map((text) => ({ type: 'text', text })),
      );
      return;
    }
    const hashes = taken.map(({ content }) => (content.type === 'button' ? content.hashPrefix : ''));
    for (const hash of hashes) expect([hash.length >= 8, plan.planHash.startsWith(hash)]).toEqual([true, true]);
    expect(taken.map(({ content }) => content)).toEqual([
      { type: 'button', button: 'approve', task: 8, revision: 3, hashPrefix: hashes[0] },
      { type: 'button', button: 'reject', task: 7, revision: 1, hashPrefix: hashes[1] },
    ]);
  });

  it('hands over the answer to a question, by the number of a candidate, as said about its task', async () => {
    const { begin, conversation, person, questionOf } = await open();
    const { chat, taken } = await begin();
    const root = await chat.post(conversation, 'event:1', questionOf(7));
    await person.reply(root, '2');
    await untilTaken(taken, 1);
    expect(taken[0]).toMatchObject({ conversation, person: { id: person.id }, content: { type: 'text', text: '2' } });
    expect(taken[0]?.thread).toBe(chat.threads ? root : undefined);
  });

  it('hands over a reply to a card as said about its task, and about the plan on that card', async () => {
    const { begin, conversation, person, planOf } = await open();
    const { chat, taken } = await begin();
    const root = await chat.post(conversation, 'event:1', planOf(7));
    const second = await chat.post(conversation, 'event:2', planOf(7, { revision: 2 }), root);
    await person.reply(root, 'on nas instead');
    await untilTaken(taken, 1);
    await person.reply(second, 'with port 3002');
    await untilTaken(taken, 2);
    expect(wordsOf(taken)).toEqual(['on nas instead', 'with port 3002']);
    expect(taken.map(({ thread }) => thread)).toEqual(chat.threads ? [root, root] : [undefined, undefined]);
    // A yes to an older card is no yes to a newer one.
    const meant = taken.map(({ plan }) => (plan === undefined ? null : [plan.task, plan.revision]));
    expect(meant).toEqual(
      heardBy === 'leader'
        ? [
            [7, 1],
            [7, 2],
          ]
        : [null, null],
    );
  });

  it('answers who said something, and who decided', async () => {
    const { begin, conversation, person, planOf, text } = await open();
    const chats: Chat[] = [];
    let answers = 0;
    const { chat } = await begin({
      handle: async (incoming) => {
        answers += 1;
        await chats[0]?.answer(incoming, noticeOf(7, `This is answer ${answers}.`));
      },
    });
    chats.push(chat);
    const card = await chat.post(conversation, 'event:1', planOf(7));
    await person.say('status');
    await eventually(async () => expect(await text()).toContain('This is answer 1.'));
    await person.decide(card, 'approve');
    await eventually(async () => expect(await text()).toContain('This is answer 2.'));
  });

  it('brings out what was posted before it ends, leaves nothing open, and says so to who posts later', async () => {
    const { make, begin, conversation, person, planOf, text, open: connections } = await open();
    const timers = () => process.getActiveResourcesInfo().filter((kind) => kind === 'Timeout').length;
    const before = { timers: timers(), connections: connections() };
    const { chat } = await begin({ chat: make() });
    const root = await chat.post(conversation, 'event:1', planOf(7));
    const state = (now: string) => ({ ...sampleProgress(sampleStep({ now })), task: toTaskId(7) });
    const live = await chat.post(conversation, 'event:2', state('Begin'), root);
    for (let number = 1; number <= 20; number += 1)
      await chat.update(conversation, live, state(`Task ${number} of 20`));
    const last = chat.post(conversation, 'event:3', noticeOf(7, 'The last words.'), root);
    const endingAt = performance.now();
    await chat.close();
    expect(performance.now() - endingAt).toBeLessThan(6_000);
    await last;
    // A terminal draws it a moment later, without what moved: that ends with the session. A platform has all of it.
    if (heardBy === 'session') await eventually(async () => expect(await text()).toContain('The last words.'));
    else expect(await text()).toMatch(/Task 20 of 20[\s\S]*The last words\./);
    await expect(chat.post(conversation, 'event:4', planOf(8))).rejects.toMatchObject({
      kind: 'CHAT_FAILED',
      retryable: true,
    });
    await expect(chat.update(conversation, root, planOf(7))).rejects.toMatchObject({ kind: 'CHAT_FAILED' });
    await person.sees();
    await untilClosed(() => [timers() - before.timers, connections() - before.connections]);
  });
}

/** Looked at when its own timer is over. */
async function untilClosed(left: () => readonly number[]): Promise<void> {
  const endAt = performance.now() + 10_000;
  while (left().some((count) => count > 0) && performance.now() < endAt) await wait(10);
  expect(left().every((count) => count <= 0)).toBe(true);
}
