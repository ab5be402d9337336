// What people see of one request, from `!chiffon` to the result, as a phone has it.
import { expect, it } from 'vitest';
import { toActorId, toTaskId } from '../../core/ids.ts';
import { sampleProgress, sampleResult, sampleStep } from '../builders/views.ts';
import { eventOf, openChatStage, planOf } from './chat-stage.ts';

it('a request, its card with reactions to tap, its thread with the run, the log, and a result that rings', async () => {
  await using stage = await openChatStage();
  const { ada, bot, room, conversation } = stage;
  const requester = toActorId(`matrix:${ada.userId}`);
  const chat = await stage.startChat();

  const asked = await ada.say(room, '!chiffon deploy uptime kuma');
  expect(await stage.untilTaken(1)).toMatchObject([
    {
      conversation,
      person: { id: requester },
      messageId: asked,
      content: { type: 'text', text: 'deploy uptime kuma' },
    },
  ]);

  const plan = planOf(7, { requester });
  const root = await chat.post(conversation, 'event:1', plan);
  const card = await ada.sees(room, ({ sender, reactions }) => sender === bot.userId && reactions.length === 3);
  expect(card).toMatchObject({ eventId: eventOf(root), msgtype: 'm.text', mentions: [], thread: undefined });
  expect(card.reactions.map(({ key }) => key)).toEqual(['✅', '❌', '✏️']);
  expect(card.body).toContain('#7 deploy uptime kuma');
  expect(card.body).toContain(`approve ${plan.planHash.slice(0, 4)}`);

  const tap = await ada.react(room, card.eventId, '✅');
  await stage.untilTaken(2);
  expect(stage.taken[1]).toMatchObject({
    ...{ conversation, messageId: tap, thread: root, person: { id: requester } },
    content: { type: 'button', button: 'approve', task: 7, revision: 1, hashPrefix: plan.planHash.slice(0, 12) },
  });

  await chat.update(conversation, root, { ...plan, standing: 'running', given: [requester] });
  await ada.sees(room, ({ eventId, body }) => eventId === card.eventId && body.startsWith('▶ running'));
  const live = await chat.post(conversation, 'event:3', { ...sampleProgress(sampleStep()), task: toTaskId(7) }, root);
  await chat.update(conversation, live, {
    ...sampleProgress(sampleStep({ now: 'Pull the image' })),
    task: toTaskId(7),
  });
  const moving = await ada.sees(
    room,
    ({ eventId, body }) => eventId === eventOf(live) && body.includes('Pull the image'),
  );
  expect(moving).toMatchObject({
    msgtype: 'm.notice',
    thread: card.eventId,
    replyIsFallback: true,
    replyTo: card.eventId,
  });

  const log = { type: 'log' as const, task: toTaskId(7), step: 1, attempt: 1, from: 0, lines: 2, complete: true };
  await chat.post(conversation, 'event:4:log', { ...log, text: 'PLAY [all]\nok: [atlas]\n' }, root);
  const link = 'https://git.example.org/homelab/commit/abc';
  const commit = { sha: 'a'.repeat(40), link, repository: 'homelab', branch: 'main', pushed: true };
  const ended = await chat.post(
    conversation,
    'event:4',
    { ...sampleResult, task: toTaskId(7), requester, commit },
    root,
  );

  const thread = await ada.thread(room, card.eventId);
  expect(thread.map(({ eventId }) => eventId)).toEqual([eventOf(live), thread[1]?.eventId, eventOf(ended)]);
  const [, file, result] = thread;
  expect(file).toMatchObject({ msgtype: 'm.file', mentions: [] });
  const stored = await ada.download(file?.file ?? '');
  expect(Buffer.from(stored).toString()).toBe('PLAY [all]\nok: [atlas]\n');
  expect(result).toMatchObject({ msgtype: 'm.text', mentions: [ada.userId] });
  expect(result?.html).toContain(`<a href="${link}">`);
  expect((await ada.rang(room)).filter(({ highlight }) => highlight)).toEqual([
    { eventId: eventOf(ended), highlight: true },
  ]);
}, 60_000);
