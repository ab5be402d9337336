// A homeserver that is stopped, that hangs, and that is away when a run ends: runs go on, and what they came to is shown once and whole.
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it, vi } from 'vitest';
import { play } from '../e2e/playbooks.ts';
import { git } from '../e2e/program.ts';
import { homelabBehindForge } from '../e2e/repositories.ts';
import type { Message } from '../matrix/messages.ts';
import { ownSynapse } from '../matrix/synapse.ts';
import { openStage } from './stage.ts';

const ticks = 600;
/** Prints five times a second until the stage lets it go on, and then as fast as it can; each time it leaves a mark. */
const steady = (folder: string) => `
- name: Watch it come up
  ansible.builtin.debug:
    msg: "tick {{ item }}.{{ lookup('ansible.builtin.pipe', 'echo tick >> ${folder}/marks; test -e ${folder}/go || sleep 0.2') }}"
  loop: "{{ range(0, ${ticks}) | list }}"
`;
const holdOn = (folder: string) =>
  play('Hold on', 'cinema', [
    `    - ansible.builtin.shell: echo held >> ${folder}/marks`,
    `    - ansible.builtin.shell: "until test -e ${folder}/end; do sleep 0.1; done"`,
    `    - ansible.builtin.shell: echo ended >> ${folder}/marks`,
  ]);

it('a run goes on while the homeserver is stopped or hangs, and all of it is shown once: progress, the log, the result', async () => {
  await using homeserver = await ownSynapse({ rateLimits: 'none' });
  await using stage = await openStage({
    homeserver,
    repository: (folder) =>
      homelabBehindForge(folder, {
        'roles/uptime_kuma/tasks/main.yml': steady(folder),
        'playbooks/hold-on.yml': holdOn(folder),
      }),
  });
  const { ada, bot, room, folder } = stage;
  const service = await stage.start();
  const printed = async () => (await stage.marks()).filter((mark) => mark === 'tick').length;
  const goesOn = async (by: number) => {
    const before = await printed();
    await vi.waitFor(async () => expect(await printed()).toBeGreaterThan(before + by), { timeout: 90_000 });
    return printed();
  };
  const card = await stage.ask(ada, 'deploy uptime kuma to homelab and add existing portals to config');
  const shown = (ofThem: number) =>
    ada.until(
      async () => {
        const [live] = await ada.thread(room, card.eventId);
        return Number(/([\d,]+) lines/.exec(live?.body ?? '')?.[1]?.replaceAll(',', '')) > ofThem;
      },
      { what: `more than ${ofThem} lines` },
    );
  /** The step's last state comes after what matters more. */
  const threadSays = (root: Message, task: number) =>
    vi.waitFor(
      async () =>
        expect((await ada.thread(room, root.eventId)).map(({ body }) => body.split('\n')[0])).toEqual([
          expect.stringMatching(`^✔ #${task} step 1 of 1`),
          expect.stringMatching(`^Log of #${task}, step 1: [\\d,]+ lines$`),
          expect.stringMatching(`^✔ #${task} succeeded`),
        ]),
      { timeout: 30_000, interval: 100 },
    );
  await ada.react(room, card.eventId, '✅');
  await shown(20);

  await homeserver.stop();
  const away = await goesOn(25);
  await homeserver.start();
  await shown(away + 10);
  expect((await stage.becomes(card, () => true, 'the card')).body).toMatch(/^▶ running/);

  // Longer than a request waits for its answer.
  homeserver.signal('STOP');
  const hung = await goesOn(125);
  homeserver.signal('CONT');
  await shown(hung + 10);

  expect(await printed()).toBeLessThan(ticks);
  await stage.release();
  const result = await stage.result(card);
  const head = await git(join(folder, 'homelab.git'), 'rev-parse', 'main');
  expect(result.body).toMatch(/^✔ #1 succeeded/);
  expect(result.mentions).toEqual([ada.userId]);
  expect(result.html).toContain(`href="https://github.com/ada/homelab/commit/${head}"`);
  await stage.becomes(card, ({ body }) => body.startsWith('✔ succeeded'), 'a true card');
  await threadSays(card, 1);
  const thread = await ada.thread(room, card.eventId);
  const log = Buffer.from(await ada.download(thread[1]?.file ?? '')).toString();
  const numbers = [...log.matchAll(/tick (\d+)\./g)].map(([, number]) => Number(number));
  expect(numbers).toEqual(Array.from({ length: ticks }, (_, index) => index));

  // The second run ends while nobody can be told.
  const other = await stage.ask(ada, 'hold on');
  await ada.react(room, other.eventId, '✅');
  await vi.waitFor(async () => expect(await stage.marks()).toContain('held'), { timeout: 60_000 });
  await homeserver.stop();
  await writeFile(join(folder, 'end'), '');
  await service.says(/a projector failed and tries again/);
  await homeserver.start();
  expect((await stage.result(other)).body).toMatch(/^✔ #2 succeeded/);
  await stage.becomes(other, ({ body }) => body.startsWith('✔ succeeded'), 'a true card');
  await threadSays(other, 2);

  // And what is said is heard as before.
  const third = await stage.ask(ada, 'restart a service: grafana');
  await ada.until(
    async () => {
      const now = (await ada.messages(room)).find(({ eventId }) => eventId === third.eventId);
      return now?.reactions.length === 3;
    },
    { what: 'reactions to tap' },
  );
  const cards = (await ada.messages(room)).filter(({ sender, thread: at }) => sender === bot.userId && !at);
  expect(cards.map(({ eventId }) => eventId)).toEqual([card, other, third].map(({ eventId }) => eventId));
  service.signal('SIGTERM');
  expect(await service.ended).toBe(0);
  const stored = await stage.stored();
  const once = ['approval.given', 'run.started', 'attempt.granted', 'attempt.started', 'task.succeeded'];
  for (const task of [1, 2])
    expect(
      stored
        .of(task)
        .filter(({ type }) => once.includes(type))
        .map(({ type }) => type),
    ).toEqual(once);
}, 300_000);
