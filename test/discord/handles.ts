// What a test holds in its hands: a person, a channel, an interaction; the same whether the server is in its process or not.
import { MessageType } from 'discord-api-types/v10';
import type { OptionValues } from './commands-of-people.ts';
import type { Interaction } from './interaction.ts';
import { makePerson, settled, type Words } from './people.ts';
import { findChannel } from './scene.ts';
import { type SeenInteraction, type SeenMessage, seeInteraction, seeMessage } from './seen.ts';
import type { User, World } from './world.ts';

export type InteractionHandle = SeenInteraction & {
  /** Undefined when nobody answered in time: then `failure` says what the person was shown. */
  readonly acknowledgedAfterMs: number | undefined;
  /** As it is once the condition holds. */
  until(condition: (seen: InteractionHandle) => boolean, what?: string, timeoutMs?: number): Promise<InteractionHandle>;
};

/** By id or name; the channel `general` unless told. */
export type Where = { readonly in?: string };

export type PersonHandle = {
  readonly id: string;
  readonly name: string;
  /** Resolves once the bot acknowledged it, or Discord says that it did not. So do all acts. */
  command(name: string, values?: OptionValues, where?: Where): Promise<InteractionHandle>;
  autocomplete(name: string, option: string, typed: string, where?: Where): Promise<InteractionHandle>;
  press(messageId: string, customIdOrLabel: string): Promise<InteractionHandle>;
  select(messageId: string, customId: string, values: readonly string[]): Promise<InteractionHandle>;
  submitModal(shownBy: string, values: Readonly<Record<string, string>>): Promise<InteractionHandle>;
  /** The message's id. */
  say(channel: string, text: string, words?: Words): Promise<string>;
  edit(messageId: string, text: string): Promise<void>;
  remove(messageId: string): Promise<void>;
  /** The id of the channel between the bot and this person. */
  openDirect(): Promise<string>;
  messages(channel: string): Promise<readonly SeenMessage[]>;
};

export type ChannelHandle = {
  readonly id: string;
  /** What everybody sees, oldest first. */
  messages(): Promise<readonly SeenMessage[]>;
  /** Also what was deleted, and what one person alone sees. */
  everything(): Promise<readonly SeenMessage[]>;
  /** The first visible message that fits, once there is one. */
  until(fits: (message: SeenMessage) => boolean, what?: string, timeoutMs?: number): Promise<SeenMessage>;
};

function handleInteraction(world: World, interaction: Interaction): InteractionHandle {
  const see = () => seeInteraction(world, interaction);
  const handle: InteractionHandle = {
    id: interaction.id,
    type: interaction.type,
    get acknowledgement() {
      return interaction.acknowledgement;
    },
    get acknowledgedAfterMs() {
      return interaction.acknowledgement?.afterMs;
    },
    get failure() {
      return see().failure;
    },
    get replies() {
      return see().replies;
    },
    get modal() {
      return see().modal;
    },
    get choices() {
      return interaction.choices;
    },
    until: async (condition, what = 'what an interaction brings', timeoutMs) => {
      await world.signal.until(() => condition(handle), what, timeoutMs);
      return handle;
    },
  };
  return handle;
}

export function handlePerson(world: World, user: User): PersonHandle {
  const person = makePerson(world, user);
  const idOf = (which = 'general') => findChannel(world, which).id;
  const act = async (start: () => Interaction): Promise<InteractionHandle> => {
    const interaction = start();
    await world.signal.until(() => settled(world, interaction), 'an acknowledgement', 60_000);
    return handleInteraction(world, interaction);
  };
  return {
    id: person.id,
    name: person.name,
    command: (name, values, where) => act(() => person.command(idOf(where?.in), name, values)),
    autocomplete: (name, option, typed, where) => act(() => person.autocomplete(idOf(where?.in), name, option, typed)),
    press: (messageId, which) => act(() => person.press(messageId, which)),
    select: (messageId, customId, values) => act(() => person.select(messageId, customId, values)),
    submitModal: (shownBy, values) => act(() => person.submitModal(shownBy, values)),
    say: async (channel, text, words) => person.say(idOf(channel), text, words),
    edit: async (messageId, text) => person.edit(messageId, text),
    remove: async (messageId) => person.remove(messageId),
    openDirect: async () => person.openDirect(),
    messages: async (channel) => person.visibleMessages(idOf(channel)).map((one) => seeMessage(world, one)),
  };
}

export function handleChannel(world: World, which: string): ChannelHandle {
  const channel = findChannel(world, which);
  // A thread's first message only points at the one it hangs on.
  const all = () =>
    channel.messages
      .filter(({ type }) => type !== MessageType.ThreadStarterMessage)
      .map((one) => seeMessage(world, one));
  const visible = () => all().filter(({ deleted, ephemeral }) => !deleted && !ephemeral);
  return {
    id: channel.id,
    messages: async () => visible(),
    everything: async () => all(),
    until: (fits, what = `a message in ${which}`, timeoutMs) =>
      world.signal.until(() => visible().find(fits), what, timeoutMs),
  };
}
