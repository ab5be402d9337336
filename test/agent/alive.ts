// Which processes are alive that have a text in their environment or command line; for proving that none is left.
import { readdir, readFile } from 'node:fs/promises';

export type Living = { readonly pid: number; readonly command: string };

export async function aliveWith(text: string): Promise<readonly Living[]> {
  const found: Living[] = [];
  for (const name of await readdir('/proc')) {
    if (!/^\d+$/.test(name) || Number(name) === process.pid) continue;
    const [environment, command] = await Promise.all(
      ['environ', 'cmdline'].map((file) => readFile(`/proc/${name}/${file}`, 'utf8').catch(() => '')),
    );
    if (environment?.includes(text) || command?.includes(text))
      found.push({ pid: Number(name), command: command?.replaceAll('\0', ' ') ?? '' });
  }
  return found;
}
