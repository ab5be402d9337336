// A plan as a message: first what a phone's notification shows, then what a decision depends on, last how to decide it.
import { changesIn, diffLinesOf } from '../../../core/chat/diff.ts';
import { estimate, money, percent } from '../../../core/chat/format.ts';
import { listed, plannedBy, standingLine } from '../../../core/chat/marks.ts';
import type { PlanStepView, PlanView } from '../../../core/ports/chat.ts';
import type { Message } from '../message.ts';
import type { Section } from './layout.ts';
import { layOut, section } from './layout.ts';
import type { Line } from './markup.ts';
import { code, joined, line, messageOf, nothing, plain, preformatted, sentence, strong, who } from './markup.ts';

const titleCharactersAtMost = 140;
const requestCharactersAtMost = 800;
const lineCharactersAtMost = 240;
const stepsAtMost = 25;
const hostsAtMost = 8;
const excerpt = { linesAtMost: 16, columns: 120 };
/** As much of the hash as people type. */
const typedHash = 4;

export function planMessage(view: PlanView): Message {
  const standing = standingLine(view, who);
  const steps = view.steps.slice(0, stepsAtMost);
  const more = view.steps.length - steps.length;
  const sections: readonly Section[] = [
    section(0, [...(standing === null ? [] : [line`${standing}`]), titleLine(view)]),
    section(2, wholeRequest(view)),
    section(2, bullets(view.differences), [strong(`What differs from revision ${view.revision - 1}`)]),
    section(3, bullets(view.understood)),
    ...steps.flatMap(stepSections),
    section(1, more > 0 ? [line`and ${more} more steps`] : []),
    section(5, bullets(view.findings), [nothing]),
    ...view.config.flatMap(configSections),
    section(
      2,
      view.notes.map((note) => line`⚠ ${sentence(note, lineCharactersAtMost)}`),
      [nothing],
    ),
    section(0, decisionLines(view), [nothing]),
    section(0, identityLines(view)),
  ];
  return messageOf(layOut(sections, line`… ${code(`details #${view.task}`, 40)} in this thread shows the rest`), {
    quiet: false,
    plan: { task: view.task, revision: view.revision, hash: view.planHash, open: view.standing === 'open' },
  });
}

/** `#7 deploy uptime kuma — 2 steps, medium risk`: what a notification shows. */
function titleLine(view: PlanView): Line {
  const steps = view.steps.length === 1 ? '1 step' : `${view.steps.length} steps`;
  const revision = view.revision > 1 ? ` (revision ${view.revision})` : '';
  return line`${strong(line`#${view.task} ${plain(view.request, titleCharactersAtMost)}${revision}`)} — ${steps}, ${view.risk} risk`;
}

/** Of a request that is too long for a title. */
function wholeRequest({ request }: PlanView): readonly Line[] {
  const whole = plain(request, requestCharactersAtMost);
  return whole.length > titleCharactersAtMost ? [line`“${whole}”`] : [];
}

function stepSections(step: PlanStepView): readonly Section[] {
  const shown = step.hosts.slice(0, hostsAtMost).map((host) => plain(host, 60));
  const rest = step.hosts.length - shown.length;
  const hosts = shown.length === 0 ? 'no host' : `${shown.join(', ')}${rest > 0 ? ` and ${rest} more` : ''}`;
  const how = [
    line`${step.risk} risk`,
    line`${estimate(step.estimatedMs)}`,
    code(step.playbook, 100),
    ...step.selection.map((part) => line`${plain(part, 100)}`),
  ].filter(({ text }) => text !== '');
  return [
    section(
      1,
      [line`${strong(line`${step.number}. ${plain(step.title, titleCharactersAtMost)}`)} on ${hosts}`],
      [nothing],
    ),
    section(
      2,
      step.inputs.map(({ name, value }) => line`• with ${plain(`${name} = ${value}`, lineCharactersAtMost)}`),
    ),
    section(4, [line`• ${joined(how, ' · ')}`]),
  ];
}

function configSections({ path, diff }: PlanView['config'][number]): readonly Section[] {
  const lines = diffLinesOf(diff).filter((each) => !each.startsWith('@@'));
  const shown = lines.slice(0, excerpt.linesAtMost).map((each) => each.slice(0, excerpt.columns).toWellFormed());
  const cut = lines.length > shown.length || lines.some((each) => each.length > excerpt.columns);
  return [
    section(3, [line`Changes ${code(path, 160)} ${changesIn(diff)}${cut ? ', in part' : ''}`], [nothing]),
    section(7, shown.length === 0 ? [] : [preformatted('diff', shown)]),
  ];
}

function decisionLines(view: PlanView): readonly Line[] {
  if (view.standing !== 'open') return [];
  const names = listed(view.approvers.map(who), 6);
  const needs = view.needs > 1 ? `Needs ${view.needs} of ${names}` : `May approve: ${names}`;
  const given = view.given.length === 0 ? '' : ` · given by ${listed(view.given.map(who))}`;
  const typed = code(`approve ${view.planHash.slice(0, typedHash)}`, 40);
  return [
    line`Tap ✅ to approve, ❌ to reject, ✏️ to change it; or reply ${typed}`,
    line`${view.approvers.length === 0 ? 'Nobody may approve it.' : `${needs}${given}`} · expires ${expiry(view.expiresAt)}`,
  ];
}

/** A message cannot count down: it says the hour. */
function expiry(iso: string): string {
  return Number.isNaN(Date.parse(iso))
    ? plain(iso, 40)
    : `${new Date(iso).toISOString().slice(0, 16).replace('T', ' ')} UTC`;
}

function identityLines(view: PlanView): readonly Line[] {
  const cost = view.tier === 'rules' ? `${money(view.costMicroUsd)}, no model needed` : money(view.costMicroUsd);
  const place = view.branch === null ? '' : `, branch ${plain(view.branch, 60)}`;
  return [
    line`asked by ${who(view.requester)} · ${estimate(view.estimatedMs)} · ${cost} · ${plannedBy[view.tier]}, ${percent(view.confidence)} sure`,
    line`plan hash ${code(view.planHash.slice(0, 12), 20)} · commit ${code(view.commit.slice(0, 8), 20)} of ${plain(view.repository, 60)}${place}`,
  ];
}

function bullets(texts: readonly string[]): readonly Line[] {
  return texts.map((text) => line`• ${plain(text, lineCharactersAtMost)}`);
}
