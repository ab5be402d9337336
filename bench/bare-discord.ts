// A bare discord.js client that acknowledges every click and does nothing else: what the library and the loopback cost alone.
// `node bench/bare-discord.ts <api> <token> <channel>` posts one message with a button and prints `ready`.
import { once } from 'node:events';
import { Client, GatewayIntentBits } from 'discord.js';

const [api = '', token = '', channel = ''] = process.argv.slice(2);
const client = new Client({ intents: [GatewayIntentBits.Guilds], rest: { api } });
client.on('interactionCreate', (interaction) => {
  if (interaction.isButton()) void interaction.deferUpdate();
});
const ready = once(client, 'clientReady');
await client.login(token);
await ready;
const button = { type: 2, style: 1, label: 'Press', custom_id: 'press' };
await client.rest.post(`/channels/${channel}/messages`, {
  body: { content: 'press', components: [{ type: 1, components: [button] }] },
});
process.stdout.write('ready\n');
