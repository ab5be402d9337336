// An event of a room as the server gives it to its members, and what its content may say of other events.
import { z } from 'zod';

const relationSchema = z.looseObject({
  rel_type: z.string().optional(),
  event_id: z.string().optional(),
  key: z.string().optional(),
  is_falling_back: z.boolean().optional(),
  'm.in_reply_to': z.object({ event_id: z.string() }).optional(),
});

const textSchema = z.looseObject({
  msgtype: z.string().optional(),
  body: z.string().optional(),
  format: z.string().optional(),
  formatted_body: z.string().optional(),
  url: z.string().optional(),
  'm.mentions': z.looseObject({ user_ids: z.array(z.string()).optional(), room: z.boolean().optional() }).optional(),
});
export type TextContent = z.infer<typeof textSchema>;

const contentSchema = textSchema.extend({
  'm.relates_to': relationSchema.optional(),
  'm.new_content': textSchema.optional(),
  redacts: z.string().optional(),
});

export const roomEventSchema = z.looseObject({
  event_id: z.string(),
  type: z.string(),
  sender: z.string(),
  origin_server_ts: z.number(),
  state_key: z.string().optional(),
  content: contentSchema,
  redacts: z.string().optional(),
  unsigned: z
    .looseObject({ redacted_because: z.unknown().optional(), transaction_id: z.string().optional() })
    .optional(),
});
export type RoomEvent = z.infer<typeof roomEventSchema>;

export const roomEventsSchema = z.object({ chunk: z.array(roomEventSchema), end: z.string().optional() });
