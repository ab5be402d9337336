// Packs that were made in a folder of their own become a repository's, whole or not at all.
import { mkdir, readdir, rename, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { flushFolder } from './durable-file.ts';

/** Environment of a git whose new objects land in `folder`, and which sees those of `objects` beside them. */
export function objectsInto(folder: string, objects: string): Readonly<Record<string, string>> {
  return { GIT_OBJECT_DIRECTORY: folder, GIT_ALTERNATE_OBJECT_DIRECTORIES: JSON.stringify(objects) };
}

/** The folder that such a git needs. */
export async function makeObjectsFolder(folder: string): Promise<void> {
  await rm(folder, { recursive: true, force: true });
  await mkdir(join(folder, 'pack'), { recursive: true });
}

/** Moves the packs; they are on disk when it resolves. */
export async function takePacks(folder: string, objects: string): Promise<void> {
  const [from, to] = [join(folder, 'pack'), join(objects, 'pack')];
  // The index last: a pack without one is not seen, one without its pack is an error.
  const files = (await readdir(from)).sort((one, other) => Number(isIndex(one)) - Number(isIndex(other)));
  for (const file of files) await rename(join(from, file), join(to, file));
  await flushFolder(to);
}

/** Such folders whose process died. What is younger may be somebody's who is at work. */
export async function removeStaleFolders(parent: string, prefix: string): Promise<void> {
  for (const name of await readdir(parent)) {
    if (!name.startsWith(prefix)) continue;
    const age = Date.now() - (await stat(join(parent, name)).then(({ mtimeMs }) => mtimeMs, Date.now));
    if (age > 3_600_000) await rm(join(parent, name), { recursive: true, force: true });
  }
}

const isIndex = (file: string): boolean => file.endsWith('.idx');
