// Where the infrastructure repository is: a folder of the user's (the sample is one too) or Chiffon's own clone of a URL.
import type { Git } from './git.ts';

export type Site = {
  readonly git: Git;
  /** A clone is only a copy: what its remote says is main. */
  readonly kind: 'own' | 'clone';
  readonly bare: boolean;
  /** How people know it: a path, or a URL without credentials. */
  readonly name: string;
  /** INFRA_BRANCH, or what the repository calls its main branch. */
  readonly wantedBranch: string | undefined;
};
