// Small infrastructure repositories for benchmarks: one local host, one playbook.
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { git } from '../test/e2e/program.ts';

/** A repository in `folder` whose one playbook is `play.yml`; Chiffon knows it as `measure it`. */
export async function makeLab(folder: string, tasks: string): Promise<string> {
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, 'ansible.cfg'), '[defaults]\ninventory = hosts\n');
  await writeFile(
    join(folder, 'hosts'),
    'here ansible_connection=local ansible_python_interpreter="{{ ansible_playbook_python }}"\n',
  );
  await writeFile(
    join(folder, 'play.yml'),
    `# chiffon:\n#   title: Measure it\n#   aliases: [measure it]\n- name: Measure it\n  hosts: here\n  gather_facts: false\n  tasks:\n${tasks}`,
  );
  await git(folder, 'init', '-qb', 'main');
  await git(folder, 'add', '-A');
  await git(folder, 'commit', '-qm', 'A lab');
  return folder;
}
