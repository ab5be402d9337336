// One commit as the text that `git fast-import` reads: blobs, trees, commit and ref in one process, flat in the repository's size.
import type { CommitSha } from '../../core/ids.ts';
import { toCommitSha } from '../../core/ids.ts';
import type { Git } from './git.ts';
import { chiffonEmail, chiffonName, gitDate } from './identity.ts';

export type NewCommit = {
  readonly ref: string;
  /** null for a repository's first commit. */
  readonly parent: CommitSha | null;
  readonly message: string;
  readonly at: string;
  readonly files: readonly { readonly path: string; readonly text: string; readonly mode: '100644' | '100755' }[];
  /** Move the ref even when it stands on another line of commits; otherwise that is a GIT_FAILED. */
  readonly replace: boolean;
};

/** Writes the commit and moves the ref; gives the commit and its tree. The same input is the same commit. */
export async function importCommit(
  git: Git,
  commit: NewCommit,
): Promise<{ readonly commit: CommitSha; readonly tree: string }> {
  const force = commit.replace ? ['--force'] : [];
  const printed = await git.run(['fast-import', '--quiet', '--done', '--date-format=raw', ...force], {
    input: importText(commit),
  });
  const [made = '', root = ''] = printed.split('\n');
  return { commit: toCommitSha(made), tree: root.split(/[ \t]/)[2] ?? '' };
}

function importText(commit: NewCommit): Buffer {
  const who = `${chiffonName} <${chiffonEmail}> ${gitDate(commit.at)}`;
  const lines: (string | Buffer)[] = [
    `commit ${commit.ref}\nmark :1\nauthor ${who}\ncommitter ${who}\n`,
    ...data(commit.message),
    // Without a parent the ref has to be new: fast-import would otherwise go on from where it stands.
    commit.parent === null ? '' : `from ${commit.parent}\n`,
  ];
  for (const { path, text, mode } of commit.files) lines.push(`M ${mode} inline ${quoted(path)}\n`, ...data(text));
  lines.push('get-mark :1\nls :1 ""\ndone\n');
  return Buffer.concat(lines.map((line) => (typeof line === 'string' ? Buffer.from(line) : line)));
}

function data(text: string): (string | Buffer)[] {
  const bytes = Buffer.from(text);
  return [`data ${bytes.length}\n`, bytes, '\n'];
}

function quoted(path: string): string {
  return `"${path.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n')}"`;
}
