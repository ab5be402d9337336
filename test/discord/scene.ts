// The server as a user would find it: a guild with roles, channels and members, and what a test changes of it.
import { GatewayIntentBits, PermissionFlagsBits } from 'discord-api-types/v10';
import { apiGuildCreate, apiMember, apiRole } from './api-objects.ts';
import { tellOfChannel } from './threads.ts';
import type { Channel, Guild, Overwrite, Role, TextChannel, User, World } from './world.ts';

export type PermissionName = keyof typeof PermissionFlagsBits;

/** What Discord gives to everybody in a new guild, as far as it matters here. */
const ofEveryone: readonly PermissionName[] = [
  'ViewChannel',
  'SendMessages',
  'SendMessagesInThreads',
  'CreatePublicThreads',
  'EmbedLinks',
  'AttachFiles',
  'ReadMessageHistory',
  'AddReactions',
  'UseApplicationCommands',
];

export function permissionBits(names: readonly PermissionName[]): bigint {
  return names.reduce((all, name) => all | PermissionFlagsBits[name], 0n);
}

export function addUser(world: World, name: string): User {
  const user: User = { id: world.newId(), name, bot: false };
  world.users.set(user.id, user);
  return user;
}

/** With the bot in it, who has a role of its own. */
export function addGuild(world: World, name: string): Guild {
  const id = world.newId();
  const owner = addUser(world, `owner of ${name}`);
  const everyone: Role = {
    id,
    name: '@everyone',
    permissions: permissionBits(ofEveryone),
    mentionable: false,
    managed: false,
  };
  const guild: Guild = {
    id,
    name,
    ownerId: owner.id,
    roles: new Map([[id, everyone]]),
    members: new Map([[owner.id, new Set()]]),
  };
  world.guilds.set(id, guild);
  const role = addRole(world, guild, { name: world.application.bot.name, managed: true });
  guild.members.set(world.application.bot.id, new Set([role.id]));
  world.emit({ name: 'GUILD_CREATE', intents: GatewayIntentBits.Guilds, data: () => apiGuildCreate(world, guild) });
  return guild;
}

export type NewRole = {
  readonly name: string;
  readonly permissions?: readonly PermissionName[];
  readonly mentionable?: boolean;
  readonly managed?: boolean;
};

export function addRole(
  world: World,
  guild: Guild,
  { name, permissions = [], mentionable = false, managed = false }: NewRole,
): Role {
  const role: Role = { id: world.newId(), name, permissions: permissionBits(permissions), mentionable, managed };
  guild.roles.set(role.id, role);
  world.emit({
    name: 'GUILD_ROLE_CREATE',
    intents: GatewayIntentBits.Guilds,
    data: () => ({ guild_id: guild.id, role: apiRole(role) }),
  });
  return role;
}

export function setRole(world: World, guild: Guild, role: Role, permissions: readonly PermissionName[]): void {
  role.permissions = permissionBits(permissions);
  world.emit({
    name: 'GUILD_ROLE_UPDATE',
    intents: GatewayIntentBits.Guilds,
    data: () => ({ guild_id: guild.id, role: apiRole(role) }),
  });
}

/** A change of the roles of somebody else is told to who has the intent for members alone; of the bot's own, always. */
export function setMember(world: World, guild: Guild, userId: string, roles: readonly string[]): void {
  guild.members.set(userId, new Set(roles));
  const own = userId === world.application.bot.id;
  world.emit({
    name: 'GUILD_MEMBER_UPDATE',
    intents: own ? GatewayIntentBits.Guilds : GatewayIntentBits.GuildMembers,
    data: () => ({ guild_id: guild.id, ...apiMember(world, guild, userId) }),
  });
}

export function removeMember(world: World, guild: Guild, userId: string): void {
  guild.members.delete(userId);
  if (userId === world.application.bot.id)
    world.emit({ name: 'GUILD_DELETE', intents: GatewayIntentBits.Guilds, data: () => ({ id: guild.id }) });
  else world.signal.tell();
}

export function addChannel(
  world: World,
  guild: Guild,
  name: string,
  overwrites: readonly Overwrite[] = [],
): TextChannel {
  const channel: TextChannel = { kind: 'text', id: world.newId(), name, guildId: guild.id, overwrites, messages: [] };
  world.channels.set(channel.id, channel);
  tellOfChannel(world, channel, 'CHANNEL_CREATE');
  return channel;
}

export function setOverwrites(world: World, channel: TextChannel, overwrites: readonly Overwrite[]): void {
  channel.overwrites = overwrites;
  tellOfChannel(world, channel, 'CHANNEL_UPDATE');
}

/** By id or by name; the newest of that name. */
export function findChannel(world: World, which: string): Channel {
  const found =
    world.channels.get(which) ??
    [...world.channels.values()].findLast((one) => one.kind !== 'dm' && one.name === which);
  if (!found) throw new Error(`there is no channel "${which}"`);
  return found;
}
