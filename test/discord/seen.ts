// What people see: messages with their buttons and files, and what became of an interaction. Plain data, so that it can be
// asked for from another process.
import { ButtonStyle, ComponentType, MessageFlags } from 'discord-api-types/v10';
import type { Acknowledgement, Choice, Interaction } from './interaction.ts';
import { failureOf } from './interactions.ts';
import { modalFields } from './validate-modal.ts';
import type { Attachment, Message, Pings, World } from './world.ts';

export type SeenButton = {
  readonly label: string;
  /** None on a link. */
  readonly customId: string | undefined;
  readonly url: string | undefined;
  readonly style: 'primary' | 'secondary' | 'success' | 'danger' | 'link';
  readonly disabled: boolean;
};
export type SeenMenu = {
  readonly customId: string;
  readonly placeholder: string | undefined;
  readonly disabled: boolean;
  readonly options: readonly {
    readonly label: string;
    readonly value: string;
    readonly description: string | undefined;
    readonly chosen: boolean;
  }[];
};
export type SeenFile = { readonly filename: string; readonly size: number; readonly text: string };
type Look = {
  readonly content: string;
  readonly buttons: readonly SeenButton[];
  readonly menus: readonly SeenMenu[];
  readonly attachments: readonly SeenFile[];
};
export type SeenMessage = Look & {
  readonly id: string;
  readonly channelId: string;
  readonly author: string;
  readonly authorId: string;
  readonly embeds: readonly unknown[];
  readonly createdMs: number;
  readonly editedMs: number | undefined;
  /** How it looked before each edit, oldest first. */
  readonly edits: readonly (Look & { readonly untilMs: number })[];
  /** Whom it notified, when it was sent. */
  readonly pings: Pings;
  readonly replyTo: string | undefined;
  readonly nonce: string | undefined;
  readonly ephemeral: boolean;
  /** "… is thinking". */
  readonly loading: boolean;
  readonly silent: boolean;
  readonly deleted: boolean;
};

export type SeenModal = {
  readonly customId: string;
  readonly title: string;
  readonly fields: readonly {
    readonly customId: string;
    readonly label: string;
    readonly required: boolean;
    readonly value: string | undefined;
  }[];
};
export type SeenInteraction = {
  readonly id: string;
  readonly type: number;
  readonly acknowledgement: Acknowledgement | undefined;
  /** What Discord shows when nobody answered in time. */
  readonly failure: string | undefined;
  /** What the bot answered by its token, as it is now; those for this person alone are `ephemeral`. */
  readonly replies: readonly SeenMessage[];
  readonly modal: SeenModal | undefined;
  readonly choices: readonly Choice[] | undefined;
};

export function seeMessage(world: World, message: Message): SeenMessage {
  const has = (flag: MessageFlags) => (message.flags & flag) !== 0;
  const { id, channelId, authorId, embeds, createdMs, editedMs, pings, replyTo, nonce, deleted } = message;
  return {
    ...look(message),
    ...{ id, channelId, authorId, embeds, createdMs, editedMs, pings, replyTo, nonce, deleted },
    author: world.users.get(authorId)?.name ?? authorId,
    edits: message.edits.map((edit) => ({ ...look(edit), untilMs: edit.untilMs })),
    ephemeral: message.ephemeralFor !== undefined,
    loading: has(MessageFlags.Loading),
    silent: has(MessageFlags.SuppressNotifications),
  };
}

const styles: Readonly<Record<Exclude<ButtonStyle, ButtonStyle.Premium>, SeenButton['style']>> = {
  [ButtonStyle.Primary]: 'primary',
  [ButtonStyle.Secondary]: 'secondary',
  [ButtonStyle.Success]: 'success',
  [ButtonStyle.Danger]: 'danger',
  [ButtonStyle.Link]: 'link',
};

function look({ content, components, attachments }: Pick<Message, 'content' | 'components' | 'attachments'>): Look {
  const parts = components.flatMap((row) => row.components);
  return {
    content,
    buttons: parts.flatMap((part) =>
      part.type === ComponentType.Button
        ? [
            {
              label: part.label ?? part.emoji?.name ?? '',
              customId: part.custom_id,
              url: part.url,
              style: styles[part.style],
              disabled: part.disabled ?? false,
            },
          ]
        : [],
    ),
    menus: parts.flatMap((part) => {
      if (part.type === ComponentType.Button) return [];
      const options = part.type === ComponentType.StringSelect ? part.options : [];
      return [
        {
          customId: part.custom_id,
          placeholder: part.placeholder,
          disabled: part.disabled ?? false,
          options: options.map((one) => ({
            label: one.label,
            value: one.value,
            description: one.description ?? undefined,
            chosen: one.default ?? false,
          })),
        },
      ];
    }),
    attachments: attachments.map(seeFile),
  };
}

function seeFile({ filename, bytes }: Attachment): SeenFile {
  return { filename, size: bytes.length, text: bytes.toString('utf8') };
}

export function seeInteraction(world: World, interaction: Interaction): SeenInteraction {
  const { id, type, acknowledgement, choices, replyIds, modal } = interaction;
  const messages = world.channels.get(interaction.channelId)?.messages ?? [];
  return {
    ...{ id, type, acknowledgement, choices },
    failure: failureOf(world, interaction),
    replies: messages.filter((one) => replyIds.includes(one.id) && !one.deleted).map((one) => seeMessage(world, one)),
    modal: modal && {
      customId: modal.custom_id,
      title: modal.title,
      fields: modalFields(modal).map((field) => ({
        customId: field.custom_id,
        label: field.label,
        required: field.required ?? true,
        value: 'value' in field ? (field.value ?? undefined) : undefined,
      })),
    },
  };
}
