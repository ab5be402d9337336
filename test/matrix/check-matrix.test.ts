// What doctor and a start say about the Matrix settings, against the real homeserver and against what is none.
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeAll, expect, it, onTestFinished } from 'vitest';
import { checkMatrix } from '../../adapters/matrix/check-matrix.ts';
import { freePort } from '../setup/free-port.ts';
import type { Account } from './accounts.ts';
import { sharedSynapse } from './synapse.ts';

let homeserverUrl: string;
let bot: Account;
beforeAll(async () => {
  const homeserver = await sharedSynapse();
  homeserverUrl = homeserver.url;
  bot = await homeserver.account('chiffon');
});

const options = (more: Partial<Parameters<typeof checkMatrix>[0]> = {}) => ({
  ...{ homeserverUrl, accessToken: bot.accessToken, rooms: [], invitesFrom: ['chiffon.test'] },
  sessionFile: join(tmpdir(), 'chiffon-no-such-session.json'),
  ...more,
});

/** Something that answers HTTP, with these answers by path. */
async function aServer(answers: Readonly<Record<string, unknown>>): Promise<string> {
  const server = createServer((request, response) => {
    const answer = answers[request.url ?? ''];
    response.statusCode = answer === undefined ? 404 : 200;
    response.end(answer === undefined ? '<h1>not here</h1>' : JSON.stringify(answer));
  }).listen(0, '127.0.0.1');
  onTestFinished(() => void server.close());
  await new Promise((resolve) => server.once('listening', resolve));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

it('a token that is taken is told with its user, and who could never be invited is warned', async () => {
  expect(await checkMatrix(options())).toEqual({
    ...{ type: 'ready', notes: [], sentence: `${homeserverUrl} takes the token, of ${bot.userId}.` },
  });
  const { notes } = { notes: [], ...(await checkMatrix(options({ invitesFrom: [] }))) };
  expect(notes).toEqual([expect.stringContaining('No invitation is accepted')]);
});

it.each([
  ['a token that is not taken', { accessToken: 'syt_nothing' }, 'bad-token', /does not accept MATRIX_ACCESS_TOKEN/],
  ['another user’s token', { user: '@ada:chiffon.test' }, 'wrong-user', /MATRIX_USER says @ada:chiffon.test/],
])('%s is told in a sentence', async (_what, more, type, sentence) => {
  expect(await checkMatrix(options(more))).toMatchObject({ type, sentence: expect.stringMatching(sentence) });
});

it('a password is not tried; whether the homeserver takes any is', async () => {
  const login = { accessToken: undefined, user: bot.userId, password: 'wrong' };
  expect(await checkMatrix(options(login))).toMatchObject({
    type: 'ready',
    sentence: expect.stringContaining('are tried'),
  });
  const without = await aServer({
    '/_matrix/client/versions': { versions: ['v1.11'] },
    '/_matrix/client/v3/login': { flows: [{ type: 'm.login.sso' }] },
  });
  expect(await checkMatrix(options({ ...login, homeserverUrl: without }))).toMatchObject({ type: 'no-password-login' });
});

it('what is no homeserver, too old, or not there is told apart', async () => {
  const page = await aServer({});
  expect(await checkMatrix(options({ homeserverUrl: page }))).toMatchObject({ type: 'not-a-homeserver' });
  const delegated = await aServer({
    '/.well-known/matrix/client': { 'm.homeserver': { base_url: 'https://matrix.example.org' } },
  });
  expect(await checkMatrix(options({ homeserverUrl: delegated }))).toMatchObject({
    ...{ type: 'not-a-homeserver', sentence: expect.stringContaining('is at https://matrix.example.org') },
  });
  const old = await aServer({ '/_matrix/client/versions': { versions: ['r0.6.1', 'v1.3'] } });
  expect(await checkMatrix(options({ homeserverUrl: old }))).toMatchObject({ type: 'too-old' });
  const nowhere = `http://127.0.0.1:${await freePort()}`;
  expect(await checkMatrix(options({ homeserverUrl: nowhere }))).toMatchObject({
    ...{ type: 'unreachable', sentence: expect.stringContaining('cannot be reached') },
  });
});
