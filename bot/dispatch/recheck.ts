// Right before dispatch: is what would run now still what was approved? Anything else goes back to the person.

import { ChiffonError } from '../../core/error.ts';
import { canonicalJson } from '../../core/json.ts';
import { digests } from '../../core/plan/build-plan.ts';
import type { Plan } from '../../core/plan/plan.ts';
import type { InfrastructureRepository } from '../../core/ports/repository.ts';
import type { ReadPolicy } from '../policy-file.ts';

/** Null when nothing that the approval depends on has changed; else a sentence saying what did. */
export async function whatChanged(
  plan: Plan,
  repository: InfrastructureRepository,
  readPolicy: ReadPolicy,
): Promise<string | null> {
  const policy = await readPolicy();
  if (policy.version !== plan.policyVersion) return 'The policy changed after the approval.';
  return whatMoved(plan, repository, 'after the approval');
}

/** The same of the repository alone; `since`: as in `after the approval`. */
export async function whatMoved(
  plan: Plan,
  repository: InfrastructureRepository,
  since: string,
): Promise<string | null> {
  const { commit, branch } = await repository.mainNow();
  if (commit !== plan.baseCommit) {
    // A change of configuration must end as a fast-forward of main, and main is not where it was.
    if (plan.branch !== null)
      return `${branch} moved from ${plan.baseCommit.slice(0, 8)} to ${commit.slice(0, 8)} ${since}.`;
    const { files } = await repository.snapshot(commit);
    const moved = changedPaths(plan, files);
    if (moved.length > 0) return `${moved.join(', ')} changed on ${branch} ${since}.`;
  }
  const files = await filesAt(plan, repository);
  if (files === undefined)
    return `The commit ${plan.commit.slice(0, 8)} that was approved is not in the repository any more.`;
  const altered = changedPaths(plan, files);
  return altered.length > 0 ? `${altered.join(', ')} at ${plan.commit.slice(0, 8)} is not what was approved.` : null;
}

/** Another bot may have made the plan, and its branch may be gone with it. */
async function filesAt(
  plan: Plan,
  repository: InfrastructureRepository,
): Promise<ReadonlyMap<string, string> | undefined> {
  try {
    return (await repository.snapshot(plan.commit)).files;
  } catch (error) {
    if (error instanceof ChiffonError && error.kind === 'COMMIT_MISSING') return undefined;
    throw error;
  }
}

function changedPaths(plan: Plan, files: ReadonlyMap<string, string>): readonly string[] {
  const paths = plan.steps.flatMap((step) => {
    const now = digests(
      step.digests.map((file) => file.path),
      files,
      new Map(),
    );
    return step.digests
      .filter((file) => !now.some((other) => canonicalJson(other) === canonicalJson(file)))
      .map((file) => file.path);
  });
  return [...new Set(paths)];
}
