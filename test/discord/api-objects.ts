// Users, members, roles, guilds and channels in the shape in which Discord sends them.
import {
  ChannelType,
  GuildDefaultMessageNotifications,
  GuildExplicitContentFilter,
  GuildMFALevel,
  GuildNSFWLevel,
  GuildPremiumTier,
  GuildSystemChannelFlags,
  GuildVerificationLevel,
} from 'discord-api-types/v10';
import type { Channel, Guild, Role, User, World } from './world.ts';

const joinedAt = '2026-01-01T00:00:00.000000+00:00';

export function apiUser({ id, name, bot }: User) {
  return { id, username: name, discriminator: bot ? '0001' : '0', global_name: bot ? null : name, avatar: null, bot };
}

export function apiMember(world: World, guild: Guild, userId: string) {
  const user = world.users.get(userId);
  return {
    ...(user && { user: apiUser(user) }),
    roles: [...(guild.members.get(userId) ?? [])],
    nick: null,
    avatar: null,
    joined_at: joinedAt,
    premium_since: null,
    deaf: false,
    mute: false,
    flags: 0,
    pending: false,
    communication_disabled_until: null,
  };
}

export function apiRole({ id, name, permissions, mentionable, managed }: Role, position = 0) {
  return {
    id,
    name,
    color: 0,
    colors: { primary_color: 0, secondary_color: null, tertiary_color: null },
    hoist: false,
    icon: null,
    unicode_emoji: null,
    position,
    permissions: permissions.toString(),
    managed,
    mentionable,
    flags: 0,
  };
}

export function apiChannel(world: World, channel: Channel) {
  const last_message_id = channel.messages.findLast((message) => message.ephemeralFor === undefined)?.id ?? null;
  if (channel.kind === 'dm') {
    const recipient = world.users.get(channel.recipientId);
    return {
      id: channel.id,
      type: ChannelType.DM,
      last_message_id,
      recipients: recipient ? [apiUser(recipient)] : [],
      flags: 0,
    };
  }
  const shared = {
    id: channel.id,
    name: channel.name,
    guild_id: channel.guildId,
    last_message_id,
    flags: 0,
    rate_limit_per_user: 0,
  };
  if (channel.kind === 'text')
    return {
      ...shared,
      type: ChannelType.GuildText,
      position: 0,
      topic: null,
      nsfw: false,
      parent_id: null,
      permission_overwrites: channel.overwrites.map(({ id, type, allow, deny }) => ({
        id,
        type: type === 'role' ? 0 : 1,
        allow: allow.toString(),
        deny: deny.toString(),
      })),
    };
  const visible = channel.messages.filter((message) => !message.deleted && message.ephemeralFor === undefined).length;
  return {
    ...shared,
    type: ChannelType.PublicThread,
    parent_id: channel.parentId,
    owner_id: channel.ownerId,
    member_count: channel.members.size,
    message_count: visible,
    total_message_sent: channel.messages.length,
    thread_metadata: {
      archived: channel.archived,
      locked: channel.locked,
      auto_archive_duration: channel.autoArchiveMinutes,
      archive_timestamp: new Date(channel.archiveChangedMs).toISOString(),
      create_timestamp: new Date(channel.archiveChangedMs).toISOString(),
    },
  };
}

/** A thread as the bot gets it: with its own membership, if it has one. */
export function apiThread(world: World, thread: Extract<Channel, { kind: 'thread' }>) {
  const bot = world.application.bot.id;
  const own = { id: thread.id, user_id: bot, join_timestamp: joinedAt, flags: 0 };
  return { ...apiChannel(world, thread), ...(thread.members.has(bot) && { member: own }) };
}

export function apiGuild(guild: Guild) {
  return {
    id: guild.id,
    name: guild.name,
    icon: null,
    splash: null,
    discovery_splash: null,
    owner_id: guild.ownerId,
    afk_channel_id: null,
    afk_timeout: 300,
    verification_level: GuildVerificationLevel.None,
    default_message_notifications: GuildDefaultMessageNotifications.OnlyMentions,
    explicit_content_filter: GuildExplicitContentFilter.Disabled,
    mfa_level: GuildMFALevel.None,
    nsfw_level: GuildNSFWLevel.Default,
    premium_tier: GuildPremiumTier.None,
    system_channel_flags: GuildSystemChannelFlags.SuppressJoinNotifications,
    roles: [...guild.roles.values()].map(apiRole),
    emojis: [],
    stickers: [],
    features: [],
    application_id: null,
    system_channel_id: null,
    rules_channel_id: null,
    public_updates_channel_id: null,
    safety_alerts_channel_id: null,
    vanity_url_code: null,
    description: null,
    banner: null,
    preferred_locale: 'en-US',
    premium_progress_bar_enabled: false,
  };
}

/** As the gateway sends a guild to a bot that has just come. */
export function apiGuildCreate(world: World, guild: Guild) {
  const channels = [...world.channels.values()];
  return {
    ...apiGuild(guild),
    joined_at: joinedAt,
    large: false,
    unavailable: false,
    member_count: guild.members.size,
    voice_states: [],
    presences: [],
    stage_instances: [],
    guild_scheduled_events: [],
    soundboard_sounds: [],
    // Without the intent for members, Discord sends the bot's own alone.
    members: [apiMember(world, guild, world.application.bot.id)],
    channels: channels.flatMap((one) =>
      one.kind === 'text' && one.guildId === guild.id ? [apiChannel(world, one)] : [],
    ),
    threads: channels.flatMap((one) =>
      one.kind === 'thread' && one.guildId === guild.id && !one.archived ? [apiThread(world, one)] : [],
    ),
  };
}
