// What kind of place a room is, and which conversation is had there. A room that took the place of another goes on with its
// conversation: that is named by the first of them, and shown in the newest.
import { z } from 'zod';
import { makeRecent, remembered } from '../../core/chat/recent.ts';
import type { ConversationId } from '../../core/ids.ts';
import type { Person } from '../../core/ports/chat.ts';
import type { Api } from './api.ts';
import { membershipSchema } from './event.ts';
import { personOf } from './person.ts';
import { conversationOf, firstRoomOf } from './reference.ts';

export type Places = ReturnType<typeof makePlaces>;

const rememberedAtMost = 5_000;
const upgradesAtMost = 20;
const createSchema = z.object({ predecessor: z.object({ room_id: z.string() }).optional() });
const tombstoneSchema = z.object({ replacement_room: z.string().min(1) });

export function makePlaces({ api, self }: { readonly api: Api; readonly self: string }) {
  const predecessors = makeRecent<Promise<string | null>>(rememberedAtMost);
  const successors = makeRecent<Promise<string | null>>(rememberedAtMost);
  const joined = makeRecent<Promise<boolean>>(rememberedAtMost);
  const encrypted = makeRecent<Promise<boolean>>(rememberedAtMost);
  const members = makeRecent<Promise<number>>(rememberedAtMost);

  const predecessorOf = (room: string): Promise<string | null> =>
    remembered(predecessors, room, async () => {
      const made = createSchema.safeParse(await api.state(room, 'm.room.create'));
      const before = made.success ? made.data.predecessor?.room_id : undefined;
      // Anybody can make a room that says so; only the old room's own word counts.
      return before !== undefined && before !== room && (await replacementOf(before)) === room ? before : null;
    });

  const replacementOf = (room: string): Promise<string | null> =>
    remembered(successors, room, async () => {
      const stone = tombstoneSchema.safeParse(await api.state(room, 'm.room.tombstone'));
      return stone.success ? stone.data.replacement_room : null;
    });

  const isJoined = (room: string): Promise<boolean> =>
    remembered(joined, room, async () => (await membershipOf(room, self)).membership === 'join');

  async function membershipOf(room: string, userId: string): Promise<z.infer<typeof membershipSchema>> {
    const parsed = membershipSchema.safeParse(await api.state(room, 'm.room.member', userId));
    return parsed.success ? parsed.data : { membership: 'leave' };
  }

  /** The rooms that this one follows, itself last. */
  async function lineOf(room: string): Promise<readonly string[]> {
    const line = [room];
    for (
      let at = await predecessorOf(room);
      at !== null && line.length < upgradesAtMost;
      at = await predecessorOf(at)
    ) {
      if (line.includes(at)) break;
      line.unshift(at);
    }
    return line;
  }

  return {
    replacementOf,
    isJoined,
    lineOf,

    async conversationOf(room: string): Promise<ConversationId> {
      const [first = room] = await lineOf(room);
      return conversationOf(first);
    },

    /** Where a conversation is had now: the newest of its rooms that the bot is in. */
    async currentRoomOf(conversation: ConversationId): Promise<string> {
      let room = firstRoomOf(conversation);
      for (let upgrades = 0; upgrades < upgradesAtMost; upgrades += 1) {
        const next = await replacementOf(room);
        if (next === null || next === room || !(await isJoined(next))) break;
        room = next;
      }
      return room;
    },

    /** The bot and one person. */
    async isForTwo(room: string): Promise<boolean> {
      return (await remembered(members, room, async () => (await api.members(room)).length)) <= 2;
    },

    isEncrypted: (room: string): Promise<boolean> =>
      remembered(encrypted, room, async () => (await api.state(room, 'm.room.encryption')) !== null),

    /** Null for who is not in the room now: what somebody said before they left or were thrown out is not acted on later. */
    async personIn(room: string, userId: string): Promise<Person | null> {
      const { membership, displayname } = await membershipOf(room, userId);
      return membership === 'join' ? personOf(userId, displayname ?? undefined) : null;
    },

    /** Something about the room changed: it is looked at again when it is needed. */
    forget(room: string, what: 'members' | 'encryption' | 'replacement'): void {
      if (what === 'members') for (const known of [members, joined]) known.delete(room);
      if (what === 'encryption') encrypted.delete(room);
      if (what === 'replacement') {
        for (const line of [successors, predecessors]) for (const each of line.keys()) line.delete(each);
      }
    },
  };
}
