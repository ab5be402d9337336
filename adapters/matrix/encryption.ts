// Encrypted rooms: what is sent there is sealed, what comes from there is opened, and where neither can be, it is said why.
import type { Logger } from 'pino';
import { z } from 'zod';
import { ChiffonError } from '../../core/error.ts';
import type { ChatMemory } from '../../core/ports/chat.ts';
import { toChiffonError } from './api-error.ts';
import type { Content } from './content.ts';
import type { IndexedDb } from './encryption/indexed-db.ts';
import { openIndexedDb } from './encryption/indexed-db.ts';
import type { DeviceNews, Machine, Opened, Wasm } from './encryption/machine.ts';
import { openMachine } from './encryption/machine.ts';
import { askOwnDevice, crossSign } from './encryption/own-device.ts';
import { makeSealedRooms } from './encryption/sealed-rooms.ts';
import type { RoomEvent } from './event.ts';
import { eventSchema } from './event.ts';
import type { Session } from './session.ts';

export type Encryption = {
  /** Why nothing can be said in an encrypted room, in plain words; null where it can. */
  readonly off: string | null;
  /** Said once in the log at a start. */
  readonly note: string;
  /** What a sync says of devices: to be told before what the same sync says of rooms, and before the next one is asked for. */
  readonly heard: (news: DeviceNews) => Promise<void>;
  /** An event as it is sent into a room. */
  readonly sealed: (
    room: string,
    type: string,
    content: Content,
  ) => Promise<{ readonly type: string; readonly content: Content }>;
  /** A file for a room: what is uploaded, and what its event says of the upload; null where a room takes it as it is. */
  readonly sealedFile: (
    room: string,
    bytes: Uint8Array,
  ) => Promise<{ readonly bytes: Uint8Array; readonly contentAt: (url: string) => Content } | null>;
  readonly opened: (room: string, event: RoomEvent) => Promise<Opened>;
  /** Somebody came into a room or left it, or it became encrypted. */
  readonly changed: (room: string) => void;
  /** The key of a message came that could not be opened. */
  readonly onKeys: (call: () => void) => void;
  readonly end: () => Promise<void>;
};

type Parts = {
  readonly session: Session;
  readonly memory: ChatMemory;
  readonly log: Logger;
};

const cannot = 'This room is encrypted, and I cannot read encrypted messages';
const elsewhere = 'please use a room without encryption, where I answer.';

/** May log in as a new device, where the keys of the one that was are lost. */
export async function openEncryption(
  parts: Parts,
): Promise<{ readonly session: Session; readonly encryption: Encryption }> {
  const opened = await openDevice(parts);
  if (opened !== 'lost') return { session: parts.session, encryption: opened };
  const { renew } = parts.session;
  if (renew === undefined) {
    const why = 'the keys of my login are lost';
    return {
      session: parts.session,
      encryption: off(
        `${cannot}: ${why}. Whoever runs me has to give me a new MATRIX_ACCESS_TOKEN, of a new login. Until then, ${elsewhere}`,
        `Encryption is off: ${why}: the homeserver knows this device by another key. Log in anew and set MATRIX_ACCESS_TOKEN to that login’s token; in encrypted rooms Chiffon says so, and works in all others.`,
      ),
    };
  }
  parts.log.warn(
    'Matrix: the keys of Chiffon’s login are lost; it logs in as a new device, which reads what is sent from now on',
  );
  const session = await renew();
  const again = await openDevice({ ...parts, session });
  if (again === 'lost') throw new TypeError('A new device has a key already.');
  return { session, encryption: again };
}

async function openDevice({ session, memory, log }: Parts): Promise<Encryption | 'lost'> {
  const { client, userId, deviceId } = session;
  if (deviceId === undefined)
    return off(
      `${cannot}: ${elsewhere}`,
      'Encryption is off: the login has no device. Chiffon works in rooms without.',
    );
  const wasm: Wasm = await import('@matrix-org/matrix-sdk-crypto-wasm');
  await wasm.initAsync();
  const db = await openRows(memory, `device ${userId} ${deviceId} `).catch((error: unknown) => {
    if (error instanceof ChiffonError && error.kind === 'SECRET_UNREADABLE') return null;
    throw error;
  });
  if (db === null)
    return off(
      `${cannot}: my own keys are locked. Whoever runs me has to give me the CHIFFON_SECRET_KEY that I had. Until then, ${elsewhere}`,
      'Encryption is off: the keys of this login were stored under another CHIFFON_SECRET_KEY (or secret.key of another data folder). Put it back, or log in anew; in encrypted rooms Chiffon says so, and works in all others.',
    );
  const machine = await openMachine({ wasm, db, client, userId, deviceId });
  const { isAnother, hasCrossSigning } = await askOwnDevice(client, { userId, deviceId, identity: machine.identity });
  if (isAnother) {
    await machine.close();
    return 'lost';
  }
  await machine.sendOutgoing();
  const lack = hasCrossSigning ? null : await crossSign(client, machine);
  if (lack !== null) log.warn(lack);
  return on({ wasm, machine, session, memory, log });
}

async function openRows(memory: ChatMemory, prefix: string): Promise<IndexedDb> {
  const rows = await memory.recallSealed(prefix);
  return openIndexedDb(new Map([...rows].map(([key, value]) => [key.slice(prefix.length), value])), (changes) =>
    memory.keepSealed(new Map([...changes].map(([key, value]) => [`${prefix}${key}`, value]))),
  );
}

function on(parts: Parts & { readonly wasm: Wasm; readonly machine: Machine }): Encryption {
  const { wasm, machine, session, memory, log } = parts;
  const rooms = makeSealedRooms({ client: session.client, memory });

  async function opened(room: string, event: RoomEvent): Promise<Opened> {
    const read = event.type === 'm.room.encrypted' ? await machine.opened(room, event) : clear(event);
    if (read.type !== 'clear') return read;
    // The homeserver sends the last edit along with what was edited.
    const edit = eventSchema.safeParse(bundledEdit(read.event));
    if (!edit.success || edit.data.type !== 'm.room.encrypted') return read;
    const readEdit = await machine.opened(room, edit.data);
    const relations = { 'm.replace': readEdit.type === 'clear' ? readEdit.event : undefined };
    const unsigned = { ...read.event.unsigned, 'm.relations': relations };
    return clear({ ...read.event, unsigned });
  }

  return {
    off: null,
    note: 'Encrypted rooms are read and written in.',
    async heard(news) {
      await machine.heard(news);
      await machine.sendOutgoing().catch((error: unknown) => {
        log.info({ err: toChiffonError(error) }, 'keys could not be sent; they are sent with the next sync');
      });
    },
    async sealed(room, type, content) {
      const settings = type === 'm.room.message' ? await rooms.settingsOf(room) : null;
      if (settings === null) return { type, content };
      const sealed = await machine.sealed(room, await rooms.members(room), settings, type, content);
      return { type: 'm.room.encrypted', content: sealed };
    },
    async sealedFile(room, bytes) {
      if ((await rooms.settingsOf(room)) === null) return null;
      const sealed = wasm.Attachment.encrypt(bytes);
      const how = z.record(z.string(), z.unknown()).parse(JSON.parse(sealed.mediaEncryptionInfo ?? '{}'));
      return { bytes: sealed.encryptedData, contentAt: (url) => ({ file: { ...how, url } }) };
    },
    opened,
    changed: (room) => rooms.changed(room),
    onKeys: machine.onKeys,
    end: machine.close,
  };
}

function off(sentence: string, note: string): Encryption {
  return {
    ...{ off: sentence, note },
    heard: async () => {},
    sealed: async (_room, type, content) => ({ type, content }),
    sealedFile: async () => null,
    opened: async (_room, event) => (event.type === 'm.room.encrypted' ? { type: 'missing' } : clear(event)),
    changed: () => {},
    onKeys: () => {},
    end: async () => {},
  };
}

const clear = (event: RoomEvent): Opened => ({ type: 'clear', event });

function bundledEdit({ unsigned }: RoomEvent): unknown {
  const relations = unsigned?.['m.relations'];
  return typeof relations === 'object' && relations !== null && 'm.replace' in relations
    ? relations['m.replace']
    : undefined;
}
