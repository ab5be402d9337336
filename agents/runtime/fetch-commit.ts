// The commit that a step runs from, asked of core over the bus: an agent needs no access to the repository.
import type { AttemptAbout } from '../../core/contracts/envelope.ts';
import type { CommitPack } from '../../core/contracts/messages.ts';
import { ChiffonError } from '../../core/error.ts';
import type { CommitSha } from '../../core/ids.ts';
import type { AttemptParts, FetchLimits } from './attempt-parts.ts';
import type { Outbox } from './outbox.ts';

export type CommitFetch = {
  /** Resolves when the replica holds the commit. Throws GIT_FAILED, what the replica throws, or the signal's reason. */
  readonly fetch: (commit: CommitSha, signal: AbortSignal) => Promise<void>;
  readonly heard: (part: CommitPack) => void;
};

const usual: FetchLimits = {
  againMs: 20_000,
  longestMs: 300_000,
  /** The bound of core's side, and some: more is not a commit. */
  bytesAtMost: 72 * 1024 * 1024,
};

type Waiting = {
  readonly commit: CommitSha;
  readonly parts: Map<number, Buffer>;
  /** What the parts say of how many they are. */
  of: number;
  bytes: number;
  heardMs: number;
  readonly done: PromiseWithResolvers<Buffer>;
};

export function makeCommitFetch(
  parts: Pick<AttemptParts, 'repository' | 'voice'>,
  outbox: Pick<Outbox, 'say' | 'mention'>,
  about: AttemptAbout,
  limits: FetchLimits = usual,
): CommitFetch {
  const { replica } = parts.repository;
  let waiting: Waiting | undefined;

  async function wanted(commit: CommitSha) {
    const have = [...((await replica?.have()) ?? [])].slice(0, 32);
    return { type: 'commit.wanted' as const, ...parts.voice.envelope(about), commit, have };
  }

  return {
    fetch: async (commit, signal) => {
      if (replica === undefined || (await replica.has(commit))) return;
      signal.throwIfAborted();
      const done = Promise.withResolvers<Buffer>();
      // It may be rejected before anybody waits for it.
      done.promise.catch(() => {});
      waiting = { commit, parts: new Map(), of: 0, bytes: 0, heardMs: performance.now() - limits.againMs, done };
      const late = `The commit ${commit.slice(0, 8)} did not reach the agent in time.`;
      const end = (): void => done.reject(signal.reason);
      signal.addEventListener('abort', end, { once: true });
      // While parts still come there is nothing to ask again for.
      const again = async (): Promise<void> => {
        if (performance.now() - (waiting?.heardMs ?? 0) >= limits.againMs) outbox.mention(await wanted(commit));
      };
      const timers = [
        setInterval(() => void again().catch(() => {}), limits.againMs),
        setTimeout(() => done.reject(new ChiffonError('GIT_FAILED', late)), limits.longestMs),
      ];
      try {
        // Said, where the later ones are mentioned: the claim is on its way right now, and this must not wait for the next turn.
        outbox.say(await wanted(commit)).catch(() => {});
        await replica.receive(commit, await done.promise);
      } finally {
        for (const timer of timers) clearTimeout(timer);
        signal.removeEventListener('abort', end);
        waiting = undefined;
      }
    },
    heard: (part) => {
      if (waiting === undefined || part.commit !== waiting.commit) return;
      if (part.failure !== null) waiting.done.reject(new ChiffonError('GIT_FAILED', part.failure));
      else collect(waiting, part, limits.bytesAtMost);
    },
  };
}

function collect(waiting: Waiting, part: CommitPack, bytesAtMost: number): void {
  waiting.heardMs = performance.now();
  if (part.part < 1 || part.part > part.parts) return;
  if (part.parts !== waiting.of) {
    // Another pack than the one before: core has answered a second time, after its repository got more.
    waiting.parts.clear();
    waiting.bytes = 0;
    waiting.of = part.parts;
  }
  const data = Buffer.from(part.data, 'base64');
  waiting.bytes += data.length - (waiting.parts.get(part.part)?.length ?? 0);
  waiting.parts.set(part.part, data);
  if (waiting.bytes > bytesAtMost)
    waiting.done.reject(new ChiffonError('REPOSITORY_TOO_LARGE', 'The commit is larger than an agent takes.'));
  else if (waiting.parts.size === waiting.of)
    waiting.done.resolve(
      Buffer.concat([...waiting.parts].toSorted(([one], [other]) => one - other).map(([, bytes]) => bytes)),
    );
}
