// The arguments for ansible-playbook. Nothing of a plan can become an option or reach a file outside the checkout.
import { realpath, stat } from 'node:fs/promises';
import { join, sep } from 'node:path';
import type { Refusal } from '../../core/error.ts';
import { refusal } from '../../core/error.ts';
import type { Step } from '../../core/plan/plan.ts';

/** Values are joined to their option by `=`, and the playbook follows `--`. */
export async function commandLine(
  step: Step,
  checkout: string,
  inputFile: string,
): Promise<readonly string[] | Refusal> {
  const root = await realpath(checkout);
  const config = step.ansibleConfig === null ? [] : [step.ansibleConfig];
  for (const path of [step.playbook, ...step.inventories, ...config]) {
    if (!(await liesWithin(root, path)))
      return refusal('PLAN_CHANGED', `${path} is not in the repository at the approved commit. Nothing was done.`);
  }
  for (const tag of [...step.tags, ...step.skipTags]) {
    if (tag.trim() === '' || tag.includes(',')) return refusal('UNSAFE_INPUT', `“${tag}” is no tag. Nothing was done.`);
  }
  // `@file` would make Ansible read the hosts from any file.
  const limit = limitOf(step);
  if (limit?.split(/[,:;\s]/).some((part) => part.replace(/^[!&]/, '').startsWith('@')))
    return refusal('UNSAFE_INPUT', `“${limit}” is no host pattern. Nothing was done.`);
  return [
    ...step.inventories.map((path) => `--inventory=${join(checkout, path)}`),
    ...(step.tags.length > 0 ? [`--tags=${step.tags.join(',')}`] : []),
    ...(step.skipTags.length > 0 ? [`--skip-tags=${step.skipTags.join(',')}`] : []),
    ...(limit === null ? [] : [`--limit=${limit}`]),
    `--extra-vars=@${inputFile}`,
    '--',
    join(checkout, step.playbook),
  ];
}

/**
 * The approved hosts themselves, not the group that a person named: tasks tagged `always` in other plays of the playbook would
 * else run on hosts that the plan does not name. A whole playbook runs unlimited, for its plays may add hosts of their own.
 */
function limitOf(step: Step): string | null {
  if (step.hosts.length === 0 || (step.limit === null && step.tags.length === 0)) return step.limit;
  return [...step.hosts, ...(step.controller ? ['localhost'] : [])].join(',');
}

async function liesWithin(root: string, path: string): Promise<boolean> {
  try {
    const real = await realpath(join(root, path));
    await stat(real);
    return path !== '' && !path.startsWith('/') && real.startsWith(root + sep);
  } catch {
    return false;
  }
}
