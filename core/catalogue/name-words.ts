// What the two readers of names share: the shape of a name, words that say nothing, and titles.
import { verbsIn } from './verbs.ts';
import { asTitle, brief, wordsOf } from './words.ts';

export type Naming = {
  readonly title: string;
  readonly description: string;
  readonly subject: string;
  readonly aliases: readonly string[];
  readonly verbs: readonly string[];
};

const listed = (words: string): ReadonlySet<string> => new Set(words.split(' '));

/** Names of playbooks that stand for everything. */
export const wholeLab = listed(
  'site main playbook playbooks all everything master run index local homelab lab infra infrastructure full entrypoint',
);
/** Folders that only gather playbooks. */
export const gathering = new Set([
  ...wholeLab,
  ...listed(
    'ansible plays jobs ops operations maintenance tasks utils util tools scripts apps services stacks src provisioning common misc home server servers hosts roles examples',
  ),
]);
export const articles = listed('a an the and of on to for with from all');
/** Words that tell nothing of what a playbook is about. */
export const filler = new Set([
  ...articles,
  ...listed('or in our my then playbook playbooks play role roles task tasks perform server servers host hosts yml'),
]);

/** The first list that has something in it. */
export function firstFilled<Item>(...lists: readonly (readonly Item[])[]): readonly Item[] {
  return lists.find((list) => list.length > 0) ?? [];
}

/** A short imperative phrase: the name itself where it is one about the subject, else the verb and the subject. */
export function titleOf(verbs: readonly string[], subject: readonly string[], name: string, addition = ''): string {
  const verb = verbs[0];
  const said = wordsOf(name);
  const isPhrase = verb !== undefined && verbsIn(said.slice(0, 2)).verbs[0] === verb;
  const isAboutIt =
    subject.length === 0 || subject.some((word) => said.some((other) => singular(other) === singular(word)));
  if (addition === '' && isPhrase && isAboutIt && name.length <= 60) return capitalised(name.replace(/[.:!]+$/, ''));
  if (verb === undefined) return said.length > 0 ? capitalised(brief(name, 60)) : `Run ${asTitle(subject)}`.trim();
  const repeats = verbsIn(subject.slice(0, 1)).verbs[0] === verb;
  const what = subject.join(' ') === 'everything' ? 'everything' : asTitle(repeats ? subject.slice(1) : subject);
  return `${capitalised(verb)} ${what}${addition}`.trim();
}

function singular(word: string): string {
  return word.length < 4 ? word : word.replace(/s$/, '').replace(/e$/, '');
}

function capitalised(text: string): string {
  return `${text.slice(0, 1).toUpperCase()}${text.slice(1)}`;
}
