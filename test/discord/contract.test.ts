// Discord does what every chat must do, with the real client against the tests' Discord.
import { toActorId } from '../../core/ids.ts';
import { chatContract } from '../contracts/chat.ts';
import type { Decision, Seen } from '../contracts/chat-scene.ts';
import { makeChatMemory } from '../fakes/chat-memory.ts';
import { openChatStage } from './chat-stage.ts';
import type { SeenMessage } from './seen.ts';
import type { WorldEvent } from './world.ts';

const faces: Readonly<Record<Decision, string>> = { approve: 'Approve', reject: 'Reject' };
/** What the channel is closed with on purpose, and what is asked for of a message that somebody deleted. */
const expectedRefusals = [50_001, 50_013, 10_008];

chatContract('on Discord', {
  heardBy: 'leader',
  shows: 'text',
  openScene: async () => {
    const stage = await openChatStage();
    const { discord, general } = stage;
    const channel = discord.channel('general').id;
    const ada = discord.person('ada');
    const said: WorldEvent[] = [];
    discord.world.hear((event) => void (event.name === 'MESSAGE_CREATE' && said.push(event)));
    const messageOf = (reference: string): string => reference.split('/')[1] ?? '';
    const places = () =>
      [...discord.world.channels.values()]
        .filter((place) => place.id === channel || (place.kind === 'thread' && place.parentId === channel))
        .map(({ id }) => id);
    return {
      conversation: general,
      memory: makeChatMemory(),
      makeChat: () => stage.makeChat(),
      person: {
        id: toActorId(`discord:${ada.id}`),
        say: async (text) => void (await ada.say(channel, text, { mention: true })),
        reply: async (reference, text) => void (await ada.say(channel, text, { replyTo: messageOf(reference) })),
        decide: async (reference, decision) => void (await ada.press(messageOf(reference), faces[decision])),
        sees: async () => {
          const seen = await Promise.all(places().map((place) => ada.messages(place)));
          return seen
            .flat()
            .filter(({ authorId }) => authorId === discord.application.bot.id)
            .toSorted((one, other) => (BigInt(one.id) < BigInt(other.id) ? -1 : 1))
            .map(see);
        },
      },
      session: null,
      platform: {
        remove: async (reference) => discord.owner.deleteMessage(messageOf(reference)),
        shut: async (closed) => {
          const [own = ''] = discord.guild.members.get(discord.application.bot.id) ?? [];
          discord.owner.setOverrides('general', closed ? [{ id: own, deny: ['SendMessages'] }] : []);
        },
        redelivering: async (start) => {
          const before = [...said];
          const chat = await start();
          for (const event of before) discord.world.emit(event);
          return chat;
        },
      },
      calls: [
        ...['@everyone', '@here', `<@${ada.id}>`, `<@!${ada.id}>`, `<@&${discord.guild.id}>`],
        ...[`discord:${ada.id}`, `discord-role:${discord.guild.id}`],
      ],
      open: () => discord.gateway.connected(),
      dispose: async () => {
        await stage[Symbol.asyncDispose]();
        discord.assertNoViolations(expectedRefusals);
      },
    };
  },
});

function see({ channelId, id, content, buttons, menus, attachments, pings }: SeenMessage): Seen {
  const labels = [
    ...buttons.map(({ label }) => label),
    ...menus.flatMap(({ options }) => options.map(({ label }) => label)),
  ];
  const offered = buttons.filter(({ disabled }) => !disabled).map(({ label }) => label);
  const decisions: readonly Decision[] = ['approve', 'reject'];
  return {
    reference: `${channelId}/${id}`,
    text: [content, ...labels].join('\n'),
    file: attachments.map(({ text }) => text).join(''),
    offers: decisions.filter((decision) => offered.includes(faces[decision])),
    pings: pings.users.map((user) => toActorId(`discord:${user}`)),
    pingsMany: pings.everyone || pings.roles.length > 0,
  };
}
