// Waits for a condition; also where vitest's own waiting is not there, in programs that are no tests.
import { setTimeout as wait } from 'node:timers/promises';

/** Resolves to the first truthy value. When the time is over it rejects with what the last look threw, or with `what`. */
export async function until<T>(
  look: () => Promise<T> | T,
  options: { readonly timeoutMs?: number; readonly everyMs?: number; readonly what?: () => string } = {},
): Promise<NonNullable<T>> {
  const { timeoutMs = 60_000, everyMs = 25, what = () => 'the condition' } = options;
  const over = performance.now() + timeoutMs;
  for (;;) {
    let thrown: unknown;
    try {
      const value = await look();
      if (value !== false && value !== undefined && value !== null) return value;
    } catch (error) {
      thrown = error;
    }
    if (performance.now() > over)
      throw thrown instanceof Error
        ? thrown
        : new Error(`${what()} was not so within ${Math.round(timeoutMs / 1_000)} s`, { cause: thrown });
    await wait(everyMs);
  }
}
