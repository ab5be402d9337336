// Commands, buttons, menus and forms: acknowledged at once, for Discord waits three seconds, and handed over at the same time.
import type { APIApplicationCommandOptionChoice, APIInteractionResponse, REST } from 'discord.js';
import { InteractionResponseType, MessageFlags, RESTJSONErrorCodes, Routes } from 'discord.js';
import type { Logger } from 'pino';
import { makeRecent } from '../../core/chat/recent.ts';
import type { ChatHandlers, HandledIncoming, Incoming, Person } from '../../core/ports/chat.ts';
import type { Admission } from './admission.ts';
import { stranger } from './admission.ts';
import type { Answers } from './answers.ts';
import { isOneOf, toChiffonError } from './api-error.ts';
import { formOf } from './forms.ts';
import { contentOfAct } from './interaction-content.ts';
import type { Places } from './places.ts';
import type { Interaction } from './read-interaction.ts';
import { readInteraction } from './read-interaction.ts';
import { sentAtMs } from './reference.ts';
import { suggestionsFor } from './slash-commands.ts';
import { label as harmless } from './views/markup.ts';

type Parts = {
  readonly rest: REST;
  readonly places: Places;
  readonly answers: Answers;
  readonly handle: (incoming: Incoming) => Promise<HandledIncoming>;
  readonly suggest: ChatHandlers['suggest'];
  readonly admission: Admission;
  readonly nowMs: () => number;
  readonly log: Logger;
};

const alone = MessageFlags.Ephemeral;
const rememberedAtMost = 5_000;
const choices = { atMost: 25, charactersAtMost: 100 };
const suggestMs = 2_000;
/** Twice that is what Discord waits. */
const acknowledgeWithinMs = 1_400;
const unknownButton = 'That is of another version of Chiffon and does nothing any more. `/status` shows what is open.';
const broken = 'Chiffon could not take that. Look at `/status` before you try again.';

export function makeInteractions(parts: Parts) {
  const { answers, log } = parts;
  const seen = makeRecent<true>(rememberedAtMost);

  return async (payload: unknown): Promise<void> => {
    const interaction = readInteraction(payload);
    // Discord may say it again, e.g. after a resume.
    if (interaction === null || seen.has(interaction.id)) return;
    seen.set(interaction.id, true);
    const { act } = interaction;
    if (act.type === 'typing') return suggest(interaction, act);
    const whyNot = parts.admission.whyNot(interaction.guild);
    if (whyNot !== null) return void (await acknowledge(interaction, privately(whyNot)));
    const form = act.type === 'component' && act.id !== null ? formOf(act.id, act.about) : null;
    if (form !== null)
      return void (await acknowledge(interaction, { type: InteractionResponseType.Modal, data: form }));
    const content = contentOfAct(act);
    if (content === null) return void (await acknowledge(interaction, privately(unknownButton)));
    const thinks = act.type !== 'component';
    const acknowledged = acknowledge(
      interaction,
      thinks
        ? { type: InteractionResponseType.DeferredChannelMessageWithSource, data: { flags: alone } }
        : { type: InteractionResponseType.DeferredMessageUpdate },
    );
    const { id, applicationId, token, channel } = interaction;
    answers.asked(id, {
      ...{ type: 'interaction', applicationId, token, channel, thinks, acknowledged },
      atMs: Math.min(sentAtMs(id), parts.nowMs()),
    });
    try {
      await take(interaction, content, thinks);
    } catch (error) {
      // Nobody is left with "is thinking", or with a button that seems to have done nothing.
      if (!answers.isAnswered(id)) await answers.say(id, broken);
      throw error;
    }
  };

  async function take(interaction: Interaction, content: Incoming['content'], thinks: boolean): Promise<void> {
    const { id, channel } = interaction;
    const person = await admitted(interaction);
    if (person === null) return answers.say(id, stranger);
    const where = await parts.places.where(channel);
    const sentAt = new Date(sentAtMs(id)).toISOString();
    const handled = await parts.handle({ ...where, person, messageId: id, sentAt, content });
    if (thinks && !answers.isAnswered(id)) await answers.say(id, taken(content, handled));
  }

  async function admitted({ guild, person }: Interaction): Promise<Person | null> {
    return guild === null ? parts.admission.inDirect(person) : person;
  }

  /** Whether Discord took it. Straight to Discord, for it has no limit of its own and cannot wait. */
  async function acknowledge({ id, token }: Interaction, body: APIInteractionResponse): Promise<boolean> {
    const send = () => {
      const options = { body, auth: false, signal: AbortSignal.timeout(acknowledgeWithinMs) };
      return parts.rest.post(Routes.interactionCallback(id, token), options);
    };
    try {
      await send().catch((error: unknown) => {
        if (isOneOf(error, final)) throw error;
        return send();
      });
      return true;
    } catch (error) {
      if (isOneOf(error, [RESTJSONErrorCodes.InteractionHasAlreadyBeenAcknowledged])) return true;
      log.warn({ err: toChiffonError(error) }, 'an interaction could not be acknowledged; its effect stands');
      return false;
    }
  }

  async function suggest(
    interaction: Interaction,
    { name, option, typed }: Extract<Interaction['act'], { type: 'typing' }>,
  ): Promise<void> {
    const about = suggestionsFor(name, option);
    const look = async () =>
      about === null || parts.admission.whyNot(interaction.guild) !== null || (await admitted(interaction)) === null
        ? []
        : parts.suggest(about, typed);
    const found = await withinTime(look()).catch(() => []);
    const offered: APIApplicationCommandOptionChoice[] = [];
    for (const { label, value } of found) {
      const choice = option === 'task' ? Number(/\d+/.exec(value)?.[0] ?? Number.NaN) : value;
      const isFit =
        typeof choice === 'number' ? Number.isSafeInteger(choice) : choice.length <= choices.charactersAtMost;
      if (!isFit || choice === '' || harmless(label, 1) === '' || offered.length >= choices.atMost) continue;
      offered.push({ name: harmless(label, choices.charactersAtMost), value: choice });
    }
    await acknowledge(interaction, {
      ...{ type: InteractionResponseType.ApplicationCommandAutocompleteResult, data: { choices: offered } },
    });
  }
}

const final = [
  RESTJSONErrorCodes.InteractionHasAlreadyBeenAcknowledged,
  RESTJSONErrorCodes.UnknownInteraction,
  RESTJSONErrorCodes.InvalidFormBodyOrContentType,
];

function privately(content: string): APIInteractionResponse {
  return { type: InteractionResponseType.ChannelMessageWithSource, data: { content, flags: alone } };
}

/** What stands in the place of "is thinking" when nothing else was said. */
function taken(content: Incoming['content'], { task }: HandledIncoming): string {
  if (content.type === 'request')
    return task === null ? 'There was nothing in it to plan.' : `#${task} is being planned.`;
  if (content.type === 'button') return `#${content.task} is being planned again.`;
  if (content.type === 'answer') return `The answer goes to #${content.task}.`;
  return task === null ? 'Done.' : `#${task}: done.`;
}

async function withinTime<T>(work: Promise<T>): Promise<T> {
  const { promise: late, reject } = Promise.withResolvers<never>();
  const timer = setTimeout(() => reject(new Error('too slow')), suggestMs);
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}
