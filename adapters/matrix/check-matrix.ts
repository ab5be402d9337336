// What `doctor` says about MATRIX_HOMESERVER_URL and the login, and what a start looks at first. It changes nothing: a password is
// not tried here, for a homeserver counts logins.
import { z } from 'zod';
import { isUnknownToken, MatrixRefusal, toChiffonError } from './api-error.ts';
import type { Client } from './sdk.ts';
import { openClient } from './sdk.ts';
import type { Login } from './session.ts';
import { isUser, keptLogin, whoAmI } from './session.ts';

export type MatrixCheck =
  | {
      readonly type: 'ready';
      readonly sentence: string;
      /** What does not stop a start, each with what to do. */
      readonly notes: readonly string[];
    }
  | {
      readonly type: 'not-a-homeserver' | 'too-old' | 'bad-token' | 'wrong-user' | 'no-password-login' | 'unreachable';
      /** What is wrong and what to do. */
      readonly sentence: string;
    };

export type CheckOptions = Login & {
  readonly rooms: readonly string[];
  readonly invitesFrom: readonly string[];
};

const timeoutMs = 10_000;
/** Threads, and the relations of an event (https://spec.matrix.org/v1.4/). */
const needed = { major: 1, minor: 4 };
const versionsSchema = z.object({ versions: z.array(z.string()) });
const flowsSchema = z.object({ flows: z.array(z.looseObject({ type: z.string() })) });
const wellKnownSchema = z.object({ 'm.homeserver': z.object({ base_url: z.string().max(300) }) });

/** It throws nothing, and waits no longer than a few requests may take. */
export async function checkMatrix(options: CheckOptions): Promise<MatrixCheck> {
  try {
    // Whether it is a homeserver is asked without the token, which it may refuse everywhere.
    const wrong = await wrongHomeserver(await openClient(options.homeserverUrl), options);
    return wrong ?? (await checkLogin(await openClient(options.homeserverUrl, options.accessToken), options));
  } catch (error) {
    return { type: 'unreachable', sentence: `${options.homeserverUrl}: ${toChiffonError(error).message}` };
  }
}

async function wrongHomeserver(client: Client, { homeserverUrl }: CheckOptions): Promise<MatrixCheck | null> {
  const answer = await client.request({ path: '/_matrix/client/versions', timeoutMs }).catch((error: unknown) => {
    if (error instanceof MatrixRefusal && error.status < 500 && error.status !== 429) return null;
    throw error;
  });
  const parsed = versionsSchema.safeParse(answer);
  if (!parsed.success) {
    const elsewhere = await client.request({ path: '/.well-known/matrix/client', timeoutMs }).then(
      (said) => wellKnownSchema.safeParse(said).data?.['m.homeserver'].base_url,
      () => undefined,
    );
    const advice =
      elsewhere === undefined
        ? 'Set MATRIX_HOMESERVER_URL to the address that clients use, e.g. https://matrix.example.org.'
        : `Its homeserver is at ${elsewhere}: set MATRIX_HOMESERVER_URL to that.`;
    return { type: 'not-a-homeserver', sentence: `${homeserverUrl} is no Matrix homeserver. ${advice}` };
  }
  const { versions } = parsed.data;
  if (versions.some(isEnough)) return null;
  return {
    type: 'too-old',
    sentence: `${homeserverUrl} speaks Matrix only up to ${versions.at(-1) ?? 'nothing'}: Chiffon needs v${needed.major}.${needed.minor}, of 2022. Bring the homeserver up to date.`,
  };
}

async function checkLogin(client: Client, options: CheckOptions): Promise<MatrixCheck> {
  const { homeserverUrl, accessToken, user } = options;
  if (accessToken !== undefined) {
    const who = await nameOf(client);
    if (who === null)
      return {
        type: 'bad-token',
        sentence: `${homeserverUrl} does not accept MATRIX_ACCESS_TOKEN: make a new one by logging in, and do not log that session out.`,
      };
    if (user !== undefined && !isUser(who, user))
      return { type: 'wrong-user', sentence: `MATRIX_ACCESS_TOKEN is ${who}’s, and MATRIX_USER says ${user}.` };
    return ready(`${homeserverUrl} takes the token, of ${who}.`, options);
  }
  const kept = await keptLogin(options);
  const who = kept === undefined ? null : await nameOf(await openClient(homeserverUrl, kept.accessToken));
  if (who !== null) return ready(`${homeserverUrl} knows Chiffon’s login, of ${who}.`, options);
  const { flows } = flowsSchema.parse(await client.request({ path: '/_matrix/client/v3/login', timeoutMs }));
  if (!flows.some(({ type }) => type === 'm.login.password'))
    return {
      type: 'no-password-login',
      sentence: `${homeserverUrl} takes no passwords: log in as Chiffon with a client, and set MATRIX_ACCESS_TOKEN.`,
    };
  return ready(`${homeserverUrl} answers; MATRIX_USER and MATRIX_PASSWORD are tried at the start.`, options);
}

/** Null when the homeserver does not know the token. */
async function nameOf(client: Client): Promise<string | null> {
  try {
    return (await whoAmI(client)).user_id;
  } catch (error) {
    if (isUnknownToken(error)) return null;
    throw error;
  }
}

function ready(sentence: string, { rooms, invitesFrom }: CheckOptions): MatrixCheck {
  const notes =
    rooms.length === 0 && invitesFrom.length === 0
      ? ['No invitation is accepted: name rooms in MATRIX_ROOMS, or who may invite in MATRIX_INVITES_FROM.']
      : [];
  return { type: 'ready', sentence, notes };
}

function isEnough(version: string): boolean {
  const [, major, minor] = /^v(\d{1,4})\.(\d{1,4})$/.exec(version) ?? [];
  if (major === undefined || minor === undefined) return false;
  return Number(major) > needed.major || (Number(major) === needed.major && Number(minor) >= needed.minor);
}
