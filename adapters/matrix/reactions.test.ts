// What a homeserver does not let people do, a hostile or an old one may: reactions that point into another room, strange senders.
import { describe, expect, it } from 'vitest';
import type { Incoming } from '../../core/ports/chat.ts';
import type { RoomEvent } from './event.ts';
import { readTap } from './event.ts';
import { makeOwnMessages } from './own-messages.ts';
import { personOf } from './person.ts';
import { makeReactions } from './reactions.ts';
import { conversationOf } from './reference.ts';

const self = '@chiffon:example.org';
const ada = '@ada:example.org';
const mark = { key: 'k', plan: { task: 7, revision: 1, hash: 'ab12cd34ef56'.padEnd(64, '0') } };
const ownCard = message(self);

function message(sender: string): RoomEvent {
  const content = { msgtype: 'm.text', body: '#7', 'chiffon.message': mark };
  return { event_id: '$card', type: 'm.room.message', sender, origin_server_ts: 1, content };
}

function tapOf(sender: string, changes: Partial<RoomEvent> = {}): RoomEvent {
  const relation = { rel_type: 'm.annotation', event_id: '$card', key: '✅' };
  const content = { 'm.relates_to': relation };
  return { event_id: '$tap', type: 'm.reaction', sender, origin_server_ts: 1, content, ...changes };
}

/** Who decided by a reaction in a room, while a message lies in `!home` and everybody but `@gone…` is there. */
async function decided(event: RoomEvent, { room = '!home', card = ownCard } = {}): Promise<readonly string[]> {
  const taken: Incoming[] = [];
  const react = makeReactions({
    self,
    own: makeOwnMessages({ self, api: { event: async (at) => (at === '!home' ? card : null) } }),
    places: {
      personIn: async (_room, userId) => (userId.startsWith('@gone') ? null : personOf(userId, 'Ada')),
      conversationOf: async (at) => conversationOf(at),
    },
    answers: { asked: () => {}, say: async () => {} },
    handle: async (incoming) => {
      taken.push(incoming);
      return { task: null, refused: false };
    },
  });
  const tap = readTap(event);
  if (tap !== null) await react(room, tap);
  return taken.map(({ person }) => person.id);
}

describe('a reaction', () => {
  it('decides as the one who gave it, by their whole id and never by a name', async () => {
    expect(await decided(tapOf(ada))).toEqual([`matrix:${ada}`]);
    expect(await decided(tapOf('@Ada:example.org'))).toEqual(['matrix:@Ada:example.org']);
    expect(await decided(tapOf('@ada:example.org.evil.net'))).toEqual(['matrix:@ada:example.org.evil.net']);
  });

  it.each([
    ['with a Cyrillic letter', '@\u0430da:example.org'],
    ['with a space', '@ada :example.org'],
    ['without a server', '@ada'],
    ['with an invisible letter', '@ada\u200b:example.org'],
    ['that is the bot itself', self],
    ['of somebody who left', '@gone:example.org'],
  ])('of a sender %s decides nothing', async (_what, sender) => {
    expect(await decided(tapOf(sender))).toEqual([]);
  });

  it('in another room, or under a card that somebody else made up, decides nothing', async () => {
    expect(await decided(tapOf(ada), { room: '!away' })).toEqual([]);
    expect(await decided(tapOf(ada), { card: message(ada) })).toEqual([]);
    expect(await decided(tapOf(ada), { card: { ...ownCard, unsigned: { redacted_because: {} } } })).toEqual([]);
  });

  it('that was taken back, or is none, decides nothing', async () => {
    expect(await decided(tapOf(ada, { content: {} }))).toEqual([]);
    for (const relation of [
      { rel_type: 'm.replace', event_id: '$card', key: '✅' },
      { rel_type: 'm.annotation', event_id: ['$card'], key: '✅' },
      { rel_type: 'm.annotation', event_id: '$card', key: '✅'.repeat(500) },
      { rel_type: 'm.annotation', event_id: '$card' },
    ])
      expect(await decided(tapOf(ada, { content: { 'm.relates_to': relation } }))).toEqual([]);
  });
});
