// A set that remembers only so much: enough to know what was shown lately, whatever the process's age.

export type Recent<Value> = {
  readonly has: (value: Value) => boolean;
  /** False when it was there already. */
  readonly add: (value: Value) => boolean;
  readonly newestFirst: () => Value[];
};

export function makeRecent<Value>(atMost: number): Recent<Value> {
  const values = new Set<Value>();
  return {
    has: (value) => values.has(value),
    add: (value) => {
      if (values.has(value)) return false;
      values.add(value);
      for (const oldest of values) {
        if (values.size <= atMost) break;
        values.delete(oldest);
      }
      return true;
    },
    newestFirst: () => [...values].toReversed(),
  };
}
