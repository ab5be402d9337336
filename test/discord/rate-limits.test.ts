// Discord's rate limits: the real client keeps to them, and who does not is refused, counted and written down.
import { describe, expect, it, vi } from 'vitest';
import { makeClock } from './clock.ts';
import { makeRateLimits } from './rate-limits.ts';
import { ask, connect } from './server-stage.ts';
import { type DiscordServer, startDiscord } from './start.ts';

const messages = (server: DiscordServer, which = 'ops') => `/channels/${server.channel(which).id}/messages`;

async function several(count: number, work: () => ReturnType<typeof ask>) {
  const statuses: number[] = [];
  for (let n = 0; n < count; n += 1) statuses.push((await work()).status);
  return statuses;
}

describe('five messages in five seconds', () => {
  it('may be sent to a channel, and each answer says how many are left', async () => {
    await using server = await startDiscord();
    const send = (which: string) => ask(server, 'POST', messages(server, which), { content: 'x' });
    const first = await send('ops');
    expect(first.headers.get('x-ratelimit-limit')).toBe('5');
    expect(first.headers.get('x-ratelimit-remaining')).toBe('4');
    expect(first.headers.get('x-ratelimit-bucket')).toMatch(/^[0-9a-f]{32}$/);
    expect(Number(first.headers.get('x-ratelimit-reset-after'))).toBeGreaterThan(4);
    expect(await several(4, () => send('ops'))).toEqual([200, 200, 200, 200]);
    const refused = await send('ops');
    expect(refused).toMatchObject({ status: 429, body: { global: false } });
    expect(refused.headers.get('x-ratelimit-scope')).toBe('user');
    expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0);
    expect((await send('general')).status).toBe(200);
    server.clock.advance(5_000);
    expect((await send('ops')).status).toBe(200);
    expect(server.refusals).toEqual({ user: 1, shared: 0, global: 0 });
    server.assertNoViolations();
  });

  it('are what the real client keeps to, without a single refusal', async () => {
    await using server = await startDiscord();
    await using bot = await connect(server);
    const channel = await bot.channel('ops');
    const sent = Array.from({ length: 7 }, (_, n) => channel.send(`${n}`));
    await vi.waitFor(async () => expect(await server.channel('ops').messages()).toHaveLength(5));
    await Promise.all(sent);
    const times = (await server.channel('ops').messages()).map(({ createdMs }) => createdMs);
    expect((times[5] ?? 0) - (times[0] ?? 0)).toBeGreaterThan(4_500);
    expect(server.refusals).toEqual({ user: 0, shared: 0, global: 0 });
    server.assertNoViolations();
  });

  it('who was refused and asks again before the time is written down', async () => {
    await using server = await startDiscord();
    const send = () => ask(server, 'POST', messages(server), { content: 'x' });
    await several(6, send);
    server.assertNoViolations();
    server.clock.advance(1_000);
    expect((await send()).status).toBe(429);
    expect(server.violations).toMatchObject([{ code: 429 }]);
  });
});

it('edits are counted apart from messages, and those of old messages apart again', async () => {
  await using server = await startDiscord();
  const { body } = await ask(server, 'POST', messages(server), { content: 'x' });
  const id = typeof body === 'object' && body !== null && 'id' in body ? String(body.id) : '';
  const edit = () => ask(server, 'PATCH', `${messages(server)}/${id}`, { content: 'y' });
  expect(await several(5, edit)).toEqual([200, 200, 200, 200, 200]);
  expect((await edit()).status).toBe(429);
  server.clock.advance(3_600_001);
  expect(await several(3, edit)).toEqual([200, 200, 200]);
  expect(await edit()).toMatchObject({ status: 429, body: { code: 30046 } });
  server.clock.advance(6_000);
  expect((await edit()).status).toBe(200);
});

it('a thread is renamed twice in ten minutes', async () => {
  await using server = await startDiscord();
  const { body } = await ask(server, 'POST', messages(server), { content: 'x' });
  const id = typeof body === 'object' && body !== null && 'id' in body ? String(body.id) : '';
  await ask(server, 'POST', `${messages(server)}/${id}/threads`, { name: 'zero' });
  const rename = (name: string) => ask(server, 'PATCH', `/channels/${id}`, { name });
  expect([(await rename('one')).status, (await rename('two')).status]).toEqual([200, 200]);
  const third = await rename('three');
  expect(third.status).toBe(429);
  expect(Number(third.headers.get('retry-after'))).toBeGreaterThan(500);
  expect((await ask(server, 'PATCH', `/channels/${id}`, { archived: true })).status).toBe(200);
});

it('there are fifty requests a second in all, of which interactions are none', async () => {
  await using server = await startDiscord();
  const names = Array.from({ length: 60 }, (_, n) => server.owner.addChannel(`c${n}`));
  const statuses = await Promise.all(
    names.map(async (id) => await ask(server, 'POST', `/channels/${id}/messages`, { content: 'x' })),
  );
  const refused = statuses.filter(({ status }) => status === 429);
  expect(refused.length).toBeGreaterThan(0);
  expect(refused[0]?.headers.get('x-ratelimit-global')).toBe('true');
  expect(refused[0]).toMatchObject({ body: { global: true } });
  expect(server.refusals.global).toBe(refused.length);
  expect((await ask(server, 'POST', '/interactions/1/x/callback', { type: 6 })).status).toBe(404);
});

describe('a refusal that a test asks for', () => {
  it.each(['user', 'shared', 'global'] as const)('of scope %s is waited out by the real client', async (scope) => {
    await using server = await startDiscord();
    await using bot = await connect(server);
    const channel = await bot.channel('ops');
    server.limitNext({ route: 'POST /channels/:channel/messages' }, { scope, retryAfterMs: 1_000 });
    const since = performance.now();
    await channel.send('x');
    expect(performance.now() - since).toBeGreaterThan(900);
    expect(server.refusals[scope]).toBe(1);
    server.assertNoViolations();
  });
});

describe('invalid requests', () => {
  it('are counted, but for those that met a shared limit', async () => {
    await using server = await startDiscord({ limits: 'generous' });
    const send = () => ask(server, 'POST', messages(server), { content: 'x' });
    for (const [scope, count] of [
      ['shared', 0],
      ['user', 1],
    ] as const) {
      server.limitNext({ route: 'POST /channels/:channel/messages' }, { scope, retryAfterMs: 1 });
      await send();
      expect(server.invalidRequests()).toBe(count);
    }
    server.owner.setOverrides('ops', [{ id: server.application.id, type: 'member', deny: ['SendMessages'] }]);
    expect((await send()).status).toBe(403);
    expect(server.invalidRequests()).toBe(2);
  });

  it('close the door for ten minutes when they are 10,000', () => {
    const clock = makeClock(() => {});
    const limits = makeRateLimits(clock, false, () => {});
    for (let n = 0; n < 9_999; n += 1) limits.countInvalid();
    expect(limits.banned()).toBe(false);
    limits.countInvalid();
    expect(limits.banned()).toBe(true);
    clock.advance(600_000);
    expect(limits.banned()).toBe(false);
  });
});
