// A plan with all that its card has no room for: every input, the files read with their lines, the whole diffs.
import { changesIn, diffLinesOf } from '../../../core/chat/diff.ts';
import { estimate, money, percent } from '../../../core/chat/format.ts';
import { listed, plannedBy } from '../../../core/chat/marks.ts';
import { filesRead, planAsText } from '../../../core/chat/plan-text.ts';
import type { PlanStepView, PlanView } from '../../../core/ports/chat.ts';
import type { Message, RenderOptions } from '../message.ts';
import { code, codeLine, plain, sentence, who } from './markup.ts';
import type { Block } from './pages.ts';
import { overPages } from './pages.ts';

const lineCharactersAtMost = 1_800;

export function detailsMessages(view: PlanView, options: RenderOptions): readonly Message[] {
  const blocks: readonly Block[] = [
    { lines: [`Plan #${view.task}, revision ${view.revision}: ${plain(view.request, lineCharactersAtMost)}`] },
    {
      lines: [
        ...headed(`What differs from revision ${view.revision - 1}`, view.differences),
        ...headed('Understood', view.understood),
      ],
    },
    ...view.steps.map((step) => ({ lines: stepLines(step) })),
    { lines: [...headed('Found', view.findings), ...headed('Files read', filesRead(view))] },
    ...view.config.flatMap(({ path, diff }): readonly Block[] => [
      { lines: [`**Changes** ${code(path, 300)} ${changesIn(diff)}`] },
      { language: 'diff', code: diffLinesOf(diff).map((line) => codeLine(line, lineCharactersAtMost)) },
    ]),
    { lines: [...view.notes.map((note) => `⚠ ${sentence(note, lineCharactersAtMost)}`), ...summary(view)] },
  ];
  const file = { name: `plan-${view.task}-revision-${view.revision}.txt`, text: planAsText(view) };
  return overPages({ blocks, file }, options);
}

function stepLines(step: PlanStepView): readonly string[] {
  const hosts = step.hosts.length === 0 ? 'no host' : plain(step.hosts.join(', '), lineCharactersAtMost);
  const how = [
    `${step.risk} risk`,
    estimate(step.estimatedMs),
    code(step.playbook, 200),
    ...step.selection.map((part) => plain(part, 200)),
  ];
  return [
    `**${step.number}. ${plain(step.title, 300)}**`,
    `- on ${hosts}`,
    `- ${how.filter((part) => part !== '').join(' · ')}`,
    ...step.inputs.map(({ name, value }) => `- ${plain(`${name} = ${value}`, lineCharactersAtMost)}`),
  ];
}

function headed(heading: string, texts: readonly string[]): readonly string[] {
  return texts.length === 0 ? [] : [`**${heading}**`, ...texts.map((text) => `- ${plain(text, lineCharactersAtMost)}`)];
}

function summary(view: PlanView): readonly string[] {
  const approvers = view.approvers.length === 0 ? 'nobody' : listed(view.approvers.map(who), 20);
  const branch = view.branch === null ? '' : `, branch ${plain(view.branch, 200)}`;
  return [
    `May approve: ${view.needs > 1 ? `${view.needs} of ` : ''}${approvers}`,
    `${estimate(view.estimatedMs)} · ${money(view.costMicroUsd)} · ${plannedBy[view.tier]}, ${percent(view.confidence)} sure · ${view.risk} risk`,
    `Plan hash ${code(view.planHash, 70)}`,
    `Commit ${code(view.commit, 70)} of ${plain(view.repository, 200)}${branch}`,
  ];
}
