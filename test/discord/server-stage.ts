// The real client on the tests' own Discord.
import {
  ApplicationCommandOptionType,
  ChannelType,
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

type Place = Pick<DiscordServer, 'apiUrl' | 'token'>;
type More = Partial<ClientOptions> & { readonly token?: string };

export async function connect(server: DiscordServer, more: More = {}) {
  const { client, ...rest } = await connectTo(server, more);
  const channel = async (name: string): Promise<TextChannel> => {
    const found = await client.channels.fetch(server.channel(name).id);
    if (found?.type === ChannelType.GuildText) return found;
    throw new Error(`no text channel ${name}`);
  };
  return {
    client,
    channel,
    say: async (name: string, message: MessageCreateOptions): Promise<Message> =>
      await (await channel(name)).send(message),
    ...rest,
  };
}

/** Wherever that server is. */
export async function connectTo(server: Place, { token = server.token, ...more }: More = {}) {
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
  return {
    client,
    [Symbol.asyncDispose]: () => client.destroy(),
  };
}

/** A request as a careless client would make it, past all that the library checks. */
export async function ask(server: Place, method: string, path: string, body?: unknown, token = server.token) {
  const response = await fetch(`${server.apiUrl}/v10${path}`, {
    method,
    headers: {
      authorization: `Bot ${token}`,
      ...(!(body instanceof FormData) && { 'content-type': 'application/json' }),
    },
    ...(body !== undefined && { body: body instanceof FormData ? body : JSON.stringify(body) }),
  });
  const said = await response.text();
  return { status: response.status, headers: response.headers, body: said === '' ? undefined : parse(said) };
}

export function form(
  payload: unknown,
  ...files: readonly { readonly name: string; readonly text: string }[]
): FormData {
  const data = new FormData();
  data.append('payload_json', JSON.stringify(payload));
  for (const [place, { name, text }] of files.entries()) data.append(`files[${place}]`, new Blob([text]), name);
  return data;
}

function parse(text: string): unknown {
  return JSON.parse(text);
}
