// Rooms and who is in them, as a person makes and changes them with Element.
import { z } from 'zod';
import { type ClientApi, url } from './client-api.ts';

export type Rooms = {
  /** @returns the room's id */
  createRoom(options?: NewRoom): Promise<string>;
  invite(room: string, userId: string): Promise<void>;
  join(room: string): Promise<void>;
  leave(room: string): Promise<void>;
  kick(room: string, userId: string): Promise<void>;
  ban(room: string, userId: string): Promise<void>;
  /** User ids of those who have joined. */
  members(room: string): Promise<readonly string[]>;
  powerLevels(room: string): Promise<PowerLevels>;
  /** Of one user; the others keep theirs. */
  setPower(room: string, userId: string, level: number): Promise<void>;
  /** Undefined when there is none. */
  state(room: string, type: string, key?: string): Promise<unknown>;
  setState(room: string, type: string, content: unknown, key?: string): Promise<void>;
  /** Like Element: the old room is closed, and who was in it is invited to the new one. @returns the new room's id */
  upgradeRoom(room: string, version: string): Promise<string>;
};

export type NewRoom = {
  /** Who may come in, and whether it is shown as a person's own conversation. `private` when nothing is said. */
  readonly kind?: 'public' | 'private' | 'direct';
  readonly name?: string;
  readonly invite?: readonly string[];
  /** Marked as encrypted from the beginning; these people themselves speak plainly all the same. */
  readonly encrypted?: boolean;
  /** Synapse's newest when nothing is said: 12, whose ids have no domain, and whose creator is above all levels. */
  readonly version?: string;
  /** In the place of the preset's. */
  readonly powerLevels?: Readonly<Record<string, unknown>>;
};

const powerLevelsSchema = z.looseObject({
  users: z.record(z.string(), z.number()).default({}),
  users_default: z.number().default(0),
  events: z.record(z.string(), z.number()).default({}),
  events_default: z.number().default(0),
});
export type PowerLevels = z.infer<typeof powerLevelsSchema>;

const roomSchema = z.object({ room_id: z.string() });
const membersSchema = z.object({ joined: z.record(z.string(), z.unknown()) });
const replacementSchema = z.object({ replacement_room: z.string() });
const presets = { public: 'public_chat', private: 'private_chat', direct: 'trusted_private_chat' } as const;

export function makeRooms({ call }: ClientApi, self: string): Rooms {
  const post = async (path: string, body: unknown) => void (await call({ method: 'POST', path, body }));
  const statePath = (room: string, type: string, key: string) =>
    url`/_matrix/client/v3/rooms/${room}/state/${type}/${key}`;
  const state: Rooms['state'] = async (room, type, key = '') => await call({ path: statePath(room, type, key) });
  const setState: Rooms['setState'] = async (room, type, content, key = '') =>
    void (await call({ method: 'PUT', path: statePath(room, type, key), body: content }));
  const powerLevels: Rooms['powerLevels'] = async (room) =>
    powerLevelsSchema.parse(await state(room, 'm.room.power_levels'));
  const invite: Rooms['invite'] = (room, userId) =>
    post(url`/_matrix/client/v3/rooms/${room}/invite`, { user_id: userId });
  const members: Rooms['members'] = async (room) =>
    Object.keys(membersSchema.parse(await call({ path: url`/_matrix/client/v3/rooms/${room}/joined_members` })).joined);

  return {
    createRoom: async ({
      kind = 'private',
      name,
      invite: invited = [],
      encrypted,
      version,
      powerLevels: levels,
    } = {}) => {
      const encryption = { type: 'm.room.encryption', state_key: '', content: { algorithm: 'm.megolm.v1.aes-sha2' } };
      const body = {
        preset: presets[kind],
        is_direct: kind === 'direct',
        name,
        invite: invited,
        room_version: version,
        initial_state: encrypted ? [encryption] : [],
        power_level_content_override: levels,
      };
      return roomSchema.parse(await call({ method: 'POST', path: '/_matrix/client/v3/createRoom', body })).room_id;
    },
    invite,
    join: (room) => post(url`/_matrix/client/v3/join/${room}`, {}),
    leave: (room) => post(url`/_matrix/client/v3/rooms/${room}/leave`, {}),
    kick: (room, userId) => post(url`/_matrix/client/v3/rooms/${room}/kick`, { user_id: userId }),
    ban: (room, userId) => post(url`/_matrix/client/v3/rooms/${room}/ban`, { user_id: userId }),
    members,
    powerLevels,
    setPower: async (room, userId, level) => {
      const levels = await powerLevels(room);
      await setState(room, 'm.room.power_levels', { ...levels, users: { ...levels.users, [userId]: level } });
    },
    state,
    setState,
    upgradeRoom: async (room, version) => {
      const others = (await members(room)).filter((userId) => userId !== self);
      const path = url`/_matrix/client/v3/rooms/${room}/upgrade`;
      const answer = replacementSchema.parse(await call({ method: 'POST', path, body: { new_version: version } }));
      for (const userId of others) await invite(answer.replacement_room, userId);
      return answer.replacement_room;
    },
  };
}
