// Between a test and the server that it started stands a small shell: it takes orders, and ends everything when our pipe
// closes, so that the server is gone when the process that started it is, however that ended.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';

export type Guarded = {
  /** Starts it, or starts it again on the same data. */
  start(): Promise<void>;
  /** As on a shut-down of the machine; the data stays. */
  stop(): Promise<void>;
  /** `kill -9`. */
  kill(): Promise<void>;
  /** The server stands still (SIGSTOP) or goes on (SIGCONT): a connection to it is then half-open. */
  signal(name: 'STOP' | 'CONT'): void;
  /** For good, with its folder. */
  end(): Promise<void>;
};

export type GuardOptions = {
  /** For error messages, e.g. "RabbitMQ". */
  readonly name: string;
  readonly server: readonly string[];
  /** Runs beside the server from the beginning to the end. */
  readonly companion?: string;
  /** Removed at the end. */
  readonly folder: string;
  readonly env: NodeJS.ProcessEnv;
  /** What the server prints on standard output when it is there, and when it will not be. */
  readonly signs: { readonly started: RegExp; readonly failed: RegExp };
};

const script = `
  folder=$1; companion=$2; shift 2
  beside=
  [ -z "$companion" ] || { "$companion" </dev/null >/dev/null 2>&1 & beside=$!; }
  server=
  while read -r order; do
    case $order in
      start) "$@" </dev/null & server=$! ;;
      *) kill -"$order" "$server" 2>/dev/null ;;
    esac
    case $order in TERM|KILL) wait "$server" 2>/dev/null; echo "ended" ;; esac
  done
  [ -z "$server" ] || kill -KILL "$server" 2>/dev/null
  [ -z "$beside" ] || kill -KILL "$beside"
  wait
  rm -rf "$folder"`;

const guardIsGone = 'the guard is gone';

export function openGuard({ name, server, companion = '', folder, env, signs }: GuardOptions): Guarded {
  const shell = spawn('/bin/sh', ['-c', script, 'sh', folder, companion, ...server], {
    cwd: folder,
    env,
    // A session of its own, or Ctrl-C on the terminal would end the shell before it has cleaned up.
    detached: true,
    stdio: ['pipe', 'pipe', 'ignore'],
  });
  const gone = once(shell, 'exit');
  let said: string[] = [];
  const waiting = new Set<(line: string) => void>();
  createInterface({ input: shell.stdout }).on('line', (line) => {
    said = [...said.slice(-40), line];
    for (const hear of waiting) hear(line);
  });
  /** Gives an order and waits for its sign in what the server prints. */
  const order = async (word: string, sign: RegExp, failure?: RegExp): Promise<void> => {
    const heard = new Promise<void>((resolve, reject) => {
      const fail = () => reject(new Error(`${name} for the tests did not obey "${word}":\n${said.join('\n')}`));
      const timer = setTimeout(fail, 90_000);
      const hear = (line: string): void => {
        const failed = line === guardIsGone || failure?.test(line);
        if (!failed && !sign.test(line)) return;
        waiting.delete(hear);
        clearTimeout(timer);
        if (failed) fail();
        else resolve();
      };
      waiting.add(hear);
      void gone.then(() => hear(guardIsGone));
    });
    shell.stdin.write(`${word}\n`);
    await heard;
  };
  return {
    start: () => order('start', signs.started, signs.failed),
    stop: () => order('TERM', /^ended$/),
    kill: () => order('KILL', /^ended$/),
    signal: (given) => void shell.stdin.write(`${given}\n`),
    end: async () => {
      shell.stdin.end();
      await gone;
    },
  };
}
