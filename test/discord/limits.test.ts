// Each of Discord's limits is seen to be enforced: the answer a careless client gets, and the violation that is written down.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ask, doCommand, form, openDiscord } from './server-stage.ts';
import type { DiscordServer } from './start.ts';

let server: DiscordServer;
let messages: string;
beforeAll(async () => {
  server = await openDiscord({ uploadLimitBytes: 1_000 });
  messages = `/channels/${server.channel('ops').id}/messages`;
});
afterAll(() => server.stop());

const long = (length: number) => 'x'.repeat(length);
const button = (more: object = {}) => ({ type: 2, style: 1, label: 'Go', custom_id: `go ${Math.random()}`, ...more });
const row = (...components: readonly object[]) => ({ type: 1, components });
const buttons = (count: number) => Array.from({ length: count }, () => button());
const options = (count: number) =>
  Array.from({ length: count }, (_, place) => ({ label: `${place}`, value: `${place}` }));
const menu = (more: object = {}) => ({ type: 3, custom_id: 'menu', options: options(1), ...more });
const withRows = (...rows: readonly object[]) => ({ content: 'x', components: rows });

const [good, bad] = [200, 400];
const badForm = 50035;

describe('a message', () => {
  it.each([
    ['text of 2,000 characters', { content: long(2000) }, good],
    ['text of 2,000 characters of two code units', { content: '🦊'.repeat(2000) }, good],
    ['text of 2,001 characters', { content: long(2001) }, bad, badForm],
    ['nothing', { content: '' }, bad, 50006],
    ['blanks alone', { content: ' \n' }, bad, 50006],
    ['a text that is a number', { content: 7 }, bad, badForm],
    ['five rows', withRows(...Array.from({ length: 5 }, () => row(button()))), good],
    ['six rows', withRows(...Array.from({ length: 6 }, () => row(button()))), bad, badForm],
    ['five buttons in a row', withRows(row(...buttons(5))), good],
    ['six buttons in a row', withRows(row(...buttons(6))), bad, badForm],
    ['an empty row', withRows(row()), bad, badForm],
    ['a button outside of a row', withRows(button()), bad, badForm],
    ['a label of 80 characters', withRows(row(button({ label: long(80) }))), good],
    ['a label of 81 characters', withRows(row(button({ label: long(81) }))), bad, badForm],
    ['a button with nothing on it', withRows(row(button({ label: '' }))), bad, badForm],
    ['a custom id of 100 characters', withRows(row(button({ custom_id: long(100) }))), good],
    ['a custom id of 101 characters', withRows(row(button({ custom_id: long(101) }))), bad, badForm],
    ['a custom id twice', withRows(row(button({ custom_id: 'a' })), row(button({ custom_id: 'a' }))), bad, badForm],
    ['a link with a custom id', withRows(row(button({ style: 5, url: 'https://example.org' }))), bad, badForm],
    ['25 options', withRows(row(menu({ options: options(25) }))), good],
    ['26 options', withRows(row(menu({ options: options(26) }))), bad, badForm],
    ['no options', withRows(row(menu({ options: [] }))), bad, badForm],
    ['an option twice', withRows(row(menu({ options: [...options(1), ...options(1)] }))), bad, badForm],
    ['an option of 101 characters', withRows(row(menu({ options: [{ label: long(101), value: 'x' }] }))), bad, badForm],
    [
      'an option with a value of 101',
      withRows(row(menu({ options: [{ label: 'x', value: long(101) }] }))),
      bad,
      badForm,
    ],
    [
      'an option with a description of 101',
      withRows(row(menu({ options: [{ label: 'x', value: 'x', description: long(101) }] }))),
      bad,
      badForm,
    ],
    ['a placeholder of 151 characters', withRows(row(menu({ placeholder: long(151) }))), bad, badForm],
    ['a menu beside a button', withRows(row(menu(), button())), bad, badForm],
    ['a nonce of 25 characters', { content: 'x', nonce: long(25) }, good],
    ['a nonce of 26 characters', { content: 'x', nonce: long(26) }, bad, badForm],
    ['ten embeds', { embeds: Array.from({ length: 10 }, () => ({ title: 'x' })) }, good],
    ['eleven embeds', { embeds: Array.from({ length: 11 }, () => ({ title: 'x' })) }, bad, badForm],
    [
      'embeds of 6,001 characters',
      { embeds: [{ description: long(4000) }, { description: long(2001) }] },
      bad,
      badForm,
    ],
    ['flags that are not its to set', { content: 'x', flags: 128 }, bad, badForm],
    [
      'mentions both of all users and of some',
      { content: 'x', allowed_mentions: { parse: ['users'], users: ['1'] } },
      bad,
      badForm,
    ],
    [
      'mentions of 101 users',
      { content: 'x', allowed_mentions: { users: Array.from({ length: 101 }, () => '1') } },
      bad,
      badForm,
    ],
    [
      'an answer to a message that is not there',
      { content: 'x', message_reference: { message_id: '1' } },
      bad,
      badForm,
    ],
  ] as const)('with %s', async (_, body, status, code?: number) => {
    await expectAnswer('POST', messages, body, status, code);
  });

  it('is limited in the same way when it is edited', async () => {
    const { id } = await post({ content: 'x' });
    await expectAnswer('PATCH', `${messages}/${id}`, { content: long(2001) }, bad, badForm);
    await expectAnswer('PATCH', `${messages}/${id}`, { content: '' }, bad, 50006);
    await expectAnswer('PATCH', `${messages}/${id}`, { content: 'y' }, good);
  });

  it('has ten files at most, each within the limit', async () => {
    const files = (count: number) => Array.from({ length: count }, (_, place) => ({ name: `${place}.txt`, text: 'x' }));
    await expectAnswer('POST', messages, form({}, ...files(10)), good);
    await expectAnswer('POST', messages, form({}, ...files(11)), bad, badForm);
    await expectAnswer('POST', messages, form({}, { name: 'a', text: long(1000) }), good);
    await expectAnswer('POST', messages, form({}, { name: 'a', text: long(1001) }), 413, 40005);
  });

  it('tells where its form is wrong, as Discord does', async () => {
    const { body } = await ask(server, 'POST', messages, withRows(row(button(), button({ label: long(81) }))));
    expect(body).toEqual({
      code: badForm,
      message: 'Invalid Form Body',
      errors: {
        components: {
          0: {
            components: {
              1: { label: { _errors: [{ code: 'BASE_TYPE_BAD_LENGTH', message: 'Must be 80 or fewer in length.' }] } },
            },
          },
        },
      },
    });
  });

  it('of somebody else cannot be edited', async () => {
    const id = await server.person('ada').say('ops', 'mine');
    await expectAnswer('PATCH', `${messages}/${id}`, { content: 'x' }, 403, 50005);
  });
});

describe('a thread', () => {
  it.each([
    ['a name of 100 characters', { name: long(100) }, 201],
    ['a name of 101 characters', { name: long(101) }, bad, badForm],
    ['no name', { name: '' }, bad, badForm],
    ['another time to be archived', { name: 'x', auto_archive_duration: 7 }, bad, badForm],
  ] as const)('with %s', async (_, body, status, code?: number) => {
    const { id } = await post({ content: 'x' });
    await expectAnswer('POST', `${messages}/${id}/threads`, body, status, code);
  });

  it('is one to a message, and has its id', async () => {
    const { id } = await post({ content: 'x' });
    const { body } = await ask(server, 'POST', `${messages}/${id}/threads`, { name: 'one' });
    expect(body).toMatchObject({ id, parent_id: server.channel('ops').id });
    expect(await ask(server, 'POST', `${messages}/${id}/threads`, { name: 'two' })).toMatchObject({
      status: 400,
      body: { code: 160004 },
    });
  });
});

describe('a command', () => {
  const commands = () => `/applications/${server.application.id}/commands`;
  const option = (more: object = {}) => ({ type: 3, name: 'request', description: 'x', ...more });
  const many = (count: number) => Array.from({ length: count }, (_, place) => option({ name: `o${place}` }));
  const choices = (count: number, more: object = {}) =>
    Array.from({ length: count }, (_, place) => ({ name: `${place}`, value: `${place}`, ...more }));
  it.each([
    ['what it needs', { ...doCommand }, good],
    ['a name in capitals', { ...doCommand, name: 'Do' }, bad],
    ['a name with a blank', { ...doCommand, name: 'do it' }, bad],
    ['a name of 33 characters', { ...doCommand, name: long(33) }, bad],
    ['no description', { ...doCommand, description: '' }, bad],
    ['a description of 101 characters', { ...doCommand, description: long(101) }, bad],
    ['25 options', { ...doCommand, options: many(25) }, good],
    ['26 options', { ...doCommand, options: many(26) }, bad],
    ['an option twice', { ...doCommand, options: [option(), option()] }, bad],
    [
      'a required option behind another',
      { ...doCommand, options: [option(), option({ name: 'b', required: true })] },
      bad,
    ],
    ['25 choices', { ...doCommand, options: [option({ choices: choices(25) })] }, good],
    ['26 choices', { ...doCommand, options: [option({ choices: choices(26) })] }, bad],
    [
      'a choice of 101 characters',
      { ...doCommand, options: [option({ choices: choices(1, { name: long(101) }) })] },
      bad,
    ],
    ['choices and autocomplete', { ...doCommand, options: [option({ choices: choices(1), autocomplete: true })] }, bad],
    [
      'more than 8,000 characters',
      {
        ...doCommand,
        options: many(25).map((one) => ({
          ...one,
          choices: choices(25, { name: long(50) }).map((choice, place) => ({ ...choice, value: `${place}` })),
        })),
      },
      bad,
    ],
  ] as const)('with %s', async (_, body, status) => {
    await expectAnswer('PUT', commands(), [body], status, status === bad ? badForm : undefined);
  });

  it('keeps its id when it is set again', async () => {
    const first = await ask(server, 'PUT', commands(), [doCommand]);
    const again = await ask(server, 'PUT', commands(), [{ ...doCommand, description: 'Anew.' }]);
    expect(ids(again.body)).toEqual(ids(first.body));
    expect(await ask(server, 'GET', commands())).toMatchObject({ body: [{ name: 'do', description: 'Anew.' }] });
  });
});

describe('what there is not', () => {
  it('is told, and a route that Discord has not is a violation', async () => {
    await expectAnswer('GET', '/nowhere', undefined, 404);
    expect(await ask(server, 'GET', '/channels/17')).toMatchObject({ status: 404, body: { code: 10003 } });
    expect(await ask(server, 'GET', `${messages}/17`)).toMatchObject({ status: 404, body: { code: 10008 } });
    expect(await ask(server, 'GET', '/guilds/17')).toMatchObject({ status: 404, body: { code: 10004 } });
    expect(await ask(server, 'GET', '/users/@me', undefined, 'wrong')).toMatchObject({ status: 401 });
  });
});

function ids(body: unknown): unknown[] {
  return Array.isArray(body) ? body.map((one: { id?: unknown }) => one.id) : [];
}

async function post(body: object): Promise<{ readonly id: string }> {
  const answer = await ask(server, 'POST', messages, body);
  if (typeof answer.body !== 'object' || answer.body === null || !('id' in answer.body)) throw new Error('not posted');
  return { id: String(answer.body.id) };
}

/** What is refused must be written down, and what is not must not. */
async function expectAnswer(method: string, path: string, body: unknown, status: number, code?: number): Promise<void> {
  const before = server.violations.length;
  const answer = await ask(server, method, path, body);
  expect(answer.status).toBe(status);
  if (code !== undefined) expect(answer.body).toMatchObject({ code });
  expect(server.violations.length - before).toBe(status < 400 ? 0 : 1);
  if (status >= 400) expect(() => server.assertNoViolations()).toThrow();
}
