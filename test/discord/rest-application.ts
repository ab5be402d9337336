// The routes of the application itself, its commands, guilds, members and users.
import { ApplicationIntegrationType } from 'discord-api-types/v10';
import {
  ApiError,
  missingAccess,
  parseForm,
  unknownCommand,
  unknownGuild,
  unknownMember,
  unknownRole,
  unknownUser,
} from './api-error.ts';
import { apiChannel, apiGuild, apiMember, apiRole, apiThread, apiUser } from './api-objects.ts';
import type { BucketRule } from './rate-limits.ts';
import { type Call, type Method, noContent, param, type Route } from './route.ts';
import { type CommandDefinition, command, commandList } from './validate-command.ts';
import type { Command, Guild, World } from './world.ts';

const rule = (name: string, limit = 10, perMs = 5_000): BucketRule => ({ name, limit, perMs });
const read = (path: string, handle: (call: Call) => unknown): Route => ({
  method: 'GET',
  path,
  limit: rule(path),
  handle: (call) => ({ status: 200, body: handle(call) }),
});

export const applicationRoutes: readonly Route[] = [
  read('/applications/@me', ({ world }) => apiApplication(world)),
  read('/oauth2/applications/@me', ({ world }) => apiApplication(world)),
  read('/users/@me', ({ world }) => apiUser(world.application.bot)),
  read('/users/:user', (call) => {
    const user = call.world.users.get(param(call, 'user'));
    if (!user) throw unknownUser();
    return apiUser(user);
  }),
  read('/guilds/:guild', (call) => apiGuild(guildOf(call))),
  read('/guilds/:guild/roles', (call) => [...guildOf(call).roles.values()].map(apiRole)),
  read('/guilds/:guild/roles/:role', (call) => {
    const role = guildOf(call).roles.get(param(call, 'role'));
    if (!role) throw unknownRole();
    return apiRole(role);
  }),
  read('/guilds/:guild/channels', (call) =>
    channelsOf(call).flatMap((one) => (one.kind === 'text' ? [apiChannel(call.world, one)] : [])),
  ),
  read('/guilds/:guild/threads/active', (call) => ({
    threads: channelsOf(call).flatMap((one) =>
      one.kind === 'thread' && !one.archived ? [apiThread(call.world, one)] : [],
    ),
    members: [],
  })),
  read('/guilds/:guild/members/:user', (call) => {
    const guild = guildOf(call);
    const user = param(call, 'user');
    if (!guild.members.has(user)) throw call.world.users.has(user) ? unknownMember() : unknownUser();
    return apiMember(call.world, guild, user);
  }),
  ...commandRoutes('/applications/:application/commands'),
  ...commandRoutes('/applications/:application/guilds/:guild/commands'),
];

function apiApplication({ application }: World) {
  return {
    id: application.id,
    name: application.bot.name,
    icon: null,
    description: '',
    bot: apiUser(application.bot),
    bot_public: false,
    bot_require_code_grant: false,
    verify_key: '0'.repeat(64),
    flags: application.flags,
    interactions_endpoint_url: application.interactionsEndpointUrl,
    integration_types_config: { [ApplicationIntegrationType.GuildInstall]: {} },
    owner: null,
    team: null,
  };
}

function guildOf(call: Call): Guild {
  const guild = call.world.guilds.get(param(call, 'guild'));
  if (!guild) throw unknownGuild();
  if (!guild.members.has(call.world.application.bot.id)) throw missingAccess();
  return guild;
}

function channelsOf(call: Call) {
  const { id } = guildOf(call);
  return [...call.world.channels.values()].filter((one) => one.kind !== 'dm' && one.guildId === id);
}

function commandRoutes(path: string): readonly Route[] {
  const route = (method: Method, where: string, handle: Route['handle']): Route => ({
    method,
    path: where,
    limit: rule(`${method} ${where}`, 5, 20_000),
    handle,
  });
  return [
    route('GET', path, (call) => ({ status: 200, body: commandsOf(call) })),
    route('PUT', path, (call) => {
      const known = commandsOf(call);
      const wanted = parseForm(commandList, call.body).map((one) => keepId(call, one, known));
      call.world.commands.set(scopeOf(call), wanted);
      call.world.signal.tell();
      return { status: 200, body: wanted };
    }),
    route('POST', path, (call) => {
      const known = commandsOf(call);
      const made = keepId(call, parseForm(command, call.body), known);
      const others = known.filter(({ id }) => id !== made.id);
      call.world.commands.set(scopeOf(call), [...others, made]);
      call.world.signal.tell();
      return { status: others.length < known.length ? 200 : 201, body: made };
    }),
    route('GET', `${path}/:command`, (call) => ({ status: 200, body: commandOf(call) })),
    route('DELETE', `${path}/:command`, (call) => {
      const { id } = commandOf(call);
      call.world.commands.set(
        scopeOf(call),
        commandsOf(call).filter((one) => one.id !== id),
      );
      return noContent;
    }),
  ];
}

function scopeOf(call: Call): string {
  if (param(call, 'application') !== call.world.application.id)
    throw new ApiError(403, 20_012, 'You are not authorized to perform this action on this application', {
      violation: 'commands of another application',
    });
  return call.params.guild === undefined ? 'global' : guildOf(call).id;
}

function commandsOf(call: Call): readonly Command[] {
  return call.world.commands.get(scopeOf(call)) ?? [];
}

function commandOf(call: Call): Command {
  const found = commandsOf(call).find(({ id }) => id === param(call, 'command'));
  if (!found) throw unknownCommand();
  return found;
}

/** A command of the same name and type is the same command, in a new version. */
function keepId(call: Call, definition: CommandDefinition, known: readonly Command[]): Command {
  const { world, params } = call;
  const same = known.find(({ name, type }) => name === definition.name && type === definition.type);
  return {
    ...definition,
    id: same?.id ?? world.newId(),
    application_id: world.application.id,
    ...(params.guild !== undefined && { guild_id: params.guild }),
    version: world.newId(),
  };
}
