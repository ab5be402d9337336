// Which rooms are encrypted, and for whom. A room that was encrypted once stays so for ever, whatever is said of it later.
import { z } from 'zod';
import { makeRecent, remembered } from '../../../core/chat/recent.ts';
import type { ChatMemory } from '../../../core/ports/chat.ts';
import { isForbidden, isNotFound } from '../api-error.ts';
import type { Client } from '../sdk.ts';
import { path } from '../sdk.ts';
import type { RoomSettings } from './machine.ts';

const rememberedAtMost = 5_000;
const settingsSchema = z.object({
  rotation_period_ms: z.int().positive().optional().catch(undefined),
  rotation_period_msgs: z.int().positive().optional().catch(undefined),
});
const membersSchema = z.object({ joined: z.record(z.string(), z.unknown()) });

export function makeSealedRooms({ client, memory }: { readonly client: Client; readonly memory: ChatMemory }) {
  const settings = makeRecent<Promise<RoomSettings | null>>(rememberedAtMost);
  const members = makeRecent<Promise<readonly string[]>>(rememberedAtMost);

  async function askSettings(room: string): Promise<RoomSettings | null> {
    const key = `encrypted:${room}`;
    const state = await client.request({ path: path`/_matrix/client/v3/rooms/${room}/state/m.room.encryption/` }).then(
      (answer) => settingsSchema.parse(answer),
      (error: unknown) => {
        if (isNotFound(error) || isForbidden(error)) return null;
        throw error;
      },
    );
    if (state !== null) {
      await memory.keep(key, JSON.stringify(state));
      return state;
    }
    const before = await memory.recall(key);
    return before === undefined ? null : settingsSchema.parse(JSON.parse(before));
  }

  return {
    /** Null where it is not encrypted. */
    settingsOf: (room: string): Promise<RoomSettings | null> => remembered(settings, room, () => askSettings(room)),

    members: (room: string): Promise<readonly string[]> =>
      remembered(members, room, async () => {
        const answer = await client.request({ path: path`/_matrix/client/v3/rooms/${room}/joined_members` });
        return Object.keys(membersSchema.parse(answer).joined);
      }),

    /** Somebody came or went, or it became encrypted: it is asked for again. */
    changed(room: string): void {
      settings.delete(room);
      members.delete(room);
    },
  };
}
