// What a chat owes that is one person's session: it is heard and shown here, and ends with it.
import { expect, it } from 'vitest';
import { ChiffonError } from '../../core/error.ts';
import type { OpenScene } from './chat-scene.ts';
import { eventually, noticeOf, untilTaken, wordsOf } from './chat-scene.ts';

export function sessionContract(open: OpenScene): void {
  it('ends with the fault of what could not be handled', async () => {
    const { begin, person, session } = await open();
    await begin({
      handle: async () => {
        throw new ChiffonError('DATABASE_FAILED', 'The database is away.');
      },
    });
    await person.say('status');
    await expect(session?.ended()).rejects.toThrow('The database is away.');
  });

  it('goes on when the bot stops showing it: its session ends it', async () => {
    const { begin, conversation, person, text } = await open();
    const { chat, taken } = await begin();
    await chat.stop();
    await person.say('status');
    await untilTaken(taken, 1);
    await chat.post(conversation, 'event:1', noticeOf(7, 'It is looked at.'));
    await eventually(async () => expect(await text()).toContain('It is looked at.'));
    await chat.close();
    await person.say('help');
    const next = await begin();
    await person.say('why');
    await untilTaken(next.taken, 1);
    expect([wordsOf(taken), wordsOf(next.taken)]).toEqual([['status'], ['why']]);
  });

  it('has a screen of its own in each life: what it is shown stands there', async () => {
    const { begin, conversation, planOf, text, countOf } = await open();
    const first = await begin();
    const plan = planOf(7, { request: 'deploy grafana' });
    const root = await first.chat.post(conversation, 'event:1', plan);
    await eventually(async () => expect(await countOf('deploy grafana')).toBe(1));
    await first.chat.close();
    const { chat } = await begin();
    // What was on another screen cannot be brought up to date, and is missed by nobody.
    expect(
      await chat.bringUpToDate([{ conversation, reference: root, view: planOf(7, { standing: 'expired' }) }]),
    ).toEqual([]);
    expect(await chat.post(conversation, 'event:1', plan)).toBe(root);
    await eventually(async () => expect(await countOf('deploy grafana')).toBe(1));
    expect(await chat.update(conversation, root, planOf(7, { standing: 'superseded' }))).toBe('shown');
    await eventually(async () => expect(await text()).toContain('superseded'));
    expect(await text()).not.toContain('expired');
  });
}
