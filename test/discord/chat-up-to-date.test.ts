// After a restart: cards are looked at and brought to what they should say, with few requests.
import { expect, it } from 'vitest';
import { conversationOf } from '../../adapters/discord/reference.ts';
import type { ShownMessage } from '../../core/ports/chat.ts';
import { messageAt, openChatStage, planOf, questionOf } from './chat-stage.ts';
import { deleteMessage } from './messages.ts';
import type { DiscordServer } from './start.ts';

/** What was asked of messages since then, by kind. */
function asked(discord: DiscordServer, from: number) {
  const routes = discord.requests.slice(from).map(({ route }) => route);
  const count = (start: string): number => routes.filter((route) => route.startsWith(start)).length;
  return { lists: count('GET /channels/:channel/messages'), edits: count('PATCH'), posts: count('POST /channels') };
}

it('a hundred open cards that are all true take a handful of requests, and those that are not one edit each', async () => {
  await using stage = await openChatStage();
  const { discord, general } = stage;
  const first = await stage.startChat();
  const shown: ShownMessage[] = [];
  const ada = discord.person('ada');
  for (let task = 1; task <= 100; task += 1) {
    const view = planOf(task);
    shown.push({ conversation: general, reference: await first.post(general, `event:${task}`, view), view });
    if (task % 2 === 0) await ada.say('general', 'small talk');
  }
  await first.stop();
  discord.clock.advance(2 * 3_600_000);

  const second = await stage.startChat();
  await discord.until(() => discord.requests.some(({ route }) => route.endsWith('/commands')), 'the commands');
  let from = discord.requests.length;
  expect(await second.bringUpToDate(shown)).toEqual([]);
  expect(asked(discord, from)).toEqual({ lists: 2, edits: 0, posts: 0 });

  const lost = shown[41]?.reference ?? '';
  deleteMessage(discord.world, messageAt(discord, lost));
  const changed = shown.map((each, index) =>
    index % 20 === 0 ? { ...each, view: planOf(index + 1, { standing: 'expired' }) } : each,
  );
  from = discord.requests.length;
  expect(await second.bringUpToDate(changed)).toEqual([lost]);
  expect(asked(discord, from)).toEqual({ lists: 2, edits: 5, posts: 0 });
  for (const { reference } of changed.filter((_, index) => index % 20 === 0))
    expect(JSON.stringify(messageAt(discord, reference).components)).toContain('"disabled":true');
  discord.assertNoViolations();
}, 30_000);

it('cards of several channels, a single one, and one in a channel that is closed to Chiffon', async () => {
  await using stage = await openChatStage();
  const { discord, general } = stage;
  const first = await stage.startChat();
  const ops = conversationOf(discord.channel('ops').id);
  const one = await first.post(general, 'event:1', planOf(1));
  const other = await first.post(ops, 'event:2', questionOf(2));
  await first.stop();
  deleteMessage(discord.world, messageAt(discord, other));
  const second = await stage.startChat();
  const gone = await second.bringUpToDate([
    { conversation: general, reference: one, view: planOf(1) },
    { conversation: ops, reference: other, view: questionOf(2) },
    { conversation: general, reference: '999999999999999999/999999999999999998', view: planOf(3) },
  ]);
  expect(gone).toEqual([other, '999999999999999999/999999999999999998']);
});

it('without the right to read the history a card is edited, and is not taken for gone', async () => {
  await using stage = await openChatStage();
  const { discord, general } = stage;
  const first = await stage.startChat();
  const reference = await first.post(general, 'event:1', planOf(1));
  await first.stop();
  for (const role of discord.guild.roles.values()) role.permissions &= ~(1n << 16n);
  const second = await stage.startChat();
  const view = planOf(1, { standing: 'expired' });
  expect(await second.bringUpToDate([{ conversation: general, reference, view }])).toEqual([]);
  expect(JSON.stringify(messageAt(discord, reference).components)).toContain('"disabled":true');
});
