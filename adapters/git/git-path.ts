// Paths that come into or out of a repository's tree: which ones Chiffon writes.

/** Why a path may not be written, or null. Paths are relative, with `/` between their parts. */
export function pathObjection(path: string): string | null {
  if (path === '') return 'it is empty';
  if (path.startsWith('/')) return 'it is not relative';
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
  if (/[\0-\x1f\x7f]/.test(path)) return 'it holds control characters';
  for (const part of path.split('/')) {
    if (part === '') return 'a part of it is empty';
    if (part === '.' || part === '..') return `it holds "${part}"`;
    if (isGitFolder(part)) return 'it leads into .git';
  }
  return null;
}

/** `.git` in the spellings that some file system takes for it (as git's own verify_path refuses them). */
export function isGitFolder(part: string): boolean {
  const bare = part
    .replace(/[\u200c-\u200f\u202a-\u202e\u206a-\u206f\ufeff]/g, '')
    .replace(/[. ]+$/, '')
    .replace(/:.*$/, '')
    .toLowerCase();
  return bare === '.git' || /^git~\d+$/.test(bare);
}
