// What must hold of every message, whatever the view: Discord refuses a whole message for one character too many, and a mention
// or a fence from outside is an attack.
import { ComponentType } from 'discord.js';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { View } from '../../../core/ports/chat.ts';
import { anyView } from '../../../test/builders/any-view.ts';
import { sampleNow } from '../../../test/builders/views.ts';
import { parseSent } from '../../../test/discord/validate-message.ts';
import { parseCustomId } from '../custom-id.ts';
import type { Message } from '../message.ts';
import { plain } from './markup.ts';
import { renderMessage, renderPrivate } from './render-view.ts';

const options = { uploadBytesAtMost: 700, now: sampleNow };
/** Invisible or turning text around; the zero-width space is what mentions are broken with. */
const dangerous = /(?!\n)\p{Cc}|[\u202a-\u202e\u2066-\u2069\u200c-\u200f\ufeff\u061c]/u;
const mention = /@(?:everyone|here)|<(?:@[!&]?|#)(\d+)>|<(?:\/|a?:)|<id:/gi;

/** The same view with longer lists and longer texts, as real ones can be. */
function inflated<Value>(value: Value): Value;
function inflated(value: unknown): unknown {
  if (typeof value === 'string') return value.length > 20 && !/^[0-9a-f:-]+$/i.test(value) ? value.repeat(12) : value;
  if (Array.isArray(value)) return Array.from({ length: 5 }, () => value.map((each) => inflated(each))).flat();
  if (value === null || typeof value !== 'object') return value;
  return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, kept.has(key) ? each : inflated(each)]));
}
const kept: ReadonlySet<string> = new Set([
  'type',
  'standing',
  'state',
  'tier',
  'risk',
  'requester',
  'calls',
  'planHash',
  'buttons',
  'list',
  'tone',
]);

const views = fc.oneof(
  anyView,
  anyView.map((view): View => inflated(view)),
);

describe.each([
  ['in a conversation', renderMessage],
  ['for one person', renderPrivate],
] as const)('any view at all, shown %s', (_where, render) => {
  const holds = (check: (message: Message, view: View, all: readonly Message[]) => void): void => {
    fc.assert(
      fc.property(views, (view) => {
        const all = render(view, options);
        for (const message of all) check(message, view, all);
      }),
      { numRuns: 150 },
    );
  };

  test('is something to read, of at most 2,000 characters, in a few messages', () => {
    holds((message, _view, all) => {
      expect(all.length).toBeLessThanOrEqual(5);
      expect(message.content.trim()).not.toBe('');
      expect(message.content.length).toBeLessThanOrEqual(2_000);
    });
  });

  test('has buttons and menus as Discord takes them, which can be read back', () => {
    holds(({ components }) => {
      expect(components.length).toBeLessThanOrEqual(5);
      const ids = components.flatMap((row) =>
        row.components.map((each) => ('custom_id' in each ? each.custom_id : '')),
      );
      expect(new Set(ids).size).toBe(ids.length);
      for (const id of ids) expect(parseCustomId(id)).not.toBeNull();
      for (const { components: row } of components) {
        expect(row.length).toBeGreaterThan(0);
        expect(row.length).toBeLessThanOrEqual(5);
        for (const each of row) {
          if (each.type === ComponentType.StringSelect) {
            expect(row).toHaveLength(1);
            expect(each.options.length).toBeGreaterThan(0);
            expect(each.options.length).toBeLessThanOrEqual(25);
            expect(new Set(each.options.map(({ value }) => value)).size).toBe(each.options.length);
            for (const { label, value, description } of each.options) {
              for (const text of [label, value, description ?? 'none']) {
                expect(text.length).toBeGreaterThan(0);
                expect(text.length).toBeLessThanOrEqual(100);
              }
            }
          } else {
            const text = each.type === ComponentType.Button && 'label' in each ? (each.label ?? '') : '';
            expect(text.trim()).not.toBe('');
            expect(text.length).toBeLessThanOrEqual(80);
          }
        }
      }
    });
  });

  test('is taken by the server that stands for Discord', () => {
    holds(({ content, components, pings }) => {
      expect(parseSent({ content, components, allowed_mentions: { users: pings } })).toMatchObject({ content });
    });
  });

  test('has files no larger than may be uploaded', () => {
    holds(({ files }) => {
      expect(files.length).toBeLessThanOrEqual(10);
      const bytes = files.reduce((sum, { text }) => sum + Buffer.byteLength(text), 0);
      expect(bytes).toBeLessThanOrEqual(options.uploadBytesAtMost);
      for (const { name, text } of files) {
        expect(name).toMatch(/^[a-z0-9.-]+$/);
        expect(text).not.toMatch(dangerous);
      }
    });
  });

  test('mentions nobody but whom it may ping, and persons whom the view itself names', () => {
    holds(({ content, pings }, view) => {
      const named = JSON.stringify(view).matchAll(/discord(?:-role)?:(\d+)/g);
      const known = new Set([...pings, ...Array.from(named, ([, id]) => id)]);
      for (const [found, id] of content.matchAll(mention)) expect(known, found).toContain(id);
    });
  });

  test('closes every fence that it opens, and no text from outside opens one', () => {
    holds(({ content }) => {
      const fences = content.split('\n').filter((line) => line.startsWith('```'));
      expect(fences.length % 2).toBe(0);
      expect(content.split('```')).toHaveLength(fences.length + 1);
      for (const [index, line] of fences.entries()) expect(line).toMatch(index % 2 === 0 ? /^```[a-z]*$/ : /^```$/);
    });
  });

  test('holds no control characters, and nothing invisible but what breaks a mention or a fence', () => {
    holds(({ content }) => {
      expect(content).not.toMatch(dangerous);
      for (const [, before, after] of content.matchAll(/(.)\u200b(.?)/gsu))
        expect(`${before}${after}`).toMatch(/^(?:<[@#:/a-z]|@[eh]|``|[<@`]…)$/i);
    });
  });
});

test('a plan always shows what is asked, how risky it is, where each step runs, and who may decide', () => {
  fc.assert(
    fc.property(anyView, (view) => {
      if (view.type !== 'plan') return;
      const [{ content } = { content: '' }] = renderMessage(view, options);
      const [title = ''] = content.split('\n').filter((line) => line.startsWith(`#${view.task} `));
      expect(title).toContain(`${view.risk} risk`);
      expect(content).toContain(view.planHash.slice(0, 12));
      if (view.standing === 'open') expect(content).toMatch(/May approve: |Needs \d of |Nobody may approve/);
      expect(title).toContain(plain(view.request, 120));
      for (const { number, hosts } of view.steps) {
        expect(content).toContain(`**${number}. `);
        expect(content).toContain(hosts[0] === undefined ? 'no host' : `on ${plain(hosts[0], 60)}`);
      }
    }),
    { numRuns: 600 },
  );
});

test('a live message is short, whatever it tells', () => {
  fc.assert(
    fc.property(views, (view) => {
      if (view.type !== 'progress') return;
      for (const { content } of renderMessage(view, options)) expect(content.length).toBeLessThanOrEqual(600);
    }),
    { numRuns: 600 },
  );
});
