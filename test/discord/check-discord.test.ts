// What doctor and a start say of Discord's settings, each with what to do.
import { expect, it } from 'vitest';
import { checkDiscord } from '../../adapters/discord/check-discord.ts';
import type { DiscordServer } from './start.ts';
import { startDiscord } from './start.ts';

const check = (discord: DiscordServer, changes: { readonly token?: string; readonly guildId?: string } = {}) =>
  checkDiscord({ token: discord.token, apiUrl: discord.apiUrl, guildId: discord.guild.id, ...changes });

it('what is well is said so, and nothing is changed by looking', async () => {
  await using discord = await startDiscord();
  expect(await check(discord)).toEqual({
    type: 'ready',
    sentence: 'Discord takes the token, of chiffon, in Home.',
    notes: [],
  });
  expect(discord.requests.every(({ route }) => route.startsWith('GET'))).toBe(true);
  discord.assertNoViolations();
});

it('without a server named, it is advised to name one', async () => {
  await using discord = await startDiscord();
  const found = await checkDiscord({ token: discord.token, apiUrl: discord.apiUrl });
  expect(found.type === 'ready' && found.notes.join()).toContain('DISCORD_GUILD_ID');
});

it('a bad token is named, and is not in the sentence', async () => {
  await using discord = await startDiscord();
  for (const token of ['MTA.another.token', 'two words', 'with\nbreak', '']) {
    const found = await check(discord, { token });
    expect(found).toMatchObject({ type: 'bad-token', sentence: expect.stringContaining('DISCORD_TOKEN') });
    if (token !== '') expect(found.sentence).not.toContain(token);
  }
});

it('clicks that go to an Interactions Endpoint URL are named', async () => {
  await using discord = await startDiscord();
  discord.application.interactionsEndpointUrl = 'https://example.org/interactions';
  expect(await check(discord)).toMatchObject({
    type: 'clicks-diverted',
    sentence: expect.stringContaining('Interactions Endpoint URL'),
  });
});

it('a server that is not there, or is no id, is named', async () => {
  await using discord = await startDiscord();
  expect(await check(discord, { guildId: '111111111111111111' })).toMatchObject({
    type: 'guild-refused',
    sentence: expect.stringContaining('https://discord.com/oauth2/authorize?client_id='),
  });
  expect(await check(discord, { guildId: 'Home' })).toMatchObject({ type: 'bad-guild' });
});

it('each permission that is missing is named', async () => {
  await using discord = await startDiscord({ botPermissions: ['ViewChannel'] });
  for (const role of discord.guild.roles.values()) if (!role.managed) role.permissions = 0n;
  const found = await check(discord);
  expect(found).toMatchObject({ type: 'not-permitted' });
  expect(found.sentence).toContain(
    'lacks Send Messages, Send Messages in Threads, Create Public Threads, Attach Files, Read Message History',
  );
});

it('a Discord that is away is said to be', async () => {
  await using discord = await startDiscord();
  await discord.stop();
  expect(await check(discord)).toMatchObject({ type: 'unreachable' });
});
