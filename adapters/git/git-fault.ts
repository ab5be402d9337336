// What git printed when it failed, as one sentence for people, without credentials.
import { ChiffonError } from '../../core/error.ts';
import { withoutCredentials } from './repository-url.ts';

/** A GIT_FAILED for a failed command. The whole output goes into the cause, redacted as well. */
export function gitFault(args: readonly string[], stderr: string, cause?: unknown): ChiffonError {
  return new ChiffonError('GIT_FAILED', sentence(subcommand(args), stderr), { cause: redactedCause(stderr, cause) });
}

/** The line that says most: the first `fatal:` or `error:`, else the last line. */
export function gitReason(stderr: string): string {
  const lines = withoutCredentials(stderr)
    .split('\n')
    .map((line) => line.replace(/^remote:\s*/, '').trim())
    .filter((line) => line !== '');
  const telling = lines.find((line) => /^(fatal|error):/.test(line)) ?? lines.at(-1) ?? 'it said nothing';
  return telling.replace(/^(fatal|error):\s*/, '');
}

/** Why a remote was not reached, as a clause, from what simple-git threw. */
export function remoteReason(error: unknown, timeoutMs: number): string {
  const text = error instanceof Error ? error.message : String(error);
  return /timeout reached/.test(text) ? `no answer within ${timeoutMs / 1000} s` : gitReason(text);
}

/** The lock file that git found in its way, or undefined. */
export function lockInTheWay(stderr: string): string | undefined {
  return /Unable to create '([^']+\.lock)': File exists/.exec(stderr)?.[1];
}

export function lockSentence(lock: string): string {
  return `Another git process works in the repository, or one was stopped half-way: if none runs, delete ${lock} and try again.`;
}

function sentence(command: string, stderr: string): string {
  const lock = lockInTheWay(stderr);
  if (lock !== undefined) return lockSentence(lock);
  const reason = gitReason(stderr);
  return `git ${command} failed: ${reason}${/[.!?]$/.test(reason) ? '' : '.'}`;
}

function subcommand(args: readonly string[]): string {
  return args.find((arg) => !arg.startsWith('-')) ?? '';
}

function redactedCause(stderr: string, cause: unknown): unknown {
  const exitCode = typeof cause === 'object' && cause !== null && 'exitCode' in cause ? cause.exitCode : undefined;
  return { exitCode, stderr: withoutCredentials(stderr).slice(0, 4000) };
}
