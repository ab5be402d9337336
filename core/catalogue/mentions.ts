// What READMEs say of playbooks: table rows and list items that name one, for playbooks that say nothing of themselves.
import { folderOf, nameOf, type Repository } from './repository.ts';

const maxLines = 5_000;

/** Gives the words beside a file's name in a README above it; empty when no README mentions it so. */
export function readMentions(repository: Repository): (path: string) => string {
  const byName = new Map<string, { readonly folder: string; readonly text: string }[]>();
  let lines = 0;
  for (const path of repository.paths) {
    if (
      !/^(README|PLAYBOOKS|USAGE)[\w-]*\.(md|rst|txt)$/i.test(nameOf(path)) ||
      /(^|\/)(roles|node_modules|\.[^/]+)\//.test(path)
    )
      continue;
    for (const line of (repository.text(path) ?? '').split('\n')) {
      lines += 1;
      if (lines > maxLines) break;
      const found = mentionIn(line);
      if (found === undefined) continue;
      const known = byName.get(found.name) ?? [];
      known.push({ folder: folderOf(path), text: found.text });
      byName.set(found.name, known);
    }
  }
  return (path) =>
    byName.get(nameOf(path))?.find(({ folder }) => folder === '' || path.startsWith(`${folder}/`))?.text ?? '';
}

/** `| playbooks/a.yml | What it does |`, "- `a.yml`: what it does", `* [a.yml](a.yml) - what it does`. */
function mentionIn(line: string): { readonly name: string; readonly text: string } | undefined {
  const plain = line
    .replace(/\[([^\]]*)\]\([^)]*\)/g, '$1')
    .replace(/[`*]/g, '')
    .trim();
  const match = /^(?:\|\s*|[-+•]\s*|\d+\.\s*)?(?:[\w./-]*\/)?([\w.-]+\.ya?ml)\s*(?:\||:|—|–|-|->|→)\s*([^|]{8,})/.exec(
    plain,
  );
  const text = match?.[2]?.trim();
  return match?.[1] === undefined || text === undefined || text.startsWith('-') ? undefined : { name: match[1], text };
}
