// A question that several ask in one go, as projectors do that an append has woken, is asked and parsed once.

/**
 * Shared among calls between which nothing can have come in, for this process has looked at no socket: so the answer to the first
 * is as new as anything that the others can know of.
 */
export function shareReads<Args extends readonly unknown[], T>(
  read: (...args: Args) => Promise<T>,
): (...args: Args) => Promise<T> {
  const asked = new Map<string, Promise<T>>();
  return (...args) => {
    const question = JSON.stringify(args);
    const before = asked.get(question);
    if (before !== undefined) return before;
    if (asked.size === 0) process.nextTick(() => asked.clear());
    const answer = read(...args);
    asked.set(question, answer);
    return answer;
  };
}
