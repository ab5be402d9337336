// Discord's limits: kept by ourselves, and obeyed where Discord says so all the same.
import { expect, it } from 'vitest';
import { conversationOf } from '../../adapters/discord/reference.ts';
import { toActorId, toTaskId } from '../../core/ids.ts';
import type { View } from '../../core/ports/chat.ts';
import { sampleProgress, sampleResult, sampleStep } from '../builders/views.ts';
import { messageAt, openChatStage, planOf } from './chat-stage.ts';

const posting = { route: 'POST /channels/:channel/messages' };
const editing = { route: 'PATCH /channels/:channel/messages/:message' };
const task = toTaskId(7);
const step = (now: string) => ({ ...sampleProgress(sampleStep({ now })), task });
const notice = (text: string): View => ({ type: 'notice', task, tone: 'neutral', text, code: null });

it.each(['user', 'shared', 'global'] as const)(
  'a limit of the %s is waited for, and nothing is lost',
  async (scope) => {
    await using stage = await openChatStage();
    const { discord, general } = stage;
    const chat = await stage.startChat();
    const [here, there] = [discord.channel('general').id, discord.channel('ops').id];
    const ops = conversationOf(there);
    await chat.post(general, 'event:1', planOf(1));
    await chat.post(ops, 'event:2', planOf(2));
    discord.limitNext({ ...posting, channel: here }, { scope, retryAfterMs: 700 });
    let isOver = false;
    const limited = chat.post(general, 'event:3', planOf(3)).finally(() => {
      isOver = true;
    });
    for (let count = 1; !isOver; count += 1) await chat.post(ops, `event:other ${count}`, planOf(100 + count));
    await limited;
    const posts = discord.requests.filter(({ route }) => route === posting.route);
    const refusedMs = posts.find(({ status }) => status === 429)?.atMs ?? 0;
    const meanwhile = (channel: string): number =>
      posts.filter(({ path, atMs }) => path.includes(channel) && atMs > refusedMs + 100 && atMs < refusedMs + 690)
        .length;
    expect(meanwhile(here)).toBe(0);
    // Only a limit of the whole holds up other channels.
    if (scope === 'global') expect(meanwhile(there)).toBe(0);
    else expect(meanwhile(there)).toBeGreaterThan(3);
    expect(discord.refusals[scope]).toBe(1);
    expect(await discord.channel('general').messages()).toHaveLength(2);
  },
);

it('under a flood of live states Discord refuses nothing, the newest state is shown, and a card goes before', async () => {
  await using stage = await openChatStage({ limits: 'real', budget: 'real' });
  const { discord, general } = stage;
  const chat = await stage.startChat();
  const root = await chat.post(general, 'event:1', planOf(7));
  const live = await chat.post(general, 'event:2', step('begin'), root);
  const thread = live.split('/')[0] ?? '';
  let states = 0;
  const endAt = performance.now() + 4_000;
  while (performance.now() < endAt) {
    states += 1;
    await chat.update(general, live, step(`state ${states}`));
    if (states === 100) {
      const begun = performance.now();
      await chat.update(general, root, planOf(7, { standing: 'running' }));
      await chat.post(general, 'event:3', notice('A milestone.'), root);
      expect(performance.now() - begun).toBeLessThan(1_000);
    }
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
  await chat.update(general, live, step('the last state'));
  await discord.channel(thread).until(({ content }) => content.includes('the last state'), 'the last state');
  const edits = discord.requests.filter(({ route, path }) => route === editing.route && path.includes(thread)).length;
  expect(states).toBeGreaterThan(200);
  expect(edits).toBeLessThanOrEqual(6);
  expect(edits).toBeGreaterThanOrEqual(2);
  expect(discord.refusals).toEqual({ user: 0, shared: 0, global: 0 });
  discord.assertNoViolations();
}, 30_000);

it('a message that is older than an hour is edited as often as Discord takes it, with the newest state at last', async () => {
  await using stage = await openChatStage();
  const { discord, general } = stage;
  const chat = await stage.startChat();
  const root = await chat.post(general, 'event:1', planOf(7));
  discord.clock.advance(2 * 3_600_000);
  discord.answerNext(editing, { status: 400, body: { code: 30_046, message: 'Try again later' } });
  const begun = performance.now();
  expect(await chat.update(general, root, planOf(7, { standing: 'running' }))).toBe('shown');
  expect(performance.now() - begun).toBeGreaterThan(1_500);
  expect(JSON.stringify(messageAt(discord, root).components)).toContain('Cancel');
});

it('a stop does not wait for a Discord that takes nothing', async () => {
  await using stage = await openChatStage();
  const { discord, general } = stage;
  const chat = await stage.startChat();
  await chat.post(general, 'event:1', planOf(7));
  discord.limitNext(posting, { scope: 'global', retryAfterMs: 60_000 });
  const stuck = chat.post(general, 'event:2', planOf(8));
  const rejected = expect(stuck).rejects.toMatchObject({ kind: 'CHAT_FAILED' });
  await discord.until(() => discord.requests.some(({ status }) => status === 429), 'the refusal');
  const begun = performance.now();
  await chat.stop();
  expect(performance.now() - begun).toBeLessThan(4_500);
  await rejected;
});

it('nothing that is shown pings anybody but who is called', async () => {
  await using stage = await openChatStage();
  const { discord, general } = stage;
  const chat = await stage.startChat();
  const ada = discord.person('ada');
  const bob = discord.person('bob');
  const hostile = `@everyone @here <@${bob.id}> <@&${discord.guild.id}> \`\`\` ‮ [x](http://evil)`;
  const root = await chat.post(
    general,
    'event:1',
    planOf(7, { request: hostile, understood: [hostile], notes: [hostile] }),
  );
  const live = await chat.post(general, 'event:2', step(hostile), root);
  await chat.post(general, 'event:3', notice(hostile), root);
  await chat.post(
    general,
    'event:4',
    { ...sampleResult, task, text: hostile, requester: toActorId(`discord:${ada.id}`) },
    root,
  );
  await chat.update(general, live, step(`${hostile} again`));
  await discord.until(() => discord.requests.some(({ route }) => route === editing.route), 'the edit');
  const thread = await discord.channel(live.split('/')[0] ?? '').messages();
  const all = [...(await discord.channel('general').messages()), ...thread];
  expect(all.flatMap(({ pings }) => pings.users).every((id) => id === ada.id)).toBe(true);
  expect(all.some(({ pings }) => pings.everyone || pings.roles.length > 0)).toBe(false);
  // Not by the text alone: Discord is told as well.
  const told = discord.requests.filter(({ route }) => route === posting.route || route === editing.route);
  expect(told.length).toBeGreaterThan(4);
  for (const { body } of told) expect(body).toMatchObject({ allowed_mentions: { parse: [] } });
  discord.assertNoViolations();
});
