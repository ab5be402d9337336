// The commit that a step runs from, asked of core over the bus: an agent needs no access to the repository.
import type { AttemptAbout } from '../../core/contracts/envelope.ts';
import type { CommitPack } from '../../core/contracts/messages.ts';
import { ChiffonError } from '../../core/error.ts';
import type { CommitSha } from '../../core/ids.ts';
import type { AttemptParts } from './attempt-parts.ts';
import type { Outbox } from './outbox.ts';

export type CommitFetch = {
  /** Resolves when the replica holds the commit. Throws GIT_FAILED, or the signal's reason. */
  readonly fetch: (commit: CommitSha, signal: AbortSignal) => Promise<void>;
  readonly heard: (part: CommitPack) => void;
};

const againMs = 20_000;
const longestMs = 300_000;
/** The bound of core's side, and some: more is not a commit. */
const bytesAtMost = 72 * 1024 * 1024;

export function makeCommitFetch(
  parts: Pick<AttemptParts, 'repository' | 'voice'>,
  outbox: Outbox,
  about: AttemptAbout,
): CommitFetch {
  const { replica } = parts.repository;
  let waiting:
    | {
        readonly commit: CommitSha;
        readonly collected: Map<number, Buffer>;
        readonly done: PromiseWithResolvers<Buffer>;
      }
    | undefined;

  async function ask(commit: CommitSha): Promise<void> {
    const have = [...((await replica?.have()) ?? [])];
    outbox.mention({ type: 'commit.wanted', ...parts.voice.envelope(about), commit, have });
  }

  return {
    fetch: async (commit, signal) => {
      if (replica === undefined || (await replica.has(commit))) return;
      const done = Promise.withResolvers<Buffer>();
      waiting = { commit, collected: new Map(), done };
      const fail = (message: string): void => done.reject(new ChiffonError('GIT_FAILED', message));
      const end = (): void => done.reject(signal.reason);
      signal.addEventListener('abort', end, { once: true });
      if (signal.aborted) end();
      const timers = [
        setInterval(() => void ask(commit).catch(() => {}), againMs),
        setTimeout(() => fail(`The commit ${commit.slice(0, 8)} did not reach the agent in time.`), longestMs),
      ];
      try {
        await ask(commit);
        await replica.receive(commit, await done.promise);
      } finally {
        for (const timer of timers) clearTimeout(timer);
        signal.removeEventListener('abort', end);
        waiting = undefined;
      }
    },
    heard: (part) => {
      if (waiting === undefined || part.commit !== waiting.commit) return;
      if (part.failure !== null) {
        waiting.done.reject(new ChiffonError('GIT_FAILED', part.failure));
        return;
      }
      const { collected } = waiting;
      collected.set(part.part, Buffer.from(part.data, 'base64'));
      const bytes = [...collected.values()].reduce((sum, { length }) => sum + length, 0);
      if (bytes > bytesAtMost)
        waiting.done.reject(new ChiffonError('REPOSITORY_TOO_LARGE', 'The commit is larger than an agent takes.'));
      else if (collected.size === part.parts)
        waiting.done.resolve(
          Buffer.concat([...collected].toSorted(([one], [other]) => one - other).map(([, data]) => data)),
        );
    },
  };
}
