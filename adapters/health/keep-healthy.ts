// A file that is as young as the last moment in which all was well: for a container's health check, which can only look from outside.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';

const everyMs = 5_000;

/** Returns how to stop. */
export function keepHealthy(folder: string, isWell: () => Promise<boolean>): () => void {
  const path = join(folder, 'healthy');
  const look = async (): Promise<void> => {
    if (await isWell().catch(() => false)) writeFileSync(path, `${new Date().toISOString()}\n`);
  };
  void look().catch(() => {});
  const timer = setInterval(() => void look().catch(() => {}), everyMs).unref();
  return () => clearInterval(timer);
}
