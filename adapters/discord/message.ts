// A Discord message without where it goes: what the rendering makes of a view, and what is sent or edited.
import type { APIActionRowComponent, APIComponentInMessageActionRow } from 'discord.js';

/** An action row of buttons or of one select menu, as Discord's API has it. */
export type Row = APIActionRowComponent<APIComponentInMessageActionRow>;

export type Message = {
  /** Plain content, which push notifications show; 2,000 characters at most, and not empty. */
  readonly content: string;
  /** Five rows at most. */
  readonly components: readonly Row[];
  readonly files: readonly { readonly name: string; readonly text: string }[];
  /** Ids of the users that it may ping; nobody else is, whatever the content says. */
  readonly pings: readonly string[];
};

export type RenderOptions = {
  /** What one message's files may have together. */
  readonly uploadBytesAtMost: number;
  readonly now: Date;
};
