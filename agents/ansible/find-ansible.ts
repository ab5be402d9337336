// Where ansible-playbook is, and the Python that runs it; the guard runs on the same one.
import { constants } from 'node:fs';
import { access, open } from 'node:fs/promises';
import { delimiter, join } from 'node:path';

export type AnsibleProgram = { readonly playbook: string; readonly python: string };

/** `command` is a path, or a name to look for on the path. Undefined when there is none. */
export async function findAnsible(command: string, path: string): Promise<AnsibleProgram | undefined> {
  const candidates = command.includes('/')
    ? [command]
    : path
        .split(delimiter)
        .filter(Boolean)
        .map((folder) => join(folder, command));
  for (const playbook of candidates) {
    if (await isExecutable(playbook)) return { playbook, python: (await pythonOf(playbook)) ?? 'python3' };
  }
  return undefined;
}

/** The interpreter of the script's first line; pip writes long ones as a line of shell. */
async function pythonOf(script: string): Promise<string | undefined> {
  const file = await open(script, 'r');
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(1024), 0, 1024, 0);
    const [first = '', second = ''] = buffer.toString('utf8', 0, bytesRead).split('\n');
    const python =
      /^#!\s*(\/\S*python[\d.]*)\s*$/.exec(first)?.[1] ?? /^'''exec' "?(\/[^"]*python[\d.]*)"? /.exec(second)?.[1];
    return python !== undefined && (await isExecutable(python)) ? python : undefined;
  } finally {
    await file.close();
  }
}

async function isExecutable(path: string): Promise<boolean> {
  try {
    await access(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
