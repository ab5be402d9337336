// A card that is an hour old: Discord takes few edits of it, its interactions are as good as ever, and a plan's own hour still ends it.
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { play } from '../e2e/playbooks.ts';
import { openStage } from './stage.ts';

const hourMs = 3_600_000;
const busy = (folder: string) =>
  play('Keep busy', 'one', [
    ...Array.from({ length: 6 }, (_, index) => `    - name: Part ${index}\n      ansible.builtin.shell: sleep 0.4`),
    `    - ansible.builtin.shell: echo busy >> ${folder}/marks`,
  ]);

it('a card of an hour ago can be approved, its messages are edited at the pace that Discord allows, and one that expired cannot', async () => {
  await using stage = await openStage({
    discord: { limits: 'real' },
    files: (folder) => ({
      'keep-busy.yml': busy(folder),
      'hold-and-go.yml': play('Hold and go', 'three', [
        `    - ansible.builtin.shell: "until test -e ${folder}/go; do sleep 0.1; done"`,
        ...Array.from({ length: 6 }, (_, index) => `    - name: Part ${index}\n      ansible.builtin.shell: sleep 0.4`),
      ]),
    }),
  });
  const { discord, ada, bob, folder } = stage;
  await stage.setPolicy(`approvers:\n  - who: ['discord:${ada.id}', 'discord:${bob.id}']\nexpiry: 90m\n`);
  const offset = join(folder, 'clock-offset');
  const service = await stage.start({
    preload: 'test/discord-program/shifted-clock.ts',
    env: { CLOCK_OFFSET_FILE: offset },
  });
  let now = 0;
  const advance = async (ms: number) => {
    now += ms;
    await writeFile(offset, String(now));
    discord.clock.advance(ms);
  };
  const waits = await stage.ask(ada, 'keep busy');
  const late = await stage.ask(ada, 'leave a mark');
  const runs = await stage.ask(ada, 'hold and go');
  await ada.press(runs.id, 'Approve');
  await discord.until(() => discord.world.channels.has(runs.id), 'a thread', 30_000);
  const live = await discord
    .channel(runs.id)
    .until(({ content }) => /^▶ #3 step 1 of 1: Hold and go\n[▰▱]/.test(content), 'a step that runs', 30_000);

  await advance(hourMs + 60_000);
  const asked = discord.requests.length;
  await stage.release();
  const pressed = await bob.press(waits.id, 'Approve');
  expect(pressed.failure).toBeUndefined();
  expect((await stage.result(runs)).content).toMatch(/^✔ #3 succeeded/);
  expect((await stage.result(waits)).content).toMatch(/^✔ #1 succeeded/);
  await stage.becomes(waits, ({ content }) => content.startsWith('✔ succeeded'), 'a true card');
  await stage.becomes(live, ({ content }) => content.startsWith('✔'), 'the step’s end');
  expect(await stage.marks()).toEqual(['busy']);
  const edits = discord.requests.slice(asked).filter(({ path }) => path.endsWith(`/${live.id}`));
  expect(edits.length).toBeGreaterThan(1);
  expect(discord.refusals).toEqual({ user: 0, shared: 0, global: 0 });

  // Half an hour later the last plan's time is over, whoever is first: the look at the clock or the click.
  await advance(hourMs / 2);
  const tooLate = await bob.press(late.id, 'Approve');
  expect(tooLate.failure).toBeUndefined();
  await stage.becomes(late, ({ content }) => content.startsWith('✖ expired'), 'a card that says so');
  await discord.until(() => discord.world.channels.has(late.id), 'a thread', 30_000);
  await discord
    .channel(late.id)
    .until(
      ({ content, pings }) => /#2 expired before it was approved/.test(content) && pings.users.includes(ada.id),
      'a word to who asked',
    );
  service.signal('SIGTERM');
  expect(await service.ended).toBe(0);
  const log = await stage.stored();
  expect(
    log
      .of(2)
      .map(({ type }) => type)
      .filter((type) => type !== 'command.refused'),
  ).toEqual(['task.received', 'plan.proposed', 'plan.expired']);
  expect(discord.violations).toEqual([]);
});
