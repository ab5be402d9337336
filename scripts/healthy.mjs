// The health check of a container: `healthy.mjs <file>` succeeds when the file was written less than 30 s ago, as bot and agent do
// every five (adapters/health) while they turn and reach what they need.
import { statSync } from 'node:fs';

const oldestMs = 30_000;
const file = process.argv[2] ?? '';
try {
  const ageMs = Date.now() - statSync(file).mtimeMs;
  if (Math.abs(ageMs) > oldestMs) fail(`${file} was written ${Math.round(ageMs / 1000)} s ago`);
} catch (error) {
  fail(error instanceof Error ? error.message : String(error));
}

/** @param {string} why */
function fail(why) {
  console.error(`not healthy: ${why}`);
  process.exitCode = 1;
}
