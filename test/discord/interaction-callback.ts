// How the bot acknowledges an interaction: once, within three seconds, with an answer that fits what the person did.
import {
  InteractionResponseType,
  InteractionType,
  MessageFlags,
  MessageType,
  RESTJSONErrorCodes,
} from 'discord-api-types/v10';
import { z } from 'zod';
import { ApiError, formError, parseForm, unknownChannel } from './api-error.ts';
import { apiMessage } from './api-message.ts';
import { acknowledgeWithinMs, type Interaction } from './interaction.ts';
import { editMessage, writeMessage } from './messages.ts';
import type { Upload } from './multipart.ts';
import { checkFlags, editedMessage, parseSent, sentMessage } from './validate-message.ts';
import { autocompleteResult, modal } from './validate-modal.ts';
import type { Message, World } from './world.ts';

const reply = InteractionResponseType.ChannelMessageWithSource;
const deferredReply = InteractionResponseType.DeferredChannelMessageWithSource;
const deferredUpdate = InteractionResponseType.DeferredMessageUpdate;
const update = InteractionResponseType.UpdateMessage;
const result = InteractionResponseType.ApplicationCommandAutocompleteResult;
const showModal = InteractionResponseType.Modal;

const callback = z.object({
  type: z.literal([reply, deferredReply, deferredUpdate, update, result, showModal]),
  data: z.unknown().optional(),
});
const deferral = z.object({ flags: z.int().optional() }).optional();

/** What `with_response` asks for. */
export function acknowledge(world: World, id: string, token: string, body: unknown, files: readonly Upload[]): unknown {
  const interaction = world.interactions.get(id);
  if (interaction?.token !== token) throw unknownInteraction('an interaction that does not exist is acknowledged');
  const afterMs = world.clock.now() - interaction.createdMs;
  if (afterMs > acknowledgeWithinMs && !interaction.acknowledgement)
    throw unknownInteraction(`acknowledged after ${afterMs} ms`);
  if (interaction.acknowledgement)
    throw new ApiError(
      400,
      RESTJSONErrorCodes.InteractionHasAlreadyBeenAcknowledged,
      'Interaction has already been acknowledged.',
      {
        violation: 'an interaction is acknowledged a second time',
      },
    );
  const { type, data } = parseForm(callback, body);
  if (!fits(interaction, type))
    throw formError(['type'], 'INTERACTION_RESPONSE_TYPE_INVALID', `type ${type} does not answer this interaction`);
  const message = inDataField(() => apply(world, interaction, type, data, files));
  interaction.acknowledgement = { type, afterMs };
  world.signal.tell();
  return {
    interaction: {
      id,
      type: interaction.type,
      ...(message && {
        response_message_id: message.id,
        response_message_loading: (message.flags & MessageFlags.Loading) !== 0,
        response_message_ephemeral: message.ephemeralFor !== undefined,
      }),
    },
    resource: { type, ...(message && { message: apiMessage(world, message) }) },
  };
}

function fits({ type, messageId }: Interaction, answer: InteractionResponseType): boolean {
  if (type === InteractionType.ApplicationCommandAutocomplete) return answer === result;
  if (answer === result) return false;
  if (answer === showModal) return type !== InteractionType.ModalSubmit;
  return answer === deferredUpdate || answer === update ? messageId !== undefined : true;
}

function apply(
  world: World,
  interaction: Interaction,
  type: z.infer<typeof callback>['type'],
  data: unknown,
  files: readonly Upload[],
): Message | undefined {
  switch (type) {
    case reply:
      return firstReply(world, interaction, parseSent(data), files);
    case deferredReply: {
      const flags = parseForm(deferral, data)?.flags ?? 0;
      return firstReply(world, interaction, sentMessage.parse({ flags: checkFlags(flags) }), [], true);
    }
    case deferredUpdate:
      interaction.originalId = interaction.messageId;
      return messageOf(world, interaction, interaction.messageId);
    case update: {
      const message = messageOf(world, interaction, interaction.messageId);
      interaction.originalId = message?.id;
      if (message) editMessage(world, message, parseForm(editedMessage, data), files);
      return message;
    }
    case result:
      interaction.choices = parseForm(autocompleteResult, data).choices;
      return undefined;
    case showModal:
      interaction.modal = parseForm(modal, data);
      return undefined;
  }
}

function firstReply(
  world: World,
  interaction: Interaction,
  sent: z.infer<typeof sentMessage>,
  files: readonly Upload[],
  loading?: true,
) {
  const message = writeReply(world, interaction, sent, files, loading);
  interaction.originalId = message.id;
  return message;
}

/** A message by an interaction's token; with the flag for it, one that only that person sees. */
export function writeReply(
  world: World,
  interaction: Interaction,
  sent: z.infer<typeof sentMessage>,
  files: readonly Upload[],
  loading?: true,
): Message {
  const channel = world.channels.get(interaction.channelId);
  if (!channel) throw unknownChannel();
  const isFirst = interaction.originalId === undefined;
  const message = writeMessage(world, sent, {
    channel,
    authorId: world.application.bot.id,
    files,
    interactionId: interaction.id,
    ephemeralFor: ((sent.flags ?? 0) & MessageFlags.Ephemeral) === 0 ? undefined : interaction.userId,
    ...(isFirst && interaction.type === InteractionType.ApplicationCommand && { type: MessageType.ChatInputCommand }),
    ...(loading && { loading }),
  });
  interaction.replyIds.push(message.id);
  return message;
}

/** Also one that the bot's own token does not reach. */
export function messageOf(world: World, interaction: Interaction, id: string | undefined): Message | undefined {
  return world.channels.get(interaction.channelId)?.messages.find((one) => one.id === id && !one.deleted);
}

function unknownInteraction(violation: string): ApiError {
  return new ApiError(404, RESTJSONErrorCodes.UnknownInteraction, 'Unknown interaction', { violation });
}

/** The errors of a reply's fields stand below `data`. */
function inDataField<T>(work: () => T): T {
  try {
    return work();
  } catch (error) {
    if (!(error instanceof ApiError) || !error.errors) throw error;
    const { status, code, message, errors, violation } = error;
    throw new ApiError(status, code, message, { errors: { data: errors }, ...(violation && { violation }) });
  }
}
