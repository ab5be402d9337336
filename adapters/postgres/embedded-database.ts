// Opens PGlite on a folder, durable and brought up to date. Runs in the worker thread; the folder is held by then.
import { existsSync, readdirSync, readFileSync, rmSync, statfsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { PGlite } from '@electric-sql/pglite';
import type { PgliteDatabase } from 'drizzle-orm/pglite';
import { drizzle } from 'drizzle-orm/pglite';
import { migrate } from 'drizzle-orm/pglite/migrator';
import { ChiffonError } from '../../core/error.ts';
import type { Place } from './database-fault.ts';
import { isDiskFull, panicFault, withoutValues } from './database-fault.ts';
import { fsyncFolder, fsyncTree } from './fsync-tree.ts';
import { FsyncedFolder } from './fsynced-folder.ts';
import { isCurrent, migrationConfig } from './migrations.ts';

export type EmbeddedDatabase = { readonly pglite: PGlite; readonly database: PgliteDatabase };

const postgresVersion = '18';

/** Below this much free space nothing is written: PostgreSQL panics when the log cannot grow. */
const freeBytesAtLeast = 64 * 1024 * 1024;

const startParams = [
  // -F turns fsync off.
  ...PGlite.defaultStartParams.filter((parameter) => parameter !== '-F'),
  // The default, fdatasync, is one that PGlite answers without doing it.
  ...['-c', 'wal_sync_method=fsync'],
  // 128 MB by default; the whole of it becomes resident. A log is read at its end.
  ...['-c', 'shared_buffers=16MB'],
  ...['-c', 'jit=off'],
];
/** Segments of 4 MB and not 16: a fresh one is written out in full before its first use. */
const initDbStartParams = ['--wal-segsize=4'];

/** Throws DATA_FOLDER_DAMAGED, DISK_FULL, SCHEMA_MISMATCH. `onPanic` is called within a panic of PostgreSQL, now or later. */
export async function openEmbeddedDatabase(options: {
  readonly folder: string;
  readonly place: Place;
  readonly onPanic: (fault: ChiffonError) => void;
}): Promise<EmbeddedDatabase> {
  const { folder, place } = options;
  // Stands beside the folder from before the first file to after the last fsync: what a crash left in between was never used.
  const unfinished = `${folder}.unfinished`;
  if (existsSync(unfinished)) emptyFolder(folder);
  const isNew = readdirSync(folder).length === 0;
  if (isNew) {
    refuseIfFull(folder, place);
    writeFileSync(unfinished, '');
    fsyncFolder(join(folder, '..'));
  } else {
    refuseOtherVersion(folder, place);
  }
  const opened = await start(options);
  const database = drizzle(opened);
  if (!(await isCurrent(database, place.name))) await migrate(database, migrationConfig);
  if (isNew) {
    // PGlite makes a new database in memory and copies it here without an fsync: a power cut would leave empty files under
    // a log that was synced faithfully.
    fsyncTree(folder);
    rmSync(unfinished);
    fsyncFolder(join(folder, '..'));
  }
  return { pglite: opened, database };
}

/** Throws DISK_FULL while there is still room to go on safely. */
export function refuseIfFull(folder: string, place: Place): void {
  const { bavail, bsize } = statfsSync(folder);
  if (bavail * bsize < freeBytesAtLeast)
    throw new ChiffonError(
      'DISK_FULL',
      `Less than ${freeBytesAtLeast / 1024 / 1024} MB are free under ${place.name}, so nothing is written. Free some space there.`,
    );
}

async function start({ folder, place, onPanic }: Parameters<typeof openEmbeddedDatabase>[0]): Promise<PGlite> {
  const said: string[] = [];
  const onStderr = (line: string) => {
    said.push(line);
    said.splice(0, said.length - 20);
    return false;
  };
  let whyNot = openingFault;
  const fs = new FsyncedFolder(folder, () => onPanic(whyNot(said.join('\n'), place)));
  try {
    const pglite = await PGlite.create({ fs, startParams, initDbStartParams, onStderr });
    if (fs.syncs === 0)
      throw new ChiffonError('INTERNAL', 'PGlite was started, and its fsync does not reach the disk.');
    whyNot = panicFault;
    return pglite;
  } catch (error) {
    if (error instanceof ChiffonError) throw error;
    throw openingFault([withoutValues(error).message, ...said].join('\n'), place);
  }
}

function openingFault(words: string, place: Place): ChiffonError {
  return isDiskFull(words) ? panicFault(words, place) : damaged(place, new Error(words));
}

function refuseOtherVersion(folder: string, place: Place): void {
  const path = join(folder, 'PG_VERSION');
  // Without it PGlite would take the folder for an empty one and write a new database over what is there.
  const version = existsSync(path) ? readFileSync(path, 'utf8').trim() : '';
  if (version === '') throw damaged(place, new Error(`${path} is missing or empty`));
  if (version !== postgresVersion)
    throw new ChiffonError(
      'SCHEMA_MISMATCH',
      `In ${place.name} are files of PostgreSQL ${version}; this version of Chiffon reads those of ${postgresVersion}.`,
    );
}

function damaged({ name }: Place, cause: Error): ChiffonError {
  return new ChiffonError(
    'DATA_FOLDER_DAMAGED',
    `The database in ${name} cannot be opened: its files are damaged. Restore it from a backup, or set CHIFFON_HOME to another folder.`,
    { cause },
  );
}

function emptyFolder(folder: string): void {
  for (const entry of readdirSync(folder)) rmSync(join(folder, entry), { recursive: true, force: true });
}
