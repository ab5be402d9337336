// The infrastructure repository as the planner needs it: refreshed, read at main's newest commit, its catalogue kept until the commit changes.
import type { Catalogue, Snapshot } from '../../core/catalogue/model.ts';
import { readCatalogue } from '../../core/catalogue/read-catalogue.ts';
import type { Refusal } from '../../core/error.ts';
import { refusal } from '../../core/error.ts';
import type { InfrastructureRepository, RepositoryState } from '../../core/ports/repository.ts';

export type RepositoryReading = {
  readonly type: 'read';
  readonly state: RepositoryState;
  readonly snapshot: Snapshot;
  readonly catalogue: Catalogue;
};
export type ReadRepository = {
  (): Promise<RepositoryReading | Refusal>;
  /** What was read last, from memory; null before the first reading. */
  readonly current: () => RepositoryReading | null;
};

export function makeReadRepository(repository: InfrastructureRepository): ReadRepository {
  let last: { readonly snapshot: Snapshot; readonly catalogue: Catalogue } | undefined;
  let reading: RepositoryReading | null = null;
  const read = async (): Promise<RepositoryReading | Refusal> => {
    const state = await repository.refresh();
    if (state.ahead > 0 && state.behind > 0)
      return refusal(
        'REPOSITORY_DIVERGED',
        `${state.branch} of ${state.name} and its remote went apart: ${state.ahead} commits here, ${state.behind} there. Bring them together with git, then ask again.`,
      );
    if (last?.snapshot.commit !== state.commit) {
      const snapshot = await repository.snapshot(state.commit);
      last = { snapshot, catalogue: readCatalogue(snapshot) };
    }
    const { snapshot, catalogue } = last;
    if (catalogue.actions.length === 0)
      return refusal(
        'NO_ACTIONS',
        `${state.name} offers nothing to run${firstFinding(catalogue)}. Add a playbook, commit, and ask again.`,
      );
    if (catalogue.hosts.length === 0)
      return refusal(
        'NO_INVENTORY',
        `${state.name} has no inventory with a host in it${firstFinding(catalogue)}. Add one, e.g. inventory/hosts.yml, commit, and ask again.`,
      );
    reading = { type: 'read', state, snapshot, catalogue };
    return reading;
  };
  return Object.assign(read, { current: () => reading });
}

function firstFinding(catalogue: Catalogue): string {
  const [finding] = catalogue.findings;
  return finding === undefined ? '' : ` (${finding.path}:${finding.line}: ${finding.message})`;
}
