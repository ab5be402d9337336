// A command under the guard (ansible/guard/guard.py): started when told, stopped with everything that came of it.
import type { ChildProcess } from 'node:child_process';
import { spawn } from 'node:child_process';
import type { Readable, Writable } from 'node:stream';
import { setImmediate as turn, setTimeout as wait } from 'node:timers/promises';
import { ChiffonError } from '../../core/error.ts';

export type GuardedProcess = {
  readonly pid: number;
  /** Lets the command start. */
  readonly go: () => void;
  /** Ends the command with all that came of it; before `go` it means that it never starts. */
  readonly stop: () => void;
  /** What the command prints, both streams in one. Ends with it. */
  readonly output: AsyncIterable<Uint8Array>;
  /** Resolves when the guard has ended and what it and the command wrote has been taken. */
  readonly ended: Promise<void>;
};

/** How long a pipe may stay quiet after the guard's end before it is closed: something that was left running may hold it. */
const quietMs = 500;

export async function spawnGuarded(options: {
  readonly python: string;
  readonly guard: string;
  readonly command: readonly string[];
  readonly cwd: string;
  readonly env: Readonly<Record<string, string>>;
  readonly graceMs: number;
  readonly onEvents: (bytes: Uint8Array) => void;
  readonly onComplaint: (text: string) => void;
}): Promise<GuardedProcess> {
  const grace = String(options.graceMs / 1000);
  const child = spawn(
    options.python,
    ['-I', '-S', options.guard, '--grace', grace, '--report', '3', '--', ...options.command],
    {
      cwd: options.cwd,
      env: options.env,
      stdio: ['pipe', 'pipe', 'pipe', 'pipe'],
      // A session of its own from the first moment: Ctrl-C in the terminal is for the agent alone.
      detached: true,
    },
  );
  const pid = await spawned(child);
  const [stdin, stdout, stderr, events] = child.stdio as unknown as [Writable, Readable, Readable, Readable];
  for (const stream of [stdin, stdout, stderr, events]) stream.on('error', () => {});
  events.on('data', options.onEvents);
  stderr.on('data', (bytes: Buffer) => options.onComplaint(bytes.toString()));
  const exited = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  const say = (word: string): void => {
    if (stdin.writable) stdin.write(`${word}\n`);
  };
  let gone = false;
  return {
    pid,
    go: () => {
      gone = true;
      say('go');
    },
    stop: () => (gone ? say('stop') : stdin.end()),
    output: inTurn(stdout),
    ended: exited.then(async () => {
      await Promise.all([drained(stdout), drained(events)]);
      stdin.destroy();
      stderr.destroy();
    }),
  };
}

function spawned(child: ChildProcess): Promise<number> {
  return new Promise((resolve, reject) => {
    child.once('error', (error) =>
      reject(new ChiffonError('ANSIBLE_MISSING', 'Python could not be started.', { cause: error })),
    );
    child.once('spawn', () => resolve(child.pid ?? 0));
  });
}

/**
 * Two turns of the event loop before each piece. The callback plugin announces a secret on descriptor 3 before Ansible can
 * print it; whatever was written there before these bytes were printed has been read after two turns.
 */
async function* inTurn(stream: Readable): AsyncIterable<Uint8Array> {
  try {
    for await (const chunk of stream) {
      await turn();
      await turn();
      yield chunk;
    }
  } catch (error) {
    // Closed by drained(), after the guard's end.
    if (!stream.destroyed) throw error;
  }
}

async function drained(stream: Readable): Promise<void> {
  for (let seen = -1; !stream.readableEnded && !stream.destroyed; ) {
    const taken = Number('bytesRead' in stream ? stream.bytesRead : 0);
    if (seen === taken && stream.readableLength === 0) break;
    seen = taken;
    await Promise.race([wait(quietMs), new Promise((resolve) => stream.once('close', resolve))]);
  }
  stream.destroy();
}
