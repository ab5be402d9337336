// A playbook that the request names by its file, with the tags that it says.
import { isContent } from '../reading/settle.ts';
import type { Token } from '../reading/tokens.ts';
import { compact } from '../words/nearness.ts';
import type { Part } from './given-inputs.ts';
import type { Entry } from './lexicon.ts';

/** The playbook itself is named: `run site.yml`, `playbooks/backup.yml`; with tags, the part of it that has them. */
export function namesFile(entry: Entry, parts: readonly Part[], runs: boolean): Token | null {
  const tags = tagsSaid(parts);
  const { action } = entry;
  const [first] = parts;
  const name = compact(action.playbook.replace(/^.*\//, '').replace(/\.ya?ml$/, ''));
  for (const token of parts.flatMap((part) => part.tokens)) {
    if (
      token.kind === 'word' &&
      tags.length === 0 &&
      action.kind === 'playbook' &&
      runs &&
      first?.tokens.includes(token)
    ) {
      // "run disk-usage", "run the disk-usage playbook".
      const content = first.tokens.filter(
        (other) => isContent(other) && !/^(playbook|playbooks|yml|job)$/.test(other.word),
      );
      if (content.map((other) => other.word).join('') === name) return token;
    }
    if (token.kind !== 'path') continue;
    const said = token.text.replace(/^\.\//, '');
    const isThis = said === action.playbook || (action.playbook.endsWith(`/${said}`) && /\.ya?ml$/.test(said));
    if (!isThis) continue;
    if (tags.length === 0 && action.kind === 'playbook') return token;
    if (
      tags.length > 0 &&
      action.tags.length === tags.length &&
      action.tags.every((tag) => tags.includes(compact(tag)))
    )
      return token;
  }
  return null;
}

/** "with tags grafana, traefik": the tags, without spaces. */
function tagsSaid(parts: readonly Part[]): readonly string[] {
  for (const { tokens } of parts) {
    const at = tokens.findIndex((token) => /^tags?$/.test(token.word));
    if (at < 0) continue;
    const chunks = new Map<number, string>();
    for (const token of tokens.slice(at + 1))
      if (token.kind !== 'mark' && token.word !== 'and')
        chunks.set(token.chunk, (chunks.get(token.chunk) ?? '') + compact(token.text));
    return [...chunks.values()];
  }
  return [];
}
