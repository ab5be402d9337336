// Who did something on Matrix, by the id that never changes. It is compared letter by letter: an id that only looks like another
// is another person's, and one with letters that no server gives out any more is nobody's.
import { z } from 'zod';
import { toActorId } from '../../core/ids.ts';
import type { Person } from '../../core/ports/chat.ts';

const idAtMost = 255;
const nameAtMost = 80;

/** `@ada:example.org`: ASCII alone (https://spec.matrix.org/latest/appendices/#user-identifiers). */
export const userIdSchema = z
  .string()
  .max(idAtMost)
  .regex(/^@[!-9;-~]+:[A-Za-z0-9.:[\]-]+$/);

function isUserId(id: string): boolean {
  return userIdSchema.safeParse(id).success;
}

/** @param name the display name in the room: for showing only, for anybody may take any */
export function personOf(userId: string, name: string | undefined): Person {
  const shown = (name ?? userId).replace(/[\p{C}\p{Zl}\p{Zp}]/gu, '').slice(0, nameAtMost);
  return { id: toActorId(`matrix:${userId}`), name: shown === '' ? userId : shown, roles: [] };
}

/** Whom a message calls for this actor: only persons of Matrix can be. */
export function callOf(actor: string): readonly string[] {
  const userId = actor.startsWith('matrix:') ? actor.slice('matrix:'.length) : '';
  return isUserId(userId) ? [userId] : [];
}
