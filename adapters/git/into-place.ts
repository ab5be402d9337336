// A folder that was built beside its place and is moved into it, so that a crash leaves either nothing or all of it.
import { rename, rm } from 'node:fs/promises';

/** When another process was first, what it made stays, and this one is thrown away. */
export async function renameUnlessThere(building: string, folder: string): Promise<void> {
  try {
    await rename(building, folder);
  } catch (error) {
    await rm(building, { recursive: true, force: true });
    if (!(error instanceof Error && 'code' in error && (error.code === 'ENOTEMPTY' || error.code === 'EEXIST')))
      throw error;
  }
}
