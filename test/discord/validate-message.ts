// Discord's limits on a message, as it is sent and as it is edited.
// https://docs.discord.com/developers/resources/message#create-message
import { MessageFlags, RESTJSONErrorCodes } from 'discord-api-types/v10';
import { z } from 'zod';
import { ApiError, formError, parseForm } from './api-error.ts';
import type { Upload } from './multipart.ts';
import { components, embeds } from './validate-components.ts';
import type { Message, World } from './world.ts';

const id = z.string().regex(/^\d{1,20}$/, 'Value is not snowflake.');
const allowedMentions = z
  .object({
    parse: z.array(z.literal(['users', 'roles', 'everyone'])).optional(),
    users: z.array(id).max(100).optional(),
    roles: z.array(id).max(100).optional(),
    replied_user: z.boolean().optional(),
  })
  .superRefine(({ parse, users, roles }, context) => {
    for (const [kind, list] of [
      ['users', users],
      ['roles', roles],
    ] as const)
      if (parse?.includes(kind) && list && list.length > 0)
        context.addIssue({
          code: 'custom',
          path: ['parse'],
          message: `parse:["${kind}"] and ${kind}: [ids...] are mutually exclusive.`,
          params: { code: 'MESSAGE_ALLOWED_MENTIONS_PARSE_EXCLUSIVE' },
        });
  });
export type AllowedMentions = z.infer<typeof allowedMentions>;

const shared = {
  // Counted as Discord does, in code points.
  content: z
    .string()
    .refine((text) => [...text].length <= 2000, {
      message: 'Must be 2000 or fewer in length.',
      params: { code: 'BASE_TYPE_MAX_LENGTH' },
    })
    .nullish(),
  components: components.nullish(),
  embeds: embeds.nullish(),
  allowed_mentions: allowedMentions.nullish(),
  flags: z.int().min(0).nullish(),
  attachments: z
    .array(
      z.object({
        id: z.union([id, z.int().min(0).transform(String)]),
        filename: z.string().min(1).max(1024).optional(),
        description: z.string().max(1024).nullish(),
      }),
    )
    .max(10)
    .nullish(),
};

export const sentMessage = z.object({
  ...shared,
  tts: z.boolean().nullish(),
  nonce: z.union([z.string().max(25), z.int().transform(String)]).nullish(),
  enforce_nonce: z.boolean().nullish(),
  message_reference: z
    .object({
      type: z.literal(0).optional(),
      message_id: id,
      channel_id: id.optional(),
      guild_id: id.optional(),
      fail_if_not_exists: z.boolean().optional(),
    })
    .nullish(),
});
export type SentMessage = z.infer<typeof sentMessage>;

export const editedMessage = z.object(shared);
export type EditedMessage = z.infer<typeof editedMessage>;

const mayBeSent =
  MessageFlags.SuppressEmbeds |
  MessageFlags.SuppressNotifications |
  MessageFlags.Ephemeral |
  MessageFlags.IsComponentsV2;

/** The flags that a client may set, of those that it sent. */
export function checkFlags(flags: number): number {
  if ((flags & MessageFlags.IsComponentsV2) !== 0)
    throw formError(['flags'], 'UNSUPPORTED', 'this server does not speak components of version 2');
  if ((flags & ~mayBeSent) !== 0)
    throw formError(['flags'], 'MESSAGE_FLAGS_INVALID', 'Flags may not be set by a client.');
  return flags;
}

export function parseSent(body: unknown): SentMessage {
  const sent = parseForm(sentMessage, body);
  checkFlags(sent.flags ?? 0);
  return sent;
}

/** What people would see is at least something: else error 50006. */
export function checkNotEmpty(message: Pick<Message, 'content' | 'embeds' | 'components' | 'attachments'>): void {
  const { content, embeds: cards, components: rows, attachments } = message;
  if (content.trim() === '' && cards.length + rows.length + attachments.length === 0)
    throw new ApiError(400, RESTJSONErrorCodes.CannotSendAnEmptyMessage, 'Cannot send an empty message', {
      violation: 'an empty message',
    });
}

/** Each file within what may be uploaded, and at most ten to a message. */
export function checkUploads(world: World, files: readonly Upload[]): void {
  if (files.length > 10) throw formError(['attachments'], 'BASE_TYPE_MAX_LENGTH', 'Must be 10 or fewer in length.');
  const tooLarge = files.find(({ bytes }) => bytes.length > world.uploadLimitBytes);
  if (tooLarge)
    throw new ApiError(413, RESTJSONErrorCodes.RequestEntityTooLarge, 'Request entity too large', {
      violation: `${tooLarge.filename} has ${tooLarge.bytes.length} bytes, and ${world.uploadLimitBytes} may be uploaded`,
    });
}
