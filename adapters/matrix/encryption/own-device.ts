// The bot's own device as others see it: whether the homeserver knows it by the key that it has here, and that it is the account's
// own (cross-signing), for clients are coming to give no keys to devices that are not.
import { z } from 'zod';
import { MatrixRefusal } from '../api-error.ts';
import type { Client } from '../sdk.ts';
import type { Machine } from './machine.ts';

const keysSchema = z.object({
  device_keys: z.record(
    z.string(),
    z.record(z.string(), z.looseObject({ keys: z.record(z.string(), z.string()).default({}) })),
  ),
  master_keys: z.record(z.string(), z.unknown()).default({}),
});

export type OwnDevice = {
  /** The homeserver and others know this device by another key: what is here is not what they encrypt for. */
  readonly isAnother: boolean;
  /** The account has cross-signing keys, whoever made them. */
  readonly hasCrossSigning: boolean;
};

/** To be asked before the first upload: a homeserver takes another key for the same device without a word. */
export async function askOwnDevice(
  client: Client,
  own: { readonly userId: string; readonly deviceId: string; readonly identity: string },
): Promise<OwnDevice> {
  const { userId, deviceId, identity } = own;
  const answer = await client.request({
    ...{ method: 'POST', path: '/_matrix/client/v3/keys/query' },
    body: { device_keys: { [userId]: [deviceId] } },
  });
  const { device_keys: devices, master_keys: masters } = keysSchema.parse(answer);
  const known = devices[userId]?.[deviceId]?.keys[`ed25519:${deviceId}`];
  return { isAnother: known !== undefined && known !== identity, hasCrossSigning: masters[userId] !== undefined };
}

/** @returns what a person has to do, where the homeserver wants more than the login for it; else null */
export async function crossSign(client: Client, machine: Machine): Promise<string | null> {
  const requests = await machine.machine.bootstrapCrossSigning(false);
  try {
    // Its device's keys are among them.
    await machine.sendOutgoing();
    await machine.saved();
    await client.request({
      ...{ method: 'POST', path: '/_matrix/client/v3/keys/device_signing/upload' },
      body: JSON.parse(requests.uploadSigningKeysRequest.body),
    });
    await client.request({
      ...{ method: 'POST', path: '/_matrix/client/v3/keys/signatures/upload' },
      body: JSON.parse(requests.uploadSignaturesRequest.body),
    });
    return null;
  } catch (error) {
    if (!(error instanceof MatrixRefusal) || error.status >= 500) throw error;
    return `The homeserver lets Chiffon not sign its own device (${error.message}); clients that trust only signed devices do not speak to it.`;
  }
}
