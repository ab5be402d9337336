// What actions do, in one vocabulary: the canonical verbs, and the words by which file, play and task names say them.
import type { Risk } from './model.ts';

type VerbKind = {
  /** Words in names that mean it. */
  readonly words: readonly string[];
  /** Words that mean it only at the beginning or the end of a name, being nouns elsewhere. */
  readonly edges?: readonly string[];
  readonly risk: Risk;
  /** Done twice, it leaves what once leaves. */
  readonly idempotent: boolean;
};

/** Canonical verb to how names say it. */
export const verbTable = {
  deploy: {
    words: [
      'deploy',
      'deploys',
      'deploying',
      'deployment',
      'install',
      'installs',
      'installing',
      'installation',
      'setup',
      'provision',
      'provisions',
      'provisioning',
      'bootstrap',
      'rollout',
      'redeploy',
      'reinstall',
    ],
    edges: ['launch', 'up', 'apply', 'ensure'],
    risk: 'low',
    idempotent: true,
  },
  update: {
    words: ['update', 'updates', 'updating', 'upgrade', 'upgrades', 'upgrading'],
    edges: ['patch', 'patches', 'patching', 'pull', 'refresh', 'bump'],
    risk: 'medium',
    idempotent: true,
  },
  configure: {
    words: ['configure', 'configures', 'configuring', 'reconfigure', 'harden', 'hardening'],
    edges: ['config', 'configuration', 'conf', 'tune', 'manage'],
    risk: 'low',
    idempotent: true,
  },
  restart: {
    words: ['restart', 'restarts', 'restarting', 'bounce'],
    edges: ['cycle'],
    risk: 'medium',
    idempotent: false,
  },
  reload: { words: ['reload', 'reloads', 'reloading'], risk: 'low', idempotent: true },
  reboot: { words: ['reboot', 'reboots', 'rebooting'], risk: 'high', idempotent: false },
  start: { words: ['starts', 'starting'], edges: ['start', 'wake', 'boot'], risk: 'low', idempotent: true },
  stop: { words: ['stops', 'stopping'], edges: ['stop', 'halt'], risk: 'medium', idempotent: true },
  'shut down': { words: ['shutdown', 'poweroff'], risk: 'high', idempotent: true },
  'back up': {
    words: ['backup', 'backups', 'backing'],
    edges: ['snapshot', 'dump', 'archive'],
    risk: 'low',
    idempotent: false,
  },
  restore: {
    words: ['restore', 'restores', 'restoring'],
    edges: ['recover', 'recovery'],
    risk: 'high',
    idempotent: false,
  },
  'roll back': { words: ['rollback', 'revert', 'downgrade'], risk: 'high', idempotent: false },
  remove: {
    words: [
      'remove',
      'removes',
      'removing',
      'uninstall',
      'uninstalls',
      'teardown',
      'delete',
      'deletes',
      'destroy',
      'destroys',
      'decommission',
      'undeploy',
      'wipe',
    ],
    edges: ['purge', 'absent', 'down', 'drop'],
    risk: 'high',
    idempotent: true,
  },
  'clean up': {
    words: ['cleanup', 'prune', 'pruning', 'vacuum'],
    edges: ['clean', 'tidy', 'cleaning'],
    risk: 'medium',
    idempotent: true,
  },
  check: {
    words: ['check', 'checks', 'checking', 'healthcheck', 'verify', 'verifies', 'validate', 'diagnose', 'diagnostics'],
    edges: [
      'status',
      'health',
      'ping',
      'info',
      'audit',
      'inspect',
      'show',
      'list',
      'report',
      'facts',
      'debug',
      'gather',
    ],
    risk: 'low',
    idempotent: true,
  },
  test: { words: ['smoketest'], edges: ['test', 'tests', 'testing'], risk: 'low', idempotent: true },
  rotate: { words: ['rotate', 'rotates', 'rotation'], risk: 'medium', idempotent: false },
  renew: { words: ['renew', 'renews', 'renewal'], risk: 'low', idempotent: true },
  create: {
    words: ['create', 'creates', 'creating'],
    edges: ['add', 'adds', 'new', 'make'],
    risk: 'low',
    idempotent: true,
  },
  enable: { words: [], edges: ['enable', 'enables'], risk: 'low', idempotent: true },
  disable: { words: [], edges: ['disable', 'disables'], risk: 'medium', idempotent: true },
  migrate: { words: ['migrate', 'migrates', 'migration'], edges: ['move'], risk: 'high', idempotent: false },
  sync: { words: ['synchronise', 'synchronize'], edges: ['sync', 'syncs'], risk: 'low', idempotent: true },
  fetch: { words: ['fetch', 'fetches'], edges: ['download', 'collect', 'export'], risk: 'low', idempotent: true },
  build: { words: [], edges: ['build', 'builds', 'rebuild'], risk: 'low', idempotent: true },
  scale: { words: [], edges: ['scale'], risk: 'medium', idempotent: true },
  reset: { words: [], edges: ['reset'], risk: 'high', idempotent: false },
  drain: { words: [], edges: ['drain', 'cordon', 'evacuate'], risk: 'medium', idempotent: true },
  run: { words: [], edges: ['run', 'execute'], risk: 'medium', idempotent: false },
} as const satisfies Record<string, VerbKind>;

export type Verb = keyof typeof verbTable;

const always = new Map<string, Verb>();
const edge = new Map<string, Verb>();
for (const verb of Object.keys(verbTable).filter(isVerb)) {
  const kind: VerbKind = verbTable[verb];
  for (const word of kind.words) always.set(word, verb);
  for (const word of kind.edges ?? []) edge.set(word, verb);
}

/** Two words that mean one verb: `back up`, `set up`. */
const phrases: Readonly<Record<string, Verb>> = {
  'back up': 'back up',
  'set up': 'deploy',
  'roll out': 'deploy',
  'bring up': 'deploy',
  'tear down': 'remove',
  'take down': 'remove',
  'clean up': 'clean up',
  'shut down': 'shut down',
  'power off': 'shut down',
  'power on': 'start',
  'roll back': 'roll back',
  'health check': 'check',
  'smoke test': 'test',
};

export function isVerb(word: string): word is Verb {
  return Object.hasOwn(verbTable, word);
}

export function verbKind(verb: Verb): VerbKind {
  return verbTable[verb];
}

/** The verbs that a name says, in order, and the words that are left: `restart-web-server` is restart, `web server`. */
export function verbsIn(words: readonly string[]): {
  readonly verbs: readonly Verb[];
  readonly said: readonly string[];
  readonly rest: readonly string[];
} {
  const verbs = new Set<Verb>();
  const said: string[] = [];
  const rest: string[] = [];
  for (let index = 0; index < words.length; index += 1) {
    const word = words[index] ?? '';
    const phrase = phrases[`${word} ${words[index + 1] ?? ''}`];
    const afterAnd =
      index > 0 &&
      ['and', 'then', 'or'].includes(words[index - 1] ?? '') &&
      rest.filter((other) => !['and', 'then', 'or'].includes(other)).length === 0;
    const atEdge = words.length > 1 && (index === 0 || index === words.length - 1 || afterAnd);
    const verb = phrase ?? always.get(word) ?? (atEdge || words.length === 1 ? edge.get(word) : undefined);
    if (verb === undefined) rest.push(word);
    else {
      verbs.add(verb);
      said.push(phrase === undefined ? word : `${word} ${words[index + 1] ?? ''}`);
      if (phrase !== undefined) index += 1;
    }
  }
  return { verbs: [...verbs], said, rest };
}
