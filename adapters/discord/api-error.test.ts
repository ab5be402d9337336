import { DiscordAPIError, HTTPError, RateLimitError } from 'discord.js';
import { describe, expect, it } from 'vitest';
import { isClosed, isUnsayable, judge, pathOf, toChiffonError } from './api-error.ts';

const url = 'https://discord.com/api/v10/channels/1/messages';
const refused = (status: number, code: number) =>
  new DiscordAPIError({ code, message: 'no' }, code, status, 'POST', url, {
    files: undefined,
    body: { content: 'secret' },
  });
const limited = (changes: {
  readonly scope?: 'user' | 'shared' | 'global';
  readonly global?: boolean;
  readonly retryAfter?: number;
}) =>
  new RateLimitError({
    ...{
      global: false,
      method: 'POST',
      url,
      route: '/channels/:id/messages',
      majorParameter: '1',
      hash: 'h',
      limit: 5,
    },
    ...{ timeToReset: 0, retryAfter: 1_200, sublimitTimeout: 0, scope: 'user', ...changes },
  });

describe('an error of Discord', () => {
  it('that is a limit is waited for where it counts, and never for no time', () => {
    expect(judge(limited({}))).toEqual({ type: 'wait', ms: 1_200, scope: 'lane' });
    expect(judge(limited({ scope: 'shared' }))).toEqual({ type: 'wait', ms: 1_200, scope: 'lane' });
    expect(judge(limited({ global: true }))).toEqual({ type: 'wait', ms: 1_200, scope: 'all' });
    expect(judge(limited({ scope: 'global' }))).toEqual({ type: 'wait', ms: 1_200, scope: 'all' });
    expect(judge(limited({ retryAfter: 0 }))).toEqual({ type: 'wait', ms: 5_000, scope: 'lane' });
  });

  it('is a closed door for whatever reason it is forbidden, such as nobody in common with that person', () => {
    for (const code of [50_278, 50_013, 200_000]) {
      expect(isClosed(refused(403, code))).toBe(true);
      expect(toChiffonError(refused(403, code)).kind).toBe('CHAT_UNREACHABLE');
    }
    // Of a proxy on the way, not of Discord.
    expect(isClosed(refused(403, 0))).toBe(false);
  });

  it('about the words is one that trying again does not change', () => {
    for (const code of [50_035, 240_000, 200_000]) expect(isUnsayable(refused(400, code))).toBe(true);
    // An archived thread, an edit too many, a permission, a token: those have ways of their own.
    for (const [status, code] of [
      [400, 50_083],
      [400, 30_046],
      [403, 50_013],
      [401, 0],
      [500, 0],
    ] as const)
      expect(isUnsayable(refused(status, code))).toBe(false);
  });

  it('of its own, or of the way to it, is tried again; a refusal is not', () => {
    const broken = new HTTPError(502, 'Bad Gateway', 'POST', url, { files: undefined, body: undefined });
    expect(judge(broken)).toEqual({ type: 'again' });
    expect(judge(new Error('ECONNRESET'))).toEqual({ type: 'again' });
    expect(judge(refused(500, 0))).toEqual({ type: 'again' });
    for (const [status, code] of [
      [404, 10_003],
      [403, 50_001],
      [403, 50_013],
      [400, 50_035],
      [401, 0],
    ] as const)
      expect(judge(refused(status, code))).toEqual({ type: 'failed' });
    expect(judge(refused(400, 30_046))).toMatchObject({ type: 'wait', scope: 'job' });
  });

  it.each([
    [404, 10_003, 'CHAT_UNREACHABLE', 'The Discord channel is gone.'],
    [403, 50_001, 'CHAT_UNREACHABLE', 'View Channel'],
    [403, 50_013, 'CHAT_UNREACHABLE', 'Send Messages'],
    [403, 160_005, 'CHAT_UNREACHABLE', 'Manage Threads'],
    [401, 0, 'CHAT_LOGIN_FAILED', 'DISCORD_TOKEN'],
    [400, 50_035, 'CHAT_FAILED', '50035'],
  ] as const)('of %i, %i says what is wrong', (status, code, kind, words) => {
    expect(toChiffonError(refused(status, code))).toMatchObject({ kind, message: expect.stringContaining(words) });
  });

  it('names the permissions that are known to be missing', () => {
    expect(toChiffonError(refused(403, 50_013), ['Attach Files']).message).toContain('give Chiffon Attach Files there');
  });

  it('goes into the log without what was to be shown, and without tokens', () => {
    const { cause } = toChiffonError(refused(403, 50_013));
    expect(JSON.stringify(cause, Object.getOwnPropertyNames(cause))).not.toContain('secret');
    expect(pathOf('https://discord.com/api/v10/interactions/1/tokenish/callback')).toBe(
      '/api/v10/interactions/1/…/callback',
    );
    expect(pathOf('https://discord.com/api/v10/webhooks/1/tokenish')).toBe('/api/v10/webhooks/1/…');
  });
});
