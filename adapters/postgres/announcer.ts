// Tells subscribers of appends: at most once in a turn of the event loop, with the newest seq.

export type Announcer = {
  readonly announce: (seq: number) => void;
  readonly subscribe: (listener: (seq: number) => void) => () => void;
  readonly close: () => void;
};

export function makeAnnouncer(): Announcer {
  const listeners = new Map<symbol, (seq: number) => void>();
  let newest = 0;
  let told = 0;
  const tell = () => {
    told = newest;
    for (const listener of [...listeners.values()]) listener(newest);
  };
  return {
    announce: (seq) => {
      if (seq <= newest) return;
      if (newest === told) setImmediate(tell);
      newest = seq;
    },
    subscribe: (listener) => {
      const key = Symbol('subscription');
      listeners.set(key, listener);
      return () => void listeners.delete(key);
    },
    close: () => listeners.clear(),
  };
}
