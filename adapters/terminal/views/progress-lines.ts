// A run as it goes on: one line a step, alive while it runs and permanent when it ends.
import type { ProgressView, StepProgress } from '../../../core/ports/chat.ts';
import { duration, estimate, ticking } from '../format.ts';
import type { Colour, Look } from '../look.ts';
import { paint } from '../look.ts';
import { clip, safeLine, widthOf } from '../safe-text.ts';

const spinner = ['⠋', '⠙', '⠹', '⠸', '⠼', '⠴', '⠦', '⠧', '⠇', '⠏'];
const marks: Record<StepProgress['state'], string> = {
  waiting: '·',
  starting: '·',
  running: '▸',
  succeeded: '✓',
  failed: '✗',
  cancelled: '■',
  unknown: '?',
};
const inks: Record<StepProgress['state'], Colour> = {
  waiting: 'gray',
  starting: 'cyan',
  running: 'cyan',
  succeeded: 'green',
  failed: 'red',
  cancelled: 'yellow',
  unknown: 'magenta',
};

export function hasEnded(step: StepProgress): boolean {
  return (
    step.state === 'succeeded' || step.state === 'failed' || step.state === 'cancelled' || step.state === 'unknown'
  );
}

/** What happens now, for a step that runs: two lines, the second says what Ansible is at. `tick` turns the spinner. */
export function liveLines(view: ProgressView, step: StepProgress, look: Look, tick: number): string[] {
  const moving = step.state === 'running' || step.state === 'starting';
  const mark = moving ? (spinner[tick % spinner.length] ?? '') : marks[step.state];
  const time = moving ? `${ticking(elapsedMs(step, look.now))} of ${estimate(step.estimatedMs)}` : 'waiting';
  const first = line(look, mark, inks[step.state], `#${view.task} ${step.number}. ${safeLine(step.title)}`, time);
  if (!moving) return [first];
  const state = view.cancelling
    ? 'stopping …'
    : step.state === 'starting'
      ? 'starting …'
      : safeLine(step.now) || 'starting …';
  return [first, line(look, ' ', 'dim', state, counts(step), 'dim')];
}

/** The permanent line of a step that has ended. */
export function endedLine(view: ProgressView, step: StepProgress, look: Look): string {
  const state = step.state === 'succeeded' ? '' : `${step.state} · `;
  return line(
    look,
    marks[step.state],
    inks[step.state],
    `#${view.task} ${step.number}. ${safeLine(step.title)}`,
    `${state}${counts(step)} · ${duration(step.elapsedMs)}`,
  );
}

/** One plain line about the newest state of a step, for output without a cursor. */
export function plainProgress(view: ProgressView, step: StepProgress): string {
  const name = `#${view.task} step ${step.number}`;
  if (hasEnded(step))
    return `${name} ${step.state}: ${safeLine(step.title)} (${counts(step)}, ${duration(step.elapsedMs)})`;
  if (step.state === 'running' && step.now !== '') return `${name}: ${safeLine(step.now)}`;
  return `${name} ${step.state}: ${safeLine(step.title)}`;
}

export function elapsedMs(step: StepProgress, now: Date): number {
  return step.startedAt === null
    ? step.elapsedMs
    : Math.max(step.elapsedMs, now.getTime() - Date.parse(step.startedAt));
}

function counts(step: StepProgress): string {
  const parts = [`${step.ok} ok`, `${step.changed} changed`];
  if (step.failed > 0) parts.push(`${step.failed} failed`);
  return parts.join(' · ');
}

/** Text at the left, what is counted at the right; the text gives way where there is too little room. */
function line(look: Look, mark: string, colour: Colour, text: string, aside: string, ink?: Colour): string {
  const room = look.width - 2;
  const right = widthOf(aside);
  const shown = clip(text, Math.max(8, room - right - 2));
  const gap = room - widthOf(shown) - right;
  const start = `${paint(look, colour, mark)} ${ink === undefined ? shown : paint(look, ink, shown)}`;
  if (!Number.isFinite(gap)) return `${start}  ${aside}`;
  return gap >= 2
    ? `${start}${' '.repeat(gap)}${paint(look, 'dim', aside)}`
    : `${paint(look, colour, mark)} ${clip(`${text} ${aside}`, room)}`;
}
