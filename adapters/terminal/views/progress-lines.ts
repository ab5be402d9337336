// A run as it goes on: one line a step, alive while it runs and permanent when it ends.

import { duration, estimate, ticking } from '../../../core/chat/format.ts';
import { safeLine } from '../../../core/chat/safe-text.ts';
import type { ProgressView, StepProgress } from '../../../core/ports/chat.ts';
import type { Colour, Look } from '../look.ts';
import { paint } from '../look.ts';
import { clip, widthOf } from '../width.ts';
import { stateMarks } from './marks.ts';

const spinner = ['⠋', '⠙', '⠹', '⠸', '⠼', '⠴', '⠦', '⠧', '⠇', '⠏'];
const bar = { cells: 12, fromWidth: 72 };
const widthToShare = 60;

export function hasEnded(step: StepProgress): boolean {
  return (
    step.state === 'succeeded' || step.state === 'failed' || step.state === 'cancelled' || step.state === 'unknown'
  );
}

/** A step that waits, or runs: then a second line says what Ansible is at. `tick` turns the spinner. */
export function liveLines(view: ProgressView, step: StepProgress, look: Look, tick: number): string[] {
  const { mark, colour } = stateMarks[step.state];
  const title = titleOf(view, step);
  if (step.state === 'starting')
    return [
      line(look, { mark: spin(tick), colour, text: title, aside: estimate(step.estimatedMs) }),
      line(look, { mark: ' ', colour: 'dim', text: doing(view, step), aside: '', ink: 'dim' }),
    ];
  if (step.state !== 'running') return [line(look, { mark, colour, text: title, aside: step.state })];
  const elapsed = elapsedMs(step, look.now);
  const of = look.width >= widthToShare ? ` of ${estimate(step.estimatedMs)}` : '';
  const drawn = look.width >= bar.fromWidth ? `${barOf(elapsed, step.estimatedMs)}  ` : '';
  return [
    line(look, { mark: spin(tick), colour, text: title, aside: `${drawn}${ticking(elapsed)}${of}` }),
    line(look, { mark: ' ', colour: 'dim', text: doing(view, step), aside: counts(step), ink: 'dim' }),
  ];
}

/** What stays of a step that has ended: one line, two on a phone. */
export function endedLines(view: ProgressView, step: StepProgress, look: Look): string[] {
  const how = step.state === 'succeeded' ? '' : `${step.state} · `;
  const aside = `${how}${counts(step)} · ${duration(step.elapsedMs)}`;
  const first = { ...stateMarks[step.state], text: titleOf(view, step) };
  if (look.width >= widthToShare) return [line(look, { ...first, aside })];
  return [
    line(look, { ...first, aside: '' }),
    line(look, { mark: ' ', colour: 'dim', text: aside, aside: '', ink: 'dim' }),
  ];
}

/** One plain line about the newest state of a step, for output without a cursor. */
export function plainProgress(view: ProgressView, step: StepProgress): string {
  const title = titleOf(view, step);
  if (hasEnded(step))
    return `${stateMarks[step.state].mark} ${title}: ${step.state} (${counts(step)} · ${duration(step.elapsedMs)})`;
  const state = step.state === 'waiting' ? step.state : view.cancelling ? 'stopping' : doing(view, step);
  return `${stateMarks[step.state].mark} ${title}: ${state}`;
}

/** Shown while an answer is on its way. */
export function workingLine(look: Look, tick: number): string {
  return `${paint(look, 'cyan', spin(tick))} ${paint(look, 'dim', 'working on it')}`;
}

function elapsedMs(step: StepProgress, now: Date): number {
  return step.startedAt === null
    ? step.elapsedMs
    : Math.max(step.elapsedMs, now.getTime() - Date.parse(step.startedAt));
}

function titleOf(view: ProgressView, step: StepProgress): string {
  return `#${view.task} ${step.number}/${view.steps.length} ${safeLine(step.title)}`;
}

function doing(view: ProgressView, step: StepProgress): string {
  if (view.cancelling) return 'stopping …';
  if (step.state !== 'starting') return safeLine(step.now) || 'starting …';
  return step.agent === null
    ? `waiting for an agent of pool ${safeLine(step.pool)}`
    : `taken by ${safeLine(step.agent)}`;
}

function counts(step: StepProgress): string {
  const failed = step.failed > 0 ? ` · ${step.failed} failed` : '';
  return `${step.ok} ok · ${step.changed} changed${failed}`;
}

/** What of the estimate has passed; never full before the step has ended. */
function barOf(elapsed: number, estimated: number): string {
  const share = estimated > 0 ? Math.min(1, elapsed / estimated) : 0;
  const full = Math.min(bar.cells - 1, Math.floor(share * bar.cells));
  return `${'━'.repeat(full)}${'╌'.repeat(bar.cells - full)}`;
}

function spin(tick: number): string {
  return spinner[tick % spinner.length] ?? '';
}

type Line = {
  readonly mark: string;
  readonly colour: Colour;
  readonly text: string;
  readonly aside: string;
  readonly ink?: Colour;
};

/** Text at the left, what is counted at the right; the text gives way where there is too little room. */
function line(look: Look, { mark, colour, text, aside, ink }: Line): string {
  const room = look.width - 2;
  const start = `${paint(look, colour, mark)} `;
  if (!Number.isFinite(room)) return `${start}${text}  ${aside}`;
  const wanted = aside === '' ? room : Math.max(room - widthOf(aside) - 2, Math.ceil(room / 2));
  const shown = clip(text, wanted);
  const right = clip(aside, room - widthOf(shown) - 2);
  const gap = room - widthOf(shown) - widthOf(right);
  return `${start}${ink === undefined ? shown : paint(look, ink, shown)}${' '.repeat(gap)}${paint(look, 'dim', right)}`;
}
