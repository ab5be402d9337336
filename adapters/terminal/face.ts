// What the terminal's faces have in common: the streams they are given, and what each of them does.
import type { Readable, Writable } from 'node:stream';
import type { ConversationId } from '../../core/ids.ts';
import type { Incoming, View } from '../../core/ports/chat.ts';

export type TerminalInput = Readable & { readonly isTTY?: boolean; setRawMode?(raw: boolean): unknown };
export type TerminalOutput = Writable & { readonly isTTY?: boolean; readonly columns?: number; readonly rows?: number };

export type Face = {
  readonly start: (handle: (incoming: Incoming) => Promise<unknown>) => Promise<void>;
  readonly post: (conversation: ConversationId, view: View) => Promise<void>;
  readonly update: (conversation: ConversationId, view: View) => Promise<void>;
  readonly ask: (text: string, choices: readonly string[]) => Promise<string | null>;
  readonly ended: Promise<void>;
  readonly close: () => Promise<void>;
};
