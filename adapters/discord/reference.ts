// How core names what is on Discord: conversations by their channel, messages by channel and message. Ids are snowflakes, which
// tell when they were made (https://docs.discord.com/developers/reference#snowflakes).
import type { ConversationId } from '../../core/ids.ts';
import { toConversationId } from '../../core/ids.ts';

const prefix = 'discord:';
const epochMs = 1_420_070_400_000;

export function conversationOf(channel: string): ConversationId {
  return toConversationId(`${prefix}${channel}`);
}

export function isConversation(conversation: ConversationId): boolean {
  return conversation.startsWith(prefix);
}

export function channelOf(conversation: ConversationId): string {
  return conversation.slice(prefix.length);
}

export function referenceOf(channel: string, message: string): string {
  return `${channel}/${message}`;
}

export function parseReference(reference: string): { readonly channel: string; readonly message: string } {
  const [channel = '', message = ''] = reference.split('/');
  return { channel, message };
}

export function sentAtMs(snowflake: string): number {
  return Number(BigInt(snowflake) >> 22n) + epochMs;
}

/** Ids sort by age. */
export function isNewer(one: string, than: string): boolean {
  return BigInt(one) > BigInt(than);
}
