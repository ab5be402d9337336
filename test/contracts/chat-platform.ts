// What a chat owes that is heard by the bot which shows its conversations: people, messages and channels that go on without it.
import { expect, it } from 'vitest';
import { ChiffonError } from '../../core/error.ts';
import { toTaskId } from '../../core/ids.ts';
import { sampleLog, sampleProgress, sampleResult, sampleStep } from '../builders/views.ts';
import type { OpenScene } from './chat-scene.ts';
import { eventually, noticeOf, untilTaken, wordsOf } from './chat-scene.ts';

export function platformContract(open: OpenScene): void {
  const openPlatform = async () => {
    const { platform, ...scene } = await open();
    if (platform === null) throw new Error('it is no platform');
    return { ...scene, platform };
  };

  it('hands over nothing after a stop, refuses what is posted then, and goes on after a start', async () => {
    const { begin, conversation, person, planOf } = await openPlatform();
    const before = await begin();
    await person.say('status');
    await untilTaken(before.taken, 1);
    await before.chat.stop();
    const late = before.chat.post(conversation, 'event:1', planOf(7));
    await expect(late).rejects.toMatchObject({ kind: 'CHAT_FAILED', retryable: true });
    await person.say('why');
    const after = await begin({ chat: before.chat });
    const card = await before.chat.post(conversation, 'event:1', planOf(7));
    await person.decide(card, 'approve');
    await person.say('help');
    await eventually(() => expect(wordsOf(after.taken)).toContain('help'));
    expect(after.taken.map(({ content }) => content.type)).toContain('button');
    expect(wordsOf(before.taken)).toEqual(['status']);
  });

  it('tells by its id what it says a second time', async () => {
    const { begin, person, platform } = await openPlatform();
    const first = await begin();
    await person.say('status');
    await untilTaken(first.taken, 1);
    await first.chat.stop();
    let second = first;
    await platform.redelivering(async () => {
      second = await begin();
      return second.chat;
    });
    await person.say('help');
    await eventually(() => expect(wordsOf(second.taken)).toContain('help'));
    const all = [...first.taken, ...second.taken];
    expect(new Set(all.map(({ messageId }) => messageId)).size).toBe(2);
  });

  it('is not held up by something that could not be handled', async () => {
    const { begin, person, conversation, planOf } = await openPlatform();
    const { chat, taken } = await begin({
      handle: async ({ content }) => {
        if (content.type !== 'text' || content.text === 'status')
          throw new ChiffonError('CHAT_LOGIN_FAILED', 'A fault that nobody thought of.');
      },
    });
    const card = await chat.post(conversation, 'event:1', planOf(7));
    await person.say('status');
    await person.decide(card, 'approve');
    await person.say('help');
    await eventually(() => expect(wordsOf(taken)).toContain('help'));
    expect(taken.map(({ content }) => content.type)).toContain('button');
  });

  it('knows in its next life what it has posted, by key and by reference', async () => {
    const { begin, conversation, person, planOf, textAt, countOf } = await openPlatform();
    const first = await begin();
    const plan = planOf(7, { request: 'deploy grafana' });
    const root = await first.chat.post(conversation, 'event:1', plan);
    const notice = await first.chat.post(conversation, 'event:2', noticeOf(7, 'It is looked at.'), root);
    await first.chat.stop();
    const next = await begin();
    expect(await next.chat.post(conversation, 'event:2', noticeOf(7, 'It is looked at.'), root)).toBe(notice);
    expect(await countOf('It is looked at.')).toBe(1);
    expect(await next.chat.update(conversation, notice, noticeOf(7, 'It goes on.'))).toBe('shown');
    await eventually(async () => expect(await textAt(notice)).toContain('It goes on.'));
    await person.decide(root, 'approve');
    await untilTaken(next.taken, 1);
    expect(next.taken[0]?.content).toMatchObject({ type: 'button', button: 'approve', task: 7, revision: 1 });
    await person.reply(root, 'on nas instead');
    await untilTaken(next.taken, 2);
    expect(next.taken[1]?.thread).toBe(next.chat.threads ? root : undefined);
    expect(await next.chat.update(conversation, root, { ...plan, standing: 'rejected' })).toBe('shown');
    await eventually(async () => expect(await textAt(root)).toContain('rejected'));
    expect(await countOf('deploy grafana')).toBe(1);
  });

  it('answers in its next life what was said before', async () => {
    const { begin, person, text } = await openPlatform();
    const first = await begin();
    await person.say('status');
    await untilTaken(first.taken, 1);
    await first.chat.stop();
    const [asked] = first.taken;
    if (asked === undefined) throw new Error('nothing was taken');
    const { chat } = await begin();
    await chat.answer(asked, noticeOf(7, 'Here it is.'));
    await eventually(async () => expect(await text()).toContain('Here it is.'));
  });

  it('offers a decision while a plan is open alone, and never takes one on an older card for one on the newer', async () => {
    const { begin, conversation, person, planOf } = await openPlatform();
    const { chat, taken } = await begin();
    const offered = async (reference: string) =>
      (await person.sees()).find((seen) => seen.reference === reference)?.offers ?? [];
    const older = await chat.post(conversation, 'event:1', planOf(7));
    expect(await offered(older)).toEqual(['approve', 'reject']);
    await chat.update(conversation, older, planOf(7, { standing: 'superseded' }));
    const newer = await chat.post(conversation, 'event:2', planOf(7, { revision: 2 }), older);
    await eventually(async () => expect(await offered(older)).toEqual([]));
    expect(await offered(newer)).toEqual(['approve', 'reject']);
    // A platform may let people tap all the same; then it is said what they tapped.
    const letThem = await person.decide(older, 'approve').then(
      () => true,
      () => false,
    );
    await person.decide(newer, 'reject');
    await untilTaken(taken, letThem ? 2 : 1);
    const decisions = taken.map(({ content }) =>
      content.type === 'button' ? `${content.button} revision ${content.revision}` : content.type,
    );
    expect(decisions).toEqual([...(letThem ? ['approve revision 1'] : []), 'reject revision 2']);
    for (const standing of [
      'approved',
      'running',
      'rejected',
      'expired',
      'withdrawn',
      'succeeded',
      'failed',
    ] as const) {
      await chat.update(conversation, newer, planOf(7, { revision: 2, standing }));
      await eventually(async () => expect(await offered(newer)).toEqual([]));
    }
  });

  it('says that a message is gone, and asks to look again when somebody took it away', async () => {
    const { begin, conversation, platform, planOf } = await openPlatform();
    const { chat, looked } = await begin();
    const root = await chat.post(conversation, 'event:1', planOf(7));
    const step = { ...sampleProgress(sampleStep()), task: toTaskId(7) };
    const live = await chat.post(conversation, 'event:2', step, root);
    const kept = await chat.post(conversation, 'event:3', planOf(8));
    await platform.remove(live);
    await platform.remove(root);
    await eventually(() => expect(looked.some((where) => where === null || where === conversation)).toBe(true));
    await eventually(async () =>
      expect(await chat.update(conversation, root, planOf(7, { given: ['a'] }))).toBe('gone'),
    );
    await eventually(async () => expect(await chat.update(conversation, live, step)).toBe('gone'));
    expect(await chat.update(conversation, kept, planOf(8, { standing: 'rejected' }))).toBe('shown');
  });

  it('says that a conversation cannot be reached while it cannot, and asks to look again when it can', async () => {
    const { begin, conversation, platform, planOf, text } = await openPlatform();
    const { chat, looked } = await begin();
    await platform.shut(true);
    await eventually(async () =>
      expect(await chat.post(conversation, 'event:1', planOf(7)).catch((error: unknown) => error)).toMatchObject({
        ...{ kind: 'CHAT_UNREACHABLE', message: expect.stringMatching(/\w{3}.*\.$/) },
      }),
    );
    const before = looked.length;
    await platform.shut(false);
    await eventually(() =>
      expect(looked.slice(before).some((where) => where === null || where === conversation)).toBe(true),
    );
    await chat.post(conversation, 'event:1', planOf(7, { request: 'deploy grafana' }));
    expect(await text()).toContain('deploy grafana');
  });

  it('brings cards of an earlier life to what they should say, and names those that are gone', async () => {
    const { begin, conversation, platform, planOf, questionOf, textAt } = await openPlatform();
    const first = await begin();
    const post = (key: number) =>
      first.chat.post(conversation, `event:${key}`, planOf(key, { request: 'deploy grafana' }));
    const [stale, same, lost] = [await post(1), await post(2), await post(3)];
    const question = await first.chat.post(conversation, 'event:4', questionOf(4));
    const state = (now: string) => ({ ...sampleProgress(sampleStep({ now })), task: toTaskId(2) });
    const live = await first.chat.post(conversation, 'event:5', state('Begin'), same);
    await first.chat.stop();
    await platform.remove(lost);
    const { chat } = await begin();
    const gone = await chat.bringUpToDate([
      { conversation, reference: stale, view: planOf(1, { standing: 'expired' }) },
      { conversation, reference: same, view: planOf(2, { request: 'deploy grafana' }) },
      { conversation, reference: lost, view: planOf(3) },
      { conversation, reference: question, view: questionOf(4, { closed: 'Answered by ada: 2' }) },
      { conversation, reference: live, view: state('Pull the image') },
    ]);
    expect(gone).toEqual([lost]);
    await eventually(async () => {
      expect(await textAt(stale)).toContain('expired');
      expect(await textAt(same)).toContain('deploy grafana');
      expect(await textAt(question)).toContain('Answered by ada');
      expect(await textAt(live)).toContain('Pull the image');
    });
  });

  it('rings the one who asked with a result, whom a notice calls, and nobody with what moves', async () => {
    const { begin, conversation, person, planOf } = await openPlatform();
    const { chat } = await begin();
    const about = { task: toTaskId(7), requester: person.id };
    const pingsOf = async (reference: string) =>
      (await person.sees()).find((seen) => seen.reference === reference)?.pings;
    const root = await chat.post(conversation, 'event:1', planOf(7));
    const live = await chat.post(conversation, 'event:2', { ...sampleProgress(sampleStep()), ...about }, root);
    await chat.update(conversation, live, { ...sampleProgress(sampleStep({ now: 'Pull the image' })), ...about });
    const notice = await chat.post(conversation, 'event:3', noticeOf(7, 'It goes on.'), root);
    const calling = await chat.post(conversation, 'event:4', { ...noticeOf(7, 'It waits.'), calls: person.id }, root);
    const log = await chat.post(conversation, 'event:5', { ...sampleLog(3), ...about }, root);
    const result = await chat.post(conversation, 'event:6', { ...sampleResult, ...about }, root);
    await eventually(async () => expect(await pingsOf(result)).toEqual([person.id]));
    expect(await pingsOf(calling)).toEqual([person.id]);
    for (const quiet of [live, notice, log]) expect(await pingsOf(quiet)).toEqual([]);
  });

  it('leaves the whole output of a run as a file, where it says so', async () => {
    const { begin, conversation, planOf, person } = await openPlatform();
    const { chat } = await begin();
    const root = await chat.post(conversation, 'event:1', planOf(7));
    const log = { ...sampleLog(3_000), task: toTaskId(7) };
    await chat.post(conversation, 'event:2', log, root);
    const files = (await person.sees()).map(({ file }) => file).join('');
    expect(files).toBe(chat.logFiles ? log.text : '');
  });
}
