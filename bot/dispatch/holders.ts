// Which agent holds which live attempt: remembered, and looked up in the log when it is not.
import type { AttemptAbout } from '../../core/contracts/envelope.ts';
import { attemptKey } from '../../core/contracts/envelope.ts';
import type { AgentMessage } from '../../core/contracts/messages.ts';
import type { EventLog } from '../../core/ports/event-log.ts';
import { replay } from '../../core/task/evolve.ts';
import { liveAttempt } from '../../core/task/state.ts';

export type Holders = {
  readonly learn: (about: AttemptAbout, agent: string) => void;
  readonly forget: (about: AttemptAbout) => void;
  /** Whether the message's sender holds the attempt that it is about. */
  readonly holds: (message: AgentMessage) => Promise<boolean>;
  /** True at most every ten seconds for one sender and attempt. */
  readonly isTimeToSaySo: (message: AgentMessage) => boolean;
};

const rememberedMs = 5_000;
const saySoMs = 10_000;
const keptAtMost = 10_000;

export function makeHolders(log: Pick<EventLog, 'readTask'>): Holders {
  const known = new Map<string, { readonly agent: string | null; readonly atMs: number }>();
  const said = new Map<string, number>();

  /** The log has the last word: what is remembered is asked again after a while, for an attempt may be given up. */
  async function holder(about: AttemptAbout): Promise<string | null> {
    const key = attemptKey(about);
    const remembered = known.get(key);
    if (remembered !== undefined && performance.now() - remembered.atMs < rememberedMs) return remembered.agent;
    const live = liveAttempt(replay(about.task, await log.readTask(about.task)));
    const agent = live?.token === about.token ? (live.holder?.agent ?? null) : null;
    remember(known, key, { agent, atMs: performance.now() });
    return agent;
  }

  return {
    learn: (about, agent) => remember(known, attemptKey(about), { agent, atMs: performance.now() }),
    forget: (about) => void known.delete(attemptKey(about)),
    holds: async (message) => (await holder(message)) === message.sender,
    isTimeToSaySo: (message) => {
      const key = `${attemptKey(message)} ${message.sender}`;
      const before = said.get(key);
      if (before !== undefined && performance.now() - before < saySoMs) return false;
      remember(said, key, performance.now());
      return true;
    },
  };
}

/** The newest at the end; the oldest go. */
function remember<T>(map: Map<string, T>, key: string, value: T): void {
  map.delete(key);
  map.set(key, value);
  const [oldest] = map.keys();
  if (map.size > keptAtMost && oldest !== undefined) map.delete(oldest);
}
