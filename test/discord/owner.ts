// What the guild's owner does in Discord's own settings, while the bot runs.
import { deleteMessage } from './messages.ts';
import {
  addChannel,
  addRole,
  findChannel,
  type NewRole,
  type PermissionName,
  permissionBits,
  removeMember,
  setMember,
  setOverwrites,
  setRole,
} from './scene.ts';
import { changeThread, deleteChannel, startThread, type ThreadChange } from './threads.ts';
import type { Guild, Overwrite, TextChannel, World } from './world.ts';

/** For a role's or a member's id in a channel. */
export type Override = {
  readonly id: string;
  readonly type?: Overwrite['type'];
  readonly allow?: readonly PermissionName[];
  readonly deny?: readonly PermissionName[];
};

/** What is made is given back as its id; channels go by id or name. */
export function makeOwner(world: World, guild: Guild) {
  const text = (which: string): TextChannel => {
    const channel = findChannel(world, which);
    if (channel.kind !== 'text') throw new Error(`${which} is no text channel`);
    return channel;
  };
  const role = (id: string) => {
    const found = guild.roles.get(id);
    if (!found) throw new Error(`there is no role ${id}`);
    return found;
  };
  const message = (id: string) => {
    const found = [...world.channels.values()].flatMap(({ messages }) => messages).find((one) => one.id === id);
    if (!found) throw new Error(`there is no message ${id}`);
    return found;
  };
  return {
    addRole: (parts: NewRole): string => addRole(world, guild, parts).id,
    setRole: (id: string, permissions: readonly PermissionName[]): void => setRole(world, guild, role(id), permissions),
    /** Besides @everyone. Who is not in the guild joins it. */
    giveRoles: (userId: string, roles: readonly string[]): void => setMember(world, guild, userId, roles),
    /** Of the role that the bot brought with it. */
    setBotPermissions: (permissions: readonly PermissionName[]): void => {
      for (const one of guild.roles.values()) if (one.managed) setRole(world, guild, one, permissions);
    },
    removeMember: (userId: string): void => removeMember(world, guild, userId),
    addChannel: (name: string, overrides: readonly Override[] = []): string =>
      addChannel(world, guild, name, overrides.map(toOverwrite)).id,
    setOverrides: (which: string, overrides: readonly Override[]): void =>
      setOverwrites(world, text(which), overrides.map(toOverwrite)),
    deleteChannel: (which: string): void => deleteChannel(world, findChannel(world, which)),
    startThread: (which: string, messageId: string, name: string): string =>
      startThread(world, text(which), { id: messageId, name, ownerId: guild.ownerId }).id,
    changeThread: (which: string, change: ThreadChange): void => {
      const thread = findChannel(world, which);
      if (thread.kind !== 'thread') throw new Error(`${which} is no thread`);
      changeThread(world, thread, change);
    },
    deleteMessage: (id: string): void => deleteMessage(world, message(id)),
    /** What a user may set by mistake: clicks then go to that address, and never over the gateway. */
    setInteractionsEndpointUrl: (url: string | null): void => {
      world.application.interactionsEndpointUrl = url;
    },
    setFlags: (flags: number): void => {
      world.application.flags = flags;
    },
  };
}

export type Owner = ReturnType<typeof makeOwner>;

function toOverwrite({ id, type = 'role', allow = [], deny = [] }: Override): Overwrite {
  return { id, type, allow: permissionBits(allow), deny: permissionBits(deny) };
}
