// Git URLs as people write them into INFRA_REPO: what is one, how it is named without its credentials, where its commits show.
import { ChiffonError } from '../../core/error.ts';

export type RepositoryUrl = {
  /** What git is given: without user and password for http(s), as typed otherwise. */
  readonly plain: string;
  /** How people see it. */
  readonly name: string;
  /** For http(s) only; handed to git through the environment, so that they stand in no argv and no file. */
  readonly credentials: { readonly username: string; readonly password: string } | null;
};

const transports = new Set(['https:', 'http:', 'ssh:', 'git:', 'file:']);

/** `https://...`, `ssh://...`, `git@host:path`; anything else is a path. */
export function looksLikeUrl(source: string): boolean {
  if (/^[a-z][a-z0-9+.-]*::?\/\//i.test(source) || /^[a-z][a-z0-9+.-]*::/i.test(source)) return true;
  return /^([^\s/@:]+@)?[^\s/@:]+:[^\s]/.test(source);
}

export function parseRepositoryUrl(source: string): RepositoryUrl {
  if (/[\0-\x20\x7f]/.test(source) || source.startsWith('-')) throw unusable(source);
  if (!source.includes('://')) return scpLike(source);
  if (!URL.canParse(source)) throw unusable(source);
  const url = new URL(source);
  if (!transports.has(url.protocol)) throw unusable(source);
  if (url.protocol === 'file:') return { plain: source, name: decodeURIComponent(url.pathname), credentials: null };
  if (url.hostname === '' || url.hostname.startsWith('-')) throw unusable(source);

  if (url.protocol === 'ssh:') {
    url.password = '';
    return { plain: url.href, name: url.href, credentials: null };
  }
  const username = decodeURIComponent(url.username);
  const password = decodeURIComponent(url.password);
  url.username = '';
  url.password = '';
  return { plain: url.href, name: url.href, credentials: username + password === '' ? null : { username, password } };
}

/** A text with the user part of every URL in it removed. */
export function withoutCredentials(text: string): string {
  return text.replace(/\b([a-z][a-z0-9+.-]*:\/\/)[^\s/]+@/gi, '$1');
}

function scpLike(source: string): RepositoryUrl {
  if (source.includes('::') || /^([^@]*@)?-/.test(source)) throw unusable(source);
  return { plain: source, name: source, credentials: null };
}

function unusable(source: string): ChiffonError {
  return new ChiffonError(
    'NO_REPOSITORY',
    `INFRA_REPO is "${withoutCredentials(source)}", which is no Git URL that Chiffon can use: give https://, ssh://, file:// or user@host:path.`,
  );
}
