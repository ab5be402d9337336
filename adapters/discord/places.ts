// What kind of place a channel is, and which conversation is had there: a thread that Chiffon began belongs to its channel's.
import { ChannelType } from 'discord.js';
import { makeRecent } from '../../core/chat/recent.ts';
import type { ConversationId } from '../../core/ids.ts';
import type { Api } from './api.ts';
import { isClosed, isGone } from './api-error.ts';
import { conversationOf, referenceOf } from './reference.ts';

export type Place =
  /** A channel whose messages can have threads. */
  | { readonly kind: 'channel' }
  | { readonly kind: 'direct' }
  /** `root`: the message of Chiffon's that it hangs on; null when it is somebody else's thread, or a post of a forum. */
  | { readonly kind: 'thread'; readonly parent: string; readonly root: string | null };

export type Where = { readonly conversation: ConversationId; readonly thread?: string };

export type Places = {
  readonly of: (channel: string) => Promise<Place>;
  readonly where: (channel: string) => Promise<Where>;
};

const rememberedAtMost = 10_000;
const threads: ReadonlySet<number> = new Set([
  ChannelType.PublicThread,
  ChannelType.PrivateThread,
  ChannelType.AnnouncementThread,
]);

export function makePlaces({ api, self }: { api: Api; self: () => string }): Places {
  const known = makeRecent<Promise<Place>>(rememberedAtMost);

  const of = (channel: string): Promise<Place> => {
    const there = known.get(channel);
    if (there !== undefined) return there;
    const asked = ask(channel);
    known.set(channel, asked);
    asked.catch(() => known.delete(channel));
    return asked;
  };

  async function ask(id: string): Promise<Place> {
    const channel = await api.channel(id);
    if (channel.type === ChannelType.DM || channel.type === ChannelType.GroupDM) return { kind: 'direct' };
    if (!threads.has(channel.type) || !channel.parent_id) return { kind: 'channel' };
    const parent = channel.parent_id;
    const isOwn = channel.owner_id === self() || (await beginsWithOwn(parent, id));
    return { kind: 'thread', parent, root: isOwn ? referenceOf(parent, id) : null };
  }

  /** Somebody may have opened the thread at Chiffon's message before Chiffon did. */
  async function beginsWithOwn(parent: string, message: string): Promise<boolean> {
    try {
      return (await api.message(parent, message)).author.id === self();
    } catch (error) {
      if (isGone(error) || isClosed(error)) return false;
      throw error;
    }
  }

  return {
    of,
    async where(channel) {
      const place = await of(channel);
      if (place.kind !== 'thread' || place.root === null) return { conversation: conversationOf(channel) };
      return { conversation: conversationOf(place.parent), thread: place.root };
    },
  };
}
