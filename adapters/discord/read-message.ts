// What somebody wrote, out of what Discord says of it. Without a privileged intent its words come along only where the bot is
// mentioned or written to directly.
import { MessageType } from 'discord.js';
import { z } from 'zod';
import type { Incoming, Person } from '../../core/ports/chat.ts';
import { parseCustomId } from './custom-id.ts';
import { memberSchema, personOf, snowflake, userSchema } from './person.ts';

export type Written = {
  readonly id: string;
  readonly channel: string;
  readonly guild: string | null;
  readonly person: Person;
  /** Without the mention of the bot; empty where the words are not for the bot to read. */
  readonly text: string;
  readonly isMention: boolean;
  /** The message that it replies to, when that is one of the bot's. */
  readonly repliesTo: string | null;
  /** The plan on whose card that is, while or before it could be decided. */
  readonly plan: Incoming['plan'] | null;
};

const row = z.object({ components: z.array(z.object({ custom_id: z.string().optional() })).default([]) });
const schema = z.object({
  id: snowflake,
  channel_id: snowflake,
  guild_id: snowflake.nullish(),
  type: z.literal([MessageType.Default, MessageType.Reply]),
  webhook_id: snowflake.nullish(),
  author: userSchema,
  member: memberSchema.optional(),
  content: z.string().max(8_000).default(''),
  mentions: z.array(z.object({ id: snowflake })).default([]),
  referenced_message: z
    .object({ id: snowflake, author: z.object({ id: snowflake }), components: z.array(row).default([]) })
    .nullish(),
});

/** Null for what bots, webhooks and Discord itself write. */
export function readMessage(payload: unknown, self: string): Written | null {
  const parsed = schema.safeParse(payload);
  if (!parsed.success) return null;
  const { id, channel_id, guild_id, author, member, content, mentions, referenced_message: replied } = parsed.data;
  if (author.bot === true || author.id === self || parsed.data.webhook_id) return null;
  return {
    ...{ id, channel: channel_id, guild: guild_id ?? null, person: personOf(author, member) },
    text: content
      .replaceAll(new RegExp(`<@!?${self}>`, 'g'), ' ')
      .replace(/[ \t]+/g, ' ')
      .trim(),
    isMention: mentions.some((mention) => mention.id === self),
    repliesTo: replied?.author.id === self ? replied.id : null,
    plan: replied?.author.id === self ? planOn(replied.components) : null,
  };
}

function planOn(rows: readonly z.infer<typeof row>[]): Written['plan'] {
  for (const { custom_id } of rows.flatMap(({ components }) => components)) {
    const id = custom_id === undefined ? null : parseCustomId(custom_id);
    if (id?.what === 'approve') return { task: id.task, revision: id.revision, hashPrefix: id.hashPrefix };
  }
  return null;
}
