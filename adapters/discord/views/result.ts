// How a task ended, as a message that reaches the one who asked: what changed where, the commit, the way back.
import { count, duration, money } from '../../../core/chat/format.ts';
import { listed, stateMarks } from '../../../core/chat/marks.ts';
import type { ResultView } from '../../../core/ports/chat.ts';
import type { Message } from '../message.ts';
import { taskRows } from './buttons.ts';
import type { Section } from './layout.ts';
import { layOut, section } from './layout.ts';
import { commitLink, pingOf, plain, sentence, who } from './markup.ts';

type StepResult = ResultView['steps'][number];
type HostResult = StepResult['hosts'][number];

const endings: Readonly<Record<ResultView['state'], string>> = {
  succeeded: 'succeeded',
  failed: 'failed',
  cancelled: 'was cancelled',
  unknown: 'ended unknown',
};
const stepsAtMost = 12;
const undoLinesAtMost = 3;

export function resultMessage(view: ResultView): Message {
  const pings = pingOf(view.requester);
  const called = pings.map((id) => `<@${id}> `).join('');
  const state = `${stateMarks[view.state]} #${view.task} ${endings[view.state]}`;
  const said = view.state === 'cancelled' ? sentence(view.text, 500) : plain(view.text, 500);
  const outcome = `${called}${said}${view.code === null ? '' : ` (${plain(view.code, 20)})`}`;
  const more = view.steps.length - stepsAtMost;
  const sections: readonly Section[] = [
    section(0, [`${state}: ${plain(view.request, 300)}`, ...(outcome === '' ? [] : [outcome])]),
    section(0, view.advice === null ? [] : [`→ ${plain(view.advice, 250)}`]),
    ...view.steps.slice(0, stepsAtMost).flatMap(stepSections),
    section(1, more > 0 ? [`and ${count(more, 'more step')}`] : []),
    section(0, view.commit === null ? [] : [commitLine(view.commit)], ['']),
    section(
      3,
      view.undo.slice(0, undoLinesAtMost).map((line, index) => `${index === 0 ? 'Undo: ' : ''}${plain(line, 250)}`),
    ),
    section(1, [footer(view)]),
  ];
  return {
    content: layOut(sections, `… \`/log\` #${view.task} shows the rest`),
    components:
      view.retryFrom === null ? [] : taskRows(view.task, ['retry'], { retry: `Retry from step ${view.retryFrom}` }),
    files: [],
    pings,
  };
}

function stepSections(step: StepResult): readonly Section[] {
  const aside = step.state === 'not started' ? 'not started' : duration(step.durationMs);
  return [
    section(1, [`**${step.number}. ${plain(step.title, 100)}** ${stateMarks[step.state]} ${aside}`], ['']),
    // What went wrong is looked for first.
    ...step.hosts.flatMap((host): readonly Section[] => [
      section(isBad(host) ? 1 : 2, [`- ${plain(host.host, 60)}: ${counts(host)}`]),
      section(
        5,
        host.changes.map((change) => `  - ${plain(change, 120)}`),
      ),
    ]),
    section(
      3,
      step.notes.map((note) => `» ${plain(note, 300)}`),
    ),
  ];
}

function isBad(host: HostResult): boolean {
  return host.failed + host.unreachable > 0;
}

function counts(host: HostResult): string {
  const parts = [host.changed === 0 ? 'nothing changed' : `${host.changed} changed`, `${host.ok} ok`];
  if (host.failed > 0) parts.push(`**${host.failed} failed**`);
  if (host.unreachable > 0) parts.push('**unreachable**');
  return parts.join(', ');
}

function commitLine(commit: NonNullable<ResultView['commit']>): string {
  const face = commitLink(commit.sha, commit.link);
  const where = `on ${plain(commit.branch, 60)} of ${plain(commit.repository, 60)}`;
  return `Commit ${face} ${where}, ${commit.pushed ? 'pushed' : 'not pushed'}`;
}

function footer(view: ResultView): string {
  const by = view.approvedBy.length === 0 ? [] : [`approved by ${listed(view.approvedBy.map(who))}`];
  return `-# ${[duration(view.durationMs), money(view.costMicroUsd), ...by].join(' · ')}`;
}
