// The result card: how it ended, what changed on which host, where it is recorded, and how to undo it.

import { count, duration, money } from '../../../core/chat/format.ts';
import { safeLine } from '../../../core/chat/safe-text.ts';
import type { ResultView } from '../../../core/ports/chat.ts';
import type { Card, Look } from '../look.ts';
import { makeCard, paint } from '../look.ts';
import { widthOf } from '../width.ts';
import { stateMarks } from './marks.ts';

type StepResult = ResultView['steps'][number];

const changesAtMost = 20;
const notesAtMost = 20;

const endings: Record<ResultView['state'], string> = {
  succeeded: 'succeeded',
  failed: 'failed',
  cancelled: 'was cancelled',
  unknown: 'ended unknown',
};

export function resultCard(view: ResultView, look: Look): string[] {
  const colour = stateMarks[view.state].colour;
  const card = makeCard(
    look,
    `${stateMarks[view.state].mark} #${view.task} ${endings[view.state]}`,
    `${duration(view.durationMs)} · ${money(view.costMicroUsd)}`,
    colour,
  );
  card.text(view.request, { colour: 'dim' });
  card.text(view.code === null ? view.text : `${view.text} (${view.code})`, { colour: 'bold' });
  if (view.advice !== null) card.text(view.advice, { mark: '→ ' });
  for (const step of view.steps) stepLines(card, step, look);
  card.line();
  const width = 10;
  if (view.commit !== null) card.field('commit', commitText(view.commit), width);
  for (const [index, line] of view.undo.entries()) card.field(index === 0 ? 'undo' : '', line, width);
  if (view.approvedBy.length > 0) card.field('approved', `by ${view.approvedBy.join(' and ')}`, width);
  const ran = view.steps.some((step) => step.lines > 0);
  if (view.retryFrom !== null)
    return card.close(
      `Type ${paint(look, 'bold', `retry #${view.task}`)} to try again from step ${view.retryFrom}, or ${paint(look, 'bold', `log #${view.task}`)}`,
    );
  return card.close(
    ran
      ? `Type ${paint(look, 'bold', `log #${view.task}`)} for the full output`
      : `Type ${paint(look, 'bold', `why #${view.task}`)} for how it was planned`,
  );
}

function stepLines(card: Card, step: StepResult, look: Look): void {
  card.line();
  const { mark: sign, colour } = stateMarks[step.state];
  const mark = `${sign} `;
  const title = safeLine(`${step.number}. ${step.title}`);
  const aside = step.state === 'not started' ? 'not started' : duration(step.durationMs);
  const gap = card.inner - widthOf(mark) - widthOf(title) - widthOf(aside);
  const symbol = paint(look, colour, mark);
  if (Number.isFinite(gap) && gap >= 2)
    card.line(`${symbol}${paint(look, 'bold', title)}${' '.repeat(gap)}${paint(look, 'dim', aside)}`);
  else card.text(`${title} (${aside})`, { mark: symbol, colour: 'bold' });
  const labels = Math.min(16, Math.max(4, ...step.hosts.map(({ host }) => widthOf(safeLine(host, 200)))));
  for (const host of step.hosts) {
    const name = safeLine(host.host, 200);
    const bad = host.failed + host.unreachable > 0;
    card.field(
      `  ${name}${' '.repeat(Math.max(0, labels - widthOf(name)))}  `,
      counts(host),
      0,
      bad ? 'red' : undefined,
    );
    for (const change of host.changes.slice(0, changesAtMost))
      card.text(change, { indent: 4, mark: paint(look, 'yellow', '~ ') });
    const rest = host.changes.length - changesAtMost;
    if (rest > 0) card.text(`and ${count(rest, 'more change')}: see the log`, { indent: 4, colour: 'dim' });
  }
  for (const note of step.notes.slice(0, notesAtMost)) card.text(note, { indent: 2, mark: '» ' });
  if (step.notes.length > notesAtMost)
    card.text(`and ${count(step.notes.length - notesAtMost, 'more note')}: see the log`, { indent: 2, colour: 'dim' });
}

function counts(host: StepResult['hosts'][number]): string {
  const parts = [host.changed === 0 ? 'nothing changed' : `${host.changed} changed`, `${host.ok} ok`];
  if (host.failed > 0) parts.push(`${host.failed} failed`);
  if (host.unreachable > 0) parts.push('unreachable');
  return parts.join(' · ');
}

function commitText(commit: NonNullable<ResultView['commit']>): string {
  const place = `${commit.sha.slice(0, 8)} on ${commit.branch} of ${commit.repository}`;
  return `${commit.link ?? place}${commit.link === null ? '' : ` (${place})`}${commit.pushed ? ', pushed' : ', not pushed'}`;
}
