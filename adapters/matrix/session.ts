// The bot's own login: an access token that is given, or one for a password. The token for a password is kept in a file of the data
// folder, for a homeserver allows few logins, and the device stays the same: by it the homeserver knows a message sent twice.
import { randomBytes } from 'node:crypto';
import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { z } from 'zod';
import { ChiffonError } from '../../core/error.ts';
import { isForbidden, isUnknownToken, toChiffonError } from './api-error.ts';
import type { Client } from './sdk.ts';
import { openClient } from './sdk.ts';

export type Login = {
  readonly homeserverUrl: string;
  readonly accessToken?: string | undefined;
  /** `@chiffon:example.org` or `chiffon`. With an access token: whose it has to be. */
  readonly user?: string | undefined;
  readonly password?: string | undefined;
  /** Where a login by password is kept. */
  readonly sessionFile: string;
};

export type Session = {
  readonly client: Client;
  readonly userId: string;
  /** Undefined for a token that belongs to none. */
  readonly deviceId: string | undefined;
  /** Logs this device out and logs in as a new one. Undefined where only a person can. */
  readonly renew?: () => Promise<Session>;
};

const whoSchema = z.object({ user_id: z.string(), device_id: z.string().optional() });
const loggedInSchema = z.object({ user_id: z.string(), access_token: z.string(), device_id: z.string() });
const keptSchema = z.object({
  homeserverUrl: z.string(),
  userId: z.string(),
  accessToken: z.string(),
  deviceId: z.string(),
});
type Kept = z.infer<typeof keptSchema>;

/** Throws CHAT_LOGIN_FAILED for what a person has to mend, CHAT_FAILED for the rest. */
export async function openSession(login: Login): Promise<Session> {
  try {
    return login.accessToken === undefined ? await byPassword(login) : await byToken(login, login.accessToken);
  } catch (error) {
    throw toChiffonError(error);
  }
}

async function byToken(login: Login, accessToken: string): Promise<Session> {
  const client = await openClient(login.homeserverUrl, accessToken);
  const { user_id: userId, device_id: deviceId } = await whoAmI(client).catch((error: unknown) => {
    if (!isUnknownToken(error)) throw error;
    throw new ChiffonError('CHAT_LOGIN_FAILED', 'The homeserver does not accept MATRIX_ACCESS_TOKEN.', {
      cause: error,
    });
  });
  if (login.user !== undefined && !isUser(userId, login.user))
    throw new ChiffonError(
      'CHAT_LOGIN_FAILED',
      `MATRIX_ACCESS_TOKEN is ${userId}’s, and MATRIX_USER says ${login.user}.`,
    );
  return { client, userId, deviceId };
}

async function byPassword(login: Login): Promise<Session> {
  const { homeserverUrl, user, password, sessionFile } = login;
  if (user === undefined || password === undefined)
    throw new ChiffonError(
      'CHAT_LOGIN_FAILED',
      'Neither MATRIX_ACCESS_TOKEN nor MATRIX_USER and MATRIX_PASSWORD is set.',
    );
  const before = await keptLogin(login);
  const renew = async (client: Client): Promise<Session> => {
    await client.request({ method: 'POST', path: '/_matrix/client/v3/logout', body: {} });
    return newLogin(newDevice());
  };
  const newLogin = async (deviceId: string): Promise<Session> => {
    const made = await logIn({ homeserverUrl, user, password, deviceId });
    await keep(sessionFile, {
      ...{ homeserverUrl, userId: made.user_id, accessToken: made.access_token, deviceId: made.device_id },
    });
    const client = await openClient(homeserverUrl, made.access_token);
    return { client, userId: made.user_id, deviceId: made.device_id, renew: () => renew(client) };
  };
  if (before !== undefined) {
    const client = await openClient(homeserverUrl, before.accessToken);
    const who = await whoAmI(client).catch((error: unknown) => {
      if (isUnknownToken(error)) return undefined;
      throw error;
    });
    if (who !== undefined) return { client, userId: who.user_id, deviceId: who.device_id, renew: () => renew(client) };
  }
  return newLogin(before?.deviceId ?? newDevice());
}

const newDevice = (): string => `CHIFFON${randomBytes(5).toString('hex').toUpperCase()}`;

export function whoAmI(client: Client): Promise<z.infer<typeof whoSchema>> {
  return client.request({ path: '/_matrix/client/v3/account/whoami' }).then((answer) => whoSchema.parse(answer));
}

/** @param asked a full id, or its name alone */
export function isUser(userId: string, asked: string): boolean {
  return asked.startsWith('@') ? userId === asked : userId.startsWith(`@${asked}:`);
}

async function logIn(how: { homeserverUrl: string; user: string; password: string; deviceId: string }) {
  const client = await openClient(how.homeserverUrl);
  const body = {
    type: 'm.login.password',
    identifier: { type: 'm.id.user', user: how.user },
    password: how.password,
    device_id: how.deviceId,
    initial_device_display_name: 'Chiffon',
  };
  try {
    return loggedInSchema.parse(await client.request({ method: 'POST', path: '/_matrix/client/v3/login', body }));
  } catch (error) {
    if (!isForbidden(error) && !isUnknownToken(error)) throw error;
    throw new ChiffonError('CHAT_LOGIN_FAILED', 'The homeserver does not accept MATRIX_USER with MATRIX_PASSWORD.', {
      cause: error,
    });
  }
}

/** The login of an earlier start, if it is for this homeserver and user. */
export async function keptLogin({ homeserverUrl, user, sessionFile }: Login): Promise<Kept | undefined> {
  try {
    const kept = keptSchema.parse(JSON.parse(await readFile(sessionFile, 'utf8')));
    return kept.homeserverUrl === homeserverUrl && user !== undefined && isUser(kept.userId, user) ? kept : undefined;
  } catch {
    return undefined;
  }
}

async function keep(file: string, kept: Kept): Promise<void> {
  await mkdir(dirname(file), { recursive: true, mode: 0o700 });
  await writeFile(`${file}.new`, `${JSON.stringify(kept)}\n`, { mode: 0o600 });
  await rename(`${file}.new`, file);
}
