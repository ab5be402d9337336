// An interaction as the server keeps it: what a person did, and what came back.
import type { InteractionResponseType, InteractionType } from 'discord-api-types/v10';
import type { Modal } from './validate-modal.ts';

export type Choice = { readonly name: string; readonly value: string | number };
export type Acknowledgement = { readonly type: InteractionResponseType; readonly afterMs: number };

export type Interaction = {
  readonly id: string;
  readonly token: string;
  readonly type: InteractionType;
  readonly userId: string;
  readonly channelId: string;
  readonly createdMs: number;
  /** Of a component, and of a modal that one showed: the message below which it stands. */
  readonly messageId: string | undefined;
  acknowledgement: Acknowledgement | undefined;
  /** What `@original` means. */
  originalId: string | undefined;
  /** Messages that came by its token, oldest first. */
  readonly replyIds: string[];
  modal: Modal | undefined;
  choices: readonly Choice[] | undefined;
};

/** An interaction must be acknowledged within this time. https://docs.discord.com/developers/interactions/receiving-and-responding */
export const acknowledgeWithinMs = 3_000;
/** And its token is good for this long. */
export const tokenLifeMs = 15 * 60_000;
