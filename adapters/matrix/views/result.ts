// How a task ended, as a message that reaches the one who asked: what changed where, the commit, the way back.
import { count, duration, money } from '../../../core/chat/format.ts';
import { listed, stateMarks } from '../../../core/chat/marks.ts';
import type { ResultView } from '../../../core/ports/chat.ts';
import type { Message } from '../message.ts';
import { callOf } from '../person.ts';
import type { Section } from './layout.ts';
import { layOut, section } from './layout.ts';
import type { Line } from './markup.ts';
import { code, commitLink, line, messageOf, nothing, plain, sentence, strong, who } from './markup.ts';

type StepResult = ResultView['steps'][number];
type HostResult = StepResult['hosts'][number];

const endings: Readonly<Record<ResultView['state'], string>> = {
  succeeded: 'succeeded',
  failed: 'failed',
  cancelled: 'was cancelled',
  unknown: 'ended unknown',
};
const stepsAtMost = 12;
const undoLinesAtMost = 5;

export function resultMessage(view: ResultView): Message {
  const said = view.state === 'cancelled' ? sentence(view.text, 600) : line`${plain(view.text, 600)}`;
  const more = view.steps.length - stepsAtMost;
  const head = line`${stateMarks[view.state]} #${view.task} ${endings[view.state]}: ${plain(view.request, 400)}`;
  const sections: readonly Section[] = [
    section(0, [strong(head), line`${said}${view.code === null ? '' : ` (${plain(view.code, 20)})`}`]),
    section(0, view.advice === null ? [] : [line`→ ${sentence(view.advice, 400)}`]),
    ...view.steps.slice(0, stepsAtMost).flatMap(stepSections),
    section(1, more > 0 ? [line`and ${count(more, 'more step')}`] : []),
    section(0, view.commit === null ? [] : [commitLine(view.commit)], [nothing]),
    section(
      3,
      view.undo.slice(0, undoLinesAtMost).map((each, index) => line`${index === 0 ? 'Undo: ' : ''}${plain(each, 300)}`),
    ),
    section(
      1,
      view.retryFrom === null
        ? []
        : [line`${code(`retry #${view.task}`, 30)} plans the rest from step ${view.retryFrom}`],
    ),
    section(1, [footer(view)]),
  ];
  return messageOf(layOut(sections, line`… ${code(`log #${view.task}`, 30)} shows the rest`), {
    quiet: false,
    mentions: callOf(view.requester),
  });
}

function stepSections(step: StepResult): readonly Section[] {
  const aside = step.state === 'not started' ? 'not started' : duration(step.durationMs);
  return [
    section(
      1,
      [line`${strong(line`${step.number}. ${plain(step.title, 140)}`)} ${stateMarks[step.state]} ${aside}`],
      [nothing],
    ),
    // What went wrong is looked for first.
    ...step.hosts.flatMap((host): readonly Section[] => [
      section(isBad(host) ? 1 : 2, [line`• ${plain(host.host, 80)}: ${counts(host)}`]),
      section(
        5,
        host.changes.map((change) => line`  ◦ ${plain(change, 160)}`),
      ),
    ]),
    section(
      3,
      step.notes.map((note) => line`» ${plain(note, 400)}`),
    ),
  ];
}

function isBad(host: HostResult): boolean {
  return host.failed + host.unreachable > 0;
}

function counts(host: HostResult): Line {
  const failed = host.failed > 0 ? line`, ${strong(`${host.failed} failed`)}` : nothing;
  const away = host.unreachable > 0 ? line`, ${strong('unreachable')}` : nothing;
  return line`${host.changed === 0 ? 'nothing changed' : `${host.changed} changed`}, ${host.ok} ok${failed}${away}`;
}

function commitLine(commit: NonNullable<ResultView['commit']>): Line {
  const where = `on ${plain(commit.branch, 80)} of ${plain(commit.repository, 80)}`;
  return line`Commit ${commitLink(commit.sha, commit.link)} ${where}, ${commit.pushed ? 'pushed' : 'not pushed'}`;
}

function footer(view: ResultView): Line {
  const by = view.approvedBy.length === 0 ? [] : [`approved by ${listed(view.approvedBy.map(who))}`];
  return line`${[`asked by ${who(view.requester)}`, duration(view.durationMs), money(view.costMicroUsd), ...by].join(' · ')}`;
}
