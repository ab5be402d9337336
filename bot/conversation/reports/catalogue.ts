// `catalogue [words]`: what the repository offers, or what of it has to do with some words.
import type { Action, Catalogue } from '../../../core/catalogue/model.ts';
import { wordsOf } from '../../../core/catalogue/words.ts';
import type { ListView } from '../../../core/ports/chat.ts';

const rowsAtMost = 20;
const namesAtMost = 4;
/** Words that say nothing about an action. */
const ignored: ReadonlySet<string> = new Set(['a', 'an', 'and', 'for', 'in', 'of', 'on', 'or', 'the', 'to', 'with']);

export function catalogueReport(catalogue: Catalogue, filter: string, repository: string): ListView {
  const wanted = wordsOf(filter).filter((word) => !ignored.has(word));
  const found = catalogue.actions.filter((action) => concerns(action, wanted));
  const of = `${catalogue.actions.length} actions of ${repository} at ${catalogue.commit.slice(0, 8)}`;
  return {
    type: 'list',
    title: wanted.length === 0 ? 'Catalogue' : `Catalogue: ${wanted.join(' ')}`,
    rows: found.slice(0, rowsAtMost).map((action) => ({ text: action.title, aside: aside(action) })),
    more: Math.max(0, found.length - rowsAtMost),
    note: found.length === 0 ? `None of the ${of} has to do with that; \`catalogue\` lists them.` : note(found, of),
  };
}

/** Each word begins a word of the action's: its names, its hosts, or the playbook that does it. */
function concerns(action: Action, wanted: readonly string[]): boolean {
  if (wanted.length === 0) return true;
  const texts = [action.title, action.subject, action.playbook, ...action.aliases, ...action.verbs, ...action.hosts];
  const words = texts.flatMap(wordsOf);
  return wanted.every((word) => words.some((own) => own.startsWith(word)));
}

function aside({ aliases, hosts, title }: Action): string {
  const names = otherNames(title, aliases).slice(0, namesAtMost);
  return [
    ...(names.length === 0 ? [] : [`also: ${names.join(', ')}`]),
    ...(hosts.length === 0 ? [] : [`on ${listed(hosts)}`]),
  ].join(' · ');
}

/** `backup-databases` says no more than `backup databases`. */
function otherNames(title: string, aliases: readonly string[]): readonly string[] {
  const spoken = (name: string) => wordsOf(name).join(' ');
  const known = aliases.map(spoken);
  return aliases.filter(
    (_, index) => known.indexOf(known[index] ?? '') === index && !spoken(title).includes(known[index] ?? ''),
  );
}

function listed(hosts: readonly string[]): string {
  const rest = hosts.length - namesAtMost;
  return rest > 0 ? `${hosts.slice(0, namesAtMost).join(', ')} and ${rest} more` : hosts.join(', ');
}

function note(found: readonly Action[], of: string): string {
  return found.length > rowsAtMost
    ? `${of}. Name what you look for, as in \`catalogue backup nas\`.`
    : `${of}. Ask for one in your own words.`;
}
