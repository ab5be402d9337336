// How core names what is on Matrix: conversations by their room, messages by room and event. An event's id may hold slashes in old
// rooms, a room's id has no `/$`.
import type { ConversationId } from '../../core/ids.ts';
import { toConversationId } from '../../core/ids.ts';

const prefix = 'matrix:';

export type Place = { readonly room: string; readonly event: string };

export function conversationOf(room: string): ConversationId {
  return toConversationId(`${prefix}${room}`);
}

export function isConversation(conversation: ConversationId): boolean {
  return conversation.startsWith(prefix);
}

/** The room that a conversation began in. */
export function firstRoomOf(conversation: ConversationId): string {
  return conversation.slice(prefix.length);
}

export function referenceOf({ room, event }: Place): string {
  return `${room}/${event}`;
}

export function parseReference(reference: string): Place {
  const at = reference.indexOf('/$');
  return at === -1 ? { room: reference, event: '' } : { room: reference.slice(0, at), event: reference.slice(at + 1) };
}
