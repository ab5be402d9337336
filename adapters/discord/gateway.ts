// The connection by which Discord says what happens, kept up by discord.js: it resumes after an interruption, and begins anew
// where it cannot.

import { setTimeout as sleep } from 'node:timers/promises';
import {
  Client,
  Events,
  GatewayCloseCodes,
  GatewayDispatchEvents,
  GatewayIntentBits,
  Options,
  Partials,
} from 'discord.js';
import type { Logger } from 'pino';
import { z } from 'zod';
import { ChiffonError } from '../../core/error.ts';
import { toChiffonError } from './api-error.ts';
import { snowflake } from './person.ts';
import type { Credentials } from './rest.ts';
import { restOptions } from './rest.ts';

export type Gateway = {
  readonly self: string;
  readonly application: string;
  readonly client: Client;
  readonly close: () => Promise<void>;
};

/** What happens; `missed`: something happened that was not told, for the connection began anew or a server was away. */
export type Heard =
  | { readonly name: string; readonly data: unknown }
  | { readonly name: 'missed' }
  /** The connection ended for good. */
  | { readonly name: 'lost'; readonly why: Error };

const readyWithinMs = 30_000;
/** A gateway that does not answer is not waited for. */
const goodbyeMs = 1_000;
const identified = z.object({ id: snowflake });
const ready = z.object({ user: identified, application: identified, guilds: z.array(identified).default([]) });
const heard = [
  GatewayDispatchEvents.InteractionCreate,
  GatewayDispatchEvents.MessageCreate,
  GatewayDispatchEvents.MessageDelete,
  GatewayDispatchEvents.MessageDeleteBulk,
  GatewayDispatchEvents.ThreadDelete,
  GatewayDispatchEvents.ThreadUpdate,
  GatewayDispatchEvents.ChannelUpdate,
  GatewayDispatchEvents.GuildRoleUpdate,
  GatewayDispatchEvents.GuildRoleDelete,
  GatewayDispatchEvents.GuildMemberUpdate,
] as const;

/** Resolves when Discord takes the bot for online. Throws CHAT_LOGIN_FAILED for what a person has to mend, CHAT_FAILED for the rest. */
export async function openGateway(
  options: Credentials & { readonly log: Logger; readonly hear: (event: Heard) => void },
): Promise<Gateway> {
  const { token, apiUrl, log, hear } = options;
  const client = new Client({
    intents: [GatewayIntentBits.Guilds, GatewayIntentBits.GuildMessages, GatewayIntentBits.DirectMessages],
    partials: [Partials.Channel, Partials.Message],
    rest: restOptions(apiUrl),
    // Roles and channels are all that is asked of it.
    makeCache: Options.cacheWithLimits({ ...Options.DefaultMakeCacheSettings, ...uncached }),
  });
  guardHandlers(client, log);
  const first = Promise.withResolvers<z.infer<typeof ready>>();
  first.promise.catch(() => {});
  let isFirst = true;
  /** Servers that a new session tells of by itself. */
  const expected = new Set<string>();
  client.ws.on(GatewayDispatchEvents.Ready, (data: unknown) => {
    const parsed = ready.safeParse(data);
    for (const { id } of parsed.data?.guilds ?? []) expected.add(id);
    if (!isFirst) return hear({ name: 'missed' });
    isFirst = false;
    if (parsed.success) first.resolve(parsed.data);
    else first.reject(new ChiffonError('CHAT_FAILED', 'Discord’s gateway says nothing that Chiffon understands.'));
  });
  client.ws.on(GatewayDispatchEvents.GuildCreate, (data: unknown) => {
    const parsed = identified.safeParse(data);
    if (parsed.success && !expected.delete(parsed.data.id)) hear({ name: 'missed' });
  });
  for (const name of heard) client.ws.on(name, (data: unknown) => hear({ name, data }));
  // Without a listener an 'error' would end the process.
  client.on(Events.Error, (error) => log.warn({ reason: error.message }, 'the Discord client broke something'));
  client.on(Events.ShardError, (error) => log.info({ reason: error.message }, 'the connection to Discord broke'));
  client.on(Events.ShardReconnecting, () => log.info({}, 'connecting to Discord again'));
  client.on(Events.ShardResume, () => log.info({}, 'the connection to Discord goes on where it broke'));
  client.on(Events.ShardDisconnect, ({ code }) => {
    const sentence = closing.get(code) ?? `Discord ended the connection for good (${code}).`;
    first.reject(new ChiffonError(closing.has(code) ? 'CHAT_LOGIN_FAILED' : 'CHAT_FAILED', sentence));
    if (!isFirst) hear({ name: 'lost', why: new ChiffonError('CHAT_LOGIN_FAILED', sentence) });
  });
  const late = setTimeout(
    () => first.reject(new ChiffonError('CHAT_FAILED', 'Discord’s gateway does not answer.')),
    readyWithinMs,
  );
  const close = async (): Promise<void> => {
    client.ws.removeAllListeners();
    const ended = client.destroy();
    ended.catch((error: unknown) => log.debug({ err: error }, 'the Discord client did not end well'));
    const enough = new AbortController();
    const late = sleep(goodbyeMs, undefined, { signal: enough.signal });
    await Promise.race([ended, late]).catch(() => {});
    enough.abort();
  };
  try {
    client.login(token).catch((error: unknown) => first.reject(loginFault(error)));
    const { user, application } = await first.promise;
    return { self: user.id, application: application.id, client, close };
  } catch (error) {
    await close();
    throw error;
  } finally {
    clearTimeout(late);
  }
}

/**
 * discord.js hands each event to handlers of its own, unguarded: one that stumbles over it would end the process, as a rejection
 * that nobody takes. It is no part of what the library promises, so a test watches that it works.
 */
function guardHandlers(client: Client, log: Logger): void {
  const handle: unknown = Reflect.get(client.ws, 'handlePacket');
  if (typeof handle !== 'function') return;
  Reflect.set(client.ws, 'handlePacket', (...given: readonly unknown[]): unknown => {
    try {
      const handled: unknown = Reflect.apply(handle, client.ws, given);
      return handled;
    } catch (error) {
      log.warn({ err: error }, 'discord.js stumbled over an event');
      return false;
    }
  });
}

const uncached = {
  MessageManager: 0,
  ReactionManager: 0,
  ReactionUserManager: 0,
  PresenceManager: 0,
  VoiceStateManager: 0,
  GuildEmojiManager: 0,
  GuildStickerManager: 0,
  GuildScheduledEventManager: 0,
  ThreadMemberManager: 0,
  DMMessageManager: 0,
  GuildMessageManager: 0,
};

/** The ends after which trying again is of no use (https://docs.discord.com/developers/topics/opcodes-and-status-codes). */
const closing: ReadonlyMap<number, string> = new Map([
  [GatewayCloseCodes.AuthenticationFailed, 'Discord does not accept DISCORD_TOKEN.'],
  [GatewayCloseCodes.ShardingRequired, 'The Discord application is in too many servers for one connection.'],
  [GatewayCloseCodes.InvalidIntents, 'Discord does not know the intents that Chiffon asks for.'],
  [
    GatewayCloseCodes.DisallowedIntents,
    'Discord does not allow the intents that Chiffon asks for: look at the application’s Bot page.',
  ],
]);

function loginFault(error: unknown): ChiffonError {
  if (error instanceof Error && 'code' in error && error.code === 'TokenInvalid')
    return new ChiffonError('CHAT_LOGIN_FAILED', 'Discord does not accept DISCORD_TOKEN.');
  const code = error instanceof Error && 'code' in error && typeof error.code === 'number' ? error.code : 0;
  const sentence = closing.get(code);
  return sentence === undefined ? toChiffonError(error) : new ChiffonError('CHAT_LOGIN_FAILED', sentence);
}
