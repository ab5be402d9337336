// What must hold of every message of every view, whatever is in it.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { View } from '../../../core/ports/chat.ts';
import { anyView, withWords } from '../../../test/builders/any-view.ts';
import { sampleNow, samplePlan, sampleResult } from '../../../test/builders/views.ts';
import { contentOf, editOf } from '../content.ts';
import type { Message } from '../message.ts';
import { callOf } from '../person.ts';
import { renderMessage } from './render-view.ts';

const options = { uploadBytesAtMost: 50_000, now: sampleNow };
const eventBytesAtMost = 65_536;
/** What a homeserver adds: ids, signatures, the events that it leans on. */
const envelopeBytes = 8_000;
const mark = { key: 'k'.repeat(32), root: `!${'r'.repeat(254)}/$${'e'.repeat(254)}` };
const relation = {
  rel_type: 'm.thread',
  event_id: `$${'e'.repeat(254)}`,
  'm.in_reply_to': { event_id: `$${'e'.repeat(254)}` },
};

function bytes(content: unknown): number {
  return Buffer.byteLength(JSON.stringify(content));
}

const attacks = [
  '@room',
  '@ada:example.org',
  '#ops:example.org',
  '!abc:example.org',
  'https://matrix.to/#/@ada:example.org',
  'matrix:u/ada:example.org',
  '<b>bold</b>',
  '<a href="https://evil.example">x</a>',
  '"><img src=x onerror=alert(1)>',
  '&lt;script&gt;',
  '</code></pre><h1>',
  '`code`',
  '*',
  '\u202e',
  '\u0000',
  '<mx-reply>',
  'x'.repeat(50_000),
  '\ud800',
  '<span data-mx-spoiler>',
  'javascript:alert(1)',
  '\n\n# heading',
  'é'.repeat(20_000),
  '"'.repeat(9_000),
  '<'.repeat(9_000),
];
const hostile = fc.array(fc.constantFrom(...attacks), { minLength: 1, maxLength: 3 }).map((parts) => parts.join(' '));

/** Any view with hostile texts in all of its fields that hold free text. */
const hostileView = fc.tuple(anyView, hostile).map(([view, text]) => ({ view, swapped: withWords(view, text) }));

/** The tags of the HTML, after which nothing else may look like one. */
function tagsOf(html: string): readonly string[] {
  return html.match(/<[^>]*>/g) ?? [];
}
const allowed =
  /^<(?:\/?(?:strong|code|pre|a)|br|code class="language-(?:diff|yaml|json)"|a href="https?:\/\/[^"<>\s]+")>$/;

function check(message: Message): void {
  const text = message.body;
  expect(bytes(contentOf(message, mark, relation)) + envelopeBytes).toBeLessThan(eventBytesAtMost);
  expect(bytes(editOf(message, mark.root, mark)) + envelopeBytes).toBeLessThan(eventBytesAtMost);
  expect(text.trim()).not.toBe('');
  expect(text.isWellFormed() && message.html.isWellFormed()).toBe(true);
  // biome-ignore lint/suspicious/noControlCharactersInRegex: it is what must not be there
  expect(text).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]/);
  for (const tag of tagsOf(message.html)) expect(tag).toMatch(allowed);
  expect(message.html.replace(/<[^>]*>/g, '')).not.toMatch(/[<>"]/);
  expect(message.file === null || Buffer.byteLength(message.file.text) <= options.uploadBytesAtMost).toBe(true);
}

describe('every message of every view', () => {
  it('fits into an event, also as an edit, and holds no tag, control or broken character from outside', () => {
    fc.assert(
      fc.property(anyView, (view) => {
        const messages = renderMessage(view, options);
        expect(messages.length).toBeGreaterThan(0);
        for (const message of messages) check(message);
      }),
      { numRuns: 400 },
    );
  });

  it('fits into an event when everything in it is long, many and needs escaping', () => {
    const long = '"<&\u{1f4a3}\\'.repeat(120);
    const many = Array.from({ length: 40 }, () => long);
    const inputs = many.map((name) => ({ name, value: name }));
    const step = { title: long, playbook: long, selection: many, hosts: many, inputs, estimatedMs: 1 };
    const steps = many.map((_, at) => ({ ...step, number: at + 1, risk: 'high' as const }));
    const config = many.map((path) => ({ path, diff: many.map((text) => `+${text}`).join('\n') }));
    const plan = {
      ...samplePlan,
      steps,
      config,
      request: long,
      understood: many,
      findings: many,
      differences: many,
      notes: many,
      approvers: many,
    };
    const host = { host: long, ok: 1, changed: 1, failed: 1, unreachable: 1, changes: many };
    const ended = {
      number: 1,
      title: long,
      state: 'failed' as const,
      durationMs: 1,
      hosts: many.map(() => host),
      notes: many,
      lines: 1,
    };
    const result = {
      ...sampleResult,
      request: long,
      text: long,
      steps: many.map(() => ended),
      undo: many,
      approvedBy: many,
    };
    const tasks = many.map(() => ({
      task: samplePlan.task,
      state: long,
      request: long,
      requester: samplePlan.requester,
      at: '',
      summary: long,
    }));
    const views: readonly View[] = [
      plan,
      { type: 'details', plan },
      result,
      { type: 'tasks', list: 'history', tasks, more: true },
      { type: 'list', title: long, rows: many.map((text) => ({ text, aside: text })), more: 3, note: long },
      { type: 'why', task: samplePlan.task, tier: 'rules', confidence: 1, lines: many },
      { type: 'help', commands: many.map((usage) => ({ usage, meaning: usage })), examples: many },
      { type: 'detail', title: long, data: many },
    ];
    for (const view of views) for (const message of renderMessage(view, options)) check(message);
  });

  it('rings only whom the view itself calls', () => {
    fc.assert(
      fc.property(anyView, (view) => {
        const called = [
          ...('requester' in view ? callOf(view.requester) : []),
          ...('calls' in view && view.calls !== undefined ? callOf(view.calls) : []),
        ];
        for (const { mentions } of renderMessage(view, options))
          for (const userId of mentions) expect(called).toContain(userId);
      }),
    );
  });

  it('does all of this with hostile text in every field', () => {
    fc.assert(
      fc.property(hostileView, ({ swapped }) => {
        for (const message of renderMessage(swapped, options)) check(message);
      }),
      { numRuns: 300 },
    );
  });
});

describe('text from outside', () => {
  const rendered = (text: string) =>
    renderMessage({ ...samplePlan, request: text, findings: [text], understood: [text] }, options)[0];

  it.each([
    '@room',
    '@ada:example.org',
    '#ops:example.org',
    'https://matrix.to/#/@ada:example.org',
    'matrix:u/ada:example.org',
  ])('with %s becomes no pill and no mention', (text) => {
    const message = rendered(`see ${text} there`);
    expect(message?.body).not.toContain(text);
    expect(message?.html).not.toContain(text);
    expect(message?.mentions).toEqual([]);
  });

  it('keeps its letters: an address of a web page can be tapped, and a repository’s address copied', () => {
    const message = rendered('see https://example.org/a?b=1 and git@example.org:a/b');
    expect(message?.body).toContain('https://example.org/a?b=1 and git@example.org:a/b');
  });

  it('is a link only where Chiffon makes one, to an address that is one', () => {
    const commit = { sha: 'a'.repeat(40), repository: 'homelab', branch: 'main', pushed: true };
    const html = (link: string) =>
      renderMessage({ ...sampleResult, commit: { ...commit, link } }, options)[0]?.html ?? '';
    expect(html('https://git.example.org/c/1')).toContain('<a href="https://git.example.org/c/1">');
    for (const link of [
      'javascript:alert(1)',
      'https://a"><b>',
      'https://matrix.to/#/@ada:example.org',
      'https://x/\u202e',
      'data:text/html,x',
    ])
      expect(html(link)).not.toContain('<a ');
  });
});
