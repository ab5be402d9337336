// The plan card: everything a person has to see before saying yes, and the words to say it with.

import { changesIn } from '../../../core/chat/diff.ts';
import { count, estimate, money, percent, until } from '../../../core/chat/format.ts';
import { safeLine } from '../../../core/chat/safe-text.ts';
import type { PlanStepView, PlanView } from '../../../core/ports/chat.ts';
import type { Card, Colour, Look } from '../look.ts';
import { makeCard, paint } from '../look.ts';
import { widthOf, wrap } from '../width.ts';
import { diffLines } from './diff.ts';
import { plannedBy } from './marks.ts';

/** What a card has room for, and what is shown to who asks for the details. */
const extents = {
  card: { files: 8, diffLines: 200 },
  details: { files: 1_000, diffLines: 20_000 },
} as const;

export function planCard(view: PlanView, look: Look, extent: keyof typeof extents = 'card'): string[] {
  const atMost = extents[extent];
  const open = view.standing === 'open';
  const title = `Plan #${view.task}, revision ${view.revision}${open ? '' : ` (${view.standing})`}`;
  const card = makeCard(look, title, `${plannedBy[view.tier]}, ${percent(view.confidence)} sure`, colourOf(view));
  card.text(view.request, { colour: 'bold' });
  if (view.differences.length > 0) {
    card.heading(`What differs from revision ${view.revision - 1}`);
    for (const line of view.differences) card.text(line, { mark: '~ ', colour: 'yellow' });
  }
  if (view.understood.length > 0) {
    card.heading('Understood');
    for (const line of view.understood) card.text(line, { mark: '• ' });
  }
  card.heading(view.steps.length === 1 ? 'One step' : `${view.steps.length} steps`);
  for (const step of view.steps) stepLines(card, step, look);
  if (view.findings.length + view.files.length > 0) {
    card.heading('Found and read');
    for (const line of view.findings) card.text(line, { mark: '• ' });
    fileLines(card, view.files, atMost.files);
  }
  for (const { path, diff } of view.config) {
    card.heading(`Changes ${safeLine(path)}`, changesIn(diff));
    const showAll = extent === 'card' ? `details #${view.task}` : `git show ${view.commit.slice(0, 8)}`;
    const linesAtMost = atMost.diffLines;
    for (const line of diffLines(diff, card.inner, look, { linesAtMost, showAll })) card.line(line);
  }
  card.line();
  summary(card, view, look);
  for (const note of view.notes) card.text(note, { mark: '! ', colour: 'yellow' });
  return card.close(open ? whatToType(look) : `This plan is ${view.standing}; nothing is left to decide on it`);
}

/** For a card that is on the screen already and stands differently now; nothing when another message tells it. */
export function planStanding(view: PlanView, look: Look): string[] {
  const said = standingSaid(view);
  if (said === null) return [];
  return wrap(`#${view.task} revision ${view.revision} ${said.text}`, look.width - 2).map(
    (part, index) => `${paint(look, said.colour, index === 0 ? said.mark : ' ')} ${part}`,
  );
}

function standingSaid(
  view: PlanView,
): { readonly mark: string; readonly colour: Colour; readonly text: string } | null {
  if (view.standing === 'superseded') return { mark: '~', colour: 'yellow', text: 'is superseded' };
  if (view.standing !== 'approved') return null;
  const by = view.given.length === 0 ? '' : ` by ${view.given.join(' and ')}`;
  return { mark: '✓', colour: 'green', text: safeLine(`is approved${by}`) };
}

function stepLines(card: Card, step: PlanStepView, look: Look): void {
  const mark = `${step.number}. `;
  const aside = `${step.risk} risk · ${estimate(step.estimatedMs)}`;
  const title = safeLine(step.title);
  const used = widthOf(mark) + widthOf(title);
  const room = card.inner - used - 2;
  if (Number.isFinite(card.inner) && room >= widthOf(aside)) {
    card.line(
      `${paint(look, 'bold', mark + title)}${' '.repeat(card.inner - used - widthOf(aside))}${paint(look, 'dim', aside)}`,
    );
  } else {
    card.text(title, { mark, colour: 'bold' });
    card.text(aside, { indent: mark.length, colour: 'dim' });
  }
  const label = (name: string): string => `${' '.repeat(mark.length)}${name.padEnd(7)}`;
  card.field(label('runs'), [step.playbook, ...step.selection].join(' · '), mark.length + 7);
  card.field(label('on'), step.hosts.length === 0 ? 'no host' : step.hosts.join(', '), mark.length + 7);
  for (const [index, input] of step.inputs.entries()) {
    card.field(label(index === 0 ? 'with' : ''), `${input.name} = ${input.value}`, mark.length + 7);
  }
}

/** A file a line, with the places in it that mattered. */
function fileLines(card: Card, files: PlanView['files'], filesAtMost: number): void {
  const places = new Map<string, number[]>();
  for (const { path, line } of files) places.set(path, [...(places.get(path) ?? []), line]);
  for (const [path, lines] of [...places].slice(0, filesAtMost)) {
    card.text(`${path}:${lines.toSorted((a, b) => a - b).join(',')}`, { indent: 2, colour: 'dim' });
  }
  const rest = places.size - filesAtMost;
  if (rest > 0) card.text(`and ${count(rest, 'more file')}`, { indent: 2, colour: 'dim' });
}

function summary(card: Card, view: PlanView, look: Look): void {
  const width = 13;
  const cost = view.tier === 'rules' ? `${money(view.costMicroUsd)}, no model needed` : money(view.costMicroUsd);
  const ink = view.risk === 'high' ? 'red' : undefined;
  card.field('estimate', `${estimate(view.estimatedMs)} · ${cost} · ${view.risk} risk`, width, ink);
  card.field('may approve', approval(view), width);
  card.field('expires', view.standing === 'open' ? expiry(view.expiresAt, look.now) : view.expiresAt, width);
  const place = view.branch === null ? '' : `, branch ${view.branch}`;
  card.field('runs at', `commit ${view.commit.slice(0, 8)} of ${view.repository}${place}`, width);
  card.field('plan hash', view.planHash.slice(0, 12), width);
}

function expiry(at: string, now: Date): string {
  const when = until(at, now);
  return when === 'now' ? when : `${when}; it waits until then, also while Chiffon is off`;
}

function approval(view: PlanView): string {
  const who = view.approvers.length === 0 ? 'nobody' : view.approvers.join(', ');
  const given = view.given.length === 0 ? '' : `; given by ${view.given.join(', ')}`;
  return view.needs > 1 ? `${view.needs} of ${who}${given}` : `${who}${given}`;
}

function whatToType(look: Look): string {
  const words = ['approve', 'reject <reason>', 'change <what>'].map((word) => paint(look, 'bold', word));
  return `Type ${words[0]}, ${words[1]} or ${words[2]}`;
}

function colourOf(view: PlanView): Colour {
  if (view.standing !== 'open') return 'gray';
  return view.risk === 'high' ? 'red' : view.risk === 'medium' ? 'yellow' : 'cyan';
}
