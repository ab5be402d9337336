// What people say for doing something, in the catalogue's canonical verbs. A phrase may have several readings
// (`bring up` starts or deploys), each with a strength; which one holds is decided by the action that fits.
import { editDistance, fold } from './nearness.ts';
import { isProperWord } from './proper.ts';

/** One reading of a phrase: the canonical verb, and how surely the phrase means it. */
export type VerbReading = { readonly verb: string; readonly strength: number };

export type VerbForm = 'base' | 'third' | 'past' | 'gerund' | 'noun';

export type VerbPhrase = {
  readonly phrase: string;
  readonly form: VerbForm;
  readonly readings: readonly VerbReading[];
  /** The same word names a thing as well: `backup`, `update`, `test`. */
  readonly nounToo: boolean;
};

type VerbWords = {
  /** Say exactly this. */
  readonly strong: string;
  /** May mean this among other things. */
  readonly weak?: string;
  /** May mean this, and had better be asked about. */
  readonly doubtful?: string;
  /** The act as a noun: `a restart of`. */
  readonly nouns?: string;
};

/** Phrases are parted by `|`. The first word of a phrase is the one that inflects. */
const said: { readonly [verb: string]: VerbWords } = {
  deploy: {
    strong:
      'deploy|redeploy|install|instal|reinstall|set up|setup|stand up|roll out|rollout|spin up|put up|throw up|provision|host|implement|set|bootstrap|onboard|get going|get up and running|get running',
    weak: 'launch|bring up|fire up|ship|put|get|give|have|add|stick|chuck|slap|bring|create|make|initialise|initialize|init|prepare|prep|turn on|enable|activate|converge|apply|push|build',
    nouns: 'deployment|installation|install|setup|rollout|redeployment|provisioning',
  },
  update: {
    strong:
      'update|upgrade|rolling update|rolling upgrade|bump|patch|bring uptodate|get uptodate|keep uptodate|modernise|modernize|pull newest|pull latest|pull the newest|pull the latest|dist upgrade',
    weak: 'pull',
    doubtful: 'refresh',
    nouns: 'update|updates|rolling update|rolling upgrade|upgrade|upgrades|patch|patches|dist upgrade',
  },
  configure: {
    strong:
      'configure|reconfigure|harden|tune|adjust|tweak|modify|customise|customize|manage|secure|lock down|set up|setup',
    weak: 'set|change|edit|update|fix up|apply|enable|activate',
    nouns: 'configuration|hardening|reconfiguration|tuning',
  },
  restart: {
    strong: 'restart|rolling restart|bounce|kick|relaunch|respawn|recycle|cycle|turn off and on again|re start',
    weak: 'kickstart',
    doubtful: 'reload|reset|reboot',
    nouns: 'restart|restarts|rolling restart|bounce|kick',
  },
  reload: { strong: 'reload', weak: 'refresh|apply', nouns: 'reload' },
  reboot: {
    strong: 'reboot|rolling reboot|power cycle|powercycle',
    weak: 'restart|bounce|cycle|reset',
    nouns: 'reboot|reboots|rolling reboot|power cycle',
  },
  start: {
    strong:
      'start|start up|turn on|switch on|power on|resume|unpause|wake|wake up|boot|boot up|bring up|fire up|bring back|bring back up',
    weak: 'launch|enable|activate|spin up|revive',
    nouns: 'start',
  },
  stop: {
    strong: 'stop|halt|pause|suspend|turn off|switch off|take offline|quiesce',
    weak: 'kill|shut down|bring down|take down|shutdown|shut|disable|terminate',
    nouns: 'stop',
  },
  'shut down': {
    strong: 'shut down|shutdown|power off|poweroff|power down',
    weak: 'turn off|switch off|halt|stop|bring down|take down',
    nouns: 'shutdown|poweroff',
  },
  'back up': {
    strong: 'back up|backup|snapshot|dump|take backup of|make backup of|take snapshot of|save copy of|make copy of',
    weak: 'archive|save|export',
    nouns: 'backup|backups|snapshot|snapshots|dump|back up|archive',
  },
  restore: {
    strong: 'restore|recover|bring back',
    doubtful: 'revert|roll back|rollback',
    nouns: 'restore|recovery|restoration',
  },
  'roll back': {
    strong: 'roll back|rollback|revert|downgrade|go back',
    weak: 'restore|undo',
    nouns: 'rollback|roll back|downgrade',
  },
  remove: {
    strong:
      'remove|uninstall|delete|get rid of|tear down|teardown|destroy|undeploy|wipe|decommission|nuke|rip out|take out|retire|ditch|scrap|trash|erase|unregister|deregister|throw out|throw away|purge|drop|zap|dump out|kill off',
    weak: 'take off',
    doubtful: 'take down|clear|clean out|kill',
    nouns: 'removal|teardown|deletion|decommissioning|uninstallation',
  },
  'clean up': {
    strong:
      'clean up|cleanup|clean|prune|free up space|free up some space|free up disk space|free up|free space|free some space|free disk space|clear space|clear some space|free|tidy|tidy up|vacuum|trim|garbage collect|declutter|make space|make room|clear out|clear up|clean out|remove unused|delete unused|remove old|delete old|get rid of unused|get rid of old',
    weak: 'purge|clear|empty|wipe|reclaim',
    nouns: 'cleanup|clean up|cleaning|pruning|housekeeping|prune',
  },
  check: {
    strong:
      'check|check on|verify|probe|inspect|healthcheck|health check|diagnose|validate|ping|see if|check if|look at|have a look at|take a look at|look into|smoke test',
    weak: 'test|audit|show|list|report|gather|monitor|print|display|get|see|examine',
    nouns: 'check|checks|healthcheck|health check|status|health|ping|inspection|diagnosis|verification|state|report',
  },
  test: { strong: 'test|smoke test|try out', weak: 'check|verify|validate|try', nouns: 'test|tests|smoke test' },
  show: {
    strong: 'show|list|display|print|see',
    weak: 'check|report|gather|get|tell|view',
    nouns: 'list|overview|report',
  },
  rotate: {
    strong: 'rotate|roll|regenerate',
    weak: 'change|reset|renew|cycle|replace|refresh|swap',
    nouns: 'rotation',
  },
  renew: { strong: 'renew|reissue', weak: 'rotate|refresh|update|replace', nouns: 'renewal' },
  create: {
    strong: 'create|add|make|register|generate|new|onboard|set up|setup',
    weak: 'give|provision|open|put|build|get',
    nouns: 'creation|registration',
  },
  add: {
    strong: 'add|append|include|insert|put|register|list|bookmark|stick',
    weak: 'track|monitor|watch|create|get|have|make|set up|write|drop',
  },
  enable: { strong: 'enable|activate|turn on|switch on', weak: 'allow|use', nouns: 'activation' },
  disable: { strong: 'disable|deactivate|turn off|switch off', weak: 'stop', nouns: 'deactivation' },
  migrate: { strong: 'migrate|move|relocate|switch over', weak: 'transfer', nouns: 'migration|move' },
  sync: {
    strong: 'sync|synchronise|synchronize|mirror|replicate|rsync',
    weak: 'copy|update|refresh',
    nouns: 'sync|synchronisation|synchronization|replication|mirroring',
  },
  fetch: { strong: 'fetch|download|collect|export|pull|gather', weak: 'get|grab', nouns: 'export|download' },
  build: { strong: 'build|rebuild|compile', weak: 'create|make', nouns: 'build|rebuild' },
  scale: { strong: 'scale|scale up|scale down|resize', nouns: 'scaling' },
  flush: { strong: 'flush', weak: 'clear|empty|invalidate|bust', doubtful: 'purge|reset|wipe', nouns: 'flush' },
  reset: { strong: 'reset|factory reset', weak: 'rotate|change', nouns: 'reset' },
  drain: { strong: 'drain|cordon|evacuate', nouns: 'drain' },
  ensure: {
    strong: 'make sure|make sure that|ensure|ensure that|make certain|make certain that|see to it that|guarantee',
  },
  run: {
    strong: 'run|execute|perform|trigger|kick off|invoke|play|carry out|do|go for|use',
    weak: 'start|launch|fire|make|take|apply|schedule|start up|get|give|have',
    nouns: 'run',
  },
};

/** Verbs that stand for an action only when their noun does not: `take a backup`, `do an update`. */
export const carrierVerbs: ReadonlySet<string> = new Set(
  'run|execute|perform|trigger|kick off|invoke|play|carry out|do|start|launch|fire|make|take|apply|use|go for|get|give|have|create|schedule|start up|force|initiate'.split(
    '|',
  ),
);

/** Verbs that mean themselves and nothing else here. */
const plainVerbs =
  'revoke|grant|invite|warm|regrade|trigger|republish|replay|reprocess|resync|rescan|compact|throttle|freeze|unfreeze|quarantine|isolate|simulate|open|close|block|allow|ban|unban|lock|unlock|mount|unmount|encrypt|decrypt|import|scan|record|send|notify|publish|flash|pair|join|attach|detach|expand|grow|shrink|promote|demote|reindex|optimise|optimize|seed|invalidate|rename|link|benchmark|defragment|scrub|failover|announce|forward|expose|balance|rebalance|index|transcode|wake';

/** How well an action of one verb answers a request for another; what is missing here does not answer at all. */
const answers: { readonly [asked: string]: { readonly [offered: string]: number } } = {
  // "run x" without saying what shall be done to it: deploying it, if anything.
  run: {
    deploy: 0.85,
    check: 0.6,
    test: 0.6,
    show: 0.6,
    update: 0.5,
    'back up': 0.5,
    'clean up': 0.5,
    configure: 0.6,
    sync: 0.5,
    renew: 0.5,
    rotate: 0.4,
  },
  deploy: { configure: 0.8, start: 0.55, update: 0.5, create: 0.85, run: 0.85, enable: 0.85, build: 0.55 },
  update: { deploy: 0.55, configure: 0.5, fetch: 0.4, build: 0.4 },
  configure: { deploy: 0.8, enable: 0.55, create: 0.5, reset: 0.4, run: 0.6 },
  restart: { reload: 0.55, reboot: 0.55, start: 0.45 },
  reload: { restart: 0.8, deploy: 0.4 },
  reboot: { restart: 0.6 },
  start: { deploy: 0.55, enable: 0.6, restart: 0.5 },
  stop: { 'shut down': 0.8, disable: 0.5 },
  'shut down': { stop: 0.8 },
  'back up': { sync: 0.5, fetch: 0.5 },
  restore: { 'roll back': 0.55 },
  'roll back': { restore: 0.55 },
  remove: { disable: 0.4, 'clean up': 0.45 },
  'clean up': { remove: 0.4 },
  check: { test: 0.85, show: 0.7, fetch: 0.4 },
  test: { check: 0.85 },
  show: { check: 0.85, fetch: 0.6 },
  rotate: { renew: 0.8, configure: 0.5, reset: 0.8, update: 0.5, create: 0.4 },
  renew: { rotate: 0.8, deploy: 0.4, update: 0.5 },
  create: { configure: 0.6, add: 0.95, deploy: 0.8, run: 0.6 },
  add: { create: 0.95, configure: 0.6, deploy: 0.8 },
  enable: { deploy: 0.8, start: 0.6, configure: 0.55 },
  disable: { remove: 0.45, stop: 0.55 },
  migrate: { sync: 0.45 },
  sync: { fetch: 0.5, 'back up': 0.4 },
  fetch: { sync: 0.5, 'back up': 0.4 },
  reset: { rotate: 0.8 },
};

/** How well an action that offers these verbs does what a phrase asks. 0: not at all. */
export function verbFit(readings: readonly VerbReading[], offered: readonly string[]): number {
  let best = 0;
  for (const { verb, strength } of readings) {
    if (offered.length === 0) {
      const usual = strength === 1 && (verb === 'deploy' || verb === 'run' || verb === 'configure');
      best = Math.max(best, strength * (usual ? 0.85 : 0.45));
    }
    for (const other of offered) {
      // What a phrase only may mean has to be offered as such; relations of relations are guesses.
      const related = (answers[verb]?.[other] ?? 0) * (strength < 1 ? 0.5 : 1);
      const fit = verb === other ? 1 : related;
      best = Math.max(best, strength * fit);
    }
  }
  return best;
}

const phrases = new Map<string, VerbPhrase[]>();
/** Head words of phrases whose last word may stand apart: `spin grafana up`. */
const separable = new Map<string, Set<string>>();

function learn(): void {
  const readings = new Map<string, VerbReading[]>();
  const nouns = new Map<string, VerbReading[]>();
  const all: (readonly [string, VerbWords])[] = [
    ...Object.entries(said),
    ...plainVerbs.split('|').map((verb) => [verb, { strong: verb, nouns: verb }] as const),
  ];
  for (const [verb, words] of all) {
    const put = (target: Map<string, VerbReading[]>, phrase: string, strength: number): void => {
      const list = target.get(phrase) ?? [];
      if (!list.some((known) => known.verb === verb)) list.push({ verb, strength });
      target.set(phrase, list);
    };
    for (const phrase of words.strong.split('|')) put(readings, phrase, 1);
    for (const phrase of words.weak?.split('|') ?? []) put(readings, phrase, 0.85);
    for (const phrase of words.doubtful?.split('|') ?? []) put(readings, phrase, 0.7);
    for (const phrase of words.nouns?.split('|') ?? []) put(nouns, phrase, 1);
  }
  for (const [phrase, found] of readings) {
    const nounToo = nouns.has(phrase);
    for (const [form, text] of inflections(phrase))
      store({ phrase, form, readings: found, nounToo: nounToo && form === 'base' }, text);
    const [head, particle, ...more] = phrase.split(' ');
    if (head !== undefined && particle !== undefined && more.length === 0 && particles.has(particle)) {
      for (const [, text] of inflections(head)) separable.set(text, (separable.get(text) ?? new Set()).add(particle));
    }
  }
  for (const [phrase, found] of nouns) {
    for (const text of /s$/.test(phrase) ? [phrase] : [phrase, `${phrase}s`])
      store({ phrase, form: 'noun', readings: found, nounToo: true }, text);
  }
}

const particles = new Set(['up', 'down', 'off', 'on', 'out', 'back', 'away', 'over', 'offline', 'uptodate']);

function store(entry: VerbPhrase, text: string): void {
  const list = phrases.get(text) ?? [];
  if (!list.some((known) => known.form === entry.form && known.phrase === entry.phrase)) list.push(entry);
  phrases.set(text, list);
}

const irregular: { readonly [base: string]: readonly [third: string, past: string, gerund: string] } = {
  get: ['gets', 'got', 'getting'],
  put: ['puts', 'put', 'putting'],
  set: ['sets', 'set', 'setting'],
  shut: ['shuts', 'shut', 'shutting'],
  run: ['runs', 'run', 'running'],
  do: ['does', 'done', 'doing'],
  go: ['goes', 'gone', 'going'],
  give: ['gives', 'given', 'giving'],
  have: ['has', 'had', 'having'],
  take: ['takes', 'taken', 'taking'],
  make: ['makes', 'made', 'making'],
  bring: ['brings', 'brought', 'bringing'],
  tear: ['tears', 'torn', 'tearing'],
  spin: ['spins', 'spun', 'spinning'],
  throw: ['throws', 'thrown', 'throwing'],
  stand: ['stands', 'stood', 'standing'],
  stick: ['sticks', 'stuck', 'sticking'],
  see: ['sees', 'seen', 'seeing'],
  rebuild: ['rebuilds', 'rebuilt', 'rebuilding'],
  build: ['builds', 'built', 'building'],
  setup: ['setups', 'setup', 'setting up'],
  backup: ['backups', 'backed up', 'backing up'],
  shutdown: ['shutdowns', 'shutdown', 'shutting down'],
  undo: ['undoes', 'undone', 'undoing'],
  reset: ['resets', 'reset', 'resetting'],
  prep: ['preps', 'prepped', 'prepping'],
  free: ['frees', 'freed', 'freeing'],
  sync: ['syncs', 'synced', 'syncing'],
  ship: ['ships', 'shipped', 'shipping'],
  wake: ['wakes', 'woken', 'waking'],
};

function inflections(phrase: string): (readonly [VerbForm, string])[] {
  const [head = '', ...rest] = phrase.split(' ');
  const tail = rest.length === 0 ? '' : ` ${rest.join(' ')}`;
  const forms = (Object.hasOwn(irregular, head) ? irregular[head] : undefined) ?? regular(head);
  return [
    ['base', phrase],
    ['third', forms[0] + tail],
    ['past', forms[1] + tail],
    ['gerund', forms[2] + tail],
  ];
}

function regular(head: string): readonly [string, string, string] {
  if (/[^aeiou]y$/.test(head)) return [`${head.slice(0, -1)}ies`, `${head.slice(0, -1)}ied`, `${head}ing`];
  if (/e$/.test(head)) return [`${head}s`, `${head}d`, `${head.replace(/e$/, '')}ing`];
  const third = /(s|x|ch|sh|z)$/.test(head) ? `${head}es` : `${head}s`;
  const doubles =
    /^[^aeiou]*[aeiou][bdgklmnprtz]$/.test(head) || /(stop|drop|ship|install?|wipe|kick|scrap|nuke|ditch)$/.test(head);
  if (doubles && /[aeiou][bdgmnprtl]$/.test(head) && !/install$/.test(head)) {
    const twice = head + head.slice(-1);
    return [third, `${twice}ed`, `${twice}ing`];
  }
  return [third, `${head}ed`, `${head}ing`];
}

learn();

/** The verb phrases that these words, joined with spaces, are. */
export function verbPhrases(words: string): readonly VerbPhrase[] {
  return phrases.get(words) ?? [];
}

/** Particles that may follow a head word apart from it: for `spin`, `up`. */
export function particlesOf(head: string): ReadonlySet<string> {
  return separable.get(head) ?? noParticles;
}
const noParticles: ReadonlySet<string> = new Set();

const slipTargets = [...phrases.keys()].filter((phrase) => !phrase.includes(' ') && phrase.length >= 5);

/** The verb that a mistyped word stands for, or null. Only one slip in short words, and the first letter nearly always right. */
export function mistypedVerb(word: string): { readonly text: string; readonly phrases: readonly VerbPhrase[] } | null {
  if (word.length < 4 || /\d/.test(word) || isProperWord(word)) return null;
  const limit = word.length < 8 ? 1 : 2;
  let best: { text: string; distance: number } | null = null;
  for (const text of slipTargets) {
    if (Math.abs(text.length - word.length) > limit) continue;
    const distance = editDistance(word, text, limit);
    if (distance > limit) continue;
    if (text[0] !== word[0] && !(text[1] === word[0] && text[0] === word[1])) continue;
    if (best === null || distance < best.distance) best = { text, distance };
  }
  return best === null ? null : { text: best.text, phrases: phrases.get(best.text) ?? [] };
}

/** An action's own verb, as the catalogue wrote it, in canonical verbs; a word that is not known stands for itself. */
export function canonicalVerbs(verb: string): readonly string[] {
  const words = fold(verb).trim();
  if (isCanonical(words)) return [words];
  const found = (phrases.get(words) ?? []).flatMap((entry) =>
    entry.readings.filter((reading) => reading.strength === 1).map((reading) => reading.verb),
  );
  return found.length === 0 ? [words] : [...new Set(found)];
}

/** Base forms that mean exactly this canonical verb; the first is how people are told about it. */
export function isCanonical(verb: string): boolean {
  return Object.hasOwn(said, verb);
}
