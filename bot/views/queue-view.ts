// The message of a task that is approved and waits its turn: for which task, why, and its place in the queue.
import type { TaskId } from '../../core/ids.ts';
import type { NoticeView } from '../../core/ports/chat.ts';
import { configuration, hostsOf } from '../../core/task/host-queue.ts';
import type { TaskState } from '../../core/task/state.ts';

const hostsAtMost = 3;

/** `before`: the tasks that go before it, in that order, as each stands. */
export function queueView(state: TaskState, before: readonly TaskState[]): NoticeView {
  const [first] = before;
  const rest = before.slice(1).map(({ task }) => `#${task}`);
  const waits = before.filter(({ run }) => run === null).length;
  const place = waits === 0 ? 'next' : ordinal(waits + 1);
  const sentences = [
    `#${state.task} is approved and waits its turn, ${place} in the queue${first === undefined ? '' : `: ${why(state, first)}`}.`,
    ...(rest.length === 0 ? [] : [`${listed(rest)} ${rest.length === 1 ? 'goes' : 'go'} before it, too.`]),
    ...(first?.status === 'paused'
      ? [`#${first.task} is paused: \`resume #${first.task}\` or \`cancel #${first.task}\`.`]
      : []),
  ];
  return { type: 'notice', task: state.task, tone: 'neutral', text: sentences.join(' '), code: null };
}

/** How the message stands when there is nothing to wait for any more. */
export function queueLeftView(task: TaskId, how: 'started' | 'withdrawn' | 'cancelled' | 'taken back'): NoticeView {
  const text =
    how === 'started'
      ? `#${task}: its turn has come.`
      : `#${task} waits no longer: ${how === 'taken back' ? 'its approval was taken back' : `it was ${how}`}.`;
  return { type: 'notice', task, tone: 'neutral', text, code: null };
}

function why(state: TaskState, first: TaskState): string {
  const mine = state.proposal === null ? new Set<string>() : hostsOf(state.proposal.plan);
  const theirs = first.proposal === null ? new Set<string>() : hostsOf(first.proposal.plan);
  const shared = [...mine].filter((host) => theirs.has(host));
  const hosts = shared.filter((host) => host !== configuration);
  if (hosts.length > 0) return `#${first.task} works on ${listed(shortened(hosts))} too`;
  return shared.length > 0 ? `#${first.task} changes the configuration too` : `#${first.task} goes first`;
}

function shortened(hosts: readonly string[]): readonly string[] {
  const rest = hosts.length - hostsAtMost;
  return rest > 1 ? [...hosts.slice(0, hostsAtMost), `${rest} more`] : hosts;
}

function listed(names: readonly string[]): string {
  return names.length < 2 ? names.join('') : `${names.slice(0, -1).join(', ')} and ${names.at(-1) ?? ''}`;
}

function ordinal(place: number): string {
  const endings = new Map([
    ['one', 'st'],
    ['two', 'nd'],
    ['few', 'rd'],
  ]);
  return `${place}${endings.get(new Intl.PluralRules('en', { type: 'ordinal' }).select(place)) ?? 'th'}`;
}
