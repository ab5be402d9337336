// What Discord says of messages, threads, channels and roles that concerns what Chiffon shows there: it is looked at again.
import { GatewayDispatchEvents } from 'discord.js';
import { z } from 'zod';
import type { ConversationId } from '../../core/ids.ts';
import { snowflake } from './person.ts';
import { conversationOf, referenceOf } from './reference.ts';
import type { Threads } from './threads.ts';

type Parts = {
  readonly threads: Threads;
  /** Where a message of Chiffon's belongs that people may miss; undefined for all others. */
  readonly shownAt: (reference: string) => ConversationId | undefined;
  /** Whether Chiffon shows something in that channel, or tried to. */
  readonly isUsed: (channel: string) => boolean;
  readonly self: () => string;
  /** The bot's own roles in a guild, or undefined where they are not known. */
  readonly ownRoles: (guild: string) => ReadonlySet<string> | undefined;
  readonly lookAgain: (conversation: ConversationId | null) => void;
};

const message = z.object({ id: snowflake, channel_id: snowflake });
const messages = z.object({ ids: z.array(snowflake), channel_id: snowflake });
const thread = z.object({
  id: snowflake,
  parent_id: snowflake,
  thread_metadata: z.object({ locked: z.boolean().optional(), archived: z.boolean().optional() }).optional(),
});
const channel = z.object({ id: snowflake });
const role = z.union([
  z
    .object({ guild_id: snowflake, role: z.object({ id: snowflake }) })
    .transform((it) => ({ guild: it.guild_id, role: it.role.id })),
  z.object({ guild_id: snowflake, role_id: snowflake }).transform((it) => ({ guild: it.guild_id, role: it.role_id })),
]);
const member = z.object({ user: z.object({ id: snowflake }) });

export function makeWatch({ threads, shownAt, isUsed, self, ownRoles, lookAgain }: Parts) {
  const missed = (channelId: string, ids: readonly string[]): void => {
    const where = ids.map((id) => shownAt(referenceOf(channelId, id))).find((found) => found !== undefined);
    if (where !== undefined) lookAgain(where);
  };

  const again = (): void => {
    threads.tryAgain(null);
    lookAgain(null);
  };
  const ofRole = read(role, (changed) => {
    // The role that everybody has bears the server's id.
    if (changed.role === changed.guild || ownRoles(changed.guild)?.has(changed.role) !== false) again();
  });
  const watched: Readonly<Record<string, (data: unknown) => void>> = {
    [GatewayDispatchEvents.MessageDelete]: read(message, ({ id, channel_id }) => missed(channel_id, [id])),
    [GatewayDispatchEvents.MessageDeleteBulk]: read(messages, ({ ids, channel_id }) => missed(channel_id, ids)),
    [GatewayDispatchEvents.ThreadDelete]: read(thread, ({ id, parent_id }) => {
      const root = referenceOf(parent_id, id);
      if (shownAt(root) === undefined) return;
      threads.giveUp(root);
      lookAgain(conversationOf(parent_id));
    }),
    [GatewayDispatchEvents.ThreadUpdate]: read(thread, ({ id, parent_id, thread_metadata }) => {
      const root = referenceOf(parent_id, id);
      if (thread_metadata?.locked === true || !threads.isGivenUp(root)) return;
      threads.forget(root);
      lookAgain(conversationOf(parent_id));
    }),
    [GatewayDispatchEvents.ChannelUpdate]: read(channel, ({ id }) => {
      if (!isUsed(id)) return;
      threads.tryAgain(id);
      lookAgain(conversationOf(id));
    }),
    [GatewayDispatchEvents.GuildRoleUpdate]: ofRole,
    [GatewayDispatchEvents.GuildRoleDelete]: ofRole,
    [GatewayDispatchEvents.GuildMemberUpdate]: read(member, ({ user }) => {
      if (user.id === self()) again();
    }),
  };
  return (name: string, data: unknown): void => watched[name]?.(data);
}

/** What cannot be read is of a kind that does not concern Chiffon. */
function read<T>(schema: z.ZodType<T>, use: (value: T) => void): (data: unknown) => void {
  return (data) => {
    const parsed = schema.safeParse(data);
    if (parsed.success) use(parsed.data);
  };
}
