// The `.env` that compose reads, and `npm start` too: what is set stays, what is missing is added at its end.
import { existsSync, readFileSync } from 'node:fs';
import { makePrivateFile, replacePrivateFile } from './private-file.mjs';

/** What is set there; a variable that is set to nothing counts as set. @param {string} file @returns {Record<string, string>} */
export function readEnvFile(file) {
  if (!existsSync(file)) return {};
  return Object.fromEntries(
    readFileSync(file, 'utf8')
      .split('\n')
      .flatMap((line) => {
        const [, name, value] = /^\s*(?:export\s+)?([A-Za-z_][A-Za-z0-9_]*)\s*=\s*(.*?)\s*$/.exec(line) ?? [];
        return name === undefined ? [] : [[name, (value ?? '').replace(/^(['"])(.*)\1$/, '$2')]];
      }),
  );
}

/** Which of the variables were added. @param {string} file @param {Record<string, string>} wanted @returns {string[]} */
export function completeEnvFile(file, wanted) {
  const present = readEnvFile(file);
  const missing = Object.entries(wanted).filter(([name]) => !(name in present));
  if (missing.length === 0) return [];
  const before = existsSync(file) ? readFileSync(file, 'utf8').replace(/([^\n])$/, '$1\n') : '';
  // In single quotes neither compose nor Node replaces a $.
  const text = before + missing.map(([name, value]) => `${name}='${value}'\n`).join('');
  if (before === '' && makePrivateFile(file, text, 0o600)) return missing.map(([name]) => name);
  replacePrivateFile(file, text, 0o600);
  return missing.map(([name]) => name);
}
