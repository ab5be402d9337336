// A commit's page on a forge, told from the remote URL's shape. An unknown host gives none: a dead link is worse than no link.

type Place = { readonly origin: string; readonly host: string; readonly path: string };

export function forgeLink(remoteUrl: string, commit: string): string | null {
  const place = placeOf(remoteUrl);
  if (place === null) return null;
  const { origin, host, path } = place;
  const parts = path.split('/');
  if (parts.length < 2 || parts.some((part) => part === '')) return null;
  const page = parts.map((part) => encodeURIComponent(decodeURIComponent(part)).replaceAll('%7E', '~')).join('/');

  if (isHost(host, 'gitlab')) return `${origin}/${page}/-/commit/${commit}`;
  if (parts.length !== 2 && !isHost(host, 'bitbucket')) return null;
  if (['github', 'gitea', 'forgejo', 'codeberg', 'gogs'].some((name) => isHost(host, name))) {
    return `${origin}/${page}/commit/${commit}`;
  }
  if (host === 'git.sr.ht') return `${origin}/${page}/commit/${commit}`;
  if (isHost(host, 'bitbucket')) return bitbucketLink(origin, parts, page, commit);
  return null;
}

/** Bitbucket's own servers say `/scm/<project>/<repository>` over http and `/<project>/<repository>` with a port over ssh. */
function bitbucketLink(origin: string, parts: readonly string[], page: string, commit: string): string | null {
  if (parts[0] === 'scm' && parts.length === 3) {
    const [, project = '', repository = ''] = parts;
    const owner = project.startsWith('~') ? `users/${project.slice(1)}` : `projects/${project}`;
    return `${origin}/${owner}/repos/${repository}/commits/${commit}`;
  }
  return parts.length === 2 ? `${origin}/${page}/commits/${commit}` : null;
}

/** `gitlab` is in `gitlab.com` and `gitlab.example.org`, not in `my-gitlab-mirror.example.org.evil`. */
function isHost(host: string, name: string): boolean {
  return host.split('.').some((label) => label === name);
}

function placeOf(remoteUrl: string): Place | null {
  const scp = /^(?:[^\s/@:]+@)?([^\s/@:]+):(?!\/\/)(.+)$/.exec(remoteUrl);
  if (!remoteUrl.includes('://')) {
    if (scp === null) return null;
    const [, host = '', path = ''] = scp;
    return { origin: `https://${host}`, host, path: trimmed(path) };
  }
  if (!URL.canParse(remoteUrl)) return null;
  const url = new URL(remoteUrl);
  if (url.protocol === 'https:' || url.protocol === 'http:') {
    return { origin: url.origin, host: url.hostname, path: trimmed(url.pathname) };
  }
  return url.protocol === 'ssh:'
    ? { origin: `https://${url.hostname}`, host: url.hostname, path: trimmed(url.pathname) }
    : null;
}

function trimmed(path: string): string {
  return path
    .replace(/^\/+/, '')
    .replace(/\/+$/, '')
    .replace(/\.git$/, '');
}
