// Ctrl-C as a person means it: a key or a signal, and what arrives twice at once (npm passes the signal on as well) counts once.

const sameWithinMs = 300;

export function makeInterrupts(onInterrupt: () => void, now: () => Date): () => boolean {
  let last = Number.NEGATIVE_INFINITY;
  return () => {
    const at = now().getTime();
    const again = at - last < sameWithinMs && at >= last;
    if (again) return false;
    last = at;
    onInterrupt();
    return true;
  };
}
