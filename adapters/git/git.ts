// The two ways in which Chiffon runs git in one folder: plumbing as a plain process, ordinary commands through simple-git.
//
// Plumbing does not go through simple-git because that waits 50 ms after every command that prints nothing (update-ref,
// read-tree), takes a failure that prints nothing for a success, and cannot stream.
import { execa } from 'execa';
import { type SimpleGit, simpleGit } from 'simple-git';
import { ChiffonError } from '../../core/error.ts';
import { ByteSource } from './byte-source.ts';
import { gitEnvironment, gitSettings } from './git-environment.ts';
import { gitFault } from './git-fault.ts';

export type GitOptions = {
  readonly input?: string | Uint8Array;
  readonly env?: Readonly<Record<string, string>>;
  readonly timeoutMs?: number;
};

export type GitOutcome = {
  readonly ok: boolean;
  readonly exitCode: number | undefined;
  readonly stdout: string;
  readonly stderr: string;
};

export type GitProcess = {
  readonly stdout: ByteSource;
  readonly say: (line: string) => void;
  /** Closes its input and waits until it is gone. */
  readonly end: () => Promise<{ readonly ok: boolean; readonly stderr: string }>;
  /** Ends it, whatever it is doing, and waits until it is gone. */
  readonly stop: () => Promise<void>;
};

export type Git = {
  readonly folder: string;
  /** Standard output without its last newline. A failure is a GIT_FAILED. */
  run(args: readonly string[], options?: GitOptions): Promise<string>;
  /** For commands whose failure is an answer. */
  attempt(args: readonly string[], options?: GitOptions): Promise<GitOutcome>;
  /** The bytes of standard output. A failure is a GIT_FAILED. */
  bytes(args: readonly string[], options?: GitOptions): Promise<Uint8Array>;
  /** The same; null as soon as there are more of them than that. */
  bytesUpTo(most: number, args: readonly string[], options?: GitOptions): Promise<Uint8Array | null>;
  /** A process to talk with, for as long as it is wanted. */
  start(args: readonly string[]): GitProcess;
  /** simple-git in the same folder, environment and settings; every command ends after `timeoutMs`. */
  ordinary(timeoutMs?: number): SimpleGit;
  /** The same settings in another folder. */
  in(folder: string): Git;
};

export type GitSetup = {
  readonly folder: string;
  /** Further `-c` settings, e.g. for credentials. */
  readonly settings?: readonly string[];
  /** Further environment, e.g. the credentials themselves. */
  readonly env?: Readonly<Record<string, string>>;
};

const defaultTimeoutMs = 60_000;

export function makeGit(setup: GitSetup): Git {
  const settings = [...gitSettings, ...(setup.settings ?? [])];
  const flags = settings.flatMap((setting) => ['-c', setting]);
  const environment = gitEnvironment(process.env, setup.env);

  async function outcome(args: readonly string[], options: GitOptions = {}) {
    const result = await execa('git', [...flags, ...args], {
      cwd: setup.folder,
      env: { ...environment, ...options.env },
      extendEnv: false,
      input: options.input ?? '',
      encoding: 'buffer',
      stripFinalNewline: false,
      maxBuffer: 256 * 1024 * 1024,
      timeout: options.timeoutMs ?? defaultTimeoutMs,
      reject: false,
    });
    if (result.code === 'ENOENT') throw new ChiffonError('GIT_FAILED', 'git is not on the PATH: install it.');
    const stderr = Buffer.from(result.stderr).toString('utf8');
    return { result, stderr: result.timedOut ? `${stderr}\nfatal: no answer in time` : stderr };
  }

  async function bytes(args: readonly string[], options?: GitOptions): Promise<Uint8Array> {
    const { result, stderr } = await outcome(args, options);
    if (result.failed) throw gitFault(args, stderr, result);
    return result.stdout;
  }

  return {
    folder: setup.folder,
    bytes,
    async bytesUpTo(most, args, options) {
      // Not by execa's maxBuffer: that puts all it has into an error's text, 30 s for 64 MB.
      const running = execa('git', [...flags, ...args], {
        cwd: setup.folder,
        env: { ...environment, ...options?.env },
        extendEnv: false,
        input: options?.input ?? '',
        encoding: 'buffer',
        buffer: { stdout: false, stderr: true },
        timeout: options?.timeoutMs ?? defaultTimeoutMs,
        reject: false,
      });
      const output: AsyncIterable<Uint8Array> = running.stdout;
      const chunks: Uint8Array[] = [];
      let bytes = 0;
      for await (const chunk of output) {
        bytes += chunk.length;
        if (bytes <= most) chunks.push(chunk);
        else running.kill();
      }
      const result = await running;
      if (bytes > most) return null;
      if (result.failed) throw gitFault(args, Buffer.from(result.stderr ?? []).toString('utf8'), result);
      return Buffer.concat(chunks);
    },
    async run(args, options) {
      return Buffer.from(await bytes(args, options))
        .toString('utf8')
        .replace(/\n$/, '');
    },
    async attempt(args, options) {
      const { result, stderr } = await outcome(args, options);
      const stdout = Buffer.from(result.stdout).toString('utf8');
      return { ok: !result.failed, exitCode: result.exitCode, stdout, stderr };
    },
    start(args) {
      const running = execa('git', [...flags, ...args], {
        cwd: setup.folder,
        env: environment,
        extendEnv: false,
        stdin: 'pipe',
        encoding: 'buffer',
        buffer: { stdout: false, stderr: true },
        reject: false,
      });
      const stdout = new ByteSource(running.stdout);
      // A process that ended before it read all says so by its exit code.
      running.stdin.on('error', () => undefined);
      // What is left is read and thrown away: a process whose output nobody reads does not end.
      const over = async () => {
        await stdout.drain();
        const { failed, stderr } = await running;
        return { ok: !failed, stderr: Buffer.from(stderr ?? []).toString('utf8') };
      };
      return {
        stdout,
        say: (line) => void running.stdin.write(`${line}\n`),
        end: () => {
          running.stdin.end();
          return over();
        },
        stop: async () => {
          running.kill();
          await over();
        },
      };
    },
    ordinary(timeoutMs = defaultTimeoutMs) {
      return simpleGit({
        baseDir: setup.folder,
        config: settings,
        timeout: { block: timeoutMs, stdOut: false, stdErr: false },
        allowEnvironment: Object.keys(environment).filter((name) => /^(GIT_|SSH_ASKPASS)/i.test(name)),
        // Each of these guards a value that could come from elsewhere; here they are the constants of git-environment.ts,
        // the credential helper of this setup, and the ssh command that the person who started Chiffon set.
        unsafe: {
          allowUnsafeHooksPath: true,
          allowUnsafeFsMonitor: true,
          allowUnsafeProtocolOverride: true,
          allowUnsafeAskPass: true,
          allowUnsafeCredentialHelper: true,
          allowUnsafeSshCommand: true,
          allowUnsafeConfigPaths: true,
          allowUnsafeGitProxy: true,
        },
      }).env(environment);
    },
    in: (folder) => makeGit({ ...setup, folder }),
  };
}
