// A task's story so far as a Markdown page: what was asked, what was planned, who decided what and when, what came of it.
// The same events always give the same page; a change here raises auditFormat.
import prettyMs from 'pretty-ms';
import type { Plan, Step } from '../plan/plan.ts';
import type { AttemptOutcome, StoredEvent } from '../task/event.ts';
import { code, fenced, plain, visible } from './markdown.ts';
import { sentence } from './sentence.ts';

export function storyPage(stream: readonly StoredEvent[]): string {
  const last = stream.at(-1);
  if (last === undefined) throw new RangeError('a story without events');
  const sections = [
    heading(stream, last),
    request(stream),
    section('What happened', stream.map(timelineItem).join('\n')),
    ...stream.flatMap(planSection),
    ...stream.flatMap(resultSection),
    section(
      'The record',
      [
        `- Events of this task: ${stream.map(({ seq }) => seq).join(', ')}`,
        `- The chain’s head: event ${last.seq}, ${code(last.hash)}`,
        '- The same as JSON, with every hash: the files beside this page',
      ].join('\n'),
    ),
  ];
  return `${sections.filter((text) => text !== '').join('\n\n')}\n`;
}

function heading(stream: readonly StoredEvent[], last: StoredEvent): string {
  const asked = stream.find(({ event }) => event.type === 'task.received')?.event;
  const subject = asked?.type === 'task.received' ? firstLine(asked.request) : 'The task';
  return `# ${code(`#${last.task}`)} ${plain(subject)}\n\nLast: ${plain(sentence(last))}, ${moment(last.at)}`;
}

function request(stream: readonly StoredEvent[]): string {
  return stream
    .flatMap(({ event }) =>
      event.type === 'task.received'
        ? [
            section(
              'The request',
              `By ${code(event.requester)} in ${code(event.conversation)}:\n\n${fenced(event.request, 'text')}`,
            ),
          ]
        : [],
    )
    .join('\n\n');
}

function timelineItem(stored: StoredEvent): string {
  return `- ${moment(stored.at)}, event ${stored.seq}: ${plain(sentence(stored))}`;
}

function planSection({ event }: StoredEvent): string[] {
  if (event.type !== 'plan.proposed') return [];
  const { plan } = event;
  const facts = [
    `- Plan hash: ${code(event.planHash)}`,
    ...(plan.retryOf === undefined
      ? []
      : [
          `- The steps of ${code(`#${plan.retryOf.task}`)} from step ${plan.retryOf.fromStep} on; the plan hash there: ${code(plan.retryOf.planHash)}`,
        ]),
    `- Runs commit ${code(plan.commit)}${plan.branch === null ? '' : ` of branch ${code(plan.branch)}, made from ${code(plan.baseCommit)}`}`,
    `- Needs ${event.needs === 1 ? 'one approval' : `${event.needs} approvals`} by ${event.approvers.map(code).join(', ') || 'nobody'}${event.self ? '' : ', not by the requester'}`,
    `- Policy ${code(plan.policyVersion)}; valid until ${moment(plan.expiresAt)}`,
    `- Risk ${plan.risk}; about ${prettyMs(plan.estimatedMs)}; planned by ${plan.tier}, confidence ${plan.confidence.toFixed(2)}, cost ${usd(plan.costMicroUsd)}`,
  ];
  const parts = [
    facts.join('\n'),
    listOf('Understood', plan.understood),
    listOf('Different from the revision before', plan.differences),
    ...plan.steps.map(stepText),
    ...diffs(plan),
  ];
  return [section(`Plan ${plan.revision}`, parts.filter((text) => text !== '').join('\n\n'))];
}

function stepText(step: Step): string {
  const selection = [
    ...step.tags.map((tag) => `tag ${tag}`),
    ...step.skipTags.map((tag) => `without tag ${tag}`),
    ...(step.limit === null ? [] : [`limit ${step.limit}`]),
  ];
  const inputs = Object.entries(step.vars).map(([name, value]) => `  - ${code(name)}: ${code(valueText(value))}`);
  return [
    `### Step ${step.number}: ${plain(step.title)}`,
    '',
    `- Playbook ${code(step.playbook)}${selection.map((text) => `, ${code(text)}`).join('')}`,
    `- Hosts: ${step.hosts.map(code).join(', ') || 'none'}`,
    ...(inputs.length === 0 ? [] : ['- Inputs:', ...inputs]),
    ...step.files.map(({ path, line }) => `- Read: ${code(`${path}:${line}`)}`),
  ].join('\n');
}

function diffs(plan: Plan): string[] {
  return plan.steps.flatMap((step) => step.config.map(({ path, diff }) => `${code(path)}:\n\n${fenced(diff, 'diff')}`));
}

function resultSection({ event }: StoredEvent): string[] {
  if (event.type === 'attempt.finished')
    return [section(`Result of step ${event.step}, attempt ${event.attempt}`, outcomeText(event.result))];
  if (event.type === 'change.merged') {
    const page = event.link === null ? '' : `\n- Page: ${code(event.link)}`;
    const where = event.pushed ? 'in the main branch, pushed to its remote' : 'in the main branch';
    return [section('The change', `- Commit ${code(event.commit)}, ${where}${page}`)];
  }
  if (event.type === 'change.kept')
    return [
      section('The change', `- Commit ${code(event.commit)} kept on ${code(event.branch)}: ${plain(event.reason)}`),
    ];
  return [];
}

function outcomeText(result: AttemptOutcome): string {
  const hosts = Object.entries(result.recap).map(([host, counts]) => {
    const told = Object.entries(counts).filter(([, count]) => count > 0);
    return `- ${code(host)}: ${told.map(([what, count]) => `${count} ${what}`).join(', ') || 'nothing'}`;
  });
  const changed = Object.entries(result.changed).flatMap(([host, tasks]) =>
    tasks.map((name) => `- Changed on ${code(host)}: ${plain(name)}`),
  );
  const { output } = result;
  return [
    `- ${result.outcome} after ${prettyMs(result.durationMs)}${result.exitCode === null ? '' : `, exit code ${result.exitCode}`}`,
    ...(result.error === null ? [] : [`- ${plain(`${result.error.kind}: ${result.error.message}`)}`]),
    ...hosts,
    ...changed,
    ...result.notes.map((note) => `- Note: ${plain(note)}`),
    `- Output: ${output.lines} lines, ${output.bytes} bytes, SHA-256 ${code(output.sha256)}`,
  ].join('\n');
}

function listOf(title: string, items: readonly string[]): string {
  return items.length === 0 ? '' : `${title}:\n\n${items.map((item) => `- ${plain(item)}`).join('\n')}`;
}

function section(title: string, text: string): string {
  return `## ${title}\n\n${text}`;
}

/** A secret is a reference here as everywhere: its value was never in the log. */
function valueText(value: Step['vars'][string]): string {
  if (typeof value === 'object' && value !== null && '$secret' in value) return '(secret)';
  return typeof value === 'string' ? value : JSON.stringify(value);
}

function firstLine(text: string): string {
  const line = visible(text).trim().split('\n')[0] ?? '';
  return line.length > 80 ? `${line.slice(0, 79)}…` : line;
}

/** `2026-03-01 12:00:05 UTC` */
function moment(at: string): string {
  return `${at.slice(0, 19).replace('T', ' ')} UTC`;
}

function usd(micro: number): string {
  return `$${(micro / 1e6).toFixed(micro % 10_000 === 0 ? 2 : 6)}`;
}
