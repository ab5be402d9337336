// Accounts on the homeserver of the tests, made by its shared secret: for people, and for the program under test.
import { createHmac, randomBytes } from 'node:crypto';
import { z } from 'zod';
import { openClientApi, url } from './client-api.ts';
import type { SynapseAddress } from './synapse-server.ts';

export type Account = {
  /** `@chiffon-1f2e3d:chiffon.test`: no two accounts of a server have the same. */
  readonly userId: string;
  readonly password: string;
  readonly accessToken: string;
  readonly deviceId: string;
};

const accountSchema = z.object({ user_id: z.string(), access_token: z.string(), device_id: z.string() });
const nonceSchema = z.object({ nonce: z.string() });

/** @param name what it is called on its own server, exactly, or with something behind it that no other has */
export async function makeAccount(
  server: SynapseAddress,
  name: string,
  { exactly = false, admin = false } = {},
): Promise<Account> {
  const { call } = openClientApi(server.url);
  const path = '/_synapse/admin/v1/register';
  const { nonce } = nonceSchema.parse(await call({ path }));
  const username = exactly ? name : `${name}-${randomBytes(3).toString('hex')}`;
  const password = randomBytes(12).toString('hex');
  const mac = createHmac('sha1', server.registrationSecret)
    .update([nonce, username, password, admin ? 'admin' : 'notadmin'].join('\0'))
    .digest('hex');
  const body = { nonce, username, password, admin, mac };
  const made = accountSchema.parse(await call({ method: 'POST', path, body }));
  return { userId: made.user_id, password, accessToken: made.access_token, deviceId: made.device_id };
}

/** For this account the server's limit on messages, joins and the like does not hold. */
export async function freeFromLimits(server: SynapseAddress, admin: Account, userId: string): Promise<void> {
  await openClientApi(server.url, admin.accessToken).call({
    method: 'POST',
    path: url`/_synapse/admin/v1/users/${userId}/override_ratelimit`,
    body: { messages_per_second: 0, burst_count: 0 },
  });
}
