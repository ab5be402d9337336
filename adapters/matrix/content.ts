// A message as the content of an event. What Chiffon has to know of its own messages later stands in them under a key of its own,
// which clients pass over: for which key it was posted, in which task's thread it belongs, which plan it is the card of.
import { z } from 'zod';
import { toTaskId } from '../../core/ids.ts';
import type { Incoming } from '../../core/ports/chat.ts';
import type { Message } from './message.ts';

const ownKey = 'chiffon.message';

export type Mark = {
  /** Names the posting, and the same one for ever. */
  readonly key: string;
  /** The reference of its task's first message, unless it is that. */
  readonly root?: string | undefined;
  readonly plan?: { readonly task: number; readonly revision: number; readonly hash: string } | undefined;
  /** It answered somebody: a reply to it is none to a task, unless it has a root. */
  readonly answer?: true | undefined;
};

const markSchema = z.object({
  key: z.string(),
  root: z.string().optional(),
  plan: z.object({ task: z.number().int(), revision: z.number().int(), hash: z.string() }).optional(),
  answer: z.literal(true).optional(),
});

/** Of a plan's hash, as much as a decision names it by. */
const hashPrefixLength = 12;

/** As a decision names the plan of a card. */
export function planNamed({ task, revision, hash }: NonNullable<Mark['plan']>): NonNullable<Incoming['plan']> {
  return { task: toTaskId(task), revision, hashPrefix: hash.slice(0, hashPrefixLength) };
}

export type Content = Readonly<Record<string, unknown>>;

/** The mark of a message. Whether the bot sent it is for the caller to see to: anybody can write such a key. */
export function markOf(content: Content): Mark | null {
  const parsed = markSchema.safeParse(content[ownKey]);
  return parsed.success ? parsed.data : null;
}

export function contentOf(message: Message, mark: Mark, relation: Content | null): Content {
  return {
    ...textOf(message),
    [ownKey]: mark,
    ...(relation === null ? {} : { 'm.relates_to': relation }),
  };
}

export function fileContentOf(message: Message, name: string, upload: Content, bytes: number): Content {
  // A body that is not the name is a caption (https://spec.matrix.org/latest/client-server-api/#media-captions).
  return {
    ...textOf(message),
    ...{ msgtype: 'm.file', filename: name, ...upload, info: { mimetype: 'text/plain', size: bytes } },
  };
}

/** An edit rings nobody, and what is outside of the new content is for clients that know no edits. */
export function editOf(message: Message, event: string, mark: Mark | null): Content {
  const { formatted_body: _html, format: _format, ...plain } = textOf(message);
  return {
    ...plain,
    body: `* ${message.body}`,
    'm.mentions': {},
    'm.new_content': {
      ...textOf(message),
      'm.mentions': message.mentions.length === 0 ? {} : { user_ids: message.mentions },
      ...(mark === null ? {} : { [ownKey]: mark }),
    },
    'm.relates_to': { rel_type: 'm.replace', event_id: event },
  };
}

function textOf({ body, html, mentions, quiet }: Message) {
  return {
    msgtype: quiet ? 'm.notice' : 'm.text',
    body,
    format: 'org.matrix.custom.html',
    formatted_body: html,
    'm.mentions': mentions.length === 0 ? {} : { user_ids: mentions },
  };
}

const shownSchema = z.object({ body: z.string(), formatted_body: z.string().optional() });

/** Whether a message on the homeserver says what this one would. */
export function looksSame(there: unknown, message: Message): boolean {
  const parsed = shownSchema.safeParse(there);
  return parsed.success && parsed.data.body === message.body && parsed.data.formatted_body === message.html;
}
