// The gateway's limits: how many sessions may be started in a day and how fast, and how much one client may send.
import type { Clock } from './clock.ts';

const startsInADay = 1000;
const dayMs = 86_400_000;
const sendsInAMinute = 120;

export function makeGatewayLimits(clock: Clock, identifyIntervalMs: number) {
  let used = 0;
  let since = clock.now();
  let last = Number.NEGATIVE_INFINITY;
  const roll = () => {
    if (clock.now() - since < dayMs) return;
    used = 0;
    since = clock.now();
  };
  return {
    identify: (): 'ok' | 'too soon' | 'used up' => {
      roll();
      if (used >= startsInADay) return 'used up';
      if (clock.now() - last < identifyIntervalMs) return 'too soon';
      used += 1;
      last = clock.now();
      return 'ok';
    },
    /** As GET /gateway/bot answers it. */
    report: () => {
      roll();
      return {
        total: startsInADay,
        remaining: startsInADay - used,
        reset_after: since + dayMs - clock.now(),
        max_concurrency: 1,
      };
    },
    useUp: (): void => {
      used = startsInADay;
    },
    /** For one connection: may it send one more? */
    countSends: () => {
      let sent = 0;
      let from = clock.now();
      return (): boolean => {
        if (clock.now() - from >= 60_000) {
          sent = 0;
          from = clock.now();
        }
        sent += 1;
        return sent <= sendsInAMinute;
      };
    },
  };
}
