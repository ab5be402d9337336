// Files that a power cut leaves either as they were or as they are now.
import { open, rename } from 'node:fs/promises';
import { dirname } from 'node:path';

export async function durably(path: string, text: string): Promise<void> {
  const file = await open(`${path}.new`, 'w');
  try {
    await file.writeFile(text);
    await file.sync();
  } finally {
    await file.close();
  }
  await rename(`${path}.new`, path);
  await flushFolder(dirname(path));
}

/** The names in it: a file that was renamed into it stays there. */
export async function flushFolder(path: string): Promise<void> {
  const folder = await open(path, 'r');
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
}
