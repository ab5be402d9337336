// The whole program as a person or a script starts it: a process with a data folder of its own, lines in, lines out.
import { join, resolve } from 'node:path';
import { execa } from 'execa';
import type { View } from '../../core/ports/chat.ts';
import type { Home } from './home.ts';

const root = resolve(import.meta.dirname, '../..');

export const programArguments = ['--disable-warning=ExperimentalWarning', join(root, 'bot/main.ts')];

export type Finished = {
  readonly exitCode: number | undefined;
  readonly stdout: string;
  readonly stderr: string;
  readonly views: readonly View[];
};

/** Starts the program; `lines` are standard input, which then ends unless `keepOpen`. */
export function startProgram(
  home: Home,
  args: readonly string[],
  lines: readonly string[] = [],
  keepOpen = false,
  timeoutMs = 120_000,
) {
  const child = execa(process.execPath, [...programArguments, ...args], {
    cwd: home.folder,
    // What Node has compiled once it need not compile for each of the many starts.
    env: { NODE_COMPILE_CACHE: join(root, '.chiffon', 'compile-cache'), ...home.env, NO_COLOR: '1' },
    reject: false,
    timeout: timeoutMs,
    cleanup: true,
    stripFinalNewline: false,
  });
  const seen: string[] = [];
  const waiters: { readonly test: RegExp; readonly resolve: () => void }[] = [];
  const listeners: ((line: string) => void)[] = [];
  let rest = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    seen.push(text);
    const lines = `${rest}${text}`.split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines) for (const listener of listeners) listener(line);
    const all = seen.join('');
    for (const waiter of waiters) if (waiter.test.test(all)) waiter.resolve();
  });
  for (const line of lines) child.stdin.write(`${line}\n`);
  if (!keepOpen) child.stdin.end();
  const finished: Promise<Finished> = child.then((result) => ({
    exitCode: result.exitCode,
    stdout: result.stdout,
    stderr: result.stderr,
    views: args[0] === '--json' ? result.stdout.split('\n').flatMap(parsed) : [],
  }));
  return {
    finished,
    say: (line: string) => child.stdin.write(`${line}\n`),
    end: () => child.stdin.end(),
    kill: (signal: NodeJS.Signals) => child.kill(signal),
    pid: child.pid ?? 0,
    onLine: (listener: (line: string) => void) => void listeners.push(listener),
    /** Resolves when standard output has come to hold this; rejects with all of it when the program ends first. */
    shows: (test: RegExp) =>
      Promise.race([
        new Promise<void>((resolve) => {
          if (test.test(seen.join(''))) resolve();
          else waiters.push({ test, resolve });
        }),
        finished.then((result) => {
          if (!test.test(result.stdout))
            throw new Error(
              `it ended (${result.exitCode}) without showing ${test}:\n${result.stdout}\n${result.stderr}`,
            );
        }),
      ]),
  };
}

export function runProgram(home: Home, args: readonly string[], lines: readonly string[] = []): Promise<Finished> {
  return startProgram(home, args, lines).finished;
}

function parsed(line: string): readonly View[] {
  return line.trim() === '' ? [] : [JSON.parse(line) as View];
}

/** The views of one type, in the order in which they were shown. */
export function viewsOf<Type extends View['type']>(
  finished: Finished,
  type: Type,
): readonly Extract<View, { type: Type }>[] {
  return finished.views.filter((view): view is Extract<View, { type: Type }> => view.type === type);
}

/** Runs git in a repository of the test's. */
export async function git(folder: string, ...args: readonly string[]): Promise<string> {
  const { stdout } = await execa('git', [
    '-C',
    folder,
    '-c',
    'user.name=Test',
    '-c',
    'user.email=test@localhost',
    ...args,
  ]);
  return stdout;
}

/** Processes that still live and belong to a home: their environment or command line names its folder. */
export async function processesOf(home: Home): Promise<readonly string[]> {
  const { stdout } = await execa('ps', ['-eo', 'pid=,args='], { reject: false });
  return stdout.split('\n').filter((line) => line.includes(home.folder));
}
