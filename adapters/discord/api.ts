// The requests that Chiffon makes of Discord for its messages and threads, each in its lane of the send queue.
import type { RawFile, REST } from 'discord.js';
import { MessageFlags, Routes } from 'discord.js';
import { z } from 'zod';
import type { Urgency } from '../../core/chat/channel-budget.ts';
import type { SendQueue } from '../../core/chat/send-queue.ts';
import type { Message } from './message.ts';

const id = z.string().regex(/^\d{1,20}$/);
const component = z.object({
  type: z.number(),
  custom_id: z.string().optional(),
  label: z.string().nullish(),
  style: z.number().optional(),
  url: z.string().nullish(),
  disabled: z.boolean().optional(),
  placeholder: z.string().nullish(),
  options: z.array(z.object({ label: z.string(), value: z.string() })).optional(),
});
export const apiMessageSchema = z.object({
  id,
  channel_id: id,
  author: z.object({ id }),
  content: z.string(),
  components: z.array(z.object({ components: z.array(component).default([]) })).default([]),
  attachments: z.array(z.object({ filename: z.string() })).default([]),
  /** What it replies to. */
  message_reference: z.object({ message_id: id.optional() }).nullish(),
});
export type ApiMessage = z.infer<typeof apiMessageSchema>;

const channelSchema = z.object({
  id,
  type: z.number(),
  parent_id: id.nullish(),
  owner_id: id.nullish(),
});
export type ApiChannel = z.infer<typeof channelSchema>;

export type NewMessage = {
  readonly message: Message;
  /** The same one twice, within some minutes, posts once; 25 characters at most. */
  readonly nonce?: string;
  readonly replyTo?: string | null;
};

export type Pace = { readonly urgency: Urgency; readonly slot?: string; readonly everyMs?: number };

export type Api = ReturnType<typeof makeApi>;

export function makeApi({ rest, queue, token }: { rest: REST; queue: SendQueue; token: string }) {
  /** A refused token is forgotten by the library; each request says it again, so that each is refused for its reason. */
  const call = async <T>(lane: string, pace: Pace, run: (rest: REST) => Promise<T>): Promise<T> => {
    let given: { readonly value: T } | undefined;
    await queue.send({
      ...pace,
      lane,
      run: async () => {
        given = { value: await run(rest.setToken(token)) };
      },
    });
    if (given === undefined) throw new Error('a newer state was sent instead');
    return given.value;
  };
  const soon: Pace = { urgency: 'decisive' };

  return {
    call,

    post: (channel: string, { message, nonce, replyTo }: NewMessage, urgency: Urgency): Promise<ApiMessage> =>
      call(`post:${channel}`, { urgency }, async (each) => {
        const body = {
          ...bodyOf(message),
          ...(nonce === undefined ? {} : { nonce, enforce_nonce: true }),
          ...(replyTo ? { message_reference: { message_id: replyTo, fail_if_not_exists: false } } : {}),
        };
        return apiMessageSchema.parse(await each.post(Routes.channelMessages(channel), { body, ...filesOf(message) }));
      }),

    /** The promise may resolve by a newer edit of the same slot. */
    edit: (channel: string, messageId: string, message: Message, pace: Pace): Promise<void> =>
      queue.send({
        ...pace,
        lane: `edit:${channel}`,
        run: async () => {
          const { content, components } = message;
          const body = { content, components, allowed_mentions: { parse: [] } };
          await rest.setToken(token).patch(Routes.channelMessage(channel, messageId), { body });
        },
      }),

    delete: (channel: string, messageId: string): Promise<unknown> =>
      call(`delete:${channel}`, soon, (each) => each.delete(Routes.channelMessage(channel, messageId))),

    /** Newest first, older than `before` where that is given. */
    list: (channel: string, options: { before?: string; limit?: number } = {}): Promise<readonly ApiMessage[]> =>
      call(`list:${channel}`, soon, async (each) => {
        const query = new URLSearchParams({ limit: String(options.limit ?? 100) });
        if (options.before !== undefined) query.set('before', options.before);
        return z.array(apiMessageSchema).parse(await each.get(Routes.channelMessages(channel), { query }));
      }),

    message: (channel: string, messageId: string): Promise<ApiMessage> =>
      call(`get:${channel}`, soon, async (each) =>
        apiMessageSchema.parse(await each.get(Routes.channelMessage(channel, messageId))),
      ),

    channel: (channel: string): Promise<ApiChannel> =>
      call(`channel:${channel}`, soon, async (each) => channelSchema.parse(await each.get(Routes.channel(channel)))),

    startThread: (channel: string, messageId: string, name: string): Promise<unknown> =>
      call(`thread:${channel}`, soon, (each) =>
        each.post(Routes.threads(channel, messageId), { body: { name, auto_archive_duration: threadDaysMinutes } }),
      ),

    openThread: (thread: string): Promise<unknown> =>
      call(`change:${thread}`, soon, (each) => each.patch(Routes.channel(thread), { body: { archived: false } })),
  };
}

/** Three days without a word, then Discord puts a thread out of sight. */
const threadDaysMinutes = 4_320;

/** Nobody is pinged but who is named, and links show no previews. */
export function bodyOf({ content, components, pings }: Message, flags = 0) {
  return {
    content,
    components,
    allowed_mentions: { parse: [], users: pings.slice(0, 100), replied_user: false },
    flags: flags | MessageFlags.SuppressEmbeds,
  };
}

export function filesOf({ files }: Message): { files?: RawFile[] } {
  if (files.length === 0) return {};
  return { files: files.map(({ name, text }) => ({ name, data: Buffer.from(text), contentType: 'text/plain' })) };
}
