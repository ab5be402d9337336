// How a person's act reaches the bot: an interaction over the gateway, unless the application has an endpoint of its own.
import { randomBytes } from 'node:crypto';
import type { InteractionType } from 'discord-api-types/v10';
import { apiMessage } from './api-message.ts';
import { apiChannel, apiMember, apiThread, apiUser } from './api-objects.ts';
import { acknowledgeWithinMs, type Interaction } from './interaction.ts';
import { channelPermissions } from './permissions.ts';
import type { Channel, Message, User, World } from './world.ts';

type Act = {
  readonly type: InteractionType;
  readonly user: User;
  readonly channel: Channel;
  readonly data: unknown;
  readonly message?: Message | undefined;
};

export function interact(world: World, { type, user, channel, data, message }: Act): Interaction {
  const interaction: Interaction = {
    id: world.newId(),
    token: randomBytes(48).toString('base64url'),
    type,
    userId: user.id,
    channelId: channel.id,
    createdMs: world.clock.now(),
    messageId: message?.id,
    acknowledgement: undefined,
    originalId: undefined,
    replyIds: [],
    modal: undefined,
    choices: undefined,
  };
  world.interactions.set(interaction.id, interaction);
  // Whoever waits for it looks again when its time is over.
  setTimeout(world.signal.tell, acknowledgeWithinMs + 50).unref();
  // With an "Interactions Endpoint URL" nothing comes over the gateway, and nobody is told.
  if (world.application.interactionsEndpointUrl === null)
    world.emit({
      name: 'INTERACTION_CREATE',
      intents: 0,
      data: () => apiInteraction(world, interaction, { user, channel, data, message }),
    });
  return interaction;
}

/** Why the person was shown that the application did not respond; undefined while it may, and when it did. */
export function failureOf(world: World, { acknowledgement, createdMs }: Interaction): string | undefined {
  if (acknowledgement || world.clock.now() - createdMs <= acknowledgeWithinMs) return undefined;
  return 'The application did not respond';
}

function apiInteraction(
  world: World,
  { id, token, type }: Interaction,
  { user, channel, data, message }: Omit<Act, 'type'>,
): unknown {
  const guild = channel.kind === 'dm' ? undefined : world.guilds.get(channel.guildId);
  const permissions = (userId: string) => channelPermissions(world, channel, userId).toString();
  return {
    id,
    application_id: world.application.id,
    type,
    token,
    version: 1,
    data,
    channel_id: channel.id,
    channel: {
      ...(channel.kind === 'thread' ? apiThread(world, channel) : apiChannel(world, channel)),
      permissions: permissions(user.id),
    },
    ...(guild
      ? {
          guild_id: guild.id,
          guild: { id: guild.id, locale: 'en-US', features: [] },
          member: { ...apiMember(world, guild, user.id), permissions: permissions(user.id) },
          guild_locale: 'en-US',
          context: 0,
        }
      : { user: apiUser(user), context: 1 }),
    ...(message && { message: apiMessage(world, message) }),
    app_permissions: permissions(world.application.bot.id),
    locale: 'en-US',
    entitlements: [],
    authorizing_integration_owners: guild ? { 0: guild.id } : { 1: user.id },
    attachment_size_limit: world.uploadLimitBytes,
  };
}
