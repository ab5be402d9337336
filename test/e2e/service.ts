// The program as a service manager or a container starts it: a process with nobody at its standard input, whose log is on standard
// error.
import { join, resolve } from 'node:path';
import { execa } from 'execa';
import { z } from 'zod';
import type { FaultPoint } from '../services/fault-points.ts';

const root = resolve(import.meta.dirname, '../..');

const lineSchema = z.looseObject({ level: z.number(), time: z.number(), pid: z.number(), msg: z.string().default('') });
export type LogLine = z.infer<typeof lineSchema>;

export type Service = {
  readonly pid: number;
  readonly stdout: () => string;
  readonly stderr: () => string;
  /** Each whole line of standard error. Throws where one is no JSON. */
  readonly logged: () => readonly LogLine[];
  /** A line on its standard input, where that is a pipe. */
  readonly say: (line: string) => void;
  /** Resolves when standard output and standard error hold this; rejects when it ends before. */
  readonly says: (test: RegExp) => Promise<void>;
  readonly signal: (signal: NodeJS.Signals) => void;
  /** Its exit code, or the signal that ended it. */
  readonly ended: Promise<number | string>;
  readonly kill: () => Promise<void>;
};

export type ServiceOptions = {
  readonly env: Readonly<Record<string, string>>;
  readonly folder: string;
  readonly args?: readonly string[];
  /** /dev/null unless told. */
  readonly stdin?: 'ignore' | 'pipe' | 'closed';
  readonly fault?: FaultPoint | undefined;
  /** A module that is loaded before the program. */
  readonly preload?: string;
};

export function startService({ env, folder, args = [], stdin = 'ignore', fault, preload }: ServiceOptions): Service {
  const file = fault === undefined ? 'bot/main.ts' : 'test/e2e/bot-process.ts';
  const command = [
    process.execPath,
    '--disable-warning=ExperimentalWarning',
    ...(preload === undefined ? [] : ['--import', join(root, preload)]),
    join(root, file),
    ...args,
  ];
  // Only a shell can start a program without a standard input at all.
  const [program = '', ...words] = stdin === 'closed' ? ['/bin/sh', '-c', 'exec "$@" <&-', 'sh', ...command] : command;
  const child = execa(program, words, {
    cwd: folder,
    env: {
      // What Node has compiled once it need not compile for each of the many starts.
      NODE_COMPILE_CACHE: join(root, '.chiffon', 'compile-cache'),
      NO_COLOR: '1',
      ...env,
      ...(fault === undefined ? {} : { FAULT_POINT: JSON.stringify(fault) }),
    },
    stdin: stdin === 'pipe' ? 'pipe' : 'ignore',
    reject: false,
    cleanup: true,
    buffer: false,
  });
  let [out, err] = ['', ''];
  const waiting = new Set<() => void>();
  const heard = () => {
    for (const look of [...waiting]) look();
  };
  child.stdout?.setEncoding('utf8').on('data', (text: string) => {
    out += text;
    heard();
  });
  child.stderr?.setEncoding('utf8').on('data', (text: string) => {
    err += text;
    heard();
  });
  const ended = child.then(({ exitCode, signal }) => exitCode ?? signal ?? 'gone');
  let over = false;
  void ended.then(() => {
    over = true;
    heard();
  });
  return {
    pid: child.pid ?? 0,
    stdout: () => out,
    stderr: () => err,
    logged: () =>
      err
        .split('\n')
        .slice(0, -1)
        .map((line) => lineSchema.parse(JSON.parse(line))),
    say: (line) => void child.stdin?.write(`${line}\n`),
    says: (test) =>
      new Promise<void>((resolve, reject) => {
        const look = () => {
          if (test.test(`${out}\n${err}`)) resolve();
          else if (over) reject(new Error(`it ended without saying ${test}:\n${out}\n${err}`));
          else return;
          waiting.delete(look);
        };
        waiting.add(look);
        look();
      }),
    signal: (signal) => void child.kill(signal),
    ended,
    kill: async () => {
      child.kill('SIGKILL');
      await ended;
    },
  };
}
