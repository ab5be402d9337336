// Who may import whom: the table of folders in ARCHITECTURE.md as rules. scripts/boundaries.mjs applies them, and
// test/scripts/boundaries.test.ts plants violations to prove that it does.

/** Small pure libraries that the domain may use: no I/O, no clock, no state of their own. */
const pureLibraries = [
  'canonicalize',
  'diff',
  'fastest-levenshtein',
  'ini',
  'js-yaml',
  'minisearch',
  'picomatch',
  'pretty-ms',
  'stemmer',
  'string-width',
  'yaml',
  'zod',
];
const pureBuiltins = ['assert', 'buffer', 'crypto', 'path', 'path/posix', 'string_decoder', 'url', 'util'];

/** Libraries that speak to one outside system, which therefore only that system's adapter may know. */
const outsideLibraries = [
  '@anthropic-ai/sdk',
  '@electric-sql/pglite',
  '@matrix-org/matrix-sdk-crypto-wasm',
  'amqplib',
  'discord.js',
  'drizzle-orm',
  'fake-indexeddb',
  'matrix-bot-sdk',
  'node-llama-cpp',
  'openai',
  'pg',
  'simple-git',
];

/** A package; bare when it cannot be resolved. @param {string[]} names */
const packages = (names) => `^(?:node_modules/)?(?:@types/)?(?:${names.join('|')})(?:/|$)`;
/** @param {string[]} names */
const builtins = (names) => `^(?:node:)?(?:${names.join('|')})$`;
const tests = '\\.test\\.ts$';
/** The places where the parts are put together. */
const composition = '^(?:bot|agents)/(?:main|compose[^/]*)\\.ts$|^(?:bot|agents)/compose/';

/** @type {import('dependency-cruiser').IForbiddenRuleType[]} */
const forbidden = [
  {
    name: 'no-circles',
    comment: 'A circle of modules can only be understood as a whole.',
    from: {},
    to: { circular: true },
  },
  { name: 'nothing-missing', comment: 'The import leads nowhere.', from: {}, to: { couldNotResolve: true } },
  {
    name: 'core-is-pure',
    comment: 'core/ imports only itself and small pure libraries: everything outside comes in by a port.',
    from: { path: '^core/', pathNot: tests },
    to: { pathNot: ['^core/', packages(pureLibraries), builtins(pureBuiltins)] },
  },
  {
    name: 'core-tests-stay-in-core',
    comment: 'A unit test of the domain needs nothing from outside of it.',
    from: { path: `^core/.*${tests}` },
    to: { path: '^(?:adapters|bot|agents|bench|scripts|drizzle)/' },
  },
  {
    name: 'adapters-know-core-only',
    comment: 'An adapter stands behind a port of core/; it knows neither the bot nor the agents.',
    from: { path: '^adapters/', pathNot: tests },
    to: { path: '^(?:bot|agents|scripts)/' },
  },
  {
    name: 'adapters-apart',
    comment: 'An adapter never imports another adapter.',
    from: { path: '^adapters/([^/]+)/' },
    to: { path: '^adapters/', pathNot: '^adapters/$1/' },
  },
  {
    name: 'composition-knows-adapters',
    comment: 'Only main.ts and what it composes may name an adapter, or take an agent into the bot.',
    from: { path: '^(?:bot|agents)/', pathNot: [composition, tests] },
    to: { path: '^(?:adapters|drizzle|scripts)/' },
  },
  {
    name: 'bot-and-agents-apart',
    comment: 'The bot and the agents speak over the bus; only the composition puts an agent into the bot.',
    from: { path: '^(bot|agents)/', pathNot: [composition, tests] },
    to: { path: '^(?:bot|agents)/', pathNot: '^$1/' },
  },
  {
    name: 'agents-know-little-of-core',
    comment: 'An agent knows the contracts and ports, and what it takes to check and redact: no planning, no policy.',
    from: { path: '^agents/', pathNot: [composition, tests] },
    to: {
      path: '^core/',
      pathNot: '^core/(?:contracts|ports|redaction|plan)/|^core/(?:environment|error|ids|json)\\.ts$',
    },
  },
  {
    name: 'agent-kinds-apart',
    comment: 'A kind of agent shares the runtime with the others, and nothing else.',
    from: { path: '^agents/([^/]+)/' },
    to: { path: '^agents/[^/]+/', pathNot: '^agents/(?:$1|runtime)/' },
  },
  {
    name: 'schema-alone',
    comment: 'The schema knows its library and the domain.',
    from: { path: '^drizzle/', pathNot: tests },
    to: { path: '^(?:adapters|bot|agents|scripts)/' },
  },
  {
    name: 'outside-libraries-in-adapters',
    comment: 'A library that speaks to an outside system is known to its adapter only.',
    from: { path: '^(?:core|bot|agents)/', pathNot: tests },
    to: { path: packages(outsideLibraries) },
  },
  {
    name: 'nothing-leans-on-tests',
    comment: 'What is run does not import what tests or measures it.',
    from: { path: '^(?:core|adapters|bot|agents|drizzle|scripts)/', pathNot: tests },
    to: { path: `^(?:test|bench)/|${tests}` },
  },
  {
    name: 'only-installed-for-development',
    comment: 'What is run needs its libraries in "dependencies", for a start installs nothing else.',
    from: { path: '^(?:core|adapters|bot|agents|drizzle)/', pathNot: tests },
    to: { dependencyTypes: ['npm-dev'], dependencyTypesNot: ['type-only'], pathNot: 'node_modules/@types/' },
  },
  {
    name: 'scripts-before-install',
    comment: 'scripts/ run before anything is installed; what checks the boundaries is the one exception.',
    from: { path: '^scripts/', pathNot: '^scripts/boundaries\\.mjs$' },
    to: { dependencyTypesNot: ['core', 'local'] },
  },
  {
    name: 'scripts-alone',
    comment: 'scripts/ know nothing of the program but its files.',
    from: { path: '^scripts/' },
    to: { path: '^(?:core|adapters|bot|agents|drizzle|test|bench)/' },
  },
];

export default {
  forbidden: forbidden.map((rule) => ({ ...rule, severity: /** @type {const} */ ('error') })),
  options: {
    doNotFollow: { path: 'node_modules' },
    exclude: { path: '(?:^|/)fixtures/' },
    // Imports of types count as well: they are knowledge too.
    tsPreCompilationDeps: true,
    enhancedResolveOptions: { exportsFields: ['exports'], conditionNames: ['import', 'node', 'default', 'types'] },
  },
};
