// Infrastructure repositories for the whole program, made in a test's own folder. Each resolves to the settings that name it.
import { appendFile, mkdir, writeFile } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { execa } from 'execa';
import { git } from './program.ts';

type Named = Readonly<Record<string, string>>;

/** Of these files, on the branch `main`. */
export async function writeRepository(folder: string, files: Named): Promise<Named> {
  const repository = join(folder, 'infrastructure');
  for (const [path, text] of Object.entries(files)) {
    await mkdir(dirname(join(repository, path)), { recursive: true });
    await writeFile(join(repository, path), text);
  }
  await git(repository, 'init', '-qb', 'main');
  await git(repository, 'add', '-A');
  await git(repository, 'commit', '-qm', 'A lab');
  return { INFRA_REPO: repository };
}

const forge = 'https://github.com/ada/homelab.git';

/** `homelab.git` in the folder: the sample homelab behind a forge's address; git is told that the forge is this folder. */
export async function homelabBehindForge(folder: string, appended: Named = {}): Promise<Named> {
  const [work, remote, config] = [join(folder, 'work'), join(folder, 'homelab.git'), join(folder, 'gitconfig')];
  await execa('cp', ['-r', resolve(import.meta.dirname, '../../ansible/homelab'), work]);
  for (const [path, text] of Object.entries(appended)) await appendFile(join(work, path), text);
  await git(work, 'init', '-qb', 'main');
  await git(work, 'add', '-A');
  await git(work, 'commit', '-qm', 'A homelab');
  await git(folder, 'clone', '-q', '--bare', work, remote);
  await writeFile(config, `[url "file://${remote}"]\n\tinsteadOf = ${forge}\n`);
  return { INFRA_REPO: forge, GIT_CONFIG_GLOBAL: config };
}
