// What a task does by its module, where no name says it: `service: state=restarted` restarts.
import type { TaskItem } from './tasks.ts';
import type { Verb } from './verbs.ts';
import { at, textOf } from './yaml-tree.ts';

const byState: Readonly<Record<string, Verb>> = {
  restarted: 'restart',
  reloaded: 'reload',
  stopped: 'stop',
  absent: 'remove',
};
const known = new WeakMap<TaskItem, { readonly verb: Verb | undefined }>();

export function moduleVerb(item: TaskItem): Verb | undefined {
  const before = known.get(item);
  if (before !== undefined) return before.verb;
  const verb = judge(item);
  known.set(item, { verb });
  return verb;
}

function judge(item: TaskItem): Verb | undefined {
  const state = textOf(at(item.args, 'state')) ?? '';
  switch (item.module.split('.').at(-1)) {
    case 'reboot':
      return 'reboot';
    case 'service':
    case 'systemd':
    case 'systemd_service':
      return byState[state];
    case 'apt':
    case 'dnf':
    case 'yum':
    case 'package':
    case 'pacman':
      return at(item.args, 'upgrade') !== undefined || state === 'latest' ? 'update' : undefined;
    case 'docker_compose':
    case 'docker_compose_v2':
    case 'docker_container':
    case 'docker_stack':
    case 'podman_container':
    case 'helm':
    case 'k8s':
      return byState[state] ?? 'deploy';
    default:
      return undefined;
  }
}

/** Modules that act rather than describe a state: a role named `backup` that uses one does back something up. */
export const actingModule =
  /^(command|shell|raw|script|reboot|expect|(ansible\.posix\.)?synchronize|fetch|(community\.general\.)?archive|uri|ping|fail|assert)$|_(dump|db|backup|restore|exec|prune|info)$/;
