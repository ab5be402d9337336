// The terminal chat on a real pseudo-terminal, seen through a real terminal emulator.
import { spawn } from 'node:child_process';
import { constants } from 'node:os';
import { fileURLToPath } from 'node:url';
import { afterEach, expect, test } from 'vitest';
import { makeEmulator } from './emulator.ts';

const here = (name: string): string => fileURLToPath(new URL(name, import.meta.url));
const open = new Set<() => unknown>();
afterEach(() => {
  for (const kill of open) kill();
  open.clear();
});

async function start(columns = 80, rows = 24) {
  const emulator = makeEmulator(columns, rows);
  const bridge = spawn(
    'python3',
    [here('pty-bridge.py'), `${columns}`, `${rows}`, process.execPath, here('harness.ts')],
    {
      stdio: ['pipe', 'pipe', 'inherit'],
      env: { ...process.env, TERM: 'xterm-256color', NO_COLOR: '1' },
    },
  );
  open.add(() => bridge.stdin.destroy());
  let bytes = '';
  bridge.stdout.on('data', (chunk: Buffer) => {
    bytes += chunk.toString('latin1');
    void emulator.write(chunk);
  });
  const exit = new Promise<number | null>((resolve) => bridge.on('close', resolve));
  const order = (what: object): boolean => bridge.stdin.write(`${JSON.stringify(what)}\n`);
  await expect.poll(() => emulator.cursor().line, { timeout: 20_000 }).toBe('›');
  return {
    emulator,
    exit,
    bytes: () => bytes,
    keys: (keys: string) => order({ keys }),
    signal: (name: 'SIGINT' | 'SIGTERM') => order({ signal: constants.signals[name] }),
    resize: (toColumns: number, toRows: number) => {
      emulator.resize(toColumns, toRows);
      order({ size: [toColumns, toRows] });
    },
  };
}

const seen = { timeout: 10_000 };

test('what is typed while a run redraws stays whole, and the run leaves one line and its card', async () => {
  const { emulator, keys, exit } = await start();
  keys('run\r');
  await expect.poll(() => emulator.screen().join('\n'), seen).toContain('Task');
  for (const key of 'hello there') {
    const before = emulator.screen().join('\n');
    keys(key);
    await expect.poll(() => emulator.screen().join('\n'), seen).not.toBe(before);
  }
  await expect.poll(() => emulator.cursor().line, seen).toBe('› hello there');
  expect(emulator.lines().filter((line) => line.includes('· atlas'))).toHaveLength(1);
  keys('\r');
  await expect.poll(() => emulator.lines(), seen).toContain('✓ got "hello there"');
  keys('stop\r');
  await expect.poll(() => emulator.lines().join('\n'), seen).toContain('╰ Type log #1 for the full output');
  expect(emulator.lines().filter((line) => line.includes('· atlas'))).toHaveLength(0);
  keys('\u0004');
  expect(await exit).toBe(0);
});

test('a card fits the terminal as it is now, after a change of its size too', async () => {
  const { emulator, keys, resize } = await start(100, 30);
  keys('plan\r');
  await expect.poll(() => emulator.lines().join('\n'), seen).toContain('╰ Type approve');
  keys('run\r');
  await expect.poll(() => emulator.screen().join('\n'), seen).toContain('Task');
  keys('half a line');
  await expect.poll(() => emulator.cursor().line, seen).toBe('› half a line');
  resize(40, 30);
  await expect.poll(() => emulator.screen().filter((line) => line.startsWith('› half')), seen).toHaveLength(1);
  // Drawn for the new width: the time stands at the end of the same row.
  await expect.poll(() => emulator.screen().join('\n'), seen).toMatch(/#1 1\/1 Deploy Uptime Kuma .*\d (s|min|h)$/m);
  expect(emulator.screen().filter((line) => line.includes('#1 1/1'))).toHaveLength(1);
  keys('\u0015plan\r');
  await expect.poll(() => emulator.screen().join('\n'), seen).toContain('╰ change <what>');
  expect(Math.max(...emulator.screen().map((line) => line.length))).toBeLessThanOrEqual(40);
});

test('a pasted block is one message', async () => {
  const { emulator, keys, bytes } = await start();
  expect(bytes()).toContain('\u001b[?2004h');
  keys('\u001b[200~one\ntwo\u001b[201~');
  await expect.poll(() => emulator.cursor().line, seen).toBe('› one⏎two');
  keys('\r');
  await expect.poll(() => emulator.lines(), seen).toContain('✓ got "one\\ntwo"');
});

test('Ctrl-C during a run asks; a key answers; twice on an empty line leaves, and the terminal is as before', async () => {
  const { emulator, keys, exit, bytes } = await start();
  keys('run\r');
  await expect.poll(() => emulator.screen().join('\n'), seen).toContain('Task');
  const interruptedAt = performance.now();
  keys('\u0003');
  await expect.poll(() => emulator.cursor().line, seen).toBe('› c cancel · l leave');
  keys('c');
  await expect.poll(() => emulator.lines().join('\n'), seen).toContain('#1 succeeded');
  // Sooner it would count as the same Ctrl-C.
  await expect.poll(() => performance.now() - interruptedAt, seen).toBeGreaterThan(300);
  keys('\u0003');
  await expect.poll(() => emulator.screen().join('\n'), seen).toContain('Ctrl-C once more leaves');
  keys('\u0003');
  expect(await exit).toBe(130);
  expect(bytes().lastIndexOf('\u001b[?2004l')).toBeGreaterThan(bytes().lastIndexOf('\u001b[?2004h'));
  expect(bytes().lastIndexOf('\u001b[?25h')).toBeGreaterThan(bytes().lastIndexOf('\u001b[?25l'));
});

test('a SIGINT from outside, passed on twice as npm does, asks once', async () => {
  const { emulator, keys, signal } = await start();
  keys('run\r');
  await expect.poll(() => emulator.screen().join('\n'), seen).toContain('Task');
  signal('SIGINT');
  signal('SIGINT');
  await expect.poll(() => emulator.cursor().line, seen).toBe('› c cancel · l leave');
  keys('c');
  await expect.poll(() => emulator.lines().join('\n'), seen).toContain('#1 succeeded');
  await expect.poll(() => emulator.cursor().line, seen).toBe('›');
  expect(emulator.lines().filter((line) => line.startsWith('? #1 is running'))).toHaveLength(1);
});

test('a crash gives the terminal back, too', async () => {
  const { keys, exit, bytes } = await start();
  keys('crash\r');
  expect(await exit).toBe(1);
  expect(bytes().lastIndexOf('\u001b[?2004l')).toBeGreaterThan(bytes().lastIndexOf('\u001b[?2004h'));
});
