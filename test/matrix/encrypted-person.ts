// A person whose client encrypts: what they say in encrypted rooms is sealed, and what they read is opened. It is the encryption
// library itself on calls of the tests' own, with its keys in memory; of the adapter under test nothing is in it.
import * as wasm from '@matrix-org/matrix-sdk-crypto-wasm';
import { z } from 'zod';
import { makeQueue } from '../../core/queue.ts';
import { type Call, MatrixRefusal, openClientApi, url } from './client-api.ts';
import { type Person, personOver } from './people.ts';
import type { SynapseAddress } from './synapse-server.ts';

export type EncryptedPerson = Person & {
  /** From now on keys are made and not sent. @returns sends them, and all later ones at once */
  holdKeys(): () => Promise<void>;
  /** As it lies on the server. */
  sealedEvent(room: string, eventId: string): Promise<{ readonly type: string; readonly content: unknown }>;
  /** Of a file whose event is given; rejects when what was uploaded is not what the event says. */
  openFile(content: unknown): Promise<string>;
  /** What others encrypt for this user: device ids and their public keys. */
  devicesOf(userId: string): Promise<Readonly<Record<string, string>>>;
  /** Whether the account's own cross-signing key has signed the device. */
  isSigned(userId: string, deviceId: string): Promise<boolean>;
};

const devicesSchema = z.object({
  device_keys: z.record(
    z.string(),
    z.record(
      z.string(),
      z.looseObject({
        keys: z.record(z.string(), z.string()),
        signatures: z.record(z.string(), z.record(z.string(), z.string())).default({}),
      }),
    ),
  ),
  self_signing_keys: z.record(z.string(), z.looseObject({ keys: z.record(z.string(), z.string()) })).default({}),
});
const syncSchema = z.looseObject({
  to_device: z.object({ events: z.array(z.unknown()) }).default({ events: [] }),
  device_one_time_keys_count: z.record(z.string(), z.number()).default({}),
  device_unused_fallback_key_types: z.array(z.string()).default([]),
});
const eventSchema = z.looseObject({ type: z.string(), content: z.record(z.string(), z.unknown()) });
const fileSchema = z.object({ file: z.looseObject({ url: z.string() }) });
type Event = z.infer<typeof eventSchema>;

export async function encryptedPerson(server: SynapseAddress, plain: Person): Promise<EncryptedPerson> {
  await wasm.initAsync();
  const { call, bytes } = openClientApi(server.url, plain.accessToken);
  const machine = await wasm.OlmMachine.initialize(new wasm.UserId(plain.userId), new wasm.DeviceId(plain.deviceId));
  const inTurn = makeQueue();
  let held: wasm.ToDeviceRequest[] | null = null;
  const trust = () => new wasm.DecryptionSettings(wasm.TrustRequirement.Untrusted);

  type Request = { readonly type?: wasm.RequestType; readonly id?: string | undefined; readonly body: string };
  async function send(request: Request): Promise<void> {
    const body: unknown = JSON.parse(request.body);
    const post = (place: string) => call({ method: 'POST', path: `/_matrix/client/v3/keys/${place}`, body });
    const { KeysUpload, KeysQuery, KeysClaim } = wasm.RequestType;
    const answer =
      request instanceof wasm.ToDeviceRequest
        ? await call({
            ...{ method: 'PUT', body },
            path: url`/_matrix/client/v3/sendToDevice/${request.event_type}/${request.txn_id}`,
          })
        : request.type === KeysUpload
          ? await post('upload')
          : request.type === KeysQuery
            ? await post('query')
            : request.type === KeysClaim
              ? await post('claim')
              : null;
    if (answer === null || request.id === undefined || request.type === undefined)
      throw new TypeError(`a test's person does not send ${request.type}`);
    await machine.markRequestAsSent(request.id, request.type, JSON.stringify(answer));
  }
  async function sendOutgoing(): Promise<void> {
    for (const request of await machine.outgoingRequests()) await send(request);
  }

  async function feed(answer: unknown): Promise<void> {
    const { to_device, device_one_time_keys_count, device_unused_fallback_key_types } = syncSchema.parse(answer);
    await machine.receiveSyncChanges(
      JSON.stringify(to_device.events),
      new wasm.DeviceLists(),
      new Map(Object.entries(device_one_time_keys_count)),
      new Set(device_unused_fallback_key_types),
      trust(),
    );
    await sendOutgoing();
  }
  const quiet = JSON.stringify({ room: { rooms: [] }, presence: { not_types: ['*'] } });
  const pull = async () => feed(await call({ path: '/_matrix/client/v3/sync', query: { timeout: 0, filter: quiet } }));

  async function opened(room: string, event: Event): Promise<Event> {
    if (event.type !== 'm.room.encrypted') return event;
    try {
      const read = await machine.decryptRoomEvent(JSON.stringify(event), new wasm.RoomId(room), trust());
      const clear = eventSchema.parse(JSON.parse(read.event));
      const relation = event.content['m.relates_to'];
      const content = { ...clear.content, ...(relation === undefined ? {} : { 'm.relates_to': relation }) };
      return { ...event, type: clear.type, content };
    } catch (error) {
      if (error instanceof wasm.MegolmDecryptionError) return event;
      throw error;
    }
  }

  async function sealed(room: string, type: string, content: unknown): Promise<unknown> {
    const members = Object.keys(
      z
        .object({ joined: z.record(z.string(), z.unknown()) })
        .parse(await call({ path: url`/_matrix/client/v3/rooms/${room}/joined_members` })).joined,
    );
    const ids = () => members.map((member) => new wasm.UserId(member));
    await machine.updateTrackedUsers(ids());
    await machine.markAllTrackedUsersAsDirty();
    await sendOutgoing();
    const claim = await machine.getMissingSessions(ids());
    if (claim) await send(claim);
    const settings = new wasm.EncryptionSettings();
    settings.sharingStrategy = wasm.CollectStrategy.deviceBasedStrategy(false, false);
    for (const request of await machine.shareRoomKey(new wasm.RoomId(room), ids(), settings))
      if (held === null) await send(request);
      else {
        held.push(request);
        await machine.markRequestAsSent(request.id, request.type, '{}');
      }
    return JSON.parse(await machine.encryptRoomEvent(new wasm.RoomId(room), type, JSON.stringify(content)));
  }

  async function isEncrypted(room: string): Promise<boolean> {
    try {
      await call({ path: url`/_matrix/client/v3/rooms/${room}/state/m.room.encryption/` });
      return true;
    } catch (error) {
      if (error instanceof MatrixRefusal) return false;
      throw error;
    }
  }

  async function encryptingCall(asked: Call): Promise<unknown> {
    const [, encodedRoom = '', what = '', rest = ''] = /\/rooms\/([^/]+)\/([^/?]+)(.*)/.exec(asked.path) ?? [];
    const room = decodeURIComponent(encodedRoom);
    if (asked.path.endsWith('/sync')) {
      const answer = await call(asked);
      await inTurn(() => feed(answer));
      return answer;
    }
    if (what === 'messages' || what === 'event') {
      await inTurn(pull);
      const answer = z.looseObject({ chunk: z.array(eventSchema).optional() }).parse(await call(asked));
      if (what === 'event') return await inTurn(() => opened(room, eventSchema.parse(answer)));
      const chunk = [];
      for (const event of answer.chunk ?? []) chunk.push(await inTurn(() => opened(room, event)));
      return { ...answer, chunk };
    }
    if (what === 'send' && rest.startsWith('/m.room.message/') && (await isEncrypted(room))) {
      const body = await inTurn(() => sealed(room, 'm.room.message', asked.body));
      return await call({ ...asked, path: asked.path.replace('/m.room.message/', '/m.room.encrypted/'), body });
    }
    return await call(asked);
  }

  const keysOf = async (userId: string) => {
    const body = { device_keys: { [userId]: [] } };
    return devicesSchema.parse(await call({ method: 'POST', path: '/_matrix/client/v3/keys/query', body }));
  };

  await inTurn(sendOutgoing);
  return {
    ...personOver(plain, { call: encryptingCall, bytes }),
    holdKeys: () => {
      held = [];
      return async () => {
        const requests = held ?? [];
        held = null;
        for (const { event_type: type, txn_id: id, body } of requests)
          await call({
            ...{ method: 'PUT', body: JSON.parse(body) },
            path: url`/_matrix/client/v3/sendToDevice/${type}/${id}`,
          });
      };
    },
    sealedEvent: async (room, eventId) =>
      eventSchema.parse(await call({ path: url`/_matrix/client/v3/rooms/${room}/event/${eventId}` })),
    openFile: async (content) => {
      const { file } = fileSchema.parse(content);
      const stored = await plain.download(file.url);
      const attachment = new wasm.EncryptedAttachment(stored, JSON.stringify(file));
      return Buffer.from(wasm.Attachment.decrypt(attachment)).toString();
    },
    devicesOf: async (userId) => {
      const { device_keys: devices } = await keysOf(userId);
      return Object.fromEntries(
        Object.entries(devices[userId] ?? {}).map(([id, { keys }]) => [id, keys[`ed25519:${id}`] ?? '']),
      );
    },
    isSigned: async (userId, deviceId) => {
      const { device_keys: devices, self_signing_keys: signing } = await keysOf(userId);
      const by = Object.keys(devices[userId]?.[deviceId]?.signatures[userId] ?? {});
      return Object.keys(signing[userId]?.keys ?? {}).some((key) => by.includes(key));
    },
  };
}
