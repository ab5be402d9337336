// A message in the shape in which Discord sends it, and the rule of whose text the bot may read.
// https://docs.discord.com/developers/events/gateway#message-content-intent
import { ApplicationFlags, ChannelType, GatewayIntentBits, InteractionType, MessageType } from 'discord-api-types/v10';
import { apiMember, apiUser } from './api-objects.ts';
import type { Channel, Message, World } from './world.ts';

/** Without the intent: only what the bot wrote, what mentions it, and direct messages. */
function mayReadText(world: World, channel: Channel | undefined, message: Message, intents: number): boolean {
  const bot = world.application.bot.id;
  return (
    (intents & GatewayIntentBits.MessageContent) !== 0 ||
    channel?.kind === 'dm' ||
    message.authorId === bot ||
    message.pings.users.includes(bot)
  );
}

/** Over REST it is the application's flags that count, as there is no session. */
function restIntents({ application }: World): number {
  const { GatewayMessageContent, GatewayMessageContentLimited } = ApplicationFlags;
  return (application.flags & (GatewayMessageContent | GatewayMessageContentLimited)) === 0
    ? 0
    : GatewayIntentBits.MessageContent;
}

export function apiMessage(world: World, message: Message, intents = restIntents(world)) {
  const channel = world.channels.get(message.channelId);
  const author = world.users.get(message.authorId);
  const readable = mayReadText(world, channel, message, intents);
  const thread = world.channels.get(message.id);
  // The first message of a thread points into the channel around it.
  const starts = message.type === MessageType.ThreadStarterMessage && channel?.kind === 'thread';
  const source = starts ? world.channels.get(channel.parentId) : channel;
  const repliedTo = source?.messages.find(({ id }) => id === message.replyTo);
  return {
    id: message.id,
    channel_id: message.channelId,
    ...(channel && channel.kind !== 'dm' && { guild_id: channel.guildId }),
    ...(author && { author: apiUser(author) }),
    type: message.type,
    content: readable ? message.content : '',
    embeds: readable ? message.embeds : [],
    components: readable ? message.components : [],
    attachments: readable ? apiAttachments(world, message) : [],
    timestamp: new Date(message.createdMs).toISOString(),
    edited_timestamp: message.editedMs === undefined ? null : new Date(message.editedMs).toISOString(),
    tts: false,
    pinned: false,
    flags: message.flags,
    mention_everyone: message.pings.everyone,
    mention_roles: message.pings.roles,
    mentions: message.pings.users.flatMap((id) => {
      const user = world.users.get(id);
      return user ? [apiUser(user)] : [];
    }),
    ...(message.nonce !== undefined && { nonce: message.nonce }),
    ...(message.replyTo !== undefined && {
      message_reference: { type: 0, message_id: message.replyTo, channel_id: source?.id },
      referenced_message: repliedTo && !repliedTo.deleted ? briefly(world, repliedTo, intents) : null,
    }),
    ...(thread?.kind === 'thread' && {
      thread: { id: thread.id, name: thread.name, type: 11, guild_id: thread.guildId },
    }),
    ...fromInteraction(world, message),
  };
}

/** For the gateway, which adds the author as a member, and the channel's type. */
export function apiMessageEvent(world: World, message: Message, intents: number) {
  const channel = world.channels.get(message.channelId);
  const guild = channel && channel.kind !== 'dm' ? world.guilds.get(channel.guildId) : undefined;
  const { user: _, ...member } = guild ? apiMember(world, guild, message.authorId) : { user: undefined };
  return { ...apiMessage(world, message, intents), ...(guild && { member }), channel_type: channelType(channel) };
}

function channelType(channel: Channel | undefined): ChannelType {
  if (channel?.kind === 'dm') return ChannelType.DM;
  return channel?.kind === 'thread' ? ChannelType.PublicThread : ChannelType.GuildText;
}

function briefly(world: World, message: Message, intents: number): unknown {
  return apiMessage(world, { ...message, replyTo: undefined }, intents);
}

function apiAttachments(world: World, { channelId, attachments }: Message) {
  return attachments.map(({ id, filename, contentType, description, bytes }) => {
    const url = `${world.origin}/attachments/${channelId}/${id}/${encodeURIComponent(filename)}`;
    return {
      id,
      filename,
      size: bytes.length,
      url,
      proxy_url: url,
      content_type: contentType,
      ...(description && { description }),
    };
  });
}

function fromInteraction(world: World, message: Message) {
  const { id: application_id } = world.application;
  const byBot = message.authorId === application_id && { application_id };
  const interaction = message.interactionId && world.interactions.get(message.interactionId);
  if (!interaction) return byBot || {};
  const user = world.users.get(interaction.userId);
  return {
    ...byBot,
    webhook_id: application_id,
    interaction_metadata: {
      id: interaction.id,
      type: interaction.type,
      ...(user && { user: apiUser(user) }),
      authorizing_integration_owners: {},
      ...(interaction.type === InteractionType.MessageComponent && { interacted_message_id: interaction.messageId }),
    },
  };
}
