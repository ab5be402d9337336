// A run that prints what could hurt: what another client reads of it, event by event, calls nobody, shows nothing that is not there,
// and fits.
import { expect, it } from 'vitest';
import { hostilePlaybook } from '../builders/hostile-playbook.ts';
import type { Person } from '../matrix/people.ts';
import type { TextContent } from '../matrix/room-event.ts';
import { openStage } from './stage.ts';

const count = 1_000;
const eventBytesAtMost = 65_536;

/** What clients of Matrix make something of. */
function meaningTo({ userId }: Person): readonly string[] {
  const room = '#homelab:chiffon.test';
  return [
    ...['@room', userId, room, '!abcdefgh:chiffon.test', `matrix:u/${userId.slice(1)}`, `matrix:r/${room.slice(1)}`],
    ...[
      `https://matrix.to/#/${userId}`,
      `[ok](https://matrix.to/#/${userId})`,
      `https://app.element.io/#/user/${userId}`,
    ],
    ...[`<a href="https://matrix.to/#/${userId}">ok</a>`, '<img src="mxc://chiffon.test/x" onerror="alert(1)">'],
    ...['<b>', '</strong>', '</pre>', '</code></pre>', '<mx-reply>', '<script>', '<font color="red">', '<!--', '-->'],
    ...['<span data-mx-spoiler>', '&lt;b&gt;', '&#64;room', '&nbsp;', ']]>', '"', "'", '@\u200broom', '<\u200bb>'],
  ];
}

it('a thousand hostile outputs call nobody, make no tag and no pill, fit, and are in the log file', async () => {
  await using stage = await openStage({
    files: (folder, people) => hostilePlaybook(folder, count, people.slice(-1).flatMap(meaningTo)),
  });
  const { ada, eve, bot, room } = stage;
  // Who may notify a whole room does not by accident.
  await ada.setPower(room, bot.userId, 50);
  const service = await stage.start();
  const card = await stage.ask(ada, 'say bad things');
  await ada.react(room, card.eventId, '✅');
  const result = await stage.result(card, 120_000);
  expect(result.body).toMatch(/^✖ #1 failed/);
  await stage.becomes(card, ({ body }) => body.startsWith('✖ failed'), 'a true card');
  const asked = await ada.say(room, '!chiffon log #1');
  await ada.sees(
    room,
    ({ file, event }) => file !== undefined && event.content['m.relates_to']?.['m.in_reply_to']?.event_id === asked,
  );

  const said = (await ada.events(room)).filter(
    ({ sender, type }) => sender === bot.userId && type === 'm.room.message',
  );
  expect(said.length).toBeGreaterThan(6);
  for (const event of said) {
    const { unsigned: _unsigned, ...whole } = event;
    expect(Buffer.byteLength(JSON.stringify(whole))).toBeLessThan(eventBytesAtMost);
    for (const text of [event.content, event.content['m.new_content'] ?? {}]) expectHarmless(text, eve, ada);
  }
  const calling = said.filter(({ content }) => (content['m.mentions']?.user_ids ?? []).length > 0);
  expect(calling.map(({ event_id: id }) => id)).toEqual([result.eventId]);
  expect((await eve.rang(room)).filter(({ highlight }) => highlight)).toEqual([]);

  // Every output is in the file, with its number.
  const files = (await ada.messages(room)).flatMap(({ file }) => file ?? []);
  const texts = await Promise.all(files.map(async (file) => Buffer.from(await ada.download(file)).toString()));
  expect(texts).toHaveLength(2);
  for (const text of texts) {
    for (let index = 0; index < count; index += 1) expect(text).toContain(`h${index}: `);
    expect(text).not.toMatch(/[[\p{Cc}\p{Bidi_Control}]--\n]/v);
  }
  service.signal('SIGTERM');
  expect(await service.ended).toBe(0);
}, 180_000);

const ownTags = /<\/?(?:strong|code|pre|br)>|<code class="language-(?:diff|yaml|json)">/g;

function expectHarmless(
  { body = '', formatted_body: html = '', 'm.mentions': mentions }: TextContent,
  eve: Person,
  ada: Person,
) {
  for (const text of [body, html]) {
    expect(text).not.toMatch(/[[\p{Cc}\p{Bidi_Control}\u2028\u2029]--\n]/v);
    expect(text).not.toMatch(/matrix\.to|\bmatrix:[ur]\/|\/#\/user\//i);
    expect(text).not.toMatch(/@room\b/i);
    expect(text).not.toContain(eve.userId);
    expect(text).not.toMatch(/[#!](?:homelab|abcdefgh):chiffon\.test/);
  }
  expect(html.replace(ownTags, '')).not.toMatch(/[<>]/);
  expect(mentions?.room ?? false).toBe(false);
  expect((mentions?.user_ids ?? []).filter((id) => id !== ada.userId)).toEqual([]);
}
