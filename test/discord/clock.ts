// The server's time: the machine's, plus what a test moved it forward, so that a token's 15 minutes need not be waited for.

export type Clock = {
  /** Milliseconds since the epoch. */
  now(): number;
  advance(ms: number): void;
};

export function makeClock(moved: () => void): Clock {
  let offsetMs = 0;
  return {
    now: () => Date.now() + offsetMs,
    advance: (ms) => {
      offsetMs += ms;
      moved();
    },
  };
}

const discordEpochMs = 1_420_070_400_000;

/** Ids as Discord makes them: the time in the upper bits, so that they sort by age. */
export function makeSnowflakes(clock: Clock): () => string {
  let last = 0n;
  return () => {
    const byTime = BigInt(clock.now() - discordEpochMs) << 22n;
    last = byTime > last ? byTime : last + 1n;
    return last.toString();
  };
}
