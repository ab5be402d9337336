// The homeserver of the tests and its people do what the tests of the Matrix adapter lean on.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { beforeAll, describe, expect, it, vi } from 'vitest';
import { aliveWith } from '../agent/alive.ts';
import type { Person } from './people.ts';
import { ownSynapse, sharedSynapse } from './synapse.ts';

describe('people on the homeserver', () => {
  let homeserver: Awaited<ReturnType<typeof sharedSynapse>>;
  let anna: Person;
  let ben: Person;
  let room: string;
  beforeAll(async () => {
    homeserver = await sharedSynapse();
    [anna, ben] = await Promise.all([homeserver.person('anna'), homeserver.person('ben')]);
    room = await anna.createRoom({ name: 'the homelab', invite: [ben.userId] });
    await ben.join(room);
  }, 600_000);

  it('see what the other says, as it reads after an edit, with the reactions that were not taken back', async () => {
    const eventId = await anna.say(room, 'renew the certs');
    await ben.sees(room, ({ body }) => body === 'renew the certs');
    await anna.edit(room, eventId, 'renew the certificates');
    await ben.edit(room, eventId, 'wipe the disks');
    await anna.react(room, eventId, '❌');
    await ben.redact(room, await ben.react(room, eventId, '✅'));
    const message = (await ben.messages(room)).find((seen) => seen.eventId === eventId);
    expect(message).toMatchObject({ body: 'renew the certificates', sender: anna.userId, redacted: false });
    expect(message?.versions.map(({ body }) => body)).toEqual(['renew the certs', 'renew the certificates']);
    expect(message?.reactions.map(({ key, sender }) => ({ key, sender }))).toEqual([
      { key: '❌', sender: anna.userId },
    ]);
    await anna.redact(room, eventId);
    const gone = (await ben.messages(room)).find((seen) => seen.eventId === eventId);
    expect(gone).toMatchObject({ body: '', redacted: true });
  });

  it('speak in threads, with real answers and with those for clients without threads', async () => {
    const root = await anna.say(room, 'which host?');
    const first = await ben.say(room, 'the new one', { thread: root });
    const second = await anna.say(room, 'which new one?', { thread: root, replyTo: first });
    const plain = await ben.say(room, 'never mind', { replyTo: root });
    expect(await anna.thread(room, root)).toMatchObject([
      { eventId: first, replyTo: root, replyIsFallback: true },
      { eventId: second, replyTo: first, replyIsFallback: false },
    ]);
    expect((await anna.messages(room)).at(-1)).toMatchObject({ eventId: plain, thread: undefined, replyTo: root });
  });

  it('are rung by a mention, not by an edit that mentions them', async () => {
    const mentioned = await anna.say(room, 'look', { mention: ben.userId });
    const edit = await anna.send(room, 'm.room.message', {
      msgtype: 'm.text',
      body: '* look again',
      'm.mentions': {},
      'm.new_content': { msgtype: 'm.text', body: 'look again', 'm.mentions': { user_ids: [ben.userId] } },
      'm.relates_to': { rel_type: 'm.replace', event_id: mentioned },
    });
    const rang = await ben.until(async () => {
      const all = await ben.rang(room);
      return all.some(({ eventId }) => eventId === mentioned) && all;
    });
    expect(rang).toContainEqual({ eventId: mentioned, highlight: true });
    expect(rang.map(({ eventId }) => eventId)).not.toContain(edit);
  });

  it('send an event once, however often they try under one transaction id', async () => {
    const content = { msgtype: 'm.text', body: 'once' };
    const first = await anna.send(room, 'm.room.message', content, 'the same');
    expect(await anna.send(room, 'm.room.message', content, 'the same')).toBe(first);
    expect((await anna.messages(room)).filter(({ body }) => body === 'once')).toHaveLength(1);
  });

  it('exchange files', async () => {
    const bytes = new TextEncoder().encode('PLAY RECAP ✓');
    const file = await anna.upload(bytes, { name: 'run log.txt', type: 'text/plain' });
    const content = { msgtype: 'm.file', body: 'run log.txt', url: file };
    const eventId = await anna.send(room, 'm.room.message', content);
    const message = await ben.sees(room, (seen) => seen.eventId === eventId);
    expect(await ben.download(message.file ?? '')).toEqual(bytes);
  });

  it('say who may do what, and move on to a new room', async () => {
    const old = await anna.createRoom({ version: '11', invite: [ben.userId] });
    await ben.join(old);
    await anna.setPower(old, ben.userId, 50);
    expect((await ben.powerLevels(old)).users).toMatchObject({ [ben.userId]: 50, [anna.userId]: 100 });
    const next = await anna.upgradeRoom(old, '12');
    await ben.join(next);
    expect(await ben.state(old, 'm.room.tombstone')).toMatchObject({ replacement_room: next });
    expect(await anna.members(next)).toEqual(expect.arrayContaining([anna.userId, ben.userId]));
  });

  it('have direct and encrypted rooms, as far as their marks go', async () => {
    const direct = await anna.createRoom({ kind: 'direct', invite: [ben.userId], encrypted: true });
    const { rooms } = await ben.sync();
    expect(JSON.stringify(rooms.invite[direct])).toContain('"is_direct":true');
    await ben.join(direct);
    expect(await ben.state(direct, 'm.room.encryption')).toMatchObject({ algorithm: 'm.megolm.v1.aes-sha2' });
  });

  it('are told by the server what they may not do', async () => {
    const stranger = await homeserver.person('anna');
    await expect(stranger.say(room, 'let me in')).rejects.toMatchObject({ status: 403, errcode: 'M_FORBIDDEN' });
    await stranger.logOut();
    await expect(stranger.sync()).rejects.toMatchObject({ status: 401, errcode: 'M_UNKNOWN_TOKEN' });
  });
});

describe('a homeserver of a test’s own', () => {
  it('comes back on its port with all that was said, and people wait through it', async () => {
    await using homeserver = await ownSynapse({ rateLimits: 'none' });
    const [anna, ben] = [await homeserver.person('anna'), await homeserver.person('ben')];
    const room = await anna.createRoom({ kind: 'public' });
    await ben.join(room);
    await anna.say(room, 'before');
    const seen = ben.sees(room, ({ body }) => body === 'after');
    await homeserver.stop();
    await expect(anna.say(room, 'meanwhile')).rejects.toThrow('fetch failed');
    await homeserver.start();
    await anna.say(room, 'between');
    await homeserver.kill();
    await homeserver.start();
    await anna.say(room, 'after');
    await seen;
    expect((await ben.messages(room)).map(({ body }) => body)).toEqual(['before', 'between', 'after']);
  });

  it('holds the program to Synapse’s own limits, and not the people', async () => {
    await using homeserver = await ownSynapse({ rateLimits: 'default' });
    const anna = await homeserver.person('anna');
    const bot = homeserver.as(await homeserver.account('chiffon', { exactly: true }));
    expect(bot.userId).toBe('@chiffon:chiffon.test');
    const room = await anna.createRoom({ kind: 'public' });
    await bot.join(room);
    const flood = (person: Person) => Promise.allSettled(Array.from({ length: 30 }, () => person.say(room, 'flood')));
    expect((await flood(anna)).filter(({ status }) => status === 'rejected')).toEqual([]);
    const refused = (await flood(bot)).flatMap((sent) => (sent.status === 'rejected' ? [sent.reason] : []));
    expect(refused.length).toBeGreaterThan(10);
    expect(refused[0]).toMatchObject({ status: 429, errcode: 'M_LIMIT_EXCEEDED', retryAfterMs: expect.any(Number) });
  });

  it('is gone when the process that started it is killed', async () => {
    const folder = await mkdtemp(path.join(tmpdir(), 'chiffon-synapse-of-killed-'));
    const program = `
      import { startSynapse } from ${JSON.stringify(path.join(import.meta.dirname, 'synapse-server.ts'))};
      await startSynapse({ rateLimits: 'none' });
      console.log('started');
      setInterval(() => {}, 1_000);`;
    const starter = spawn(process.execPath, ['--input-type=module', '--eval', program], {
      env: { ...process.env, TMPDIR: folder },
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    try {
      await once(createInterface({ input: starter.stdout }), 'line');
      expect((await aliveWith(folder)).map(({ command }) => command).join('\n')).toContain('synapse.app.homeserver');
      starter.kill('SIGKILL');
      await vi.waitFor(async () => expect(await aliveWith(folder)).toEqual([]), { timeout: 20_000, interval: 50 });
      await vi.waitFor(async () => expect(await readdir(folder)).toEqual([]), { timeout: 20_000, interval: 50 });
    } finally {
      starter.kill('SIGKILL');
      await rm(folder, { recursive: true, force: true });
    }
  });
});
