// What one attempt has to say, in order: its messages never overtake each other, and its output waits on the disk, not in memory.
import type { AttemptAbout } from '../../core/contracts/envelope.ts';
import type { AgentMessage, Chunk } from '../../core/contracts/messages.ts';
import type { Spool } from './spool.ts';
import type { Voice } from './voice.ts';

export type Outbox = {
  /** Resolves when the bus has it and all that was said before. */
  readonly say: (message: AgentMessage) => Promise<void>;
  /** Said when nothing else waits to be said: what comes often and is soon out of date. */
  readonly mention: (message: AgentMessage) => void;
  /** Resolves when the chunk is on the disk, and there is room for more. */
  readonly output: (chunk: Chunk) => Promise<void>;
};

/** So much may wait on any disk; what is more than this has to leave `spareBytes` of it free, or the step waits for the bus. */
const backlogBytes = 256 * 1024 * 1024;
const spareBytes = 2 * 1024 * 1024 * 1024;
const messageBytes = 128 * 1024;

export function makeOutbox(parts: {
  readonly voice: Voice;
  readonly about: AttemptAbout;
  /** What is no output does not wait for it. */
  readonly spool: Promise<Spool>;
  readonly limits?: { readonly backlogBytes: number; readonly spareBytes: number };
}): Outbox {
  const limits = parts.limits ?? { backlogBytes, spareBytes };
  const { voice, about } = parts;
  let last: Promise<void> = Promise.resolve();
  let waiting = 0;
  let sent = 0;
  let backlog = 0;
  let draining = false;
  const room: (() => void)[] = [];

  function inTurn(work: () => Promise<void>): Promise<void> {
    waiting += 1;
    const done = last.then(work).finally(() => {
      waiting -= 1;
    });
    last = done.catch(() => {});
    return done;
  }

  async function drain(): Promise<void> {
    draining = false;
    const spool = await parts.spool;
    for (;;) {
      const chunks = await spool.read(sent, messageBytes);
      const end = chunks.at(-1);
      if (end === undefined) return;
      await voice.say({ type: 'attempt.output', ...voice.envelope(about), chunks: [...chunks] });
      sent = end.seq;
      backlog -= chunks.reduce((sum, { text }) => sum + text.length, 0);
      if (backlog < limits.backlogBytes) for (const enter of room.splice(0)) enter();
    }
  }

  return {
    say: (message) => inTurn(() => voice.say(message)),
    mention: (message) => {
      if (waiting === 0) void inTurn(() => voice.say(message)).catch(() => {});
    },
    output: async (chunk) => {
      const spool = await parts.spool;
      await spool.append(chunk);
      backlog += chunk.text.length;
      if (!draining) {
        draining = true;
        // A bus that is gone for good is told of by the last word; the chunk is safe.
        inTurn(drain).catch(() => {
          for (const enter of room.splice(0)) enter();
        });
      }
      if (backlog < limits.backlogBytes || (await spool.free()) >= limits.spareBytes) return;
      // Unless the bus took some of it meanwhile.
      if (backlog >= limits.backlogBytes) await new Promise<void>((resolve) => room.push(resolve));
    },
  };
}
