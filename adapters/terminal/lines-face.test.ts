import { EventEmitter } from 'node:events';
import { PassThrough, Writable } from 'node:stream';
import { expect, test } from 'vitest';
import { toConversationId } from '../../core/ids.ts';
import {
  sampleNow,
  samplePlan,
  sampleProgress,
  sampleRefusal,
  sampleResult,
  sampleStep,
} from '../../test/builders/views.ts';
import { makeTerminalChat } from './terminal-chat.ts';

const conversation = toConversationId('terminal:local');

function start(options: { readonly json?: boolean } = {}) {
  const input = new PassThrough();
  const taken: string[] = [];
  const output = new Writable({
    write: (chunk: Buffer, _encoding, done) => {
      taken.push(chunk.toString());
      done();
    },
  });
  const signals = new EventEmitter();
  const interrupts: string[] = [];
  let now = sampleNow.getTime();
  const chat = makeTerminalChat({
    input,
    output,
    interactive: false,
    json: options.json ?? false,
    historyFile: null,
    now: () => new Date(now),
    onInterrupt: () => interrupts.push('interrupt'),
    signals,
  });
  const pass = (ms: number): void => {
    now += ms;
  };
  return { chat, input, signals, interrupts, pass, shown: () => taken.join('') };
}

test('each line is one message, handed over when the one before has settled; then the input has ended', async () => {
  const { chat, input } = start();
  const steps: string[] = [];
  await chat.start({
    handle: async ({ content, person, conversation: where, messageId }) => {
      const text = content.type === 'text' ? content.text : '';
      steps.push(`${text} from ${person.id} in ${where}`);
      expect(messageId).toMatch(/^[0-9a-f-]{36}$/);
      await new Promise((resolve) => setImmediate(resolve));
      steps.push(`${text} settled`);
    },
  });
  input.end('one\n\n  \ntwo');
  await chat.ended;
  const from = 'from terminal:local in terminal:local';
  expect(steps).toEqual([`one ${from}`, 'one settled', `two ${from}`, 'two settled']);
});

test('a line of 100 kB arrives long enough to be refused', async () => {
  const { chat, input } = start();
  const lengths: number[] = [];
  await chat.start({
    handle: async ({ content }) => void lengths.push(content.type === 'text' ? content.text.length : 0),
  });
  input.end(`${'x'.repeat(100_000)}\nshort\n`);
  await chat.ended;
  expect(lengths).toEqual([100_000, 5]);
});

test('plain text has no colours and no cursor tricks, and is not wrapped', async () => {
  const { chat, shown } = start();
  await chat.post(conversation, 'a', { ...samplePlan, understood: ['word '.repeat(60).trim()] });
  await chat.post(conversation, 'b', sampleResult);
  await chat.post(conversation, 'c', { ...sampleRefusal, text: 'A hostile \u001b[2J name' });
  await chat.close();
  expect(shown()).not.toMatch(/(?!\n)\p{Cc}|[│╭╰]/u);
  expect(shown()).toContain('word '.repeat(60).trim());
  expect(shown()).toContain('Type approve, reject <reason> or change <what>');
});

test('of a run only what is new is told, a line each', async () => {
  const { chat, shown } = start();
  const reference = await chat.post(conversation, 'p', sampleProgress(sampleStep({ state: 'waiting', now: '' })));
  const news = [
    sampleStep({ state: 'starting', agent: null, now: '' }),
    sampleStep({ state: 'starting', now: '' }),
    sampleStep({ now: '' }),
    sampleStep({ now: 'Write the monitors · atlas' }),
    sampleStep({ now: 'Write the monitors · boreas', ok: 7 }),
    sampleStep({ now: 'Write the monitors · ceres', ok: 8 }),
    sampleStep({ now: 'Start it · atlas' }),
    sampleStep({ state: 'succeeded', ok: 9 }),
    sampleStep({ state: 'succeeded', ok: 9 }),
  ];
  for (const step of news) await chat.update(conversation, reference, sampleProgress(step));
  await chat.post(conversation, 'r', { type: 'notice', task: null, tone: 'good', text: 'Done.', code: null });
  await chat.close();
  expect(shown().split('\n')).toEqual([
    '▸ #1 1/1 Deploy Uptime Kuma: waiting for an agent of pool ansible',
    '▸ #1 1/1 Deploy Uptime Kuma: taken by nas-agent',
    '▸ #1 1/1 Deploy Uptime Kuma: Write the monitors · atlas',
    '▸ #1 1/1 Deploy Uptime Kuma: Start it · atlas',
    '✓ #1 1/1 Deploy Uptime Kuma: succeeded (9 ok · 3 changed · 7 s)',
    '✓ Done.',
    '',
  ]);
});

test('progress that comes after the result is outdated', async () => {
  const { chat, shown } = start();
  await chat.post(conversation, 'r', sampleResult);
  await chat.update(conversation, 'p', sampleProgress(sampleStep()));
  await chat.close();
  expect(shown()).not.toContain('Write the monitors');
});

test('the same key posts once, and a card that changed its standing says so once', async () => {
  const { chat, shown } = start();
  const notice = { type: 'notice', task: null, tone: 'neutral', text: 'Hello.', code: null } as const;
  expect([await chat.post(conversation, 'k', notice), await chat.post(conversation, 'k', notice)]).toEqual(['k', 'k']);
  await chat.update(conversation, 'card', { ...samplePlan, standing: 'superseded' });
  await chat.update(conversation, 'card', { ...samplePlan, standing: 'superseded' });
  await chat.close();
  expect(shown()).toBe('• Hello.\n~ #1 revision 1 is superseded\n');
});

test('as JSON every line is an object with the view as it is, in which nothing is unprintable', async () => {
  const { chat, shown } = start({ json: true });
  const hostile = 'a\u001b[2J\u009b1m\u202e\u2028\ud83db\n';
  await chat.post(conversation, 'a', { ...samplePlan, request: hostile });
  const reference = await chat.post(conversation, 'p', sampleProgress(sampleStep()));
  await chat.update(conversation, reference, sampleProgress(sampleStep({ now: 'Write the monitors · boreas' })));
  await chat.update(conversation, 'a', { ...samplePlan, standing: 'approved' });
  await chat.post(conversation, 'r', sampleResult);
  await chat.close();
  expect(shown()).not.toMatch(/(?!\n)[\p{Cc}\u202a-\u202e\u2028\u2029]|\p{Cs}/u);
  const views = shown()
    .trimEnd()
    .split('\n')
    .map((line): unknown => JSON.parse(line));
  expect(views).toEqual([
    { ...samplePlan, request: hostile },
    sampleProgress(sampleStep()),
    { ...samplePlan, standing: 'approved' },
    sampleResult,
  ]);
});

test('nobody is there to be asked', async () => {
  const { chat } = start();
  await expect(chat.ask('Leave?', ['yes', 'no'])).resolves.toBeNull();
});

test('SIGINT is heard, twice at once as one, and no longer after the end', async () => {
  const { chat, signals, interrupts, pass } = start();
  signals.emit('SIGINT');
  signals.emit('SIGINT');
  expect(interrupts).toHaveLength(1);
  pass(400);
  signals.emit('SIGINT');
  expect(interrupts).toHaveLength(2);
  await chat.close();
  expect(signals.listenerCount('SIGINT')).toBe(0);
});

test('closing ends a session that still waits for input', async () => {
  const { chat } = start();
  await chat.start({ handle: async () => {} });
  await chat.close();
  await expect(chat.ended).resolves.toBeUndefined();
});
