// The real client on the tests' own Discord.
import {
  ApplicationCommandOptionType,
  Client,
  type ClientOptions,
  Events,
  GatewayIntentBits,
  type Message,
  type MessageCreateOptions,
  Partials,
  type TextChannel,
} from 'discord.js';
import { type DiscordOptions, type DiscordServer, startDiscord } from './start.ts';

export const doCommand = {
  name: 'do',
  description: 'Do something.',
  options: [
    {
      type: ApplicationCommandOptionType.String,
      name: 'request',
      description: 'What to do.',
      required: true,
      autocomplete: true,
    },
  ],
} as const;

/** Its limits are not in the way of tests that are about something else. */
export async function openDiscord(options: DiscordOptions = {}): Promise<DiscordServer> {
  return await startDiscord({ limits: 'generous', ...options });
}

type More = Partial<ClientOptions> & { readonly token?: string };

export async function connect(server: DiscordServer, { token = server.token, ...more }: More = {}) {
  const made = new Client({
    intents: [GatewayIntentBits.Guilds, GatewayIntentBits.GuildMessages, GatewayIntentBits.DirectMessages],
    partials: [Partials.Channel, Partials.Message],
    // One that identifies again would otherwise wait five seconds.
    ws: { buildIdentifyThrottler: async () => ({ waitForIdentify: async () => {} }) },
    ...more,
    rest: { api: server.apiUrl, offset: 0, ...more.rest },
  });
  const ready = new Promise<Client<true>>((resolve) => made.once(Events.ClientReady, resolve));
  try {
    await made.login(token);
  } catch (error) {
    await made.destroy();
    throw error;
  }
  const client = await ready;
  const channel = async (name: string): Promise<TextChannel> => {
    const found = await client.channels.fetch(server.channel(name).id);
    if (found?.isTextBased() && 'threads' in found && !found.isThreadOnly()) return found as TextChannel;
    throw new Error(`no text channel ${name}`);
  };
  return {
    client,
    channel,
    say: async (name: string, message: MessageCreateOptions): Promise<Message> =>
      await (await channel(name)).send(message),
    [Symbol.asyncDispose]: () => client.destroy(),
  };
}
