// Who Chiffon's commits are by. The date comes with the request, so that the same change is the same commit.

export const chiffonName = 'Chiffon';
export const chiffonEmail = 'chiffon@localhost';

/** As git's environment. `at` is UTC ISO-8601; git keeps whole seconds. */
export function chiffonIdentity(at: string): Readonly<Record<string, string>> {
  const date = gitDate(at);
  return {
    GIT_AUTHOR_NAME: chiffonName,
    GIT_AUTHOR_EMAIL: chiffonEmail,
    GIT_AUTHOR_DATE: date,
    GIT_COMMITTER_NAME: chiffonName,
    GIT_COMMITTER_EMAIL: chiffonEmail,
    GIT_COMMITTER_DATE: date,
  };
}

/** `<seconds> +0000`, git's own form of a date. */
export function gitDate(at: string): string {
  const ms = Date.parse(at);
  if (Number.isNaN(ms) || ms < 0) throw new TypeError(`not a date that git can hold: ${at}`);
  return `${Math.floor(ms / 1000)} +0000`;
}
