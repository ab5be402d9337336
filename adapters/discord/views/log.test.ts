import { expect, test } from 'vitest';
import type { LogView } from '../../../core/ports/chat.ts';
import { sampleLog, sampleNow } from '../../../test/builders/views.ts';
import { renderMessage, renderPrivate } from './render-view.ts';

const options = { uploadBytesAtMost: 100, now: sampleNow };
const log = (text: string, more: Partial<LogView> = {}): LogView => ({
  ...sampleLog(0),
  text,
  lines: text.split('\n').length - 1,
  ...more,
});
const contents = (view: LogView): readonly string[] => renderMessage(view, options).map(({ content }) => content);
const files = (view: LogView): readonly string[] =>
  renderMessage(view, options).flatMap((message) => message.files.map(({ text }) => text));

test('a log is one file, and its message says how long it is', () => {
  const [message, ...more] = renderMessage(sampleLog(3), options);
  expect(more).toEqual([]);
  expect(message?.content).toBe('Log of #1, step 1: 3 lines');
  expect(message?.files).toEqual([{ name: 'task-1-step-1.log', text: 'line 1\nline 2\nline 3\n' }]);
});

test('a longer one is divided between lines, a message for each file', () => {
  const view = sampleLog(30);
  expect(contents(view)).toEqual([
    'Log of #1, step 1: 30 lines',
    'Log of #1, step 1, part 2 of 3',
    'Log of #1, step 1, part 3 of 3',
  ]);
  expect(files(view).join('')).toBe(view.text);
  for (const text of files(view)) {
    expect(text).toMatch(/\n$/);
    expect(Buffer.byteLength(text)).toBeLessThanOrEqual(100);
  }
});

test('of one that is too long for five files the end is kept, and the command for all of it is named', () => {
  const view = sampleLog(1_000);
  expect(files(view)).toHaveLength(5);
  expect(files(view).at(-1)).toMatch(/line 1000\n$/);
  const shown = files(view).join('').split('\n').length - 1;
  expect(contents(view)[0]).toBe(
    `Log of #1, step 1: 1,000 lines\n${1_000 - shown} lines at the beginning are left out: \`npm start -- log 1\` prints all of it.`,
  );
});

test('only a line larger than a file is divided, and between characters', () => {
  const view = log(`short\n${'é'.repeat(120)}\n`);
  expect(files(view).join('')).toBe(view.text);
  expect(files(view).join('')).not.toContain('�');
  for (const text of files(view)) expect(Buffer.byteLength(text)).toBeLessThanOrEqual(100);
});

test('colours and what moves a cursor are not in the file', () => {
  expect(files(log('\u001b[31mfatal\u001b[0m: 10 %\r100 %\n'))).toEqual(['fatal: 10 %\n100 %\n']);
});

test('a log that was cut before says so, and so does one that goes on', () => {
  expect(contents(log('x\n', { from: 1, lines: 2, complete: false, attempt: 2 }))).toEqual([
    'Log of #1, step 1, attempt 2: 2 lines\n1 line at the beginning is left out: `npm start -- log 1` prints all of it.\nIt is still running; ask again for more.',
  ]);
  expect(contents(log('', { complete: true }))).toEqual(['Log of #1, step 1: it printed nothing.']);
  expect(contents(log('', { complete: false }))).toEqual(['Log of #1, step 1: it has printed nothing yet.']);
});

test('whoever asks for it can read its end without opening a file', () => {
  const [message] = renderPrivate(log('```\n@everyone\n'), options);
  expect(message?.content).toBe('Log of #1, step 1: 2 lines\n```\n`\u200b`\u200b`\n@\u200beveryone\n```');
});
