// A run that prints more than anybody can read, and one that prints what could hurt: Discord gets the newest state at its own pace, what
// people wait for is not held up, the log file is whole, and nobody is pinged.
import { expect, it } from 'vitest';
import { residentMb } from '../../bench/many-lines.ts';
import { hostilePlaybook } from '../builders/hostile-playbook.ts';
import type { PermissionName } from '../discord/scene.ts';
import { play } from '../e2e/playbooks.ts';
import { openStage } from './stage.ts';

const linesAtOnce = 10_000;
const times = 5;
const growthMb = 150;

it('a flood of output costs a few edits, holds up nobody, and is whole in the end', async () => {
  const print = `    - ansible.builtin.debug: { msg: "{{ range(${linesAtOnce}) | map('string') | map('regex_replace', '^', 'line ') | list }}" }\n    - ansible.builtin.command: sleep 0.3`;
  await using stage = await openStage({
    discord: { limits: 'real' },
    files: () => ({ 'flood.yml': play('Flood the log', 'three', Array<string>(times).fill(print)) }),
  });
  const { discord, ada, bob } = stage;
  const ops = discord.channel('ops');
  const service = await stage.start();
  const card = await stage.ask(ada, 'flood the log');
  await ada.press(card.id, 'Approve');
  await discord.until(() => discord.world.channels.has(card.id), 'a thread', 30_000);
  await discord.channel(card.id).until(({ content }) => /\d,\d{3} lines/.test(content), 'thousands of lines', 60_000);
  // Not at the start: making the database takes more than all that follows.
  const before = await residentMb(service.pid);

  // In the middle of it another task is asked for and decided.
  const other = await stage.ask(bob, 'leave a mark', 'ops');
  const pressed = await bob.press(other.id, 'Reject');
  expect(pressed.acknowledgedAfterMs).toBeLessThan(1_000);
  const rejected = await stage.becomes(other, ({ content }) => content.startsWith('✖ rejected'), 'a rejected card');
  expect((rejected.editedMs ?? Number.POSITIVE_INFINITY) - rejected.createdMs).toBeLessThan(5_000);
  expect((await ops.messages()).map(({ id }) => id)).toEqual([other.id]);
  expect((await stage.look(card)).content).toMatch(/^▶ running/);

  await stage.result(card, 120_000);
  const grown = (await residentMb(service.pid)) - before;
  expect(grown).toBeLessThan(growthMb);
  const [live, log, result] = await discord.channel(card.id).messages();
  expect(live?.content).toMatch(/^✔ #1 step 1 of 1/);
  expect(result?.content).toMatch(/^✔ #1 succeeded/);
  const seconds = ((result?.createdMs ?? 0) - (live?.createdMs ?? 0)) / 1_000;
  const edits = discord.requests.filter(({ path }) => path.endsWith(`/${live?.id}`));
  expect(edits.length).toBeLessThan(seconds + 3);
  const numbers = [...(log?.attachments[0]?.text ?? '').matchAll(/"line (\d+)"/g)].map(([, number]) => Number(number));
  expect(numbers).toEqual(Array.from({ length: times * linesAtOnce }, (_, index) => index % linesAtOnce));
  expect(discord.refusals).toEqual({ user: 0, shared: 0, global: 0 });
  expect(discord.violations).toEqual([]);
});

it('a thousand hostile outputs ping nobody, break nothing that Discord shows, and are in the log file', async () => {
  const count = 1_000;
  await using stage = await openStage({
    discord: { limits: 'real', botPermissions: [...botPermissions, 'MentionEveryone'] },
    files: (folder, { owner, person, channel }) => {
      const role = owner.addRole({ name: 'everybody here', mentionable: true });
      return hostilePlaybook(folder, count, meaningIn({ user: person('eve').id, role, channel: channel('ops').id }));
    },
  });
  const { discord, ada } = stage;
  const service = await stage.start();
  const card = await stage.ask(ada, 'say bad things');
  await ada.press(card.id, 'Approve');
  const result = await stage.result(card, 120_000);
  expect(result.content).toMatch(/^✖ #1 failed/);
  const shown = (
    await Promise.all(['general', 'ops', card.id].map((each) => discord.channel(each).everything()))
  ).flat();
  for (const { pings, content, edits, buttons } of shown) {
    expect(pings.everyone).toBe(false);
    expect(pings.roles).toEqual([]);
    expect(pings.users.filter((id) => id !== ada.id)).toEqual([]);
    for (const text of [content, ...edits.map((edit) => edit.content)]) {
      expect(text).not.toMatch(/[[\p{Cc}\p{Bidi_Control}\u2028\u2029]--\n]|@everyone|@here/v);
      expect((text.match(/```/g) ?? []).length % 2).toBe(0);
    }
    expect(buttons.length).toBeLessThan(6);
  }
  // Every output is in the file, with its number.
  const file = shown
    .flatMap(({ attachments }) => attachments)
    .map(({ text }) => text)
    .join('');
  for (let index = 0; index < count; index += 1) expect(file).toContain(`h${index}: `);
  expect(file).not.toMatch(/[[\p{Cc}\p{Bidi_Control}]--[\n\t]]/v);
  const log = await ada.command('log', { task: 1 });
  await log.until(({ replies }) => replies.some(({ attachments }) => attachments.length > 0), 'the log');
  service.signal('SIGTERM');
  expect(await service.ended).toBe(0);
  expect(discord.refusals).toEqual({ user: 0, shared: 0, global: 0 });
  expect(discord.violations).toEqual([]);
});

const botPermissions: readonly PermissionName[] = [
  'ViewChannel',
  'SendMessages',
  'SendMessagesInThreads',
  'CreatePublicThreads',
  'AttachFiles',
  'ReadMessageHistory',
];

type Victims = { readonly user: string; readonly role: string; readonly channel: string };

/** What Discord makes something of. */
function meaningIn({ user, role, channel }: Victims): readonly string[] {
  return [
    ...['@everyone', '@here', `<@${user}>`, `<@!${user}>`, `<@&${role}>`, `<#${channel}>`, '</do:1>', '<t:0:R>'],
    ...['@\u200beveryone', '@everyone'.split('').join('\u200b'), 'https://discord.gg/x'],
  ];
}
