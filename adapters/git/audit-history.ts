// The audit repository's entries as its commits tell them, and whether their signatures hold.
import { ChiffonError } from '../../core/error.ts';
import type { AuditRepository } from '../../core/ports/repository.ts';
import { type AuditCommit, auditBranch, parseAuditCommit } from './audit-commit.ts';
import { trustedKeys } from './audit-key.ts';
import type { Git } from './git.ts';
import { readObjects } from './objects.ts';
import { sshSignatureHolds, type TrustedKeys } from './ssh-signature.ts';

/** Oldest first. AUDIT_MISMATCH for a commit that is no entry. */
export async function readAuditHistory(git: Git, signers: string): ReturnType<AuditRepository['entries']> {
  const trusted = await trustedKeys(signers);
  const commits = await readCommits(git);
  const elsewhere = commits.filter(({ signature }) => signature !== null && holds(signature, trusted) === null);
  const byGit = await signedAsGitSays(git, elsewhere);
  return commits.flatMap(({ commit, entry, signature, parents }) => {
    if (entry === null && parents.length === 0) return [];
    if (entry === null || parents.length > 1)
      throw new ChiffonError('AUDIT_MISMATCH', `commit ${commit} of the audit repository was not written by Chiffon`);
    const signed = signature === null ? null : (holds(signature, trusted) ?? byGit.has(commit));
    return [{ ...entry, commit, signed }];
  });
}

/** Oldest first. */
async function readCommits(git: Git): Promise<readonly AuditCommit[]> {
  const oids = (await git.run(['rev-list', '--reverse', '--topo-order', auditBranch])).split('\n');
  const commits: AuditCommit[] = [];
  for await (const { oid, bytes } of readObjects(git, oids)) commits.push(parseAuditCommit(oid, bytes));
  return commits;
}

function holds({ armoured, signed }: NonNullable<AuditCommit['signature']>, trusted: TrustedKeys) {
  return sshSignatureHolds(armoured, signed, trusted);
}

/** For keys other than Ed25519: the commits whose signature git finds good. */
async function signedAsGitSays(git: Git, commits: readonly AuditCommit[]): Promise<ReadonlySet<string>> {
  if (commits.length === 0) return new Set();
  const input = commits.map(({ commit }) => commit).join('\n');
  const listing = await git.run(['log', '--no-walk', '--stdin', '--format=%H %G?'], { input, timeoutMs: 600_000 });
  return new Set(
    listing
      .split('\n')
      .filter((line) => line.endsWith(' G'))
      .map((line) => line.slice(0, -2)),
  );
}
