// One step's live message: where it is, at a glance.
import { duration, estimate, percent, ticking } from '../../../core/chat/format.ts';
import { stateMarks } from '../../../core/chat/marks.ts';
import type { ProgressView, StepProgress } from '../../../core/ports/chat.ts';
import type { Message } from '../message.ts';
import type { Line } from './markup.ts';
import { code, line, messageOf, plain, strong } from './markup.ts';

const barCells = 10;

export function progressMessage(view: ProgressView, now: Date): Message {
  const step = view.steps.find(({ number }) => number === view.step) ?? view.steps[0];
  if (step === undefined) return messageOf([line`▶ #${view.task} runs`]);
  const rest = hasEnded(step) ? [line`${counts(step)} · ${duration(step.elapsedMs)}`] : liveLines(view, step, now);
  return messageOf([titleLine(view, step), ...rest.filter(({ text }) => text !== '')]);
}

function titleLine(view: ProgressView, step: StepProgress): Line {
  const state = step.state === 'succeeded' || step.state === 'running' ? '' : ` — ${step.state}`;
  const stopping = view.cancelling && !hasEnded(step) ? ' — stopping …' : state;
  const title = strong(line`#${view.task} step ${step.number} of ${view.steps.length}: ${plain(step.title, 140)}`);
  return line`${stateMarks[step.state]} ${title}${stopping}`;
}

function liveLines(view: ProgressView, step: StepProgress, now: Date): readonly Line[] {
  if (step.state === 'waiting') return [];
  if (step.state === 'starting')
    return [
      step.agent === null
        ? line`Waits for an agent of pool ${plain(step.pool, 60)}`
        : line`Taken by ${plain(step.agent, 60)}`,
    ];
  const on = step.agent === null ? '' : ` · on ${plain(step.agent, 60)}`;
  const stop = view.cancelling ? [] : [line`${code(`cancel #${view.task}`, 30)} stops it`];
  return [
    barLine(step, now),
    line`${view.cancelling ? '' : plain(step.now, 200)}`,
    line`${counts(step)}${on}`,
    ...stop,
  ];
}

function barLine(step: StepProgress, now: Date): Line {
  const started = step.startedAt === null ? Number.NaN : Date.parse(step.startedAt);
  const elapsed = Number.isNaN(started) ? step.elapsedMs : Math.max(step.elapsedMs, now.getTime() - started);
  // Never full before the step has ended.
  const share = step.estimatedMs > 0 ? Math.min(0.99, elapsed / step.estimatedMs) : 0;
  const full = Math.floor(share * barCells);
  return line`${'▰'.repeat(full)}${'▱'.repeat(barCells - full)} ${percent(share)} of ${estimate(step.estimatedMs)} · ${ticking(elapsed)}`;
}

function counts(step: StepProgress): string {
  const failed = step.failed > 0 ? ` · ${step.failed} failed` : '';
  return `${step.ok} ok · ${step.changed} changed${failed} · ${step.lines.toLocaleString('en')} ${step.lines === 1 ? 'line' : 'lines'}`;
}

function hasEnded({ state }: StepProgress): boolean {
  return state === 'succeeded' || state === 'failed' || state === 'cancelled' || state === 'unknown';
}
