// Threads and channels: opening a thread at a message, archiving, locking, renaming, deleting; and who is told.
import { GatewayIntentBits, MessageType, RESTJSONErrorCodes } from 'discord-api-types/v10';
import { ApiError } from './api-error.ts';
import { apiChannel, apiThread } from './api-objects.ts';
import { may } from './permissions.ts';
import { type Channel, type Message, noPings, type TextChannel, type Thread, type World } from './world.ts';

const maximumActive = 1000;

/** The thread has the message's id, so a message has one at most. */
export function startThread(
  world: World,
  parent: TextChannel,
  {
    id,
    name,
    autoArchiveMinutes = 1440,
    ownerId,
  }: { id: string; name: string; autoArchiveMinutes?: number; ownerId: string },
): Thread {
  if (world.channels.has(id))
    throw new ApiError(
      400,
      RESTJSONErrorCodes.ThreadAlreadyCreatedForMessage,
      'A thread has already been created for this message',
    );
  const active = [...world.channels.values()].filter(
    (one) => one.kind === 'thread' && one.guildId === parent.guildId && !one.archived,
  );
  if (active.length >= maximumActive)
    throw new ApiError(400, RESTJSONErrorCodes.MaximumActiveThreads, 'Maximum number of active threads reached');
  const thread: Thread = {
    kind: 'thread',
    id,
    name,
    guildId: parent.guildId,
    parentId: parent.id,
    ownerId,
    members: new Set([ownerId]),
    archived: false,
    locked: false,
    autoArchiveMinutes,
    archiveChangedMs: world.clock.now(),
    messages: [],
  };
  if (parent.messages.some((message) => message.id === id)) thread.messages.push(starter(world, thread));
  world.channels.set(id, thread);
  tellOfChannel(world, thread, 'THREAD_CREATE', { newly_created: true });
  return thread;
}

/** The first message of a thread points at the one that it was opened at. It says nothing, and is told to nobody. */
function starter(world: World, thread: Thread): Message {
  return {
    id: world.newId(),
    channelId: thread.id,
    authorId: thread.ownerId,
    type: MessageType.ThreadStarterMessage,
    createdMs: world.clock.now(),
    nonce: undefined,
    replyTo: thread.id,
    ephemeralFor: undefined,
    interactionId: undefined,
    pings: noPings,
    content: '',
    components: [],
    embeds: [],
    attachments: [],
    flags: 0,
    editedMs: undefined,
    deleted: false,
    edits: [],
  };
}

/** What is said in an archived thread opens it again. Whether it may be said there is checked before. */
export function openThread(world: World, thread: Thread): void {
  if (thread.archived) changeThread(world, thread, { archived: false });
}

export type ThreadChange = Partial<Pick<Thread, 'archived' | 'locked' | 'name' | 'autoArchiveMinutes'>>;

export function changeThread(world: World, thread: Thread, change: ThreadChange): void {
  if (change.archived !== undefined && change.archived !== thread.archived) thread.archiveChangedMs = world.clock.now();
  Object.assign(thread, change);
  tellOfChannel(world, thread, 'THREAD_UPDATE');
}

/** A thread in which nothing was said for its time is archived. */
export function archiveIdle(world: World): void {
  for (const one of world.channels.values()) {
    if (one.kind !== 'thread' || one.archived) continue;
    const active = Math.max(one.archiveChangedMs, one.messages.at(-1)?.createdMs ?? 0);
    if (world.clock.now() - active > one.autoArchiveMinutes * 60_000) changeThread(world, one, { archived: true });
  }
}

/** A channel goes with its threads. */
export function deleteChannel(world: World, channel: Channel): void {
  if (channel.kind === 'text')
    for (const one of [...world.channels.values()])
      if (one.kind === 'thread' && one.parentId === channel.id) deleteChannel(world, one);
  tellOfChannel(world, channel, channel.kind === 'thread' ? 'THREAD_DELETE' : 'CHANNEL_DELETE');
  world.channels.delete(channel.id);
  world.signal.tell();
}

/** Locked: only who may manage threads writes there. */
export function checkWritable(world: World, thread: Thread, userId: string): void {
  if (thread.locked && !may(world, thread, userId, 'ManageThreads'))
    throw new ApiError(403, RESTJSONErrorCodes.ThreadLocked, 'This thread is locked');
}

export const threadArchived = () =>
  new ApiError(400, RESTJSONErrorCodes.InvalidActionOnArchivedThread, 'Thread is archived');

type ChannelEvent =
  | 'CHANNEL_CREATE'
  | 'CHANNEL_UPDATE'
  | 'CHANNEL_DELETE'
  | 'THREAD_CREATE'
  | 'THREAD_UPDATE'
  | 'THREAD_DELETE';

/** Of a channel that the bot cannot see it hears nothing; of one that it ceases to see, that it is gone. */
export function tellOfChannel(world: World, channel: Channel, name: ChannelEvent, more: object = {}): void {
  if (!may(world, channel, world.application.bot.id, 'ViewChannel')) {
    world.signal.tell();
    return;
  }
  const data = channel.kind === 'thread' ? apiThread(world, channel) : apiChannel(world, channel);
  world.emit({ name, intents: GatewayIntentBits.Guilds, data: () => ({ ...data, ...more }) });
}
