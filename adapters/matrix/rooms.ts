// The rooms that Chiffon works in: those that the settings name, or all that it is in; which invitations it accepts; that it follows
// a room into the one that takes its place; and the rooms of two, where a secret can be told.
import type { Logger } from 'pino';
import { z } from 'zod';
import { makeRecent } from '../../core/chat/recent.ts';
import type { ChatMemory } from '../../core/ports/chat.ts';
import type { Api } from './api.ts';
import { toChiffonError } from './api-error.ts';
import type { Places } from './places.ts';
import { path } from './sdk.ts';
import type { Invite } from './sync.ts';

export type Rooms = Awaited<ReturnType<typeof makeRooms>>;

type Parts = {
  readonly api: Api;
  readonly places: Places;
  readonly self: string;
  readonly memory: ChatMemory;
  /** Ids and aliases; none: every room that the bot is in. */
  readonly rooms: readonly string[];
  /** User ids, and servers with `*` for any part of a name. */
  readonly invitesFrom: readonly string[];
  readonly log: Logger;
};

const rememberedAtMost = 1_000;
const directKey = (room: string): string => `direct:${room}`;
const invitedSchema = z.object({
  invite_state: z.object({
    events: z.array(
      z.looseObject({
        type: z.string(),
        sender: z.string().optional(),
        state_key: z.string().optional(),
        content: z.record(z.string(), z.unknown()).default({}),
      }),
    ),
  }),
});

/** Resolves names to ids. A room that is named and cannot be had is said once in the log. */
export async function makeRooms(parts: Parts) {
  const { api, places, self, memory, log } = parts;
  const named = new Set<string>();
  const refused = makeRecent<true>(rememberedAtMost);
  /** By the room that will take the place of another: that other one. */
  const awaited = makeRecent<string>(rememberedAtMost);

  for (const name of parts.rooms) {
    try {
      named.add(name.startsWith('#') ? await idOf(name) : name);
    } catch (error) {
      log.warn({ err: toChiffonError(error), room: name }, 'MATRIX_ROOMS names a room that cannot be found');
    }
  }

  async function idOf(alias: string): Promise<string> {
    const answer = await api.ask({ path: path`/_matrix/client/v3/directory/room/${alias}` });
    return z.object({ room_id: z.string() }).parse(answer).room_id;
  }

  async function isServed(room: string): Promise<boolean> {
    if (parts.rooms.length === 0 || named.has(room)) return true;
    if ((await places.lineOf(room)).some((before) => named.has(before))) return true;
    if (!isWelcome((await directWith(room)) ?? '', parts.invitesFrom)) return false;
    // Of a room that is not worked in nothing is heard, nor who leaves it.
    if (!(await places.isForTwo(room))) places.forget(room, 'members');
    return places.isForTwo(room);
  }

  /** Who invited the bot into a room of the two of them, or into one that it took the place of. */
  async function directWith(room: string): Promise<string | undefined> {
    for (const each of (await places.lineOf(room)).toReversed()) {
      const inviter = await memory.recall(directKey(each));
      if (inviter !== undefined) return inviter;
    }
    return undefined;
  }

  async function join(room: string, via: readonly string[] = []): Promise<boolean> {
    try {
      await api.join(room, via);
      places.forget(room, 'members');
      return true;
    } catch (error) {
      log.info({ room, reason: toChiffonError(error).message }, 'a Matrix room could not be entered');
      return false;
    }
  }

  return {
    isServed,

    /** Rooms that are named and open to all are entered. */
    async enterNamed(): Promise<void> {
      for (const room of named) if (!(await places.isJoined(room))) await join(room);
    },

    async invited({ room, state }: Invite): Promise<void> {
      const parsed = invitedSchema.safeParse(state);
      const own = parsed.success
        ? parsed.data.invite_state.events.find(({ type, state_key: key }) => type === 'm.room.member' && key === self)
        : undefined;
      const inviter = own?.sender ?? '';
      const follows = awaited.get(room);
      const direct = own?.content.is_direct === true;
      const byName = isWelcome(inviter, parts.invitesFrom);
      // Also where the settings name rooms: a secret is told in a room of two.
      const welcome = follows !== undefined || named.has(room) || (byName && (parts.rooms.length === 0 || direct));
      if (!welcome) {
        const why = byName
          ? 'MATRIX_ROOMS does not name the room, and it is no direct one'
          : 'MATRIX_INVITES_FROM does not name them';
        if (!refused.has(room))
          log.warn({ room, inviter }, `Matrix: an invitation by ${inviter || 'somebody'} was not accepted; ${why}`);
        refused.set(room, true);
        return;
      }
      // Before it is entered: then the invitation, which says so, is gone.
      if (direct) await memory.keep(directKey(room), inviter);
      if (!(await join(room))) return;
      if (follows !== undefined) places.forget(follows, 'replacement');
    },

    /** A room was closed for another one. Resolves to whether the bot is there now; else an invitation is waited for. */
    async upgraded(room: string, replacement: string, sender: string): Promise<boolean> {
      awaited.set(replacement, room);
      places.forget(room, 'replacement');
      return (await places.isJoined(replacement)) || join(replacement, [sender.slice(sender.indexOf(':') + 1)]);
    },

    /** Made for the bot and one person: all that is said there is said to the bot. */
    async isDirect(room: string): Promise<boolean> {
      return (await places.isForTwo(room)) && (await directWith(room)) !== undefined;
    },
  };
}

/** Nobody is, where nobody is named. `*.example.org` is every server below; `*` is everybody. */
export function isWelcome(userId: string, from: readonly string[]): boolean {
  const server = userId.slice(userId.indexOf(':') + 1);
  if (!userId.startsWith('@') || server === '') return false;
  return from.some((pattern) => (pattern.startsWith('@') ? matches(pattern, userId) : matches(pattern, server)));
}

function matches(pattern: string, text: string): boolean {
  const parts = pattern.split('*').map((part) => part.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'));
  return new RegExp(`^${parts.join('[^\\s]*')}$`).test(text);
}
