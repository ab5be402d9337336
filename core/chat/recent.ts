// What is remembered of the newest only, so that a bot which runs for months does not grow.
export type Recent<Value> = {
  readonly get: (key: string) => Value | undefined;
  readonly set: (key: string, value: Value) => void;
  readonly has: (key: string) => boolean;
  readonly delete: (key: string) => void;
  readonly keys: () => readonly string[];
};

export function makeRecent<Value>(atMost: number): Recent<Value> {
  const kept = new Map<string, Value>();
  return {
    get: (key) => kept.get(key),
    has: (key) => kept.has(key),
    delete: (key) => void kept.delete(key),
    keys: () => [...kept.keys()],
    set(key, value) {
      kept.delete(key);
      kept.set(key, value);
      for (const oldest of kept.keys()) {
        if (kept.size <= atMost) break;
        kept.delete(oldest);
      }
    },
  };
}

/** Asked once for all who want it; what failed is asked again. */
export function remembered<T>(known: Recent<Promise<T>>, key: string, ask: () => Promise<T>): Promise<T> {
  const there = known.get(key);
  if (there !== undefined) return there;
  const asked = ask();
  known.set(key, asked);
  asked.catch(() => known.delete(key));
  return asked;
}
