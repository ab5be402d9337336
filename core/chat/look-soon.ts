// Many changes at once that concern what a platform shows are looked at once.
import type { ConversationId } from '../ids.ts';

export type LookSoon = {
  /** Null: everywhere. */
  readonly soon: (conversation: ConversationId | null) => void;
  /** The platform did not let it be done now: everywhere, in a while. */
  readonly later: () => void;
  /** For good: what is asked for after it is not done. */
  readonly stop: () => void;
};

const laterMs = 30_000;

export function makeLookSoon(parts: {
  readonly lookAgain: (conversation: ConversationId | null) => void;
  /** Calls back after that time; returns how to call that off. */
  readonly wake: (ms: number, call: () => void) => () => void;
  readonly delayMs?: number;
}): LookSoon {
  const { lookAgain, wake, delayMs = 300 } = parts;
  let callOff: (() => void) | null = null;
  let callOffLater: (() => void) | null = null;
  let all = false;
  let stopped = false;
  const some = new Set<ConversationId>();
  const look = (): void => {
    callOff = null;
    const conversations = all ? [null] : [...some];
    all = false;
    some.clear();
    for (const conversation of conversations) lookAgain(conversation);
  };
  return {
    soon(conversation) {
      if (stopped) return;
      if (conversation === null) all = true;
      else some.add(conversation);
      callOff ??= wake(delayMs, look);
    },
    later() {
      if (stopped) return;
      callOffLater ??= wake(laterMs, () => {
        callOffLater = null;
        lookAgain(null);
      });
    },
    stop() {
      stopped = true;
      callOff?.();
      callOffLater?.();
    },
  };
}
