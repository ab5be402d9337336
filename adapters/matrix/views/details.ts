// A plan with all that its card has no room for: every input, the files read with their lines, the whole diffs.
import { changesIn, diffLinesOf } from '../../../core/chat/diff.ts';
import { estimate, money, percent } from '../../../core/chat/format.ts';
import { listed, plannedBy } from '../../../core/chat/marks.ts';
import { filesRead, planAsText } from '../../../core/chat/plan-text.ts';
import type { PlanStepView, PlanView } from '../../../core/ports/chat.ts';
import type { Message, RenderOptions } from '../message.ts';
import type { Line } from './markup.ts';
import { code, joined, line, plain, preformatted, sentence, strong, who } from './markup.ts';
import { wholeMessage } from './whole.ts';

const charactersAtMost = 1_800;

export function detailsMessage(view: PlanView, options: RenderOptions): Message {
  const lines: readonly Line[] = [
    strong(line`Plan #${view.task}, revision ${view.revision}: ${plain(view.request, charactersAtMost)}`),
    ...headed(`What differs from revision ${view.revision - 1}`, view.differences),
    ...headed('Understood', view.understood),
    ...view.steps.flatMap(stepLines),
    ...headed('Found', view.findings),
    ...headed('Files read', filesRead(view)),
    ...view.config.flatMap(({ path, diff }) => [
      line`${strong('Changes')} ${code(path, 300)} ${changesIn(diff)}`,
      preformatted('diff', diffLinesOf(diff)),
    ]),
    ...view.notes.map((note) => line`⚠ ${sentence(note, charactersAtMost)}`),
    ...summary(view),
  ];
  const file = { name: `plan-${view.task}-revision-${view.revision}.txt`, text: planAsText(view) };
  return wholeMessage({ lines, file }, options);
}

function stepLines(step: PlanStepView): readonly Line[] {
  const hosts = step.hosts.length === 0 ? 'no host' : plain(step.hosts.join(', '), charactersAtMost);
  const how = [
    line`${step.risk} risk`,
    line`${estimate(step.estimatedMs)}`,
    code(step.playbook, 200),
    ...step.selection.map((part) => line`${plain(part, 200)}`),
  ];
  return [
    strong(line`${step.number}. ${plain(step.title, 300)}`),
    line`• on ${hosts}`,
    line`• ${joined(
      how.filter(({ text }) => text !== ''),
      ' · ',
    )}`,
    ...step.inputs.map(({ name, value }) => line`• ${plain(`${name} = ${value}`, charactersAtMost)}`),
  ];
}

function headed(heading: string, texts: readonly string[]): readonly Line[] {
  return texts.length === 0 ? [] : [strong(heading), ...texts.map((text) => line`• ${plain(text, charactersAtMost)}`)];
}

function summary(view: PlanView): readonly Line[] {
  const approvers = view.approvers.length === 0 ? 'nobody' : listed(view.approvers.map(who), 20);
  const branch = view.branch === null ? '' : `, branch ${plain(view.branch, 200)}`;
  return [
    line`May approve: ${view.needs > 1 ? `${view.needs} of ` : ''}${approvers}`,
    line`${estimate(view.estimatedMs)} · ${money(view.costMicroUsd)} · ${plannedBy[view.tier]}, ${percent(view.confidence)} sure · ${view.risk} risk`,
    line`Plan hash ${code(view.planHash, 70)}`,
    line`Commit ${code(view.commit, 70)} of ${plain(view.repository, 200)}${branch}`,
  ];
}
