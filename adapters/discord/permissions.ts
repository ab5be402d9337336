// The permissions that Chiffon needs where it writes, as Discord's settings call them.
import type { Client } from 'discord.js';
import { GuildPremiumTier, PermissionFlagsBits } from 'discord.js';

const needed = [
  ['View Channel', PermissionFlagsBits.ViewChannel],
  ['Send Messages', PermissionFlagsBits.SendMessages],
  ['Send Messages in Threads', PermissionFlagsBits.SendMessagesInThreads],
  ['Create Public Threads', PermissionFlagsBits.CreatePublicThreads],
  ['Attach Files', PermissionFlagsBits.AttachFiles],
  ['Read Message History', PermissionFlagsBits.ReadMessageHistory],
] as const;

/** What an invitation of Chiffon asks for. */
export const neededPermissions: bigint = needed.reduce((all, [, bit]) => all | bit, 0n);

export function lacking(permissions: bigint): readonly string[] {
  if ((permissions & PermissionFlagsBits.Administrator) !== 0n) return [];
  return needed.flatMap(([name, bit]) => ((permissions & bit) === 0n ? [name] : []));
}

/** What the bot lacks in a channel, as far as the gateway told. */
export function lackingIn(client: Client, channelId: string): readonly string[] {
  const channel = client.channels.cache.get(channelId);
  if (channel === undefined || channel.isDMBased()) return [];
  const { me } = channel.guild.members;
  const permissions = me === null ? null : channel.permissionsFor(me);
  return permissions === null ? [] : lacking(permissions.bitfield);
}

export function ownRoles(client: Client, guildId: string): ReadonlySet<string> | undefined {
  const me = client.guilds.cache.get(guildId)?.members.me;
  return me === undefined || me === null ? undefined : new Set(me.roles.cache.keys());
}

const mebibyte = 1024 * 1024;
/** https://docs.discord.com/developers/reference#uploading-files; a server's boosts raise it. */
const uploadBytes: Readonly<Record<GuildPremiumTier, number>> = {
  [GuildPremiumTier.None]: 10 * mebibyte,
  [GuildPremiumTier.Tier1]: 10 * mebibyte,
  [GuildPremiumTier.Tier2]: 50 * mebibyte,
  [GuildPremiumTier.Tier3]: 100 * mebibyte,
};
/** The request around the files. */
const frameBytes = 64 * 1024;

export function uploadBytesAtMost(client: Client, channelId: string): number {
  const channel = client.channels.cache.get(channelId);
  const tier = channel === undefined || channel.isDMBased() ? GuildPremiumTier.None : channel.guild.premiumTier;
  return (uploadBytes[tier] ?? 10 * mebibyte) - frameBytes;
}
