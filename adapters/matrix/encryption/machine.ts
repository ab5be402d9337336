// The encryption library's machine for one device, with its keys in the rows of the bot's store. One thing at a time: its own
// requests, and what is asked of it. Nothing leaves it, to the homeserver or to the bot, before what it knows by then is durable.
import type * as Library from '@matrix-org/matrix-sdk-crypto-wasm';
import { z } from 'zod';
import { makeQueue } from '../../../core/queue.ts';
import type { Content } from '../content.ts';
import type { RoomEvent } from '../event.ts';
import type { Client, MatrixRequest } from '../sdk.ts';
import { path } from '../sdk.ts';
import type { IndexedDb } from './indexed-db.ts';

export type Wasm = typeof Library;
type Outgoing = { readonly type?: Library.RequestType; readonly id?: string | undefined; readonly body: string };

/** What a sync says of devices (https://spec.matrix.org/latest/client-server-api/#extensions-to-sync). */
export type DeviceNews = {
  readonly toDevice: readonly unknown[];
  readonly changed: readonly string[];
  readonly left: readonly string[];
  readonly oneTimeKeys: Readonly<Record<string, number>>;
  /** Undefined where the homeserver knows none. */
  readonly unusedFallbackKeys: readonly string[] | undefined;
};

export type RoomSettings = {
  readonly rotation_period_ms?: number | undefined;
  readonly rotation_period_msgs?: number | undefined;
};

export type Opened =
  | { readonly type: 'clear'; readonly event: RoomEvent }
  /** Its key may come yet. */
  | { readonly type: 'missing' }
  /** `withheld`: the sender's client does not give its keys to the bot's device. */
  | { readonly type: 'refused'; readonly reason: 'forged' | 'withheld' | 'broken'; readonly why: string };

export type Machine = Awaited<ReturnType<typeof openMachine>>;

const clearSchema = z.object({ type: z.string(), content: z.record(z.string(), z.unknown()) });

export async function openMachine(parts: {
  readonly wasm: Wasm;
  readonly db: IndexedDb;
  readonly client: Client;
  readonly userId: string;
  readonly deviceId: string;
}) {
  const { wasm, db, client, userId, deviceId } = parts;
  const { RequestType } = wasm;
  const inTurn = makeQueue();
  const handle = await wasm.StoreHandle.open(db.name, undefined);
  const machine = await wasm.OlmMachine.initFromStore(new wasm.UserId(userId), new wasm.DeviceId(deviceId), handle);
  // Of what happened while nobody heard, a homeserver tells only who knows how far they heard.
  await machine.markAllTrackedUsersAsDirty();
  machine.roomKeyRequestsEnabled = false;
  const identity = machine.identityKeys.ed25519.toBase64();
  const curve = machine.identityKeys.curve25519.toBase64();
  const tracked = new Set<string>();
  const settings = () => new wasm.DecryptionSettings(wasm.TrustRequirement.Untrusted);
  const idsOf = (users: readonly string[]) => users.map((user) => new wasm.UserId(user));

  async function send(request: Outgoing): Promise<void> {
    const { type, id, body } = request;
    if (type === undefined || id === undefined)
      throw new TypeError('The encryption library asks for an unknown request.');
    await db.saved();
    const answer = await client.request({ ...whereTo(request), body: JSON.parse(body) });
    await machine.markRequestAsSent(id, type, JSON.stringify(answer));
  }

  function whereTo(request: Outgoing): Pick<MatrixRequest, 'method' | 'path'> {
    if (request instanceof wasm.ToDeviceRequest)
      return { method: 'PUT', path: path`/_matrix/client/v3/sendToDevice/${request.event_type}/${request.txn_id}` };
    const places = {
      [RequestType.KeysUpload]: 'upload',
      [RequestType.KeysQuery]: 'query',
      [RequestType.KeysClaim]: 'claim',
      [RequestType.SignatureUpload]: 'signatures/upload',
    };
    const place = Object.entries(places).find(([type]) => Number(type) === request.type)?.[1];
    if (place === undefined) throw new TypeError(`The encryption library asks for request ${request.type}.`);
    return { method: 'POST', path: `/_matrix/client/v3/keys/${place}` };
  }

  async function sendOutgoing(): Promise<void> {
    for (const request of await machine.outgoingRequests()) await send(request);
  }

  async function track(users: readonly string[]): Promise<void> {
    const unknown = users.filter((user) => !tracked.has(user));
    if (unknown.length > 0) await machine.updateTrackedUsers(idsOf(unknown));
    for (const user of unknown) tracked.add(user);
    await sendOutgoing();
  }

  /** Null when the device that sent it is one of the sender's own: who has somebody's key could send it on as their own words. */
  async function forgery(event: RoomEvent, read: Library.DecryptedRoomEvent): Promise<string | null> {
    if (read.sender.toString() !== event.sender) return `it was encrypted by ${read.sender.toString()}`;
    if (event.sender === userId && read.senderCurve25519Key === curve) return null;
    const { senderDevice } = read;
    const device =
      senderDevice === undefined
        ? undefined
        : await machine.getDevice(new wasm.UserId(event.sender), new wasm.DeviceId(senderDevice.toString()), 0);
    if (device === undefined) return `no device of ${event.sender} is known that sent it`;
    return device.curve25519Key?.toBase64() === read.senderCurve25519Key
      ? null
      : `the device of ${event.sender} that it names has another key`;
  }

  return {
    identity,
    machine,
    sendOutgoing: () => inTurn(sendOutgoing),
    saved: () => inTurn(db.saved),

    /** Durable when it resolves; what the machine has to send then is not yet sent. */
    heard: ({ toDevice, changed, left, oneTimeKeys, unusedFallbackKeys }: DeviceNews): Promise<void> =>
      inTurn(async () => {
        await machine.receiveSyncChanges(
          JSON.stringify(toDevice),
          new wasm.DeviceLists(idsOf(changed), idsOf(left)),
          new Map(Object.entries(oneTimeKeys)),
          unusedFallbackKeys === undefined ? undefined : new Set(unusedFallbackKeys),
          settings(),
        );
        await db.saved();
      }),

    /** For the devices of these users, and nobody else's. */
    sealed: (
      room: string,
      users: readonly string[],
      { rotation_period_ms: periodMs, rotation_period_msgs: messages }: RoomSettings,
      type: string,
      content: Content,
    ): Promise<Content> =>
      inTurn(async () => {
        await track(users);
        const claim = await machine.getMissingSessions(idsOf(users));
        if (claim) await send(claim);
        const how = new wasm.EncryptionSettings();
        how.sharingStrategy = wasm.CollectStrategy.deviceBasedStrategy(false, false);
        if (periodMs !== undefined) how.rotationPeriod = BigInt(periodMs) * 1_000n;
        if (messages !== undefined) how.rotationPeriodMessages = BigInt(messages);
        const shared = await machine.shareRoomKey(new wasm.RoomId(room), idsOf(users), how);
        for (const request of shared) await send(request);
        const text = await machine.encryptRoomEvent(new wasm.RoomId(room), type, JSON.stringify(content));
        await db.saved();
        return z.record(z.string(), z.unknown()).parse(JSON.parse(text));
      }),

    opened: (room: string, event: RoomEvent): Promise<Opened> =>
      inTurn(async () => {
        await track([event.sender]);
        try {
          const read = await machine.decryptRoomEvent(JSON.stringify(event), new wasm.RoomId(room), settings());
          const why = await forgery(event, read);
          if (why !== null) return { type: 'refused', reason: 'forged', why };
          const { type, content } = clearSchema.parse(JSON.parse(read.event));
          await db.saved();
          // What it belongs to stands outside of what is encrypted, for the homeserver's sake; what is inside does not count.
          const { 'm.relates_to': _inside, ...rest } = content;
          const relation = event.content['m.relates_to'];
          const clear = { ...rest, ...(relation === undefined ? {} : { 'm.relates_to': relation }) };
          return { type: 'clear', event: { ...event, type, content: clear } };
        } catch (error) {
          if (error instanceof wasm.MegolmDecryptionError) return unreadable(error);
          throw error;
        }
      }),

    /** Called when the key of some message has come. */
    onKeys: (call: () => void): void => machine.registerRoomKeyUpdatedCallback(async () => call()),

    close: (): Promise<void> =>
      inTurn(async () => {
        machine.close();
        db.close();
      }),
  };

  function unreadable({ code, description, maybe_withheld: withheld }: Library.MegolmDecryptionError): Opened {
    const { MissingRoomKey, UnknownMessageIndex, MismatchedSender, MismatchedIdentityKeys } = wasm.DecryptionErrorCode;
    if (code === MissingRoomKey && withheld !== undefined)
      return { type: 'refused', reason: 'withheld', why: withheld };
    if (code === MissingRoomKey || code === UnknownMessageIndex) return { type: 'missing' };
    const forged = code === MismatchedSender || code === MismatchedIdentityKeys;
    return { type: 'refused', reason: forged ? 'forged' : 'broken', why: description };
  }
}
