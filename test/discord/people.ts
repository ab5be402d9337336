// What people do: commands, buttons, menus, modals and words, as far as Discord's client would let them.
import { ComponentType, InteractionType, TextInputStyle } from 'discord-api-types/v10';
import { type OptionValues, shapeCommand } from './commands-of-people.ts';
import type { Interaction } from './interaction.ts';
import { failureOf, interact } from './interactions.ts';
import { deleteMessage, editMessage, writeMessage } from './messages.ts';
import { may } from './permissions.ts';
import { checkWritable } from './threads.ts';
import { editedMessage, sentMessage } from './validate-message.ts';
import { modalFields } from './validate-modal.ts';
import type { Channel, Message, User, World } from './world.ts';

export type Words = {
  readonly mention?: boolean;
  readonly replyTo?: string /** Whether a reply notifies; it does unless told. */;
  readonly ping?: boolean;
};

/** Each act throws where the client would not offer it: a button that is not there, a command nobody registered. */
export function makePerson(world: World, user: User) {
  const channelOf = (id: string): Channel => {
    const channel = world.channels.get(id);
    if (!channel || !may(world, channel, user.id, 'ViewChannel')) throw new Error(`${user.name} sees no channel ${id}`);
    return channel;
  };
  const visible = (id: string): Message => {
    for (const channel of world.channels.values()) {
      const message = channel.messages.find((one) => one.id === id && !one.deleted);
      if (message && (message.ephemeralFor ?? user.id) === user.id && channelOf(channel.id)) return message;
    }
    throw new Error(`${user.name} sees no message ${id}`);
  };
  const actOn = (message: Message, data: unknown) =>
    interact(world, {
      type: InteractionType.MessageComponent,
      user,
      channel: channelOf(message.channelId),
      message,
      data,
    });

  return {
    id: user.id,
    name: user.name,
    command: (channelId: string, name: string, values: OptionValues = {}): Interaction => {
      const channel = channelOf(channelId);
      if (channel.kind !== 'dm' && !may(world, channel, user.id, 'UseApplicationCommands'))
        throw new Error(`${user.name} may not use commands here`);
      return interact(world, {
        type: InteractionType.ApplicationCommand,
        user,
        channel,
        data: shapeCommand(world, user, channel, name, values),
      });
    },
    /** What is offered while `typed` stands in the option. */
    autocomplete: (
      channelId: string,
      name: string,
      option: string,
      typed: string,
      values: OptionValues = {},
    ): Interaction => {
      const channel = channelOf(channelId);
      const data = shapeCommand(world, user, channel, name, { ...values, [option]: typed }, option);
      return interact(world, { type: InteractionType.ApplicationCommandAutocomplete, user, channel, data });
    },
    /** By custom id or label. */
    press: (messageId: string, which: string): Interaction => {
      const message = visible(messageId);
      const buttons = message.components.flatMap((row) =>
        row.components.flatMap((part) => (part.type === ComponentType.Button ? [part] : [])),
      );
      const button = buttons.find((one) => one.custom_id === which) ?? buttons.find((one) => one.label === which);
      if (!button)
        throw new Error(
          `there is no button "${which}"; there are ${buttons.map(({ label }) => `"${label}"`).join(', ') || 'none'}`,
        );
      if (button.disabled || button.custom_id === undefined) throw new Error(`the button "${which}" cannot be pressed`);
      return actOn(message, { component_type: button.type, custom_id: button.custom_id });
    },
    select: (messageId: string, customId: string, choose: readonly string[]): Interaction => {
      const message = visible(messageId);
      const menu = message.components
        .flatMap((row) => row.components)
        .find((part) => part.type !== ComponentType.Button && part.custom_id === customId);
      if (!menu || menu.type === ComponentType.Button || menu.disabled)
        throw new Error(`there is no menu "${customId}" to use`);
      if (choose.length < (menu.min_values ?? 1) || choose.length > (menu.max_values ?? 1))
        throw new Error(`"${customId}" takes another number of values`);
      if (
        menu.type === ComponentType.StringSelect &&
        choose.some((value) => !menu.options.some((one) => one.value === value))
      )
        throw new Error(`"${customId}" does not offer ${choose.join(', ')}`);
      return actOn(message, { component_type: menu.type, custom_id: customId, values: choose });
    },
    /** Of the modal that the interaction showed; fields by custom id, empty ones left out. */
    submitModal: (shownBy: string, values: Readonly<Record<string, string>>): Interaction => {
      const source = world.interactions.get(shownBy);
      if (!source?.modal || source.userId !== user.id) throw new Error(`${user.name} was shown no modal by ${shownBy}`);
      const { modal } = source;
      const fields = modalFields(modal);
      const unknown = Object.keys(values).filter((id) => !fields.some((field) => field.custom_id === id));
      if (unknown.length > 0) throw new Error(`the modal has no field ${unknown.join(', ')}`);
      const shaped = fields.map((field) => {
        const value = values[field.custom_id] ?? ('value' in field ? (field.value ?? '') : '');
        if (field.type !== ComponentType.TextInput)
          return { type: field.type, custom_id: field.custom_id, values: value === '' ? [] : [value] };
        if (
          value === ''
            ? (field.required ?? true)
            : value.length < (field.min_length ?? 0) || value.length > (field.max_length ?? 4000)
        )
          throw new Error(`the field ${field.custom_id} is empty, too short or too long`);
        if (field.style === TextInputStyle.Short && value.includes('\n'))
          throw new Error(`the field ${field.custom_id} has one line`);
        return { type: field.type, custom_id: field.custom_id, value };
      });
      const old = modal.components.some(({ type }) => type === ComponentType.ActionRow);
      const components = shaped.map((field) =>
        old ? { type: ComponentType.ActionRow, components: [field] } : { type: ComponentType.Label, component: field },
      );
      const channel = channelOf(source.channelId);
      const message = channel.messages.find(({ id }) => id === source.messageId);
      return interact(world, {
        type: InteractionType.ModalSubmit,
        user,
        channel,
        message,
        data: { custom_id: modal.custom_id, components },
      });
    },
    /** The id of the message. */
    say: (channelId: string, text: string, { mention, replyTo, ping = true }: Words = {}): string => {
      const channel = channelOf(channelId);
      if (!may(world, channel, user.id, channel.kind === 'thread' ? 'SendMessagesInThreads' : 'SendMessages'))
        throw new Error(`${user.name} may not write here`);
      if (channel.kind === 'thread') checkWritable(world, channel, user.id);
      const content = mention ? `<@${world.application.bot.id}> ${text}` : text;
      const sent = sentMessage.parse({
        content,
        ...(replyTo !== undefined && {
          message_reference: { message_id: replyTo },
          allowed_mentions: { parse: ['users', 'roles', 'everyone'], replied_user: ping },
        }),
      });
      return writeMessage(world, sent, { channel, authorId: user.id }).id;
    },
    edit: (messageId: string, text: string): void => {
      const message = visible(messageId);
      if (message.authorId !== user.id) throw new Error(`${user.name} did not write that`);
      editMessage(world, message, editedMessage.parse({ content: text }));
    },
    /** One's own, or as who manages messages; a message for oneself alone is dismissed. */
    remove: (messageId: string): void => {
      const message = visible(messageId);
      const channel = channelOf(message.channelId);
      if (
        message.authorId !== user.id &&
        message.ephemeralFor !== user.id &&
        !may(world, channel, user.id, 'ManageMessages')
      )
        throw new Error(`${user.name} may not delete that`);
      deleteMessage(world, message);
    },
    /** The channel's id. */
    openDirect: (): string => {
      const known = [...world.channels.values()].find((one) => one.kind === 'dm' && one.recipientId === user.id);
      const channel: Channel = known ?? { kind: 'dm', id: world.newId(), recipientId: user.id, messages: [] };
      world.channels.set(channel.id, channel);
      return channel.id;
    },
    /** What this person sees in the channel. */
    visibleMessages: (channelId: string): readonly Message[] =>
      channelOf(channelId).messages.filter((one) => !one.deleted && (one.ephemeralFor ?? user.id) === user.id),
  };
}

/** When the bot answered, or Discord says that it did not. */
export function settled(world: World, interaction: Interaction): boolean {
  return interaction.acknowledgement !== undefined || failureOf(world, interaction) !== undefined;
}
