// What a member may do in a channel: the roles' permissions, then the channel's overwrites, as Discord adds them up.
// https://docs.discord.com/developers/topics/permissions#permission-overwrites
import { PermissionFlagsBits } from 'discord-api-types/v10';
import { missingAccess, missingPermissions, unknownChannel } from './api-error.ts';
import type { Channel, Guild, Overwrite, TextChannel, World } from './world.ts';

const everything = Object.values(PermissionFlagsBits).reduce((all, bit) => all | bit, 0n);

function guildPermissions(guild: Guild, userId: string): bigint {
  const roles = guild.members.get(userId);
  if (!roles) return 0n;
  if (guild.ownerId === userId) return everything;
  const sum = [guild.id, ...roles].reduce((all, role) => all | (guild.roles.get(role)?.permissions ?? 0n), 0n);
  return (sum & PermissionFlagsBits.Administrator) === 0n ? sum : everything;
}

export function channelPermissions(world: World, channel: Channel, userId: string): bigint {
  if (channel.kind === 'dm')
    return userId === channel.recipientId || userId === world.application.bot.id ? everything : 0n;
  const guild = world.guilds.get(channel.guildId);
  const roles = guild?.members.get(userId);
  if (!guild || !roles) return 0n;
  const base = guildPermissions(guild, userId);
  if (base === everything) return base;
  const { overwrites } = textChannelOf(world, channel);
  const apply = (permissions: bigint, some: readonly Overwrite[]) =>
    (permissions & ~some.reduce((all, { deny }) => all | deny, 0n)) | some.reduce((all, { allow }) => all | allow, 0n);
  const ofEveryone = apply(
    base,
    overwrites.filter(({ id }) => id === guild.id),
  );
  const ofRoles = apply(
    ofEveryone,
    overwrites.filter(({ id, type }) => type === 'role' && id !== guild.id && roles.has(id)),
  );
  const own = apply(
    ofRoles,
    overwrites.filter(({ id, type }) => type === 'member' && id === userId),
  );
  return (own & PermissionFlagsBits.ViewChannel) === 0n ? 0n : own;
}

export function may(
  world: World,
  channel: Channel,
  userId: string,
  permission: keyof typeof PermissionFlagsBits,
): boolean {
  return (channelPermissions(world, channel, userId) & PermissionFlagsBits[permission]) !== 0n;
}

/** A thread has no overwrites of its own. */
function textChannelOf(world: World, channel: Exclude<Channel, { kind: 'dm' }>): TextChannel {
  if (channel.kind === 'text') return channel;
  const parent = world.channels.get(channel.parentId);
  if (parent?.kind !== 'text') throw unknownChannel();
  return parent;
}

/** The channel, if the bot may see it and do all of that in it; else 10003, 50001 or 50013. */
export function channelForBot(
  world: World,
  id: string,
  ...needed: readonly (keyof typeof PermissionFlagsBits)[]
): Channel {
  const channel = world.channels.get(id);
  if (!channel) throw unknownChannel();
  const bot = world.application.bot.id;
  if (!may(world, channel, bot, 'ViewChannel')) throw missingAccess();
  for (const permission of needed) if (!may(world, channel, bot, permission)) throw missingPermissions();
  return channel;
}
