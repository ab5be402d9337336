// One attempt from the claim to the last word: asks core's permission, prepares meanwhile, and runs it when core lets it go.
import { attemptKey } from '../../core/contracts/envelope.ts';
import type { LastWord, StartStep } from '../../core/contracts/messages.ts';
import { longestSentence } from '../../core/contracts/messages.ts';
import { openSecrets } from '../../core/contracts/sealed-secrets.ts';
import type { Refusal } from '../../core/error.ts';
import { ChiffonError, refusal } from '../../core/error.ts';
import { makeRedactor } from '../../core/redaction/redactor.ts';
import type { Attempt, AttemptParts, Prepared, Stopping, StopReason } from './attempt-parts.ts';
import { checkCommand, checkDigests } from './check-order.ts';
import type { CommitFetch } from './fetch-commit.ts';
import { makeCommitFetch } from './fetch-commit.ts';
import type { Outbox } from './outbox.ts';
import { makeOutbox } from './outbox.ts';
import type { Permission } from './permission.ts';
import { askPermission, permissionLimits } from './permission.ts';
import { openSpool } from './spool.ts';
import { watch } from './watch.ts';

type Cleanups = (() => Promise<void>)[];

/** Begins an attempt that the journal holds as claimed. */
export function beginAttempt(parts: AttemptParts, command: StartStep): Attempt {
  const ending = new AbortController();
  const stopping: Stopping = { signal: ending.signal };
  const listeners: Parameters<Attempt['heard']>[0][] = [];
  let listen: Attempt['heard'] = (message) => void listeners.push(message);
  const stop = (reason: StopReason): void => {
    stopping.reason ??= reason;
    stopping.execution?.stop();
    ending.abort(new ChiffonError('NOT_STARTED', 'The attempt is being stopped.'));
  };
  const done = carryOut(parts, command, stopping, stop, (listener) => {
    listen = listener;
    for (const message of listeners.splice(0)) listener(message);
  });
  return { stop, done, heard: (message) => listen(message) };
}

async function carryOut(
  parts: AttemptParts,
  command: StartStep,
  stopping: Stopping,
  stop: Attempt['stop'],
  onMessage: (listener: Attempt['heard']) => void,
): Promise<void> {
  const { task, run, step, attempt, token } = command;
  const about = { task, run, step, attempt, token };
  const key = attemptKey(about);
  const afterwards: Cleanups = [];
  const refused = ({ kind, message }: Refusal): LastWord => ({
    type: 'attempt.refused',
    ...parts.voice.envelope(about),
    ...{ instance: parts.instance, kind, reason: message.slice(0, longestSentence) },
  });
  try {
    const opening = openSpool(parts.spoolPath(key));
    opening.catch(() => {});
    const outbox = makeOutbox({ voice: parts.voice, about, spool: opening });
    const asking = { about, expiresAt: command.expiresAt, signal: stopping.signal };
    const permission = askPermission(parts, outbox, asking, parts.permission ?? permissionLimits(command.leaseMs));
    afterwards.push(async () => permission.end());
    // While the claim is on its way: nothing is printed before core's answer.
    const spool = await opening.catch((error: unknown): Refusal => {
      parts.log.error({ err: error, task }, 'there is no place for a step’s output');
      return refusalOf(error);
    });
    if ('kind' in spool) {
      permission.end();
      const last = refused(spool);
      await writeLast(parts, last);
      return await outbox.say(last);
    }
    afterwards.push(() => spool.close());
    const commits = makeCommitFetch(parts, outbox, about, parts.commits);
    onMessage((message) => (message.type === 'step.go' ? permission.heard(message) : commits.heard(message)));
    const heartbeat = setInterval(
      () => outbox.mention({ type: 'attempt.heartbeat', ...parts.voice.envelope(about) }),
      Math.min(parts.heartbeatMs, command.leaseMs / 6),
    );
    afterwards.push(async () => clearInterval(heartbeat));
    const prepared = await prepare(parts, command, { outbox, permission, commits, stopping, afterwards }).catch(
      (error: unknown): Refusal => {
        if (stopping.reason !== undefined) return neverStarted(stopping.reason);
        parts.log.error({ err: error, task }, 'a step could not be prepared');
        return refusalOf(error);
      },
    );
    // From here on something may have been done. A fault in it reaches no last word, and the journal says `started`.
    const last: LastWord =
      'kind' in prepared ? refused(prepared) : await watch({ ...parts, ...prepared, about, spool, stopping, stop });
    clearInterval(heartbeat);
    permission.end();
    await writeLast(parts, last);
    await outbox.say(last);
  } finally {
    for (const cleanUp of afterwards.toReversed())
      await cleanUp().catch((error: unknown) => parts.log.warn({ err: error, task }, 'something was left behind'));
  }
}

/** A journal that cannot be written must not keep core waiting. */
export async function writeLast(parts: Pick<AttemptParts, 'journal' | 'log'>, event: LastWord): Promise<void> {
  await parts.journal
    .ended(attemptKey(event), event)
    .catch((error: unknown) => parts.log.error({ err: error }, 'the journal cannot be written'));
}

type Preparing = {
  readonly outbox: Outbox;
  readonly permission: Permission;
  readonly commits: CommitFetch;
  readonly stopping: Stopping;
  readonly afterwards: Cleanups;
};

/** All that comes before the start: after a refusal or a fault here, nothing was done. */
async function prepare(parts: AttemptParts, command: StartStep, doing: Preparing): Promise<Prepared | Refusal> {
  const { outbox, permission, commits, stopping, afterwards } = doing;
  const step = checkCommand(command, parts.identity.pool, parts.clock.now());
  if ('kind' in step) return step;
  const opened = openSecrets(command.sealed, parts.identity.poolKey, command.id);
  if (opened.type === 'refusal') return opened;
  const { secrets } = opened;
  const redactor = makeRedactor({ values: Object.values(secrets) });
  await commits.fetch(command.commit, stopping.signal);
  const checkout = await parts.repository.checkout(command.commit);
  afterwards.push(() => checkout.release());
  const changed = await checkDigests(step, checkout.path);
  if (changed !== null) return changed;
  const attempt = attemptKey(command);
  const execution = await parts.executor.prepare({ attempt, step, checkout: checkout.path, secrets });
  if ('kind' in execution) return { ...execution, message: redactor.redact(execution.message) };
  try {
    await parts.journal.prepared(attempt, execution.mark);
    await permission.given();
    await parts.journal.started(attempt);
    permission.end();
    // The last look, with nothing between it and the start that could take long.
    if (stopping.reason === undefined && permission.holds()) {
      stopping.execution = execution;
      return { execution, redactor, step, outbox };
    }
  } catch (error) {
    await execution.discard();
    throw error;
  }
  await execution.discard();
  return stopping.reason === undefined
    ? refusal('NOT_STARTED', 'The agent was held up between core’s word and the start. Nothing was done.')
    : neverStarted(stopping.reason);
}

export function neverStarted(reason: StopReason): Refusal {
  const why = reason === 'cancelled' ? 'It was cancelled' : 'The agent was shut down';
  return refusal('NOT_STARTED', `${why} before the step was started. Nothing was done.`);
}

function refusalOf(error: unknown): Refusal {
  if (error instanceof ChiffonError) return refusal(error.kind, `${error.message} Nothing was done.`);
  if (error instanceof Error && 'code' in error && error.code === 'ENOSPC')
    return refusal('DISK_FULL', 'The disk of the agent’s folder is full. Nothing was done.');
  return refusal('PREPARE_FAILED', 'The agent could not start the step; its log says why. Nothing was done.');
}
