// What a person does in a room, in the shapes in which Element sends it.
import { randomUUID } from 'node:crypto';
import { z } from 'zod';
import { type ClientApi, url } from './client-api.ts';

export type Speaking = {
  /** @returns the event's id, as all of these */
  say(room: string, text: string, how?: Saying): Promise<string>;
  react(room: string, eventId: string, key: string): Promise<string>;
  /** Takes a message or a reaction back. */
  redact(room: string, eventId: string): Promise<string>;
  edit(room: string, eventId: string, text: string): Promise<string>;
  /** Any event; the same transaction id again sends nothing, and gives the first one's id. */
  send(room: string, type: string, content: unknown, transactionId?: string): Promise<string>;
  /** @returns its `mxc://` address */
  upload(bytes: Uint8Array, file: { readonly name: string; readonly type: string }): Promise<string>;
  download(file: string): Promise<Uint8Array>;
};

export type Saying = {
  /** A user id: a pill before the text, and `m.mentions`. */
  readonly mention?: string;
  /** The thread's first message. */
  readonly thread?: string;
  readonly replyTo?: string;
  readonly msgtype?: 'm.text' | 'm.notice' | 'm.emote';
};

const sentSchema = z.object({ event_id: z.string() });
const uploadedSchema = z.object({ content_uri: z.string() });

export function makeSpeaking({ call, bytes }: ClientApi): Speaking {
  const send: Speaking['send'] = async (room, type, content, transactionId = randomUUID()) => {
    const path = url`/_matrix/client/v3/rooms/${room}/send/${type}/${transactionId}`;
    return sentSchema.parse(await call({ method: 'PUT', path, body: content })).event_id;
  };
  return {
    send,
    say: (room, text, how = {}) => send(room, 'm.room.message', contentOf(text, how)),
    react: (room, eventId, key) =>
      send(room, 'm.reaction', { 'm.relates_to': { rel_type: 'm.annotation', event_id: eventId, key } }),
    edit: (room, eventId, text) =>
      send(room, 'm.room.message', {
        msgtype: 'm.text',
        body: `* ${text}`,
        'm.mentions': {},
        'm.new_content': { msgtype: 'm.text', body: text, 'm.mentions': {} },
        'm.relates_to': { rel_type: 'm.replace', event_id: eventId },
      }),
    redact: async (room, eventId) => {
      const path = url`/_matrix/client/v3/rooms/${room}/redact/${eventId}/${randomUUID()}`;
      return sentSchema.parse(await call({ method: 'PUT', path, body: {} })).event_id;
    },
    upload: async (body, { name, type }) => {
      const path = '/_matrix/media/v3/upload';
      const answer = await call({ method: 'POST', path, query: { filename: name }, body, contentType: type });
      return uploadedSchema.parse(answer).content_uri;
    },
    download: async (file) => {
      const { host, pathname } = new URL(file);
      return await bytes({ path: url`/_matrix/client/v1/media/download/${host}/${pathname.slice(1)}` });
    },
  };
}

function contentOf(text: string, { mention, thread, replyTo, msgtype = 'm.text' }: Saying): unknown {
  const name = mention?.slice(1).split(':')[0];
  const reply = { 'm.in_reply_to': { event_id: replyTo ?? thread } };
  return {
    msgtype,
    body: mention ? `${name}: ${text}` : text,
    ...(mention && {
      format: 'org.matrix.custom.html',
      formatted_body: `<a href="https://matrix.to/#/${mention}">${name}</a>: ${escapeHtml(text)}`,
    }),
    'm.mentions': mention ? { user_ids: [mention] } : {},
    ...(thread && {
      'm.relates_to': { rel_type: 'm.thread', event_id: thread, is_falling_back: replyTo === undefined, ...reply },
    }),
    ...(replyTo && !thread && { 'm.relates_to': reply }),
  };
}

function escapeHtml(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}
