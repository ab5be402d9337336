// Killed while something encrypted is on its way: what the homeserver has got by then is what the next life knows of. Nothing may have
// left before it was saved, or a key is used twice, or is lost.
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { freshHome } from '../e2e/fresh-home.ts';
import type { Service } from '../e2e/service.ts';
import { startService } from '../e2e/service.ts';
import { encryptedPerson } from '../matrix/encrypted-person.ts';
import { sharedSynapse } from '../matrix/synapse.ts';
import type { Asked } from './in-between.ts';
import { openInBetween } from './in-between.ts';

async function openCellar() {
  const homeserver = await sharedSynapse();
  const between = await openInBetween(homeserver.url);
  const bot = await homeserver.account('chiffon');
  const plain = await homeserver.person('ada');
  const ada = await encryptedPerson(homeserver, plain);
  const home = await freshHome({
    ...{ MATRIX_HOMESERVER_URL: between.url, MATRIX_ACCESS_TOKEN: bot.accessToken, LOG_LEVEL: 'info' },
  });
  await writeFile(join(home.env.CHIFFON_HOME ?? '', 'policy.yaml'), `approvers:\n  - who: ['matrix:${ada.userId}']\n`);
  let service: Service | undefined;
  const cellar = {
    ...{ bot, plain, ada },
    newRoom: async () => {
      const room = await ada.createRoom({ name: 'the cellar', invite: [bot.userId], encrypted: true });
      await homeserver.as(bot).join(room);
      return room;
    },
    start: async (): Promise<Service> => {
      service = startService(home);
      await service.says(/Encrypted rooms are read and written in/);
      return service;
    },
    /** The program is killed when the next such request is on its way; resolves when the homeserver has got it all the same. */
    diesAtNext: (fits: (asked: Asked) => boolean): Promise<void> => between.atNext(fits, async () => service?.kill()),
    /** Says it, and waits for an answer that ada can read. */
    answered: async (room: string, text: string): Promise<void> => {
      const asked = await ada.say(room, text);
      await ada.sees(room, ({ sender, replyTo }) => sender === bot.userId && replyTo === asked, {
        what: `an answer to ${text} that can be read`,
      });
    },
    [Symbol.asyncDispose]: async () => {
      await service?.kill();
      await between[Symbol.asyncDispose]();
    },
  };
  return cellar;
}

it('a room message that was on its way: the next one is encrypted with a later key', async () => {
  await using cellar = await openCellar();
  const { ada, plain, bot } = cellar;
  const room = await cellar.newRoom();
  await cellar.start();
  await cellar.answered(room, '!chiffon status');
  const died = cellar.diesAtNext(isRoomMessage);
  const asked = await ada.say(room, '!chiffon help');
  await died;
  await cellar.start();
  await cellar.answered(room, '!chiffon agents');
  expect((await ada.messages(room)).filter(({ replyTo }) => replyTo === asked)).toHaveLength(1);
  const sealed = (await plain.events(room)).filter(
    ({ type, sender }) => type === 'm.room.encrypted' && sender === bot.userId,
  );
  const used = sealed.map(({ content }) => `${String(content.session_id)} ${indexOf(String(content.ciphertext))}`);
  expect(sealed).toHaveLength(3);
  expect(new Set(used).size, used.join('\n')).toBe(used.length);
}, 240_000);

it('a room’s key that was on its way to a device: the next one that is sent there arrives', async () => {
  await using cellar = await openCellar();
  const { ada } = cellar;
  const [first, second] = [await cellar.newRoom(), await cellar.newRoom()];
  await cellar.start();
  await cellar.answered(first, '!chiffon status');
  const died = cellar.diesAtNext(({ path }) => path.includes('/sendToDevice/m.room.encrypted/'));
  await ada.say(second, '!chiffon status');
  await died;
  await cellar.start();
  await cellar.answered(second, '!chiffon help');
}, 240_000);

const isRoomMessage = ({ method, path }: Asked): boolean =>
  method === 'PUT' && path.includes('/send/m.room.encrypted/');

/** Which key of its session a message is encrypted with (https://spec.matrix.org/latest/olm-megolm/megolm/#message-format). */
function indexOf(ciphertext: string): number {
  const [version, tag, ...rest] = Buffer.from(ciphertext, 'base64');
  if (version !== 3 || tag !== 8) throw new TypeError('not a message of Megolm');
  let index = 0;
  for (const [at, byte] of rest.entries()) {
    index += (byte & 0x7f) << (7 * at);
    if (byte < 0x80) break;
  }
  return index;
}
