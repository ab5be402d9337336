// What a person wants to know of a new revision: how it differs from the one before, a sentence each.
import { canonicalJson } from '../json.ts';
import type { Plan, Step } from './plan.ts';

export function planDifferences(before: Plan, after: Plan): readonly string[] {
  const lines = [
    ...missing(before.steps, after.steps).map((step) => `No longer: ${step.title}.`),
    ...missing(after.steps, before.steps).map((step) => `New: ${step.title} on ${step.hosts.join(', ')}.`),
    ...after.steps.flatMap((step) => {
      const old = before.steps.find((other) => other.action === step.action);
      return old === undefined ? [] : stepDifferences(old, step);
    }),
  ];
  const order = (plan: Plan, other: Plan) =>
    plan.steps.map((step) => step.action).filter((action) => other.steps.some((step) => step.action === action));
  if (order(before, after).join('\n') !== order(after, before).join('\n')) lines.push('The steps have another order.');
  if (before.baseCommit !== after.baseCommit)
    lines.push(`The repository moved from ${before.baseCommit.slice(0, 8)} to ${after.baseCommit.slice(0, 8)}.`);
  if (before.policyVersion !== after.policyVersion) lines.push('The policy changed.');
  return lines.length > 0 ? lines : ['The steps are the same.'];
}

function missing(from: readonly Step[], inside: readonly Step[]): readonly Step[] {
  return from.filter((step) => !inside.some((other) => other.action === step.action));
}

function stepDifferences(before: Step, after: Step): readonly string[] {
  const lines: string[] = [];
  if (before.hosts.join() !== after.hosts.join())
    lines.push(`${after.title}: on ${after.hosts.join(', ')} instead of ${before.hosts.join(', ')}.`);
  else if (before.limit !== after.limit)
    lines.push(`${after.title}: limited to ${after.limit ?? 'nothing'} instead of ${before.limit ?? 'nothing'}.`);
  for (const name of new Set([...Object.keys(before.vars), ...Object.keys(after.vars)])) {
    const [old, now] = [shown(before.vars[name]), shown(after.vars[name])];
    if (old !== now) lines.push(`${after.title}: ${name} is ${now ?? 'not given'} instead of ${old ?? 'not given'}.`);
  }
  const changedFiles = [...new Set([...before.config, ...after.config].map((edit) => edit.path))].filter(
    (path) =>
      before.config.find((edit) => edit.path === path)?.diff !== after.config.find((edit) => edit.path === path)?.diff,
  );
  for (const path of changedFiles) lines.push(`${after.title}: the change to ${path} is another one.`);
  const readChanged = after.digests.filter((file) =>
    before.digests.some((old) => old.path === file.path && old.sha256 !== file.sha256),
  );
  for (const { path } of readChanged)
    if (!changedFiles.includes(path)) lines.push(`${path} changed in the repository.`);
  return lines;
}

function shown(value: Step['vars'][string] | undefined): string | undefined {
  if (value === undefined) return undefined;
  return isSecretRef(value) ? `(secret ${value.digest.slice(0, 6)})` : canonicalJson(value);
}

/** True for a secret's stand-in among a step's vars. */
export function isSecretRef(value: unknown): value is { readonly $secret: string; readonly digest: string } {
  return typeof value === 'object' && value !== null && '$secret' in value && 'digest' in value;
}
