// One step's live message: where it is, at a glance, with the button that stops it.
import { duration, estimate, percent, ticking } from '../../../core/chat/format.ts';
import { stateMarks } from '../../../core/chat/marks.ts';
import type { ProgressView, StepProgress } from '../../../core/ports/chat.ts';
import type { Message } from '../message.ts';
import { taskRows } from './buttons.ts';
import { plain } from './markup.ts';

const barCells = 10;

export function progressMessage(view: ProgressView, now: Date): Message {
  const step = view.steps.find(({ number }) => number === view.step) ?? view.steps[0];
  if (step === undefined) return { content: `▶ #${view.task} runs`, components: [], files: [], pings: [] };
  const lines = [titleLine(view, step), ...(hasEnded(step) ? endedLines(step) : liveLines(view, step, now))];
  return {
    content: lines.filter((line) => line !== '').join('\n'),
    components: hasEnded(step) || view.cancelling ? [] : taskRows(view.task, ['cancel']),
    files: [],
    pings: [],
  };
}

function titleLine(view: ProgressView, step: StepProgress): string {
  const state = step.state === 'succeeded' || step.state === 'running' ? '' : ` — ${step.state}`;
  const stopping = view.cancelling && !hasEnded(step) ? ' — stopping …' : state;
  return `${stateMarks[step.state]} #${view.task} step ${step.number} of ${view.steps.length}: ${plain(step.title, 120)}${stopping}`;
}

function liveLines(view: ProgressView, step: StepProgress, now: Date): readonly string[] {
  if (step.state === 'waiting') return [];
  if (step.state === 'starting')
    return [
      step.agent === null ? `Waits for an agent of pool ${plain(step.pool, 60)}` : `Taken by ${plain(step.agent, 60)}`,
    ];
  const doing = plain(step.now, 160);
  const on = step.agent === null ? '' : `-# on ${plain(step.agent, 60)}`;
  return [barLine(step, now), view.cancelling ? '' : doing, countLine(step), on];
}

/** The clock in it goes on by itself on people's screens, also while Ansible says nothing. */
function barLine(step: StepProgress, now: Date): string {
  const started = step.startedAt === null ? Number.NaN : Date.parse(step.startedAt);
  const elapsed = Number.isNaN(started) ? step.elapsedMs : Math.max(step.elapsedMs, now.getTime() - started);
  // Never full before the step has ended.
  const share = step.estimatedMs > 0 ? Math.min(0.99, elapsed / step.estimatedMs) : 0;
  const full = Math.floor(share * barCells);
  const since = Number.isNaN(started) ? ticking(elapsed) : `started <t:${Math.floor(started / 1_000)}:R>`;
  return `${'▰'.repeat(full)}${'▱'.repeat(barCells - full)} ${percent(share)} of ${estimate(step.estimatedMs)} · ${since}`;
}

function endedLines(step: StepProgress): readonly string[] {
  return [`${countLine(step)} · ${duration(step.elapsedMs)}`];
}

function countLine(step: StepProgress): string {
  const failed = step.failed > 0 ? ` · ${step.failed} failed` : '';
  return `${step.ok} ok · ${step.changed} changed${failed} · ${step.lines.toLocaleString('en')} ${step.lines === 1 ? 'line' : 'lines'}`;
}

function hasEnded({ state }: StepProgress): boolean {
  return state === 'succeeded' || state === 'failed' || state === 'cancelled' || state === 'unknown';
}
