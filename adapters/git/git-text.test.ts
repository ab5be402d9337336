// What needs no repository: URLs and their credentials, paths, links, forge pages, the environment and git's own words.
import { describe, expect, it } from 'vitest';
import { forgeLink } from './forge-link.ts';
import { gitEnvironment } from './git-environment.ts';
import { gitFault, gitReason } from './git-fault.ts';
import { pathObjection } from './git-path.ts';
import { gitDate } from './identity.ts';
import { leavesTree } from './link.ts';
import { looksLikeUrl, parseRepositoryUrl, withoutCredentials } from './repository-url.ts';

describe('INFRA_REPO', () => {
  it.each([
    'https://host/lab.git',
    'ssh://git@host/lab',
    'git@host:lab.git',
    'host:lab',
    'file:///srv/lab',
    'ext::sh',
    'git://host/x',
  ])('%s is a URL', (text) => expect(looksLikeUrl(text)).toBe(true));

  it.each(['/srv/lab', './lab', '../lab', 'lab', '~/lab', '/srv/with:colon', './with:colon', 'C', 'folder/with:colon'])(
    '%s is a path',
    (text) => expect(looksLikeUrl(text)).toBe(false),
  );

  it('the credentials of a URL are taken out of it', () => {
    expect(parseRepositoryUrl('https://ada:p%40ss@host:8443/lab.git')).toEqual({
      plain: 'https://host:8443/lab.git',
      name: 'https://host:8443/lab.git',
      credentials: { username: 'ada', password: 'p@ss' },
    });
    expect(parseRepositoryUrl('https://token@host/lab').credentials).toEqual({ username: 'token', password: '' });
    expect(parseRepositoryUrl('ssh://git:secret@host/lab').plain).toBe('ssh://git@host/lab');
    expect(parseRepositoryUrl('git@host:lab.git')).toMatchObject({ plain: 'git@host:lab.git', credentials: null });
  });

  it.each([
    'ext::sh -c x',
    'ext::sh',
    'https://',
    'https://-oProxyCommand=x/y',
    '-x:y',
    'git@-x:y',
    'ftp://host/x',
    'https://host/a b',
  ])('%s is refused', (text) =>
    expect(() => parseRepositoryUrl(text)).toThrow(expect.objectContaining({ kind: 'NO_REPOSITORY' })),
  );

  it('a refusal does not repeat a password', () => {
    expect(() => parseRepositoryUrl('ftp://ada:secret@host/x')).toThrow(/^(?!.*secret).*ftp:\/\/host\/x/);
  });

  it('every URL in a text loses its user', () => {
    expect(withoutCredentials("fatal: 'https://a:b@h/x' and ssh://git@h/y, mail@example.org")).toBe(
      "fatal: 'https://h/x' and ssh://h/y, mail@example.org",
    );
    expect(withoutCredentials('https://user:p@ss@host/x')).toBe('https://host/x');
  });
});

describe('a commit’s page', () => {
  const sha = 'c0ffee';
  it.each([
    ['https://github.com/ada/lab.git', 'https://github.com/ada/lab/commit/c0ffee'],
    ['git@github.com:ada/lab.git', 'https://github.com/ada/lab/commit/c0ffee'],
    ['ssh://git@github.com/ada/lab', 'https://github.com/ada/lab/commit/c0ffee'],
    ['https://gitlab.com/group/sub/lab.git', 'https://gitlab.com/group/sub/lab/-/commit/c0ffee'],
    ['git@gitlab.example.org:group/lab.git', 'https://gitlab.example.org/group/lab/-/commit/c0ffee'],
    ['https://codeberg.org/ada/lab', 'https://codeberg.org/ada/lab/commit/c0ffee'],
    ['ssh://git@gitea.lan:2222/ada/lab.git', 'https://gitea.lan/ada/lab/commit/c0ffee'],
    ['http://forgejo.lan:3000/ada/lab.git', 'http://forgejo.lan:3000/ada/lab/commit/c0ffee'],
    ['git@bitbucket.org:ada/lab.git', 'https://bitbucket.org/ada/lab/commits/c0ffee'],
    [
      'https://bitbucket.example.org/scm/LAB/home.git',
      'https://bitbucket.example.org/projects/LAB/repos/home/commits/c0ffee',
    ],
    ['https://git.sr.ht/~ada/lab', 'https://git.sr.ht/~ada/lab/commit/c0ffee'],
  ])('of %s is %s', (remote, page) => expect(forgeLink(remote, sha)).toBe(page));

  it.each([
    'https://git.example.org/ada/lab.git',
    '/srv/lab.git',
    'file:///srv/github.com/ada/lab',
    'git@host:lab.git',
    'https://github.com/lab',
    'https://notgithub.com/a/b',
    'nonsense',
  ])('of %s is not known', (remote) => expect(forgeLink(remote, sha)).toBeNull());
});

describe('links of a tree', () => {
  const targets = new Map([
    ['inside', 'folder/file'],
    ['deep/down/link', '../../top'],
    ['absolute', '/etc/passwd'],
    ['above', '../elsewhere'],
    ['a/b/c/up', '../../../top'],
    ['through', 'a/b/c/up/../../etc'],
    ['back', 'a/../b/./c'],
    ['loop', 'pool'],
    ['pool', 'loop'],
    ['to-absolute', 'absolute/x'],
    ['just/above', '../..'],
    ['root', '.'],
  ]);
  it.each(['inside', 'deep/down/link', 'a/b/c/up', 'back', 'loop', 'root'])('%s stays inside', (link) =>
    expect(leavesTree(link, targets)).toBe(false),
  );
  it.each(['absolute', 'above', 'through', 'to-absolute', 'just/above'])('%s leads out', (link) =>
    expect(leavesTree(link, targets)).toBe(true),
  );
});

describe('paths that may be written', () => {
  it.each(['site.yml', 'a/b/c.yml', '.gitlab-ci.yml', '.github/x.yml', 'größe/日本.yml', 'a b"c', 'git', '..a/b'])(
    '%j may',
    (path) => expect(pathObjection(path)).toBeNull(),
  );
  it.each([
    '',
    '/a',
    'a//b',
    'a/',
    './a',
    '../a',
    'a/../b',
    '.git',
    '.git/config',
    'a/.GiT/x',
    '.git./x',
    '.git /x',
    '.git::$INDEX_ALLOCATION/x',
    'git~1/x',
    '.g\u200cit/x',
    'a\0b',
    'a\nb',
  ])('%j may not', (path) => expect(pathObjection(path)).not.toBeNull());
});

describe('git’s surroundings', () => {
  it('variables of git and of editors do not reach it, those for reaching a remote do', () => {
    const clean = gitEnvironment({
      GIT_DIR: '/x',
      GIT_INDEX_FILE: '/y',
      GIT_CONFIG_COUNT: '1',
      EDITOR: 'vi',
      SSH_ASKPASS: 'x',
      PATH: '/bin',
      SSH_AUTH_SOCK: '/s',
      GIT_SSH_COMMAND: 'ssh -i key',
    });
    expect(clean).toMatchObject({
      PATH: '/bin',
      SSH_AUTH_SOCK: '/s',
      GIT_SSH_COMMAND: 'ssh -i key',
      GIT_TERMINAL_PROMPT: '0',
      SSH_ASKPASS: 'false',
    });
    for (const name of ['GIT_DIR', 'GIT_INDEX_FILE', 'GIT_CONFIG_COUNT', 'EDITOR'])
      expect(clean).not.toHaveProperty(name);
  });

  it('a failure is one sentence with the line that tells most, and no credentials', () => {
    const stderr = "warning: x\nfatal: unable to access 'https://ada:secret@host/lab/': Could not resolve host\nmore";
    const fault = gitFault(['fetch', 'origin'], stderr);
    expect(fault.message).toBe("git fetch failed: unable to access 'https://host/lab/': Could not resolve host.");
    expect(JSON.stringify(fault.cause)).not.toContain('secret');
    expect(gitReason('')).toBe('it said nothing');
  });

  it('a lock in the way is named, with what to do', () => {
    const stderr = "fatal: Unable to create '/srv/lab/.git/index.lock': File exists.\n\nAnother git process seems";
    expect(gitFault(['merge'], stderr).message).toMatch(/delete \/srv\/lab\/\.git\/index\.lock and try again\.$/);
  });

  it('dates are whole seconds of UTC', () => {
    expect(gitDate('2026-03-01T12:00:00.999Z')).toBe('1772366400 +0000');
    expect(() => gitDate('yesterday')).toThrow(TypeError);
  });
});
