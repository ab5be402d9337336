// Loaded first in every thread of a store's process: writes down what PostgreSQL does to its files, and lets operations
// fail as a broken or full disk would. WATCHED_DISK_LOG names the file that is written to; WATCHED_DISK_FAULT one that, while
// it exists, says what fails: `<write|fsync> <part of a path> <code>`.
import fs from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';

const { openSync, closeSync, writeSync, fsyncSync, rmSync } = fs;
const log = process.env.WATCHED_DISK_LOG;
const fault = process.env.WATCHED_DISK_FAULT;
const journal = log === undefined ? undefined : openSync(log, 'a');
const paths = new Map<number, string>();

function note(line: string): void {
  if (journal !== undefined) writeSync(journal, `${line}\n`);
}

function failAsAsked(operation: string, path: string): void {
  if (fault === undefined || !fs.existsSync(fault)) return;
  const [failing, part, code = 'EIO'] = fs.readFileSync(fault, 'utf8').trim().split(' ');
  if (operation !== failing || part === undefined || !path.includes(part)) return;
  throw Object.assign(new Error(`${code}: ${operation} fails, as the test asked`), { code });
}

fs.openSync = (path, ...rest) => {
  const file = openSync(path, ...rest);
  paths.set(file, String(path));
  return file;
};
fs.closeSync = (file) => {
  paths.delete(file);
  closeSync(file);
};
fs.writeSync = (file: number, ...rest: unknown[]) => {
  const path = paths.get(file) ?? '';
  failAsAsked('write', path);
  const written: number = Reflect.apply(writeSync, fs, [file, ...rest]);
  if (path.includes('/pg_wal/')) note(`write ${path}`);
  return written;
};
fs.fsyncSync = (file) => {
  const path = paths.get(file) ?? '';
  failAsAsked('fsync', path);
  fsyncSync(file);
  note(`fsync ${path}`);
};
fs.rmSync = (path, ...rest) => {
  note(`rm ${String(path)}`);
  rmSync(path, ...rest);
};
syncBuiltinESMExports();
