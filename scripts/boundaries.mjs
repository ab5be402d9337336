// Checks who imports whom, by the rules of .dependency-cruiser.mjs, and that it really read the modules: without @swc/core
// it cannot read TypeScript 7, finds nothing, and is content.
import { readdirSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { cruise } from 'dependency-cruiser';
import rules from '../.dependency-cruiser.mjs';

const folders = ['core', 'adapters', 'bot', 'agents', 'drizzle', 'bench', 'test', 'scripts'];

/**
 * @param {string} root the checkout
 * @returns {Promise<{ read: number, wrong: string[] }>} how many modules were read, and what is wrong, one line each
 */
export async function checkBoundaries(root) {
  const files = folders.flatMap((folder) => sourcesIn(root, folder));
  const { options, ...ruleSet } = rules;
  const { output } = await cruise(files, { ...options, ruleSet, validate: true, baseDir: root });
  if (typeof output === 'string') throw new Error('dependency-cruiser gave text instead of a result');
  const read = new Set(output.modules.map(({ source }) => source));
  const unread = files.filter((file) => !read.has(file));
  const imports = output.modules.reduce((sum, { dependencies }) => sum + dependencies.length, 0);
  const wrong = output.summary.violations.map(({ from, to, rule, cycle }) => {
    const { comment = '' } = rules.forbidden.find(({ name }) => name === rule.name) ?? {};
    const way = cycle ? [from, ...cycle.map(({ name }) => name)].join(' → ') : `${from} → ${to}`;
    return `${rule.name}: ${way}\n    ${comment}`;
  });
  if (files.length === 0) wrong.push('There is no module to read.');
  else if (unread.length > 0) wrong.push(`Not read: ${unread.slice(0, 5).join(', ')}`);
  else if (imports === 0)
    wrong.push('No import was found in any module: dependency-cruiser needs @swc/core to read TypeScript 7.');
  return { read: files.length - unread.length, wrong };
}

/** @param {string} root @param {string} folder @returns {string[]} */
function sourcesIn(root, folder) {
  try {
    return readdirSync(path.join(root, folder), { recursive: true, withFileTypes: true })
      .filter(
        (entry) => entry.isFile() && /\.(?:ts|mjs)$/.test(entry.name) && !/\/fixtures(?:\/|$)/.test(entry.parentPath),
      )
      .map((entry) => path.relative(root, path.join(entry.parentPath, entry.name)));
  } catch {
    return [];
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const { read, wrong } = await checkBoundaries(path.dirname(import.meta.dirname));
  console.log([...wrong, `${read} modules read, ${wrong.length} violations`].join('\n'));
  process.exitCode = wrong.length > 0 ? 1 : 0;
}
