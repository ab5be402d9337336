// A plan as a file's text, where no line is cut: what a card and a message of details have no room for.
import type { PlanView } from '../ports/chat.ts';
import { diffLinesOf } from './diff.ts';
import { estimate } from './format.ts';

export function planAsText(view: PlanView): string {
  const part = (heading: string, lines: readonly string[]): readonly string[] =>
    lines.length === 0 ? [] : ['', heading, ...lines.map((line) => `  ${line}`)];
  return [
    `Plan #${view.task}, revision ${view.revision}`,
    view.request,
    ...part(`What differs from revision ${view.revision - 1}`, view.differences),
    ...part('Understood', view.understood),
    ...view.steps.flatMap((step) =>
      part(`${step.number}. ${step.title}`, [
        `on ${step.hosts.join(', ')}`,
        [`${step.risk} risk`, estimate(step.estimatedMs), step.playbook, ...step.selection].join(' · '),
        ...step.inputs.map(({ name, value }) => `${name} = ${value}`),
      ]),
    ),
    ...part('Found', view.findings),
    ...part('Files read', filesRead(view)),
    ...part('Notes', view.notes),
    ...view.config.flatMap(({ path, diff }) => ['', `Changes ${path}`, ...diffLinesOf(diff)]),
    ...part('Approval', [
      `${view.needs} of ${view.approvers.join(', ') || 'nobody'}; given by ${view.given.join(', ') || 'nobody'}`,
      `plan hash ${view.planHash}`,
      `commit ${view.commit} of ${view.repository}`,
    ]),
    '',
  ].join('\n');
}

/** A file a line, with the places in it that mattered. */
export function filesRead({ files }: PlanView): readonly string[] {
  const places = new Map<string, number[]>();
  for (const { path, line } of files) places.set(path, [...(places.get(path) ?? []), line]);
  return [...places].map(([path, lines]) => `${path}:${lines.toSorted((a, b) => a - b).join(',')}`);
}
