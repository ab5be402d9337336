// Who did something on Discord, by the ids that never change.
import { z } from 'zod';
import { toActorId } from '../../core/ids.ts';
import type { Person } from '../../core/ports/chat.ts';

export const snowflake = z.string().regex(/^\d{1,20}$/);
export const userSchema = z.object({
  id: snowflake,
  username: z.string(),
  global_name: z.string().nullish(),
  bot: z.boolean().optional(),
});
export const memberSchema = z.object({ nick: z.string().nullish(), roles: z.array(snowflake).default([]) });

const nameAtMost = 80;

export function personOf(user: z.infer<typeof userSchema>, member: z.infer<typeof memberSchema> | undefined): Person {
  const name = member?.nick ?? user.global_name ?? user.username;
  return {
    id: toActorId(`discord:${user.id}`),
    name: name.replace(/[\p{C}\p{Zl}\p{Zp}]/gu, '').slice(0, nameAtMost),
    roles: member === undefined ? [] : rolesOf(member),
  };
}

export function rolesOf({ roles }: z.infer<typeof memberSchema>): readonly string[] {
  return roles.map((role) => `discord-role:${role}`);
}
