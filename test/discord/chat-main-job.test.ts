// What people see of one request, from `/do` to the result.
import { expect, it } from 'vitest';
import { toTaskId } from '../../core/ids.ts';
import { sampleProgress, sampleResult, sampleStep } from '../builders/views.ts';
import { openChatStage, planOf } from './chat-stage.ts';

it('a request, its card with a button to approve, its thread with the run, and the result', async () => {
  await using stage = await openChatStage();
  const { discord, taken, general } = stage;
  const ada = discord.person('ada');
  const chat = await stage.startChat();
  await discord.until(() => discord.world.commands.get(discord.guild.id), 'the slash commands');

  const asked = await ada.command('do', { request: 'deploy uptime kuma' });
  await asked.until(({ replies }) => replies.some(({ loading }) => !loading), 'the answer to /do');
  expect(asked.replies.map(({ content, ephemeral }) => [content, ephemeral])).toEqual([['#7 is being planned.', true]]);
  expect(taken).toMatchObject([
    {
      conversation: general,
      person: { id: `discord:${ada.id}`, name: 'ada' },
      messageId: asked.id,
      content: { type: 'request', text: 'deploy uptime kuma' },
    },
  ]);

  const plan = planOf(7);
  const root = await chat.post(general, 'event:1', plan);
  const card = await discord.channel('general').until(({ buttons }) => buttons.length > 0);
  expect(card.buttons.map(({ label }) => label)).toEqual(['Approve', 'Reject', 'Request changes', 'Details']);
  const approved = await ada.press(card.id, 'Approve');
  expect(approved.failure).toBeUndefined();
  await discord.until(() => taken.length === 2, 'the tap');
  expect(taken[1]).toMatchObject({
    content: { type: 'button', button: 'approve', task: 7, revision: 1, hashPrefix: plan.planHash.slice(0, 12) },
  });

  await chat.update(general, root, { ...plan, standing: 'running' });
  const step = await chat.post(general, 'event:3', { ...sampleProgress(sampleStep()), task: toTaskId(7) }, root);
  const [thread = '', live = ''] = step.split('/');
  expect(root.endsWith(`/${thread}`)).toBe(true);
  const opened = discord.world.channels.get(thread);
  expect(opened?.kind === 'thread' && opened.name).toBe('#7 deploy uptime kuma');
  await chat.update(general, step, { ...sampleProgress(sampleStep({ now: 'Pull the image' })), task: toTaskId(7) });
  await discord.channel(thread).until(({ id, content }) => id === live && content.includes('Pull the image'));
  await chat.post(general, 'event:4', { ...sampleResult, task: toTaskId(7) }, root);
  const messages = await discord.channel(thread).messages();
  expect(messages.at(-1)?.content).toContain('2 changes on atlas');
  expect((await discord.channel('general').messages()).map(({ id }) => id)).toEqual([card.id]);
  discord.assertNoViolations();
});
