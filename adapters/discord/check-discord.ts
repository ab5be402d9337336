// What `doctor` says about DISCORD_TOKEN, and what a start looks at first: whether Discord takes the token, sends the clicks here,
// and lets the bot do what it has to do. It changes nothing.
import type { REST } from 'discord.js';
import { DiscordAPIError, OAuth2Scopes, RESTJSONErrorCodes, Routes } from 'discord.js';
import { z } from 'zod';
import { isOneOf, toChiffonError } from './api-error.ts';
import { lacking, neededPermissions } from './permissions.ts';
import { snowflake } from './person.ts';
import type { Credentials } from './rest.ts';
import { makeRest } from './rest.ts';

export type DiscordCheck =
  | {
      readonly type: 'ready';
      readonly sentence: string;
      /** What does not stop a start, each with what to do. */
      readonly notes: readonly string[];
    }
  | {
      readonly type: 'bad-token' | 'bad-guild' | 'clicks-diverted' | 'guild-refused' | 'not-permitted' | 'unreachable';
      /** What is wrong and what to do. */
      readonly sentence: string;
    };

const application = z.object({
  id: snowflake,
  name: z.string().default('the application'),
  interactions_endpoint_url: z.string().nullish(),
  bot_public: z.boolean().nullish(),
});
const user = z.object({ id: snowflake });
const member = z.object({ roles: z.array(snowflake) });
const server = z.object({
  id: snowflake,
  name: z.string(),
  owner_id: snowflake,
  roles: z.array(z.object({ id: snowflake, permissions: z.string().regex(/^\d+$/) })),
});

/** Without an error it throws nothing, and it waits no longer than a request may take. */
export async function checkDiscord(
  options: Credentials & { readonly guildId?: string | undefined },
): Promise<DiscordCheck> {
  const { token, guildId } = options;
  // A header must not hold anything else, and the error that says so would tell the token.
  if (!/^[\w.-]+$/.test(token))
    return { type: 'bad-token', sentence: `DISCORD_TOKEN is not a bot’s token. ${newToken}` };
  if (guildId !== undefined && !/^\d{15,20}$/.test(guildId))
    return {
      type: 'bad-guild',
      sentence:
        'DISCORD_GUILD_ID is not a server’s id: it is a number, which Discord shows in developer mode by Copy Server ID.',
    };
  const rest = makeRest(options);
  try {
    return await examine(rest, guildId);
  } catch (error) {
    if (error instanceof DiscordAPIError && error.status === 401)
      return { type: 'bad-token', sentence: `Discord does not accept DISCORD_TOKEN. ${newToken}` };
    return { type: 'unreachable', sentence: toChiffonError(error).message };
  } finally {
    rest.clearHandlerSweeper();
    rest.clearHashSweeper();
  }
}

const newToken = 'Copy it from the application’s Bot page (Reset Token) in Discord’s developer portal.';

async function examine(rest: REST, guildId: string | undefined): Promise<DiscordCheck> {
  const about = application.parse(await rest.get(Routes.currentApplication()));
  if (about.interactions_endpoint_url)
    return {
      type: 'clicks-diverted',
      sentence:
        'Discord sends clicks and commands to an Interactions Endpoint URL, so they never reach Chiffon: clear that field on the application’s General Information page.',
    };
  const notes =
    about.bot_public === true
      ? ['Anybody may add the bot to a server: switch off Public Bot on the application’s Bot page.']
      : [];
  if (guildId === undefined)
    return {
      ...{ type: 'ready', sentence: `Discord takes the token, of ${about.name}.` },
      notes: [...notes, 'Every server that the bot is in is served: name the one that is meant in DISCORD_GUILD_ID.'],
    };
  const guild = await guildOf(rest, guildId);
  if (guild === null)
    return {
      type: 'guild-refused',
      sentence: `There is no server ${guildId}, or the bot is not in it. Mend DISCORD_GUILD_ID, or invite it: ${invitation(about.id)}`,
    };
  const missing = lacking(await permissionsIn(rest, guild));
  if (missing.length > 0) return { type: 'not-permitted', sentence: lacks(guild.name, missing) };
  return { type: 'ready', sentence: `Discord takes the token, of ${about.name}, in ${guild.name}.`, notes };
}

type Server = z.infer<typeof server>;

async function guildOf(rest: REST, guildId: string): Promise<Server | null> {
  try {
    return server.parse(await rest.get(Routes.guild(guildId)));
  } catch (error) {
    if (isOneOf(error, [RESTJSONErrorCodes.UnknownGuild, RESTJSONErrorCodes.MissingAccess])) return null;
    throw error;
  }
}

/** By the bot's roles; what channels add or take is theirs. */
async function permissionsIn(rest: REST, guild: Server): Promise<bigint> {
  const { id } = user.parse(await rest.get(Routes.user()));
  if (guild.owner_id === id) return neededPermissions;
  const own = new Set([guild.id, ...member.parse(await rest.get(Routes.guildMember(guild.id, id))).roles]);
  return guild.roles.filter((role) => own.has(role.id)).reduce((all, { permissions }) => all | BigInt(permissions), 0n);
}

function lacks(guild: string, missing: readonly string[]): string {
  return `In the server ${guild}, the bot’s role lacks ${missing.join(', ')}: give it these in the server’s settings under Roles, or in the channels that it is used in.`;
}

function invitation(applicationId: string): string {
  const query = new URLSearchParams({
    ...{ client_id: applicationId, permissions: String(neededPermissions) },
    scope: [OAuth2Scopes.Bot, OAuth2Scopes.ApplicationsCommands].join(' '),
  });
  return `https://discord.com/oauth2/authorize?${query.toString()}`;
}
