// What comes from Discord is from outside: whatever it is, it is read or passed over, and what is read is bounded.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { toTaskId } from '../../core/ids.ts';
import { encodeCustomId } from './custom-id.ts';
import { contentOfAct } from './interaction-content.ts';
import { readInteraction } from './read-interaction.ts';
import { readMessage } from './read-message.ts';

const user = { id: '100000000000000001', username: 'ada', global_name: 'Ada\u202e Lovelace' };
const common = {
  ...{ id: '1', application_id: '2', token: 'token', guild_id: '3', channel_id: '4' },
  member: { user, roles: ['5', '6'], nick: null },
};

describe('reading what Discord says', () => {
  it('throws at nothing', () => {
    const anything = fc.oneof(
      fc.anything(),
      fc.record({
        ...constants(common),
        type: fc.constantFrom(2, 3, 4, 5),
        data: fc.anything(),
        message: fc.anything(),
      }),
      fc.record({ id: fc.constant('1'), channel_id: fc.constant('4'), type: fc.constant(0), author: fc.anything() }),
    );
    fc.assert(
      fc.property(anything, (payload) => {
        const interaction = readInteraction(payload);
        if (interaction !== null) contentOfAct(interaction.act);
        readMessage(payload, '9');
      }),
    );
  });

  it('takes who it was by ids, and a name that can be shown', () => {
    const read = readInteraction({ ...common, type: 2, data: { name: 'status' } });
    expect(read?.person).toEqual({
      id: 'discord:100000000000000001',
      name: 'Ada Lovelace',
      roles: ['discord-role:5', 'discord-role:6'],
    });
  });

  it.each([
    [
      { what: 'approve', task: toTaskId(7), revision: 2, hashPrefix: 'ab12cd34ef56' },
      { type: 'button', button: 'approve', task: 7, revision: 2, hashPrefix: 'ab12cd34ef56' },
    ],
    [
      { what: 'retry', task: toTaskId(7), revision: 0, hashPrefix: '' },
      { type: 'button', button: 'retry', task: 7, revision: 0, hashPrefix: '' },
    ],
    [
      { what: 'details', task: toTaskId(7), revision: 2 },
      { type: 'details', task: 7, revision: 2 },
    ],
    [
      { what: 'choice', task: toTaskId(7), question: 1, choice: 2 },
      { type: 'answer', task: 7, question: 1, text: '3' },
    ],
  ] as const)('knows what a button of %o means', (id, content) => {
    const read = readInteraction({
      ...{ ...common, type: 3, data: { custom_id: encodeCustomId(id), component_type: 2 } },
      message: { content: '', components: [] },
    });
    expect(read && contentOfAct(read.act)).toEqual(content);
  });

  it('takes words without the mention, and none of bots, webhooks and Discord itself', () => {
    const message = {
      id: '1',
      channel_id: '4',
      type: 0,
      author: user,
      content: '<@9>  deploy <@!9> grafana',
      mentions: [{ id: '9' }],
    };
    expect(readMessage(message, '9')).toMatchObject({ text: 'deploy grafana', isMention: true, repliesTo: null });
    expect(readMessage({ ...message, author: { ...user, bot: true } }, '9')).toBeNull();
    expect(readMessage({ ...message, author: { ...user, id: '9' } }, '9')).toBeNull();
    expect(readMessage({ ...message, webhook_id: '8' }, '9')).toBeNull();
    expect(readMessage({ ...message, type: 7 }, '9')).toBeNull();
  });
});

function constants<T extends object>(values: T) {
  return Object.fromEntries(Object.entries(values).map(([name, value]) => [name, fc.constant<unknown>(value)]));
}
