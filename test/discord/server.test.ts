// The tests' own Discord, driven by the real client: what it answers, and that it holds Discord's rules against who breaks them.
import {
  ButtonStyle,
  type Client,
  ComponentType,
  Events,
  type Interaction,
  MessageFlags,
  TextInputStyle,
} from 'discord.js';
import { describe, expect, it, vi } from 'vitest';
import { connect, doCommand, openDiscord } from './server-stage.ts';

describe('a client', () => {
  it('logs in, is ready, and knows its guild', async () => {
    await using server = await openDiscord();
    await using bot = await connect(server);
    expect(bot.client.user?.id).toBe(server.application.id);
    const guild = await bot.client.guilds.fetch(server.guild.id);
    expect(guild.channels.cache.map(({ name }) => name).sort()).toEqual(['general', 'ops']);
    server.assertNoViolations();
  });

  it('with a wrong token is told so', async () => {
    await using server = await openDiscord();
    await expect(connect(server, { token: 'MTA.test.wrong' })).rejects.toThrow(/token/);
  });
});

describe('a person', () => {
  it('uses a command, and sees the reply that is for nobody else', async () => {
    await using server = await openDiscord();
    await using bot = await connect(server);
    await offer(bot.client);
    answer(bot.client, async (interaction) => {
      if (interaction.isChatInputCommand())
        await interaction.reply({
          content: `so: ${interaction.options.getString('request')}`,
          flags: MessageFlags.Ephemeral,
        });
    });
    const done = await server.person('ada').command('do', { request: 'update the hosts' });
    expect(done.acknowledgedAfterMs).toBeLessThan(3_000);
    expect(done.replies).toMatchObject([{ content: 'so: update the hosts', ephemeral: true }]);
    expect(await server.channel('general').messages()).toEqual([]);
    server.assertNoViolations();
  });

  it('sees what the bot makes of a deferred reply', async () => {
    await using server = await openDiscord();
    await using bot = await connect(server);
    await offer(bot.client);
    answer(bot.client, async (interaction) => {
      if (!interaction.isChatInputCommand()) return;
      await interaction.deferReply();
      await interaction.editReply('later');
      await interaction.followUp('and more');
    });
    const done = await server.person('ada').command('do', { request: 'x' });
    await done.until(({ replies }) => replies.length === 2);
    expect(done.replies.map(({ content, loading }) => ({ content, loading }))).toEqual([
      { content: 'later', loading: false },
      { content: 'and more', loading: false },
    ]);
    server.assertNoViolations();
  });

  it('presses a button, which updates the message', async () => {
    await using server = await openDiscord();
    await using bot = await connect(server);
    const message = await bot.say('ops', { content: 'a plan', components: [approve] });
    answer(bot.client, async (interaction) => {
      if (interaction.isButton())
        await interaction.update({
          content: `${interaction.customId} by ${interaction.user.username}`,
          components: [],
        });
    });
    const pressed = await server.person('ada').press(message.id, 'Approve');
    expect(pressed.acknowledgement?.type).toBe(7);
    const [seen] = await server.channel('ops').messages();
    expect(seen).toMatchObject({ content: 'approve:1 by ada', buttons: [], edits: [{ content: 'a plan' }] });
    await expect(server.person('ada').press(message.id, 'Approve')).rejects.toThrow('no button');
    server.assertNoViolations();
  });

  it('cannot press what is greyed out, or what others alone see', async () => {
    await using server = await openDiscord();
    await using bot = await connect(server);
    await offer(bot.client);
    const off = { ...approve, components: [{ ...approve.components[0], disabled: true }] };
    const message = await bot.say('ops', { content: 'done', components: [off] });
    await expect(server.person('ada').press(message.id, 'Approve')).rejects.toThrow('cannot be pressed');
    answer(bot.client, async (interaction) => {
      if (interaction.isChatInputCommand())
        await interaction.reply({ content: 'for you', components: [approve], flags: MessageFlags.Ephemeral });
    });
    const done = await server.person('ada').command('do', { request: 'x' });
    await expect(server.person('bob').press(done.replies[0]?.id ?? '', 'Approve')).rejects.toThrow('sees no message');
    server.assertNoViolations();
  });

  it('fills in a modal that a button showed', async () => {
    await using server = await openDiscord();
    await using bot = await connect(server);
    const message = await bot.say('ops', { content: 'a plan', components: [approve] });
    answer(bot.client, async (interaction) => {
      if (interaction.isButton())
        await interaction.showModal({
          customId: 'change',
          title: 'Change it',
          components: [
            {
              type: ComponentType.ActionRow,
              components: [
                {
                  type: ComponentType.TextInput,
                  customId: 'text',
                  label: 'What',
                  style: TextInputStyle.Paragraph,
                  maxLength: 20,
                },
              ],
            },
          ],
        });
      if (interaction.isModalSubmit()) {
        await interaction.deferUpdate();
        await interaction.editReply({ content: interaction.fields.getTextInputValue('text') });
      }
    });
    const ada = server.person('ada');
    const pressed = await ada.press(message.id, 'approve:1');
    expect(pressed.modal).toMatchObject({ title: 'Change it', fields: [{ customId: 'text', required: true }] });
    await expect(ada.submitModal(pressed.id, { text: 'x'.repeat(21) })).rejects.toThrow('too long');
    await ada.submitModal(pressed.id, { text: 'two hosts\nonly' });
    await server.channel('ops').until(({ content }) => content === 'two hosts\nonly');
    server.assertNoViolations();
  });

  it('is offered choices while typing', async () => {
    await using server = await openDiscord();
    await using bot = await connect(server);
    await offer(bot.client);
    answer(bot.client, async (interaction) => {
      if (interaction.isAutocomplete())
        await interaction.respond([{ name: `${interaction.options.getFocused()}loy`, value: 'deploy' }]);
    });
    const typed = await server.person('ada').autocomplete('do', 'request', 'dep');
    expect(typed.choices).toEqual([{ name: 'deploy', value: 'deploy' }]);
    server.assertNoViolations();
  });

  it('chooses from a menu', async () => {
    await using server = await openDiscord();
    await using bot = await connect(server);
    const options = ['web-1', 'web-2'].map((value) => ({ label: value, value }));
    const message = await bot.say('ops', {
      content: 'which?',
      components: [
        {
          type: ComponentType.ActionRow,
          components: [{ type: ComponentType.StringSelect, customId: 'host', options }],
        },
      ],
    });
    answer(bot.client, async (interaction) => {
      if (interaction.isStringSelectMenu()) await interaction.reply(interaction.values.join());
    });
    const chosen = await server.person('ada').select(message.id, 'host', ['web-2']);
    expect(chosen.replies).toMatchObject([{ content: 'web-2' }]);
    await expect(server.person('ada').select(message.id, 'host', ['db'])).rejects.toThrow('does not offer');
    server.assertNoViolations();
  });

  it('is read by the bot only when it is mentioned, answered, or in private', async () => {
    await using server = await openDiscord();
    await using bot = await connect(server);
    const heard: string[] = [];
    bot.client.on(Events.MessageCreate, ({ author, content }) => void (author.bot || heard.push(content)));
    const ada = server.person('ada');
    const own = await bot.say('ops', { content: 'hello' });
    await ada.say('ops', 'nobody should read this');
    await ada.say('ops', 'for you', { mention: true });
    await ada.say('ops', 'an answer', { replyTo: own.id });
    await ada.say('ops', 'a quiet answer', { replyTo: own.id, ping: false });
    await ada.say(await ada.openDirect(), 'in private');
    const { id } = server.application;
    await vi.waitFor(() => expect(heard).toEqual(['', `<@${id}> for you`, 'an answer', '', 'in private']));
    const fetched = await (await bot.channel('ops')).messages.fetch({ limit: 100, cache: false });
    expect(fetched.map(({ content }) => content).reverse()).toEqual(['hello', '', `<@${id}> for you`, 'an answer', '']);
    server.assertNoViolations();
  });
});

const approve = {
  type: ComponentType.ActionRow,
  components: [{ type: ComponentType.Button, style: ButtonStyle.Success, label: 'Approve', customId: 'approve:1' }],
} as const;

async function offer(client: Client<true>): Promise<void> {
  await client.application.commands.set([doCommand]);
}

/** Faults of a handler would be lost in the client's events. */
function answer(client: Client, handle: (interaction: Interaction) => Promise<void>): void {
  client.on(Events.InteractionCreate, (interaction) => void handle(interaction));
}
