// How tests wait: a condition is looked at again whenever anything on the server changed, and never by sleeping.

export type Signal = {
  /** Something changed. */
  tell(): void;
  /** The first value of `look` that is neither false, null nor undefined; rejects after `timeoutMs`, 10 s unless told. */
  until<T>(look: () => T, what: string, timeoutMs?: number): Promise<Exclude<T, false | null | undefined>>;
};

export function makeSignal(): Signal {
  const waiting = new Set<() => void>();
  return {
    tell: () => {
      for (const look of [...waiting]) look();
    },
    until: <T>(look: () => T, what: string, timeoutMs = 10_000) =>
      new Promise<Exclude<T, false | null | undefined>>((resolve, reject) => {
        const end = (settle: () => void) => {
          waiting.delete(again);
          clearTimeout(timer);
          settle();
        };
        const again = () => {
          try {
            const value = look();
            if (isThere(value)) end(() => resolve(value));
          } catch (error) {
            end(() => reject(error instanceof Error ? error : new Error(String(error))));
          }
        };
        const timer = setTimeout(
          () => end(() => reject(new Error(`waited ${timeoutMs} ms in vain for ${what}`))),
          timeoutMs,
        );
        waiting.add(again);
        again();
      }),
  };
}

function isThere<T>(value: T): value is Exclude<T, false | null | undefined> {
  return value !== undefined && value !== null && value !== false;
}
