// Synapse as it is when nobody has raised its limits: a main job from the request to the result, and ten requests at once.
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { git } from '../e2e/program.ts';
import { homelabBehindForge } from '../e2e/repositories.ts';
import { ownSynapse } from '../matrix/synapse.ts';
import { openInBetween } from './in-between.ts';
import { openStage } from './stage.ts';

const burst = 10;
const isSent = ({ method, path }: { readonly method: string; readonly path: string }): boolean =>
  method === 'PUT' && /\/rooms\/[^/]+\/(send|redact)\//.test(path);

it('with Synapse’s own limits a task is done and ten requests at once are answered, each once, and every 429 is obeyed', async () => {
  await using homeserver = await ownSynapse({ rateLimits: 'default' });
  await using between = await openInBetween(homeserver.url);
  await using stage = await openStage({
    homeserver,
    env: { MATRIX_HOMESERVER_URL: between.url },
    repository: homelabBehindForge,
  });
  const { ada, bot, room, folder } = stage;
  const service = await stage.start();
  const card = await stage.ask(ada, 'deploy uptime kuma to homelab and add existing portals to config');
  await ada.react(room, card.eventId, '✅');
  const result = await stage.result(card, 120_000);
  expect(result.body).toMatch(/^✔ #1 succeeded/);
  const head = await git(join(folder, 'homelab.git'), 'rev-parse', 'main');
  expect(result.html).toContain(`href="https://github.com/ada/homelab/commit/${head}"`);
  await stage.becomes(card, ({ body }) => body.startsWith('✔ succeeded'), 'a true card', 120_000);
  // What people wait for goes first: the last state of the step may come after the result.
  const thread = await ada.until(
    async () => {
      const now = await ada.thread(room, card.eventId);
      return now[0]?.body.startsWith('✔') && now;
    },
    { what: 'the step’s end', timeoutMs: 120_000 },
  );
  expect(thread.map(({ body }) => body.split('\n')[0])).toEqual([
    expect.stringMatching(/^✔ #1 step 1 of 1/),
    expect.stringMatching(/^Log of #1, step 1: [\d,]+ lines$/),
    expect.stringMatching(/^✔ #1 succeeded/),
  ]);

  await Promise.all(Array.from({ length: burst }, () => ada.say(room, '!chiffon restart a service: grafana')));
  const cards = () =>
    ada
      .messages(room)
      .then((all) =>
        all.filter(({ sender, thread: at, eventId }) => sender === bot.userId && !at && eventId !== card.eventId),
      );
  await ada.until(async () => (await cards()).length >= burst, { what: 'ten cards', timeoutMs: 400_000 });
  // A card that can be read is worth more than the reactions under the one before it: without that they are 27.
  const taps = (await cards()).flatMap(({ reactions }) => reactions);
  expect(taps.length).toBeLessThan(15);
  await ada.until(async () => (await cards()).every(({ reactions }) => reactions.length >= 3), {
    what: 'thirty reactions to tap',
    timeoutMs: 400_000,
  });
  const tasks = (await cards()).map(({ body }) => /^#(\d+) /.exec(body)?.[1]);
  expect(tasks).toEqual(Array.from({ length: burst }, (_, index) => String(index + 2)));

  // What was asked for while there was no more to be sent is refused by nobody, and comes to what it should.
  service.signal('SIGTERM');
  expect(await service.ended).toBe(0);
  expect(service.logged().filter(({ level }) => level >= 40)).toEqual([]);
  const refused = between.refused();
  expect(refused.length).toBeGreaterThan(0);
  expect(refused.every(isSent)).toBe(true);
  const sent = between.passed.filter(isSent);
  for (const { answeredMs, retryAfterMs } of refused) {
    const tooSoon = sent.filter(({ askedMs }) => askedMs > answeredMs && askedMs < answeredMs + retryAfterMs);
    expect(tooSoon).toEqual([]);
  }
}, 600_000);
