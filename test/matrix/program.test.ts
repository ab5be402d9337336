// The whole program as a service on Matrix: the main job from a room message to the commit, with the bot killed while a person
// decides, and a login by password.
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { freshHome } from '../e2e/fresh-home.ts';
import { git, startProgram } from '../e2e/program.ts';
import { sharedSynapse } from './synapse.ts';

it('a request becomes a card; a ✅ that was given while the bot was dead runs it; the result rings and names the commit', async () => {
  const homeserver = await sharedSynapse();
  const [bot, ada] = await Promise.all([homeserver.account('chiffon'), homeserver.person('ada')]);
  const home = await freshHome({
    ...{ MATRIX_HOMESERVER_URL: homeserver.url, MATRIX_USER: bot.userId, MATRIX_PASSWORD: bot.password },
    MATRIX_INVITES_FROM: ada.userId,
  });
  const data = home.env.CHIFFON_HOME ?? '';
  await writeFile(join(data, 'policy.yaml'), `approvers:\n  - who: ['matrix:${ada.userId}']\n`);
  const room = await ada.createRoom({ name: 'the homelab', invite: [bot.userId] });
  const first = startProgram(home, [], [], true);
  await ada.until(async () => (await ada.members(room)).includes(bot.userId), { what: 'the bot in the room' });
  await ada.say(room, '!chiffon deploy uptime kuma to homelab and add existing portals to config');
  const card = await ada.sees(room, ({ sender, reactions }) => sender === bot.userId && reactions.length === 3);
  expect(card.body).toContain('portals found: 4');
  first.kill('SIGKILL');
  await first.finished;
  await ada.react(room, card.eventId, '✅');

  const second = startProgram(home, [], [], true);
  const result = await ada.sees(
    room,
    ({ thread, mentions }) => thread === card.eventId && mentions.includes(ada.userId),
  );
  const lab = join(data, 'homelab');
  const commit = await git(lab, 'rev-parse', 'HEAD');
  expect(result.body).toContain('succeeded');
  expect(result.body).toContain(`Commit ${commit.slice(0, 8)}`);
  const thread = await ada.thread(room, card.eventId);
  expect(thread.some(({ msgtype, file }) => msgtype === 'm.file' && file !== undefined)).toBe(true);
  await ada.sees(room, ({ eventId, body }) => eventId === card.eventId && body.startsWith('✔ succeeded'));
  expect(
    (await ada.messages(room)).filter(({ sender, thread: at }) => sender === bot.userId && at === undefined),
  ).toHaveLength(1);
  second.kill('SIGTERM');
  const { exitCode, stderr } = await second.finished;
  expect(exitCode).toBe(0);
  // Standard error is the log, line by line JSON: what the libraries would complain of is not on it.
  for (const line of stderr.split('\n').filter((text) => text !== '')) expect(() => JSON.parse(line)).not.toThrow();
  expect(stderr).not.toContain(bot.password);
}, 120_000);
