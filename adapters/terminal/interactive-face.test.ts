import { EventEmitter } from 'node:events';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { afterEach, expect, test } from 'vitest';
import { toConversationId, toTaskId } from '../../core/ids.ts';
import type { Incoming } from '../../core/ports/chat.ts';
import {
  sampleLog,
  samplePlan,
  sampleProgress,
  sampleQuestion,
  sampleResult,
  sampleStep,
} from '../../test/builders/views.ts';
import { makeEmulator } from '../../test/terminal/emulator.ts';
import { makeTerminalChat } from './terminal-chat.ts';

const conversation = toConversationId('terminal:local');
const ctrl = { c: '\u0003', d: '\u0004', l: '\u000c', u: '\u0015', z: '\u001a' };
const up = '\u001b[A';
const paste = (text: string): string => `\u001b[200~${text}\u001b[201~`;

const open: { close: () => Promise<void>; folder: string }[] = [];
afterEach(async () => {
  for (const { close, folder } of open.splice(0)) {
    await close();
    await rm(folder, { recursive: true });
  }
});

type Options = {
  readonly columns?: number;
  readonly rows?: number;
  readonly colours?: boolean;
  readonly folder?: string;
  readonly now?: () => Date;
  readonly handle?: (incoming: Incoming) => Promise<void>;
};

async function start(options: Options = {}) {
  const { columns = 80, rows = 24, colours = false } = options;
  const folder = options.folder ?? (await mkdtemp(join(tmpdir(), 'chiffon-terminal-')));
  const emulator = makeEmulator(columns, rows);
  const input = Object.assign(new PassThrough(), {
    isTTY: true,
    raw: false,
    setRawMode: (raw: boolean) => {
      input.raw = raw;
    },
  });
  const signals = new EventEmitter();
  const interrupts: string[] = [];
  const messages: string[] = [];
  const chat = makeTerminalChat({
    input,
    output: emulator.output,
    interactive: true,
    json: false,
    historyFile: join(folder, 'history'),
    logFolder: join(folder, 'logs'),
    now: options.now ?? (() => new Date()),
    onInterrupt: () => interrupts.push('interrupt'),
    colours,
    signals,
  });
  await chat.start({
    handle: options.handle ?? (async ({ content }) => void messages.push(content.type === 'text' ? content.text : '')),
  });
  open.push({ close: chat.close, folder });
  const type = (keys: string): boolean => input.write(keys);
  const prompt = (): string => emulator.cursor().line;
  return { chat, input, emulator, signals, interrupts, messages, type, prompt, folder };
}

const notice = (text: string) => ({ type: 'notice', task: null, tone: 'neutral', text, code: null }) as const;

test('what is typed becomes a message, and stays to be read', async () => {
  const { type, emulator, messages } = await start();
  type('deploy grafana\r');
  await expect.poll(() => messages).toEqual(['deploy grafana']);
  await expect.poll(() => emulator.lines()).toContain('› deploy grafana');
  await expect.poll(() => emulator.cursor()).toEqual({ line: '›', column: 2 });
});

test('a message was sent when Enter was pressed, however long the one before it took', async () => {
  let now = new Date('2026-01-01T12:00:00.000Z');
  const { promise: first, resolve: goOn } = Promise.withResolvers<void>();
  const sent: (string | undefined)[] = [];
  const { type, emulator } = await start({
    now: () => now,
    handle: async ({ sentAt }) => {
      sent.push(sentAt);
      await first;
    },
  });
  type('deploy grafana\rapprove\r');
  await expect.poll(() => emulator.lines()).toContain('› approve');
  now = new Date('2026-01-01T12:00:09.000Z');
  goOn();
  await expect.poll(() => sent).toEqual(['2026-01-01T12:00:00.000Z', '2026-01-01T12:00:00.000Z']);
});

test('messages arrive above and leave what is being typed alone, with the cursor in its place', async () => {
  const { chat, type, emulator } = await start();
  type('deploy grafana\u001b[D\u001b[D');
  for (let index = 1; index <= 40; index += 1) await chat.post(conversation, `n${index}`, notice(`News ${index}.`));
  await expect.poll(() => emulator.lines()).toContain('• News 40.');
  await expect.poll(() => emulator.cursor()).toEqual({ line: '› deploy grafana', column: 14 });
  expect(emulator.lines().filter((line) => line.startsWith('• News'))).toHaveLength(40);
  expect(emulator.lines().filter((line) => line.includes('deploy grafana'))).toHaveLength(1);
});

test('a run is drawn in place while a line is typed, and leaves one line for each step', async () => {
  const { chat, type, emulator } = await start();
  const reference = await chat.post(
    conversation,
    'p',
    sampleProgress(sampleStep(), sampleStep({ number: 2, state: 'waiting' })),
  );
  for (const [index, key] of [...'status please'].entries()) {
    type(key);
    await chat.update(
      conversation,
      reference,
      sampleProgress(
        sampleStep({ ok: index, now: `Task ${index} · atlas` }),
        sampleStep({ number: 2, state: 'waiting' }),
      ),
    );
    await new Promise((resolve) => setImmediate(resolve));
  }
  await expect.poll(() => emulator.screen().join('\n')).toContain('Task 12 · atlas');
  expect(emulator.lines().filter((line) => line.includes('· atlas'))).toHaveLength(1);
  expect(emulator.cursor().line).toBe('› status please');

  await chat.update(
    conversation,
    reference,
    sampleProgress(sampleStep({ state: 'succeeded' }), sampleStep({ number: 2, now: 'Next · atlas' })),
  );
  await expect.poll(() => emulator.screen().join('\n')).toContain('Next · atlas');
  await chat.update(
    conversation,
    reference,
    sampleProgress(sampleStep({ state: 'succeeded' }), sampleStep({ number: 2, state: 'failed' })),
  );
  await chat.post(conversation, 'r', sampleResult);
  await expect.poll(() => emulator.lines().join('\n')).toContain('#1 succeeded');
  const lines = emulator.lines();
  expect(lines.filter((line) => line.startsWith('✓ #1 1/2'))).toHaveLength(1);
  expect(lines.filter((line) => line.startsWith('✗ #1 2/2'))).toHaveLength(1);
  expect(lines.join('\n')).not.toContain('Next · atlas');
  expect(emulator.cursor().line).toBe('› status please');
});

test('no more than about twelve drawings a second, however fast a run goes', async () => {
  const { chat, emulator } = await start();
  const reference = await chat.post(conversation, 'p', sampleProgress(sampleStep()));
  let writes = 0;
  const write = emulator.output.write.bind(emulator.output);
  emulator.output.write = ((chunk: string) => {
    writes += 1;
    return write(chunk);
  }) as typeof emulator.output.write;
  const startMs = performance.now();
  for (let index = 0; performance.now() - startMs < 1_000; index += 1) {
    await chat.update(conversation, reference, sampleProgress(sampleStep({ ok: index })));
    if (index % 20 === 0) await new Promise((resolve) => setImmediate(resolve));
  }
  expect(writes).toBeGreaterThan(2);
  expect(writes).toBeLessThanOrEqual(14);
});

test('a pasted block is one message, whatever keys it holds', async () => {
  const { type, messages, emulator, interrupts } = await start();
  type(paste('deploy grafana\r\n\twith port 3000\r\r'));
  await expect.poll(() => emulator.cursor().line).toBe('› deploy grafana⏎ with port 3000');
  expect([messages, interrupts]).toEqual([[], []]);
  type(' please\r');
  await expect.poll(() => messages).toEqual(['deploy grafana\n\twith port 3000 please']);
});

test('a paste split between two reads stays a paste', async () => {
  const { type, messages, emulator } = await start();
  const whole = paste('one\rtwo');
  for (const part of [whole.slice(0, 3), whole.slice(3, 9), whole.slice(9, 16), whole.slice(16)]) type(part);
  await expect.poll(() => emulator.cursor().line).toBe('› one⏎two');
  expect(messages).toEqual([]);
});

test('a paste that is too long is cut, and says so', async () => {
  const { type, messages, emulator } = await start();
  type(paste('x'.repeat(100_000)));
  await expect.poll(() => emulator.screen().join('\n')).toContain('That is too long');
  type('\r');
  await expect.poll(() => messages.map((message) => message.length)).toEqual([10_000]);
});

test('a key held down, or a paste that is not marked as one, does not make a line without end', async () => {
  const { type, messages } = await start();
  type(`${'x'.repeat(12_000)}\u007f\r`);
  await expect.poll(() => messages.map((message) => message.length)).toEqual([9_999]);
});

test('a line wider than the terminal is wrapped, and erased whole', async () => {
  const { type, emulator } = await start({ columns: 40 });
  type('word '.repeat(20));
  await expect.poll(() => emulator.screen().filter((line) => line.includes('word'))).toHaveLength(3);
  type(ctrl.u);
  await expect.poll(() => emulator.screen()).toEqual(['', '›']);
});

test('Ctrl-C clears what was typed, then hints, then counts', async () => {
  const { type, emulator, interrupts, prompt } = await start();
  type('deploy');
  await expect.poll(() => emulator.cursor().line).toBe('› deploy');
  type(ctrl.c);
  await expect.poll(prompt).toBe('›');
  expect(interrupts).toEqual([]);
  type(ctrl.c);
  await expect.poll(() => emulator.screen().join('\n')).toContain('Ctrl-C once more leaves');
  expect(interrupts).toEqual([]);
  type(ctrl.c);
  await expect.poll(() => interrupts).toHaveLength(1);
});

test('during a run the first Ctrl-C counts; a key answers the question, and what was typed is still there', async () => {
  const { chat, type, emulator, interrupts, messages } = await start();
  await chat.post(conversation, 'p', sampleProgress(sampleStep()));
  type(ctrl.c);
  await expect.poll(() => interrupts).toHaveLength(1);
  type('status');
  await expect.poll(() => emulator.cursor().line).toBe('› status');
  const answer = chat.ask('#1 is running. Cancel it, or leave?', ['cancel', 'leave', 'go on']);
  await expect.poll(() => emulator.cursor().line).toBe('› c cancel · l leave · g go on');
  type('x\r');
  type('l');
  await expect(answer).resolves.toBe('leave');
  await expect.poll(() => emulator.cursor().line).toBe('› status');
  expect(messages).toEqual([]);
});

test('a second Ctrl-C while it asks counts too, and leaves the question without an answer', async () => {
  const { chat, type, interrupts } = await start();
  const answer = chat.ask('Cancel it?', ['cancel', 'leave']);
  type(ctrl.c);
  await expect(answer).resolves.toBeNull();
  expect(interrupts).toHaveLength(1);
});

test('Ctrl-D leaves from an empty line only; Ctrl-Z does not stop a running step', async () => {
  const { chat, type, emulator } = await start();
  let ended = false;
  void chat.ended.then(() => {
    ended = true;
  });
  type(`ab${ctrl.z}${ctrl.d}`);
  await expect.poll(() => emulator.cursor().line).toBe('› ab');
  expect(ended).toBe(false);
  type(ctrl.u + ctrl.d);
  await expect.poll(() => ended).toBe(true);
});

test('Ctrl-L clears the screen and keeps the line', async () => {
  const { chat, type, emulator } = await start();
  await chat.post(conversation, 'n', notice('News.'));
  await expect.poll(() => emulator.screen()).toContain('• News.');
  type(`abc${ctrl.l}`);
  await expect.poll(() => emulator.screen()).toEqual(['', '› abc']);
});

test('Tab completes commands and the numbers of tasks that were seen', async () => {
  const { chat, type, emulator } = await start();
  await chat.post(conversation, 'q', { ...sampleQuestion, task: toTaskId(42) });
  type('hist\t');
  await expect.poll(() => emulator.cursor().line).toBe('› history');
  type(`${ctrl.u}approve #\t`);
  await expect.poll(() => emulator.cursor().line).toBe('› approve #42');
  type(`${ctrl.u}re\t`);
  await expect.poll(() => emulator.screen().at(-1)).toBe('  reject  resume  retry');
});

test('the lines of an earlier session come back with the up key; secrets never do', async () => {
  const first = await start();
  first.type('deploy grafana\rset password hunter2\rstatus\r');
  await expect.poll(() => first.messages).toHaveLength(3);
  await first.chat.close();
  expect(await readFile(join(first.folder, 'history'), 'utf8')).toBe('"deploy grafana"\n"status"\n');

  const second = await start({ folder: first.folder });
  open.pop();
  second.type(up);
  await expect.poll(second.prompt).toBe('› status');
  second.type(up);
  await expect.poll(second.prompt).toBe('› deploy grafana');
  await second.chat.close();
});

test('the answer to a question for a secret is neither shown nor kept', async () => {
  const { chat, type, emulator, messages, folder } = await start();
  await chat.post(conversation, 'q', { ...sampleQuestion, text: 'Which value?', candidates: [], secret: true });
  type('correct horse');
  await expect.poll(() => emulator.cursor().line).toBe(`› ${'•'.repeat(13)}`);
  type('\r');
  await expect.poll(() => messages).toEqual(['correct horse']);
  type('status\r');
  await expect.poll(() => messages).toHaveLength(2);
  await chat.close();
  expect(emulator.lines().join('\n')).not.toContain('horse');
  expect(await readFile(join(folder, 'history'), 'utf8')).toBe('"status"\n');
});

test('what can be typed next stands in the empty prompt, where colours tell it from typed text', async () => {
  const { chat, emulator } = await start({ colours: true });
  await expect.poll(() => emulator.cursor().line).toBe('› ask for a change in your own words, or type help');
  await chat.post(conversation, 'c', samplePlan);
  await expect.poll(() => emulator.cursor().line).toBe('› approve, reject <reason> or change <what>');
  const plain = await start();
  await expect.poll(plain.prompt).toBe('›');
});

test('narrower and wider again: no old frame is left behind, and the typed line is whole', async () => {
  const { chat, type, emulator } = await start({ columns: 100, rows: 30 });
  await chat.post(conversation, 'n', notice('News.'));
  await chat.post(conversation, 'p', sampleProgress(sampleStep()));
  type(`deploy ${'x'.repeat(60)}`);
  await expect.poll(() => emulator.cursor().line).toContain('xxx');
  for (const columns of [40, 120, 45, 100]) {
    emulator.resize(columns, 30);
    // Drawn for the new width: the time stands at the end of the step's row, and no part of the line is cut off.
    await expect.poll(() => emulator.lines().join('\n')).toMatch(/#1 1\/1 .*\d (s|min|h)$/m);
    await expect.poll(() => emulator.lines().join('').match(/x/g)?.length).toBe(60);
    const lines = emulator.lines();
    expect(
      lines.filter((line) => line.includes('#1 1/1')),
      `at ${columns}`,
    ).toHaveLength(1);
    expect(
      lines.filter((line) => line.includes('› deploy')),
      `at ${columns}`,
    ).toHaveLength(1);
    expect(lines).toContain('• News.');
  }
});

test('progress that comes after the result is outdated', async () => {
  const { chat, emulator } = await start();
  await chat.post(conversation, 'r', sampleResult);
  await chat.update(conversation, 'p', sampleProgress(sampleStep()));
  await chat.post(conversation, 'n', notice('News.'));
  await expect.poll(() => emulator.screen()).toContain('• News.');
  expect(emulator.screen().join('\n')).not.toContain('Write the monitors');
});

test('a task that is planned again no longer runs', async () => {
  const { chat, emulator } = await start();
  await chat.post(conversation, 'p', sampleProgress(sampleStep()));
  await expect.poll(() => emulator.screen().join('\n')).toContain('Write the monitors');
  await chat.update(conversation, 'c', { ...samplePlan, standing: 'withdrawn' });
  await expect.poll(() => emulator.screen().join('\n')).not.toContain('Write the monitors');
});

test('while an answer takes its time, something says so', async () => {
  const { chat, type, emulator } = await start();
  type('deploy grafana\r');
  await expect.poll(() => emulator.screen().join('\n')).toContain('working on it');
  await chat.post(conversation, 'n', notice('News.'));
  await expect.poll(() => emulator.screen().join('\n')).not.toContain('working on it');
});

test('a run with more steps than the screen has rows leaves room for the prompt', async () => {
  const { chat, type, emulator } = await start({ rows: 12 });
  const steps = Array.from({ length: 30 }, (_, index) => sampleStep({ number: index + 1, state: 'waiting' }));
  await chat.post(conversation, 'p', sampleProgress(...steps));
  type('abc');
  await expect.poll(() => emulator.cursor().line).toBe('› abc');
  expect(emulator.screen().join('\n')).toMatch(/and \d+ more lines/);
});

test('a long log shows its end and the file with all of it, which only its owner can read', async () => {
  const { chat, emulator, folder } = await start({ columns: 200, rows: 40 });
  await chat.post(conversation, 'l', sampleLog(1_000));
  const file = join(folder, 'logs', 'task-1-step-1-attempt-1.log');
  await expect.poll(() => emulator.lines().join('\n')).toContain(`800 earlier lines; all of it is in ${file}`);
  expect(await readFile(file, 'utf8')).toBe(sampleLog(1_000).text);
});

test('at the end the terminal is as it was: no raw mode, no paste marks, no prompt', async () => {
  const { chat, input, emulator, signals, type } = await start();
  await chat.post(conversation, 'n', notice('News.'));
  await chat.post(conversation, 'p', sampleProgress(sampleStep()));
  type('half a li');
  await expect.poll(() => emulator.cursor().line).toBe('› half a li');
  let written = '';
  emulator.output.write = ((chunk: string) => {
    written += chunk;
    return true;
  }) as typeof emulator.output.write;
  await chat.close();
  await emulator.write(written);
  expect(emulator.lines()).toEqual(['• News.']);
  expect(written).toContain('\u001b[?2004l');
  expect(input.raw).toBe(false);
  expect([signals.eventNames(), emulator.output.listenerCount('resize')]).toEqual([[], 0]);
});

test('a terminal that goes away ends the session quietly', async () => {
  const { chat, emulator } = await start();
  emulator.output.destroy(Object.assign(new Error('gone'), { code: 'EIO' }));
  await chat.ended;
  await chat.post(conversation, 'n', notice('News.'));
});
