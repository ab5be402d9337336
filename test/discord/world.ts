// What the server knows: one application with its bot, guilds, channels, messages, interactions; and how changes are told.
import { type Clock, makeClock, makeSnowflakes } from './clock.ts';
import type { Interaction } from './interaction.ts';
import { makeSignal, type Signal } from './signal.ts';
import type { CommandDefinition } from './validate-command.ts';
import type { Component, Embed } from './validate-components.ts';

export type User = { readonly id: string; readonly name: string; readonly bot: boolean };
export type Role = {
  readonly id: string;
  readonly name: string;
  permissions: bigint;
  mentionable: boolean;
  readonly managed: boolean;
};
export type Overwrite = {
  readonly id: string;
  readonly type: 'role' | 'member';
  readonly allow: bigint;
  readonly deny: bigint;
};
export type Guild = {
  readonly id: string;
  readonly name: string;
  readonly ownerId: string;
  readonly roles: Map<string, Role>;
  /** By user; the roles besides @everyone. */
  readonly members: Map<string, Set<string>>;
};

type ChannelParts = { readonly id: string; readonly messages: Message[] };
export type TextChannel = ChannelParts & {
  readonly kind: 'text';
  name: string;
  readonly guildId: string;
  overwrites: readonly Overwrite[];
};
export type Thread = ChannelParts & {
  readonly kind: 'thread';
  name: string;
  readonly guildId: string;
  readonly parentId: string;
  readonly ownerId: string;
  readonly members: Set<string>;
  archived: boolean;
  locked: boolean;
  autoArchiveMinutes: number;
  archiveChangedMs: number;
};
export type DirectChannel = ChannelParts & { readonly kind: 'dm'; readonly recipientId: string };
export type Channel = TextChannel | Thread | DirectChannel;

export type Attachment = {
  readonly id: string;
  readonly filename: string;
  readonly contentType: string;
  readonly description: string | undefined;
  readonly bytes: Buffer;
};
/** Whom a message really notified. */
export type Pings = {
  readonly everyone: boolean;
  readonly users: readonly string[];
  readonly roles: readonly string[];
};
export const noPings: Pings = { everyone: false, users: [], roles: [] };
export type Message = {
  readonly id: string;
  readonly channelId: string;
  readonly authorId: string;
  readonly type: number;
  readonly createdMs: number;
  readonly nonce: string | undefined;
  readonly replyTo: string | undefined;
  /** Who alone sees it. */
  readonly ephemeralFor: string | undefined;
  readonly interactionId: string | undefined;
  readonly pings: Pings;
  content: string;
  components: readonly Component[];
  embeds: readonly Embed[];
  attachments: readonly Attachment[];
  flags: number;
  editedMs: number | undefined;
  deleted: boolean;
  /** What it said before each edit, oldest first. */
  readonly edits: Edit[];
};
export type Edit = { readonly untilMs: number } & Pick<Message, 'content' | 'components' | 'attachments'>;

/** For the gateway: `data` is asked for each session, since what it may see depends on its intents. */
export type WorldEvent = {
  readonly name: string;
  /** 0: sent whatever the intents. */
  readonly intents: number;
  data(session: { readonly intents: number }): unknown;
};

export type Violation = {
  readonly atMs: number;
  readonly code: number;
  readonly request: string;
  readonly reason: string;
};
/** Tells a request that makes no sense to Discord, or breaks a limit. */
export type Blame = (code: number, request: string, reason: string) => void;

export type Application = {
  readonly id: string;
  readonly token: string;
  readonly bot: User;
  flags: number;
  interactionsEndpointUrl: string | null;
};

/** As Discord answers it. */
export type Command = CommandDefinition & {
  readonly id: string;
  readonly application_id: string;
  readonly guild_id?: string;
  readonly version: string;
};

export type World = {
  readonly clock: Clock;
  readonly signal: Signal;
  readonly application: Application;
  readonly users: Map<string, User>;
  readonly guilds: Map<string, Guild>;
  readonly channels: Map<string, Channel>;
  readonly interactions: Map<string, Interaction>;
  /** By scope: a guild's id, or `global`. */
  readonly commands: Map<string, readonly Command[]>;
  readonly violations: Violation[];
  readonly blame: Blame;
  uploadLimitBytes: number;
  newId(): string;
  /** To the gateway, and to whoever waits for a condition. */
  emit(event: WorldEvent): void;
  hear(listener: (event: WorldEvent) => void): void;
  /** Where attachments are served. */
  origin: string;
};

export type WorldOptions = { readonly token: string; readonly flags: number; readonly uploadLimitBytes: number };

export function makeWorld({ token, flags, uploadLimitBytes }: WorldOptions): World {
  const signal = makeSignal();
  const clock = makeClock(signal.tell);
  const newId = makeSnowflakes(clock);
  const bot: User = { id: newId(), name: 'chiffon', bot: true };
  const listeners: ((event: WorldEvent) => void)[] = [];
  const violations: Violation[] = [];
  return {
    clock,
    signal,
    application: { id: bot.id, token, bot, flags, interactionsEndpointUrl: null },
    users: new Map([[bot.id, bot]]),
    guilds: new Map(),
    channels: new Map(),
    interactions: new Map(),
    commands: new Map(),
    violations,
    blame: (code, request, reason) => void violations.push({ atMs: clock.now(), code, request, reason }),
    uploadLimitBytes,
    newId,
    emit: (event) => {
      for (const listener of listeners) listener(event);
      signal.tell();
    },
    hear: (listener) => void listeners.push(listener),
    origin: '',
  };
}
