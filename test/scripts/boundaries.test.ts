// The check of the folders' directions is itself checked: each rule is given a small tree that breaks it.
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { checkBoundaries } from '../../scripts/boundaries.mjs';

type Tree = Readonly<Record<string, string>>;

/** A tree that keeps every rule, as the real one does. */
const clean: Tree = {
  'package.json': JSON.stringify({
    name: 'planted',
    type: 'module',
    dependencies: { pg: '*', zod: '*' },
    devDependencies: { vitest: '*' },
  }),
  ...installed('zod'),
  ...installed('pg'),
  ...installed('vitest'),
  'core/ids.ts':
    "import { z } from 'zod';\nimport { createHash } from 'node:crypto';\nexport const id = [z, createHash];",
  'core/ports/log.ts': "import type { id } from '../ids.ts';\nexport type Log = { readonly id: typeof id };",
  'core/policy/policy.ts': "export const policy = 'one';",
  'core/ids.test.ts':
    "import { readFileSync } from 'node:fs';\nimport { it } from 'vitest';\nimport { id } from './ids.ts';\nit(id + readFileSync);",
  'drizzle/schema.ts': "export const schema = 'tables';",
  'adapters/postgres/log.ts':
    "import pg from 'pg';\nimport { schema } from '../../drizzle/schema.ts';\nimport type { Log } from '../../core/ports/log.ts';\nexport const log = [pg, schema] as unknown as Log;",
  'adapters/memory/log.ts': "import { id } from '../../core/ids.ts';\nexport const log = { id };",
  'agents/runtime/start.ts':
    "import type { Log } from '../../core/ports/log.ts';\nexport const start = (log: Log) => log;",
  'agents/ansible/run.ts': "import { start } from '../runtime/start.ts';\nexport const run = start;",
  'agents/desktop/run.ts': "export const run = 'desktop';",
  'bot/answer.ts': "import { policy } from '../core/policy/policy.ts';\nexport const answer = policy;",
  'bot/compose.ts':
    "import { log } from '../adapters/postgres/log.ts';\nimport { run } from '../agents/ansible/run.ts';\nexport const compose = [log, run];",
  'bot/main.ts': "import './compose.ts';\nimport './answer.ts';",
  'test/setup/server.ts': "export const server = 'throw-away';",
  'adapters/postgres/log.test.ts':
    "import { server } from '../../test/setup/server.ts';\nimport { log } from './log.ts';\nexport const both = [server, log];",
  'scripts/lock.mjs': "import { readFileSync } from 'node:fs';\nexport const lock = readFileSync;",
};

/** A rule, a file, and the import in it that breaks the rule. */
const violations: readonly (readonly [rule: string, file: string, imported: string])[] = [
  ['no-circles', 'core/ids.ts', './ports/log.ts'],
  ['nothing-missing', 'bot/answer.ts', './nowhere.ts'],
  ['core-is-pure', 'core/ids.ts', 'node:fs'],
  ['core-is-pure', 'core/ids.ts', 'pg'],
  ['core-is-pure', 'core/ports/log.ts', '../../bot/answer.ts'],
  ['core-is-pure', 'core/ports/log.ts', '../../drizzle/schema.ts'],
  ['core-tests-stay-in-core', 'core/ids.test.ts', '../adapters/memory/log.ts'],
  ['adapters-know-core-only', 'adapters/memory/log.ts', '../../bot/answer.ts'],
  ['adapters-apart', 'adapters/memory/log.ts', '../postgres/log.ts'],
  ['composition-knows-adapters', 'bot/answer.ts', '../adapters/memory/log.ts'],
  ['composition-knows-adapters', 'agents/runtime/start.ts', '../../adapters/memory/log.ts'],
  ['bot-and-agents-apart', 'bot/answer.ts', '../agents/runtime/start.ts'],
  ['bot-and-agents-apart', 'agents/runtime/start.ts', '../../bot/answer.ts'],
  ['agents-know-little-of-core', 'agents/ansible/run.ts', '../../core/policy/policy.ts'],
  ['agent-kinds-apart', 'agents/ansible/run.ts', '../desktop/run.ts'],
  ['agent-kinds-apart', 'agents/runtime/start.ts', '../ansible/run.ts'],
  ['schema-alone', 'drizzle/schema.ts', '../adapters/memory/log.ts'],
  ['outside-libraries-in-adapters', 'bot/answer.ts', 'pg'],
  ['nothing-leans-on-tests', 'adapters/memory/log.ts', '../../test/setup/server.ts'],
  ['nothing-leans-on-tests', 'bot/answer.ts', '../core/ids.test.ts'],
  ['only-installed-for-development', 'bot/answer.ts', 'vitest'],
  ['scripts-before-install', 'scripts/lock.mjs', 'zod'],
  ['scripts-alone', 'scripts/lock.mjs', '../core/ids.ts'],
];

const folders: string[] = [];
afterEach(async () => {
  for (const folder of folders.splice(0)) await rm(folder, { recursive: true });
});

describe('the check of boundaries', () => {
  it('accepts a tree that keeps every rule, having read all of it', async () => {
    const { read, wrong } = await check(clean);
    expect(wrong).toEqual([]);
    expect(read).toBe(Object.keys(clean).filter((file) => /^(?!node_modules).*\.(?:ts|mjs)$/.test(file)).length);
  });

  it.each(violations)('%s: refuses %s importing %s', async (rule, file, imported) => {
    const { wrong } = await check({ ...clean, [file]: `import '${imported}';\n${clean[file]}` });
    expect(wrong.map((line) => line.split(':')[0])).toContain(rule);
    expect(wrong.join('\n')).toContain(file);
  });

  it('has a planted violation for every rule', async () => {
    const { default: rules } = await import('../../.dependency-cruiser.mjs');
    expect(new Set(violations.map(([rule]) => rule))).toEqual(new Set(rules.forbidden.map(({ name }) => name)));
  });

  it('is not content with having read nothing', async () => {
    const { wrong } = await check({ 'package.json': '{}' });
    expect(wrong).toEqual(['There is no module to read.']);
  });
});

async function check(tree: Tree) {
  const root = await mkdtemp(path.join(tmpdir(), 'chiffon-boundaries-'));
  folders.push(root);
  for (const [file, text] of Object.entries(tree)) {
    await mkdir(path.dirname(path.join(root, file)), { recursive: true });
    await writeFile(path.join(root, file), text);
  }
  return await checkBoundaries(root);
}

function installed(name: string): Tree {
  return {
    [`node_modules/${name}/package.json`]: JSON.stringify({
      name,
      version: '1.0.0',
      exports: './index.js',
      type: 'module',
    }),
    [`node_modules/${name}/index.js`]: 'export default {};',
  };
}
