// Durations, times, money and counts as people read them; the one place where every chat's cards take them from.

const secondMs = 1_000;
const minuteMs = 60 * secondMs;
const hourMs = 60 * minuteMs;
const dayMs = 24 * hourMs;

/** `0.4 s`, `40 s`, `2 min 5 s`, `1 h 3 min`, `2 d 4 h`: at most two units, never more exact than is useful. */
export function duration(ms: number): string {
  const whole = Math.max(0, ms);
  if (whole < 9_950) return `${trimZero((Math.round(whole / 100) / 10).toFixed(1))} s`;
  if (whole < minuteMs - 500) return `${Math.round(whole / secondMs)} s`;
  if (whole < hourMs - 500) return pair(Math.round(whole / secondMs), 60, 'min', 's');
  if (whole < dayMs - 30_000) return pair(Math.round(whole / minuteMs), 60, 'h', 'min');
  return pair(Math.round(whole / hourMs), 24, 'd', 'h');
}

/** Whole seconds, for a clock that ticks on the screen: `0 s`, `7 s`, `1 min 12 s`. */
export function ticking(ms: number): string {
  const seconds = Math.floor(Math.max(0, ms) / secondMs);
  return seconds < 60 ? `${seconds} s` : duration(seconds * secondMs);
}

/** `about 40 s`: an estimate, rounded as one says it. */
export function estimate(ms: number): string {
  if (ms < secondMs) return 'under 1 s';
  if (ms < minuteMs - 500) return `about ${Math.round(ms / secondMs)} s`;
  if (ms < 10 * minuteMs) return `about ${duration(Math.round(ms / (5 * secondMs)) * 5 * secondMs)}`;
  return `about ${duration(Math.round(ms / minuteMs) * minuteMs)}`;
}

/** `$0.00`, `$0.0042` below a cent, `$1.25`. Takes integer micro-dollars. */
export function money(microUsd: number): string {
  const usd = microUsd / 1_000_000;
  if (microUsd > 0 && microUsd < 100) return 'under $0.0001';
  return microUsd > 0 && microUsd < 10_000 ? `$${usd.toFixed(4)}` : `$${usd.toFixed(2)}`;
}

/** When something will be, seen from now: `in 24 h`, `in 5 min`; `now` when the moment has passed. */
export function until(iso: string, now: Date): string {
  const ms = Date.parse(iso) - now.getTime();
  if (Number.isNaN(ms)) return `at ${iso}`;
  return ms <= 0 ? 'now' : `in ${roughly(ms)}`;
}

/** When something was, seen from now: `just now`, `3 min ago`, and the date from a week on. */
export function since(iso: string, now: Date): string {
  const ms = now.getTime() - Date.parse(iso);
  if (Number.isNaN(ms)) return iso;
  if (ms < minuteMs) return 'just now';
  return ms < 7 * dayMs ? `${roughly(ms)} ago` : iso.slice(0, 10);
}

/** `1 change`, `5 changes`, `12,345 lines`. */
export function count(number: number, one: string, many = `${one}s`): string {
  return `${number.toLocaleString('en')} ${number === 1 ? one : many}`;
}

export function percent(share: number): string {
  return `${Math.round(Math.min(1, Math.max(0, share)) * 100)} %`;
}

/** One unit: what one says rather than what a clock shows. */
function roughly(ms: number): string {
  if (ms < minuteMs) return `${Math.ceil(ms / secondMs)} s`;
  if (ms < 90 * minuteMs) return `${Math.round(ms / minuteMs)} min`;
  if (ms < 48 * hourMs) return `${Math.round(ms / hourMs)} h`;
  return `${Math.round(ms / dayMs)} days`;
}

function pair(total: number, base: number, large: string, small: string): string {
  const rest = total % base;
  return rest === 0 ? `${Math.floor(total / base)} ${large}` : `${Math.floor(total / base)} ${large} ${rest} ${small}`;
}

function trimZero(text: string): string {
  return text.endsWith('.0') ? text.slice(0, -2) : text;
}
