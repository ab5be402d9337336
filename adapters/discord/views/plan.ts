// A plan as a message: first what a phone's notification shows, then what a decision depends on, as far as it fits.
import { changesIn, diffLinesOf } from '../../../core/chat/diff.ts';
import { estimate, money, percent } from '../../../core/chat/format.ts';
import { listed, plannedBy, standingLine } from '../../../core/chat/marks.ts';
import type { PlanStepView, PlanView } from '../../../core/ports/chat.ts';
import type { Message } from '../message.ts';
import { planRows } from './buttons.ts';
import type { Section } from './layout.ts';
import { layOut, section } from './layout.ts';
import { code, codeLine, fence, plain, sentence, who } from './markup.ts';

const titleCharactersAtMost = 120;
const requestCharactersAtMost = 600;
const lineCharactersAtMost = 180;
/** What all steps' titles and hosts may take together; of a plan with very many steps the first are shown. */
const stepCharactersAtMost = 800;
const stepsAtMost = 25;
const excerpt = { linesAtMost: 12, columns: 100 };

export function planMessage(view: PlanView): Message {
  const standing = standingLine(view, who);
  const steps = view.steps.slice(0, stepsAtMost);
  const more = view.steps.length - steps.length;
  const apart = view.differences.length > 0 ? [''] : [];
  const sections: readonly Section[] = [
    section(0, [...(standing === null ? [] : [standing]), titleLine(view)]),
    section(2, wholeRequest(view)),
    section(2, bullets(view.differences), [`**What differs from revision ${view.revision - 1}**`]),
    section(3, bullets(view.understood), apart),
    ...steps.flatMap((step) => stepSections(step, steps.length)),
    section(1, more > 0 ? [`and ${more} more steps`] : []),
    section(5, bullets(view.findings), ['']),
    ...view.config.flatMap(configSections),
    section(2, [...view.notes.map((note) => `⚠ ${sentence(note, lineCharactersAtMost)}`)], ['']),
    section(0, decisionLines(view), ['']),
    section(0, identityLines(view)),
  ];
  return {
    content: layOut(sections, '… **Details** shows the rest'),
    components: planRows(view),
    files: [],
    pings: [],
  };
}

/** `#7 deploy uptime kuma — 2 steps, medium risk`: a notification shows a few lines, and markup as signs, so there is none. */
function titleLine(view: PlanView): string {
  const steps = view.steps.length === 1 ? '1 step' : `${view.steps.length} steps`;
  const revision = view.revision > 1 ? ` (revision ${view.revision})` : '';
  return `#${view.task} ${plain(view.request, titleCharactersAtMost)}${revision} — ${steps}, ${view.risk} risk`;
}

/** Of a request that is too long for a title. */
function wholeRequest({ request }: PlanView): readonly string[] {
  const whole = plain(request, requestCharactersAtMost);
  return whole.length > titleCharactersAtMost ? [`> ${whole}`] : [];
}

function stepSections(step: PlanStepView, steps: number): readonly Section[] {
  const room = Math.max(20, Math.floor(stepCharactersAtMost / steps));
  const title = plain(step.title, Math.min(120, Math.ceil(room * 0.6)));
  const hosts = hostNames(step.hosts, Math.max(10, Math.floor(room * 0.4)));
  const how = [code(step.playbook, 80), ...step.selection.map((part) => plain(part, 80))].filter((part) => part !== '');
  return [
    section(
      1,
      [`**${step.number}. ${title}** on ${hosts}${step.risk === 'high' ? ' — high risk' : ''}`],
      steps <= 8 ? [''] : [],
    ),
    section(
      2,
      step.inputs.map(({ name, value }) => `-# with ${plain(`${name} = ${value}`, lineCharactersAtMost)}`),
    ),
    section(4, [`-# ${[`${step.risk} risk`, estimate(step.estimatedMs), ...how].join(' · ')}`]),
  ];
}

/** As many whole names as there is room for, one at least. */
function hostNames(hosts: readonly string[], room: number): string {
  if (hosts.length === 0) return 'no host';
  const names: string[] = [];
  let used = 0;
  for (const host of hosts) {
    const name = plain(host, 60);
    used += name.length + 2;
    if (names.length > 0 && used > room) break;
    names.push(name);
  }
  const rest = hosts.length - names.length;
  return rest === 0 ? names.join(', ') : `${names.join(', ')} and ${rest} more`;
}

function configSections({ path, diff }: PlanView['config'][number]): readonly Section[] {
  const lines = diffLinesOf(diff).filter((line) => !line.startsWith('@@'));
  const excerptSection: Section = {
    rank: 7,
    take: (room) => {
      const shown = lines.slice(0, excerpt.linesAtMost).map((line) => codeLine(line, excerpt.columns));
      while (shown.length > 0 && fence('diff', shown).length + 1 > room) shown.pop();
      // A line or two of many tell nothing.
      if (shown.length < Math.min(3, lines.length)) return { lines: [], whole: false };
      return { lines: shown.length === 0 ? [] : [fence('diff', shown)], whole: shown.length === lines.length };
    },
  };
  return [section(3, [`Changes ${code(path, 120)} ${changesIn(diff)}`], ['']), excerptSection];
}

function decisionLines(view: PlanView): readonly string[] {
  if (view.standing !== 'open') return [];
  const names = listed(view.approvers.map(who), 6);
  const needs = view.needs > 1 ? `Needs ${view.needs} of ${names}` : `May approve: ${names}`;
  const given = view.given.length === 0 ? '' : ` · given by ${listed(view.given.map(who))}`;
  const expires = Date.parse(view.expiresAt);
  const when = Number.isNaN(expires) ? plain(view.expiresAt, 40) : `<t:${Math.floor(expires / 1_000)}:R>`;
  return [view.approvers.length === 0 ? 'Nobody may approve it.' : `${needs}${given}`, `Expires ${when}`];
}

function identityLines(view: PlanView): readonly string[] {
  const cost = view.tier === 'rules' ? `${money(view.costMicroUsd)}, no model needed` : money(view.costMicroUsd);
  const place = view.branch === null ? '' : `, branch ${plain(view.branch, 60)}`;
  return [
    `-# asked by ${who(view.requester)} · ${estimate(view.estimatedMs)} · ${cost} · ${plannedBy[view.tier]}, ${percent(view.confidence)} sure`,
    `-# plan hash ${code(view.planHash.slice(0, 12), 20)} · commit ${code(view.commit.slice(0, 8), 20)} of ${plain(view.repository, 60)}${place}`,
  ];
}

function bullets(texts: readonly string[]): readonly string[] {
  return texts.map((text) => `- ${plain(text, lineCharactersAtMost)}`);
}
