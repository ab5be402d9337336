// Writing, editing and deleting a message: what bots, interactions and people do alike. Limits are checked before; what a
// message means to others (pings, events, nonces) is here.
import { GatewayIntentBits, MessageFlags, MessageType } from 'discord-api-types/v10';
import { formError, unknownMessage } from './api-error.ts';
import { apiMessageEvent } from './api-message.ts';
import { findPings } from './mentions.ts';
import type { Upload } from './multipart.ts';
import { may } from './permissions.ts';
import { openThread } from './threads.ts';
import { checkNotEmpty, checkUploads, type EditedMessage, type SentMessage } from './validate-message.ts';
import { type Attachment, type Channel, type Message, noPings, type World } from './world.ts';

type Origin = {
  readonly channel: Channel;
  readonly authorId: string;
  readonly files?: readonly Upload[];
  readonly ephemeralFor?: string | undefined;
  readonly interactionId?: string;
  readonly type?: MessageType;
  /** A deferred reply: there is nothing to see yet. */
  readonly loading?: true;
};

/** How long a nonce is remembered. Discord says "a few minutes". */
const nonceMemoryMs = 3 * 60_000;

/** With enforce_nonce and a nonce that this author used a short time ago: the message of that time. */
export function writeMessage(world: World, sent: SentMessage, origin: Origin): Message {
  const { channel, authorId, files = [], ephemeralFor, interactionId, loading } = origin;
  const nonce = sent.nonce ?? undefined;
  if (sent.enforce_nonce === true && nonce !== undefined) {
    const known = channel.messages.findLast((one) => one.nonce === nonce && one.authorId === authorId);
    if (known && world.clock.now() - known.createdMs < nonceMemoryMs) return known;
  }
  const replyTo = findReference(channel, sent.message_reference ?? undefined);
  const content = sent.content ?? '';
  const allowed = sent.allowed_mentions ?? undefined;
  const message: Message = {
    id: world.newId(),
    channelId: channel.id,
    authorId,
    type: origin.type ?? (replyTo ? MessageType.Reply : MessageType.Default),
    createdMs: world.clock.now(),
    nonce,
    replyTo: replyTo?.id,
    ephemeralFor,
    interactionId,
    pings: ephemeralFor === undefined ? findPings(world, { channel, authorId, content, allowed, replyTo }) : noPings,
    content,
    components: sent.components ?? [],
    embeds: sent.embeds ?? [],
    attachments: keepUploads(world, files, sent.attachments ?? []),
    flags: (sent.flags ?? 0) | (loading ? MessageFlags.Loading : 0) | (ephemeralFor ? MessageFlags.Ephemeral : 0),
    editedMs: undefined,
    deleted: false,
    edits: [],
  };
  if (!loading) checkNotEmpty(message);
  if (channel.kind === 'thread') openThread(world, channel);
  channel.messages.push(message);
  tellOf(world, channel, message, 'MESSAGE_CREATE');
  return message;
}

export function editMessage(world: World, message: Message, edit: EditedMessage, files: readonly Upload[] = []): void {
  const kept = edit.attachments
    ? message.attachments.filter(({ id }) => edit.attachments?.some((one) => one.id === id))
    : message.attachments;
  const changed = {
    content: edit.content === undefined ? message.content : (edit.content ?? ''),
    components: edit.components === undefined ? message.components : (edit.components ?? []),
    embeds: edit.embeds === undefined ? message.embeds : (edit.embeds ?? []),
    attachments: [...kept, ...keepUploads(world, files, edit.attachments ?? [])],
  };
  if (changed.attachments.length > 10)
    throw formError(['attachments'], 'BASE_TYPE_MAX_LENGTH', 'Must be 10 or fewer in length.');
  checkNotEmpty(changed);
  const { content, components, attachments } = message;
  const wasLoading = (message.flags & MessageFlags.Loading) !== 0;
  if (!wasLoading) message.edits.push({ untilMs: world.clock.now(), content, components, attachments });
  Object.assign(message, changed);
  message.flags &= ~MessageFlags.Loading;
  if (!wasLoading) message.editedMs = world.clock.now();
  const channel = world.channels.get(message.channelId);
  if (channel) tellOf(world, channel, message, 'MESSAGE_UPDATE');
}

export function deleteMessage(world: World, message: Message): void {
  message.deleted = true;
  const channel = world.channels.get(message.channelId);
  if (channel) tellOf(world, channel, message, 'MESSAGE_DELETE');
}

/** The message, if it is there for everybody; else error 10008. */
export function findMessage(channel: Channel, id: string): Message {
  const message = channel.messages.find((one) => one.id === id && !one.deleted && one.ephemeralFor === undefined);
  if (!message) throw unknownMessage();
  return message;
}

function findReference(channel: Channel, reference: NonNullable<SentMessage['message_reference']> | undefined) {
  if (!reference) return undefined;
  const found = channel.messages.find((one) => one.id === reference.message_id && !one.deleted);
  if (!found && reference.fail_if_not_exists !== false)
    throw formError(['message_reference'], 'REPLIES_UNKNOWN_MESSAGE', 'Unknown message');
  return found;
}

function keepUploads(
  world: World,
  files: readonly Upload[],
  described: NonNullable<EditedMessage['attachments']>,
): readonly Attachment[] {
  checkUploads(world, files);
  return files.map(({ key, filename, contentType, bytes }) => {
    const about = described.find(({ id }) => id === key);
    return {
      id: world.newId(),
      filename: about?.filename ?? filename,
      contentType,
      description: about?.description ?? undefined,
      bytes,
    };
  });
}

/** What happens to a message in a channel that the bot cannot see, or that one person alone sees, is not told to it. */
function tellOf(
  world: World,
  channel: Channel,
  message: Message,
  name: 'MESSAGE_CREATE' | 'MESSAGE_UPDATE' | 'MESSAGE_DELETE',
) {
  const hidden = message.ephemeralFor !== undefined || !may(world, channel, world.application.bot.id, 'ViewChannel');
  if (hidden) {
    world.signal.tell();
    return;
  }
  const guild_id = channel.kind === 'dm' ? undefined : channel.guildId;
  world.emit({
    name,
    intents: guild_id === undefined ? GatewayIntentBits.DirectMessages : GatewayIntentBits.GuildMessages,
    data: ({ intents }) =>
      name === 'MESSAGE_DELETE'
        ? { id: message.id, channel_id: channel.id, guild_id }
        : apiMessageEvent(world, message, intents),
  });
}
