// Where one start of the program keeps everything: a folder below the temp folder, and the environment that names it.
import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ansiblePlaybook } from '../setup/ansible.ts';

export type Home = { readonly folder: string; readonly env: Readonly<Record<string, string>> };

export async function makeHome(env: Readonly<Record<string, string>> = {}): Promise<Home> {
  const folder = await mkdtemp(join(tmpdir(), 'chiffon-e2e-'));
  return {
    folder,
    env: { CHIFFON_HOME: join(folder, 'home'), CHIFFON_ANSIBLE_PLAYBOOK: await ansiblePlaybook(), ...env },
  };
}
