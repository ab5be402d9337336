// Events as a homeserver gives them, and what of them concerns Chiffon. They come from anywhere: each is parsed, and what cannot be
// read is nothing.
import { z } from 'zod';
import { userIdSchema } from './person.ts';

export const eventSchema = z.looseObject({
  event_id: z.string().startsWith('$').max(255),
  type: z.string(),
  sender: z.string(),
  origin_server_ts: z.number().int().min(0).max(8.64e15),
  state_key: z.string().optional(),
  content: z.record(z.string(), z.unknown()),
  redacts: z.string().optional(),
  unsigned: z.looseObject({ prev_content: z.unknown() }).partial().optional(),
});
export type RoomEvent = z.infer<typeof eventSchema>;

/** Those that can be read, in their order. */
export const eventsSchema = z.array(z.unknown()).transform((events) =>
  events.flatMap((event) => {
    const parsed = eventSchema.safeParse(event);
    return parsed.success ? [parsed.data] : [];
  }),
);

export const isRedacted = ({ unsigned }: RoomEvent): boolean => unsigned?.redacted_because !== undefined;

const relationSchema = z.object({
  rel_type: z.string().optional(),
  event_id: z.string().optional(),
  is_falling_back: z.boolean().optional(),
  'm.in_reply_to': z.object({ event_id: z.string() }).optional(),
});
const textSchema = z.object({
  msgtype: z.literal('m.text'),
  body: z.string().max(70_000),
  'm.mentions': z.object({ user_ids: z.array(z.string()).optional() }).optional(),
  'm.relates_to': relationSchema.optional(),
});

export type Written = {
  readonly id: string;
  readonly sender: string;
  readonly sentAt: string;
  /** Without what older clients quote of the message that it replies to. */
  readonly body: string;
  /** Undefined where the client does not say whom it mentions. */
  readonly mentions: readonly string[] | undefined;
  /** The first message of the thread that it is in. */
  readonly thread: string | null;
  /** The message that it replies to; in a thread it may be there only for clients without threads. */
  readonly replyTo: string | null;
  /** Its writer chose to reply to that message. */
  readonly isReply: boolean;
};

/** Null for what bots write (notices), for edits, and for what is not a person's text. */
export function readWritten(event: RoomEvent): Written | null {
  const parsed = textSchema.safeParse(event.content);
  if (event.type !== 'm.room.message' || !parsed.success || !userIdSchema.safeParse(event.sender).success) return null;
  const { body, 'm.mentions': mentions, 'm.relates_to': relation } = parsed.data;
  if (relation?.rel_type === 'm.replace') return null;
  const thread = relation?.rel_type === 'm.thread' ? relation.event_id : undefined;
  const reply = relation?.['m.in_reply_to']?.event_id;
  return {
    ...{ id: event.event_id, sender: event.sender, sentAt: sentAtOf(event) },
    body: reply === undefined ? body : withoutQuote(body),
    mentions: mentions === undefined ? undefined : (mentions.user_ids ?? []),
    ...{ thread: thread ?? null, replyTo: reply ?? null },
    isReply: reply !== undefined && relation?.is_falling_back !== true,
  };
}

export type Tap = {
  readonly id: string;
  readonly sender: string;
  readonly sentAt: string;
  readonly target: string;
  readonly key: string;
};

const annotationSchema = z.object({
  'm.relates_to': z.object({
    rel_type: z.literal('m.annotation'),
    event_id: z.string().startsWith('$').max(255),
    key: z.string().max(64),
  }),
});

/** Null for one that was taken back: nothing is left in it. */
export function readTap(event: RoomEvent): Tap | null {
  const parsed = annotationSchema.safeParse(event.content);
  if (event.type !== 'm.reaction' || !parsed.success || !userIdSchema.safeParse(event.sender).success) return null;
  const { event_id: target, key } = parsed.data['m.relates_to'];
  return { id: event.event_id, sender: event.sender, sentAt: sentAtOf(event), target, key };
}

export type Removal = {
  readonly id: string;
  readonly sender: string;
  readonly sentAt: string;
  /** The event that was taken back, or away. */
  readonly target: string;
};

/** Newer rooms say in the content what a redaction is of. */
export function readRemoval(event: RoomEvent): Removal | null {
  if (event.type !== 'm.room.redaction') return null;
  const inContent = z.object({ redacts: z.string() }).safeParse(event.content);
  const target = event.redacts ?? (inContent.success ? inContent.data.redacts : null);
  return target === null ? null : { id: event.event_id, sender: event.sender, sentAt: sentAtOf(event), target };
}

export const membershipSchema = z.object({
  membership: z.string(),
  displayname: z.string().nullish().catch(undefined),
});

/** Somebody came into the room who was not in it: a change of name is an event of the same kind. */
export function isJoinOf(event: RoomEvent, userId: string): boolean {
  if (event.type !== 'm.room.member' || event.state_key !== userId) return false;
  const now = membershipSchema.safeParse(event.content);
  const before = membershipSchema.safeParse(event.unsigned?.prev_content);
  return now.success && now.data.membership === 'join' && !(before.success && before.data.membership === 'join');
}

function sentAtOf({ origin_server_ts: ms }: RoomEvent): string {
  return new Date(ms).toISOString();
}

/** `> <@ada:example.org> …` and the empty line after it. */
function withoutQuote(body: string): string {
  if (!body.startsWith('> ')) return body;
  const lines = body.split('\n');
  const first = lines.findIndex((line) => !line.startsWith('>'));
  return first === -1 ? '' : lines.slice(first).join('\n').trim();
}
