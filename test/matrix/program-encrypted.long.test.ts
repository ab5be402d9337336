// The whole program in an encrypted room, killed while a person decides: its keys are in its database on disk.
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { freshHome } from '../e2e/fresh-home.ts';
import { startProgram } from '../e2e/program.ts';
import { encryptedPerson } from './encrypted-person.ts';
import { sharedSynapse } from './synapse.ts';

it('killed at any moment it is the same device afterwards, reads what was said meanwhile, and is read', async () => {
  const homeserver = await sharedSynapse();
  const bot = await homeserver.account('chiffon');
  const ada = await encryptedPerson(homeserver, await homeserver.person('ada'));
  const home = await freshHome({
    ...{ MATRIX_HOMESERVER_URL: homeserver.url, MATRIX_ACCESS_TOKEN: bot.accessToken },
    MATRIX_INVITES_FROM: ada.userId,
  });
  await writeFile(join(home.env.CHIFFON_HOME ?? '', 'policy.yaml'), `approvers:\n  - who: ['matrix:${ada.userId}']\n`);
  const room = await ada.createRoom({ name: 'the cellar', invite: [bot.userId], encrypted: true });
  const first = startProgram(home, [], [], true);
  await ada.until(async () => (await ada.members(room)).includes(bot.userId), { what: 'the bot in the room' });
  await ada.say(room, '!chiffon deploy uptime kuma to homelab and add existing portals to config');
  const card = await ada.sees(room, ({ sender, reactions }) => sender === bot.userId && reactions.length === 3);
  const devices = await ada.devicesOf(bot.userId);
  first.kill('SIGKILL');
  await first.finished;
  await ada.say(room, '!chiffon status');

  // Killed again while it talks.
  const second = startProgram(home, [], [], true);
  await ada.sees(room, ({ sender, eventId }) => sender === bot.userId && eventId !== card.eventId);
  second.kill('SIGKILL');
  await second.finished;
  await ada.react(room, card.eventId, '✅');

  const third = startProgram(home, [], [], true);
  const result = await ada.sees(
    room,
    ({ thread, mentions }) => thread === card.eventId && mentions.includes(ada.userId),
  );
  expect(result.body).toContain('succeeded');
  await ada.sees(room, ({ eventId, body }) => eventId === card.eventId && body.startsWith('✔ succeeded'));
  expect(await ada.devicesOf(bot.userId)).toEqual(devices);
  const said = (await ada.events(room)).filter(({ sender }) => sender === bot.userId);
  expect(said.filter(({ type }) => type === 'm.room.encrypted')).toEqual([]);
  third.kill('SIGTERM');
  const { exitCode, stderr } = await third.finished;
  expect(exitCode).toBe(0);
  for (const line of stderr.split('\n').filter((text) => text !== '')) expect(() => JSON.parse(line)).not.toThrow();
}, 120_000);
