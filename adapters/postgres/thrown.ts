// Whatever was thrown, or was given as the reason of an abort, as an Error: that is what a promise here rejects with.

export function thrownError(thrown: unknown): Error {
  return thrown instanceof Error ? thrown : new Error(String(thrown), { cause: thrown });
}
