// What Discord asks of an answer to an interaction: in time, once, of a fitting kind, by a token that is still good.
import { describe, expect, it } from 'vitest';
import type { SeenInteraction } from './seen.ts';
import { ask, doCommand, openDiscord } from './server-stage.ts';
import type { DiscordServer } from './start.ts';

/** A server without a client: the test is the bot, so that it can do wrong. */
async function openWithCommand() {
  const server = await openDiscord();
  await ask(server, 'PUT', `/applications/${server.application.id}/commands`, [doCommand]);
  const ada = server.person('ada');
  const newest = () => [...server.world.interactions.values()].at(-1);
  const answer = (body: object, path = 'callback') => {
    const { id, token } = newest() ?? { id: '', token: '' };
    return ask(server, 'POST', `/interactions/${id}/${token}/${path}`, body);
  };
  const webhook = (method: string, tail: string, body?: object) =>
    ask(server, method, `/webhooks/${server.application.id}/${newest()?.token}${tail}`, body);
  return { server, ada, answer, webhook, [Symbol.asyncDispose]: () => server.stop() };
}

const reply = (content: string, flags = 0) => ({ type: 4, data: { content, flags } });

async function press(
  server: DiscordServer,
): Promise<{ readonly pressed: Promise<SeenInteraction>; readonly messageId: string }> {
  const components = [{ type: 1, components: [{ type: 2, style: 1, label: 'Go', custom_id: 'go' }] }];
  await ask(server, 'POST', `/channels/${server.channel('ops').id}/messages`, { content: 'card', components });
  const [card] = await server.channel('ops').messages();
  return { pressed: server.person('ada').press(card?.id ?? '', 'Go'), messageId: card?.id ?? '' };
}

describe('an acknowledgement', () => {
  it('after more than three seconds is refused, and the person is told that nobody answered', async () => {
    await using stage = await openWithCommand();
    const { server, ada, answer } = stage;
    const asked = ada.command('do', { request: 'x' });
    server.clock.advance(3_001);
    const seen = await asked;
    expect(seen).toMatchObject({ failure: 'The application did not respond', acknowledgedAfterMs: undefined });
    expect(await answer(reply('late'))).toMatchObject({ status: 404, body: { code: 10062 } });
    expect(seen.replies).toEqual([]);
    expect(server.violations).toMatchObject([{ code: 10062 }]);
  });

  it('is given once', async () => {
    await using stage = await openWithCommand();
    const asked = stage.ada.command('do', { request: 'x' });
    expect(await stage.answer(reply('one'))).toMatchObject({ status: 204 });
    expect(await stage.answer(reply('two'))).toMatchObject({ status: 400, body: { code: 40060 } });
    expect((await asked).replies).toMatchObject([{ content: 'one' }]);
    expect(() => stage.server.assertNoViolations([40060])).not.toThrow();
    expect(() => stage.server.assertNoViolations()).toThrow('second time');
  });

  it('tells what it made, to who asks', async () => {
    await using stage = await openWithCommand();
    const asked = stage.ada.command('do', { request: 'x' });
    const answer = await stage.answer(reply('hello', 64), 'callback?with_response=true');
    expect(answer).toMatchObject({
      status: 200,
      body: {
        interaction: { response_message_ephemeral: true },
        resource: { type: 4, message: { content: 'hello', flags: 64 } },
      },
    });
    await asked;
  });

  it.each([
    ['an update, to a command', { type: 6 }],
    ['choices, to a command', { type: 8, data: { choices: [] } }],
    ['a kind that there is not', { type: 3 }],
    ['an empty reply', { type: 4, data: {} }],
    ['a modal with a title of 46 characters', modalOf({ title: 'x'.repeat(46) })],
    [
      'a modal with six inputs',
      modalOf({ components: Array.from({ length: 6 }, (_, n) => input({ custom_id: `${n}` })) }),
    ],
    ['a modal with a label of 46 characters', modalOf({ components: [input({ label: 'x'.repeat(46) })] })],
    ['a modal with an input of up to 4,001 characters', modalOf({ components: [input({ max_length: 4001 })] })],
    ['a modal with an id of 101 characters', modalOf({ custom_id: 'x'.repeat(101) })],
    ['a modal with an id twice', modalOf({ components: [input(), input()] })],
  ])('is refused when it is %s', async (_, body) => {
    await using stage = await openWithCommand();
    const asked = stage.ada.command('do', { request: 'x' });
    expect((await stage.answer(body)).status).toBe(400);
    expect(stage.server.violations).toHaveLength(1);
    expect(await stage.answer(modalOf({}))).toMatchObject({ status: 204 });
    expect((await asked).modal).toMatchObject({ title: 'Change', fields: [{ customId: 'text', label: 'What' }] });
  });

  it.each([
    ['26 choices', Array.from({ length: 26 }, (_, n) => ({ name: `${n}`, value: `${n}` }))],
    ['a choice of 101 characters', [{ name: 'x'.repeat(101), value: 'x' }]],
    ['a value of 101 characters', [{ name: 'x', value: 'x'.repeat(101) }]],
  ])('of autocomplete with %s is refused', async (_, choices) => {
    await using stage = await openWithCommand();
    const asked = stage.ada.autocomplete('do', 'request', 'x');
    expect((await stage.answer({ type: 8, data: { choices } })).status).toBe(400);
    expect((await stage.answer(reply('no'))).status).toBe(400);
    expect(
      (await stage.answer({ type: 8, data: { choices: choices.slice(0, 1).map(() => ({ name: 'a', value: 'a' })) } }))
        .status,
    ).toBe(204);
    expect((await asked).choices).toEqual([{ name: 'a', value: 'a' }]);
  });
});

describe("an interaction's token", () => {
  it('is good for fifteen minutes, and not longer', async () => {
    await using stage = await openWithCommand();
    const asked = stage.ada.command('do', { request: 'x' });
    await stage.answer({ type: 5, data: { flags: 64 } });
    const seen = await asked;
    expect(seen.replies).toMatchObject([{ loading: true, ephemeral: true, content: '' }]);
    stage.server.clock.advance(14 * 60_000);
    expect(await stage.webhook('PATCH', '/messages/@original', { content: 'soon' })).toMatchObject({ status: 200 });
    stage.server.clock.advance(2 * 60_000);
    expect(await stage.webhook('PATCH', '/messages/@original', { content: 'too late' })).toMatchObject({
      status: 401,
      body: { code: 50027 },
    });
    expect(await stage.webhook('POST', '', { content: 'too late' })).toMatchObject({ status: 401 });
    expect(seen.replies).toMatchObject([{ content: 'soon', loading: false }]);
    expect(stage.server.violations.map(({ code }) => code)).toEqual([50027, 50027]);
  });

  it('is good for nothing before the acknowledgement', async () => {
    await using stage = await openWithCommand();
    const asked = stage.ada.command('do', { request: 'x' });
    expect(await stage.webhook('POST', '', { content: 'x' })).toMatchObject({ status: 404, body: { code: 10015 } });
    await stage.answer(reply('x'));
    await asked;
  });

  it('brings further messages, each to be edited and taken away', async () => {
    await using stage = await openWithCommand();
    const asked = stage.ada.command('do', { request: 'x' });
    await stage.answer({ type: 5 });
    const seen = await asked;
    await stage.webhook('POST', '', { content: 'in the place of the waiting' });
    const second = await stage.webhook('POST', '', { content: 'for you', flags: 64 });
    expect(second.body).toMatchObject({ flags: 64 });
    const id = seen.replies[1]?.id;
    await stage.webhook('PATCH', `/messages/${id}`, { content: 'for you, anew' });
    expect(seen.replies).toMatchObject([
      { content: 'in the place of the waiting', ephemeral: false },
      { content: 'for you, anew', ephemeral: true, edits: [{ content: 'for you' }] },
    ]);
    expect(await stage.webhook('GET', '/messages/@original')).toMatchObject({
      body: { content: 'in the place of the waiting' },
    });
    expect((await stage.webhook('DELETE', `/messages/${id}`)).status).toBe(204);
    expect((await stage.webhook('GET', `/messages/${id}`)).status).toBe(404);
    stage.server.assertNoViolations();
  });

  it('of a button means the message of the button', async () => {
    await using stage = await openWithCommand();
    const { pressed } = await press(stage.server);
    await stage.answer({ type: 6 });
    await pressed;
    await stage.webhook('PATCH', '/messages/@original', { content: 'edited', components: [] });
    expect(await stage.server.channel('ops').messages()).toMatchObject([{ content: 'edited', buttons: [] }]);
    stage.server.assertNoViolations();
  });

  it('reaches a message for one person, which the bot itself does not', async () => {
    await using stage = await openWithCommand();
    const asked = stage.ada.command('do', { request: 'x' });
    await stage.answer(reply('for you', 64));
    const id = (await asked).replies[0]?.id;
    const path = `/channels/${stage.server.channel('general').id}/messages/${id}`;
    expect(await ask(stage.server, 'PATCH', path, { content: 'x' })).toMatchObject({
      status: 404,
      body: { code: 10008 },
    });
    expect(await stage.ada.messages('general')).toMatchObject([{ content: 'for you' }]);
    expect(await stage.server.person('bob').messages('general')).toEqual([]);
  });
});

function input(more: object = {}) {
  return { type: 1, components: [{ type: 4, custom_id: 'text', style: 1, label: 'What', ...more }] };
}

function modalOf(more: object) {
  return { type: 9, data: { custom_id: 'change', title: 'Change', components: [input()], ...more } };
}
