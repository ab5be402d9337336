// Whom a message notifies: what its text names, less what allowed_mentions and the author's permissions hold back.
// https://docs.discord.com/developers/resources/message#allowed-mentions-object
import { may } from './permissions.ts';
import type { AllowedMentions } from './validate-message.ts';
import type { Channel, Message, Pings, World } from './world.ts';

type Written = {
  readonly channel: Channel;
  readonly authorId: string;
  readonly content: string;
  readonly allowed: AllowedMentions | undefined;
  readonly replyTo: Message | undefined;
};

/** Discord does not say that a code block protects anybody, so here it does not. */
export function findPings(world: World, { channel, authorId, content, allowed, replyTo }: Written): Pings {
  const parse = allowed ? (allowed.parse ?? []) : ['users', 'roles', 'everyone'];
  const guild = channel.kind === 'dm' ? undefined : world.guilds.get(channel.guildId);
  const mayAll = may(world, channel, authorId, 'MentionEveryone');
  const named = (pattern: RegExp) => [...new Set([...content.matchAll(pattern)].flatMap((match) => match.slice(1, 2)))];

  const users = named(/<@!?(\d+)>/g)
    .filter((id) => world.users.has(id))
    .filter((id) => parse.includes('users') || allowed?.users?.includes(id));
  const roles = named(/<@&(\d+)>/g)
    .filter((id) => guild?.roles.get(id)?.mentionable || (mayAll && guild?.roles.has(id)))
    .filter((id) => parse.includes('roles') || allowed?.roles?.includes(id));
  const everyone = guild !== undefined && mayAll && parse.includes('everyone') && /@(everyone|here)\b/.test(content);
  const replied = replyTo && (allowed ? allowed.replied_user === true : true) ? [replyTo.authorId] : [];
  return { everyone, users: [...new Set([...users, ...replied])], roles };
}
