// Whom Chiffon serves on Discord: who writes in its server, and that server's members in direct messages, with the roles that they
// have there. Anybody can write to a bot, so a direct message says nothing of who may hear what Chiffon knows.
import { RESTJSONErrorCodes, Routes } from 'discord.js';
import { z } from 'zod';
import { makeRecent } from '../../core/chat/recent.ts';
import type { Person } from '../../core/ports/chat.ts';
import type { Api } from './api.ts';
import { isOneOf } from './api-error.ts';
import { memberSchema, rolesOf } from './person.ts';

export type Admission = {
  /** Why nothing is taken there, a sentence; null where it is, or where `inDirect` says whose words are. */
  readonly whyNot: (guild: string | null) => string | null;
  /** The person of a direct message with the roles that they have in the server, or null for a stranger. */
  readonly inDirect: (person: Person) => Promise<Person | null>;
};

export const stranger = 'Chiffon takes direct messages only from people who may write in the server that it works for.';
const otherGuild = 'Chiffon is set up for another server and takes nothing here.';
const notIn = 'Chiffon takes nothing here: it is not in this server.';
const noDirect = 'Chiffon takes no direct messages: say it in a channel of a server where it is.';

/** How long somebody who left, or lost a role, is still taken for what they were. */
const believedMs = 60_000;
const rememberedAtMost = 2_000;
const memberAtGuild = memberSchema.extend({
  pending: z.boolean().optional(),
  communication_disabled_until: z.iso.datetime({ offset: true }).nullish(),
});
type Member = z.infer<typeof memberAtGuild>;

/** `onlyGuild` null: all servers are served, and none of them says who may write directly. */
export function makeAdmission(parts: {
  readonly api: Api;
  readonly onlyGuild: string | null;
  /** Whether the bot is in that server: people can bring an application along to where it is not. */
  readonly isIn: (guild: string) => boolean;
  readonly nowMs: () => number;
}): Admission {
  const { api, onlyGuild, nowMs } = parts;
  const known = makeRecent<{ readonly member: Promise<Member | null>; readonly untilMs: number }>(rememberedAtMost);

  async function ask(guild: string, user: string): Promise<Member | null> {
    try {
      const found = await api.call('members', { urgency: 'decisive' }, (rest) =>
        rest.get(Routes.guildMember(guild, user)),
      );
      return memberAtGuild.parse(found);
    } catch (error) {
      if (isOneOf(error, notThere)) return null;
      throw error;
    }
  }

  function memberOf(guild: string, user: string): Promise<Member | null> {
    const there = known.get(user);
    if (there !== undefined && nowMs() < there.untilMs) return there.member;
    const member = ask(guild, user);
    known.set(user, { member, untilMs: nowMs() + believedMs });
    member.catch(() => known.delete(user));
    return member;
  }

  return {
    whyNot(guild) {
      if (onlyGuild === null) return guild === null ? noDirect : parts.isIn(guild) ? null : notIn;
      return guild === null || guild === onlyGuild ? null : otherGuild;
    },

    async inDirect(person) {
      if (onlyGuild === null) return null;
      const member = await memberOf(onlyGuild, person.id.replace('discord:', ''));
      if (member === null || member.pending === true) return null;
      // Whom the server silenced is not to be heard by another way.
      const until = member.communication_disabled_until;
      if (until && Date.parse(until) > nowMs()) return null;
      return { ...person, roles: rolesOf(member) };
    },
  };
}

const notThere = [
  RESTJSONErrorCodes.UnknownMember,
  RESTJSONErrorCodes.UnknownUser,
  RESTJSONErrorCodes.UnknownGuild,
  RESTJSONErrorCodes.MissingAccess,
];
