// `ansible-playbook` commands in READMEs, Makefiles and the like: they show which variables people give a playbook.

import type { Source } from './model.ts';
import { folderOf, join, nameOf, type Repository } from './repository.ts';

export type Command = { readonly text: string; readonly source: Source };

const documents =
  /(^|\/)((README|USAGE|PLAYBOOKS|DEPLOYMENT|QUICK[\w-]*|GETTING[\w-]*)[\w.-]*\.(md|rst|txt)|Makefile|justfile|Taskfile\.ya?ml)$|(^|\/)docs\/[\w./-]+\.md$/i;
const maxDocument = 300_000;
const maxCommands = 2_000;

/** The commands that run the playbook at a path. */
export function readCommands(repository: Repository): (playbook: string) => readonly Command[] {
  const byName = new Map<string, { readonly paths: readonly string[]; readonly command: Command }[]>();
  let count = 0;
  for (const path of repository.paths) {
    const text = documents.test(path) ? (repository.text(path) ?? '') : '';
    if (text.length > maxDocument || !text.includes('ansible-playbook')) continue;
    for (const { line, words } of commandLines(text)) {
      const file = /(?:^|\s)((?:[\w.-]+\/)*[\w.-]+\.ya?ml)(?=\s|$)/.exec(
        words.replace(/(?:-i|--inventory)[\s=]\S+|-e\s+@\S+/g, ''),
      )?.[1];
      if (file === undefined || count >= maxCommands) continue;
      count += 1;
      const paths = [join(folderOf(path), file), join('', file)].filter((one) => one !== undefined);
      const known = byName.get(nameOf(file)) ?? [];
      known.push({ paths, command: { text: words, source: { path, line } } });
      byName.set(nameOf(file), known);
    }
  }
  return (playbook) => {
    const named = byName.get(nameOf(playbook)) ?? [];
    const exact = named.filter(({ paths }) => paths.includes(playbook));
    return (
      exact.length > 0 ? exact : named.filter(({ paths }) => paths.some((path) => playbook.endsWith(`/${path}`)))
    ).map(({ command }) => command);
  };
}

/** Lines with a command, those that go on behind a backslash put together. */
function commandLines(text: string): readonly { readonly line: number; readonly words: string }[] {
  const lines = text.split(/\r?\n/);
  const found: { readonly line: number; readonly words: string }[] = [];
  for (let index = 0; index < lines.length; index += 1) {
    if (!(lines[index] ?? '').includes('ansible-playbook')) continue;
    const line = index + 1;
    let words = lines[index] ?? '';
    while (/\\\s*$/.test(words) && index + 1 < lines.length) {
      index += 1;
      words = `${words.replace(/\\\s*$/, ' ')}${(lines[index] ?? '').trim()}`;
    }
    found.push({ line, words: words.replace(/`/g, ' ').trim() });
  }
  return found;
}
