// Which agent holds which live attempt: remembered, and looked up in the log when it is not.
import type { AttemptAbout } from '../../core/contracts/envelope.ts';
import { attemptKey } from '../../core/contracts/envelope.ts';
import type { AgentMessage } from '../../core/contracts/messages.ts';
import type { EventLog } from '../../core/ports/event-log.ts';
import { replay } from '../../core/task/evolve.ts';
import type { Attempt } from '../../core/task/state.ts';
import { liveAttempt } from '../../core/task/state.ts';

export type Holders = {
  readonly forget: (about: AttemptAbout) => void;
  /** Whether the message's sender holds the attempt that it is about, by step and number, too. */
  readonly holds: (message: AgentMessage) => Promise<boolean>;
  /** Whether that attempt is out and nobody has claimed it yet: a word may have overtaken the claim. */
  readonly isUnclaimed: (message: AgentMessage) => Promise<boolean>;
  /** True at most every ten seconds for one sender and attempt. */
  readonly isTimeToSaySo: (message: AgentMessage) => boolean;
};

const rememberedMs = 5_000;
const saySoMs = 10_000;
const keptAtMost = 10_000;

export function makeHolders(log: Pick<EventLog, 'readTask'>): Holders {
  const known = new Map<string, { readonly attempt: Attempt | null; readonly atMs: number }>();
  const said = new Map<string, number>();

  /** The log has the last word: what is remembered is asked again after a while, for an attempt may be given up. */
  async function live(about: AttemptAbout): Promise<Attempt | null> {
    const key = attemptKey(about);
    const remembered = known.get(key);
    if (remembered !== undefined && performance.now() - remembered.atMs < rememberedMs)
      return matching(remembered.attempt, about);
    const found = liveAttempt(replay(about.task, await log.readTask(about.task)));
    const attempt = found?.token === about.token ? found : null;
    // What nobody has claimed may be claimed at any moment.
    if (attempt?.phase !== 'granted') remember(known, key, { attempt, atMs: performance.now() });
    return matching(attempt, about);
  }

  return {
    forget: (about) => void known.delete(attemptKey(about)),
    holds: async (message) => (await live(message))?.holder?.agent === message.sender,
    isUnclaimed: async (message) => (await live(message))?.phase === 'granted',
    isTimeToSaySo: (message) => {
      const key = `${attemptKey(message)} ${message.sender}`;
      const before = said.get(key);
      if (before !== undefined && performance.now() - before < saySoMs) return false;
      remember(said, key, performance.now());
      return true;
    },
  };
}

/** An agent may not speak of another step or try under a token that it holds. */
function matching(attempt: Attempt | null, about: AttemptAbout): Attempt | null {
  return attempt?.step === about.step && attempt.attempt === about.attempt ? attempt : null;
}

/** The newest at the end; the oldest go. */
function remember<T>(map: Map<string, T>, key: string, value: T): void {
  map.delete(key);
  map.set(key, value);
  const [oldest] = map.keys();
  if (map.size > keptAtMost && oldest !== undefined) map.delete(oldest);
}
