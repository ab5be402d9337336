// Configuration targets that no header declares: lists of named, addressed items in files that an action reads or is called after.

import { exampleItem, itemTemplate, shapeOf } from './config-items.ts';
import { nearNames } from './config-names.ts';
import type { Lab } from './lab.ts';
import type { Action, ConfigTarget } from './model.ts';
import { folderOf, isYamlPath, nameOf, stemOf } from './repository.ts';
import { roleWords, unique, wordsOf } from './words.ts';
import { entriesOf, type YamlList, type YamlNode } from './yaml-tree.ts';

export type Inferred = { readonly target: ConfigTarget; readonly relates: (action: Action) => boolean };

const elsewhere =
  /(^|\/)(\.[^/]+|node_modules|molecule|tests?|docs?|examples?|archived?|collections|galaxy_roles)\/|(^|\/)roles\/(?:[^/]+\/)+(tasks|handlers|meta|templates|library)\/|(^|\/)((docker-)?compose[\w.-]*|requirements|galaxy|mkdocs|Chart|values)\.ya?ml$/i;
const addressed =
  /\[\]\s*$|(^|[\s{,-])['"]?(url|href|link|endpoint|uri|host|hostname|address|target|domain|fqdn|website)['"]?\s*:/m;
/** Lists whose items are no things to be added for a portal. */
const otherLists =
  /^(tasks|handlers|roles|hosts|users?|groups?|packages|repositories|repos|servers|nodes|peers|interfaces|mounts|volumes|disks|networks|vlans|middlewares|plays|dependencies|plugins)$/i;

export function inferTargets(lab: Lab, actions: readonly Action[]): readonly Inferred[] {
  const inventory = new Set(lab.inventory.files);
  const found: Inferred[] = [];
  for (const path of lab.repository.paths) {
    if (!isYamlPath(path) || elsewhere.test(path) || inventory.has(path) || lab.playbooks.has(path)) continue;
    if (!addressed.test(lab.repository.text(path) ?? '') || lab.repository.isEncrypted(path)) continue;
    for (const { keys, list, line } of listsIn(lab.repository.yaml(path))) {
      if (otherLists.test(keys.at(-1) ?? '')) continue;
      const form = formOf(keys.at(-1) ?? stemOf(path), list);
      if (form === undefined) continue;
      const { item, key } = form;
      const isVariable = /(^|\/)(group_vars|host_vars|defaults|vars)\//.test(path);
      const relates = isVariable ? variableRelation(lab, path, keys[0] ?? '') : fileRelation(path);
      const related = actions.filter(relates);
      if (related.length === 0) continue;
      const subject = related[0]?.subject ?? '';
      const name = targetName(path, keys, subject, isVariable);
      found.push({
        relates,
        target: {
          name,
          aliases: unique([
            ...(isVariable ? [] : nearNames(path, name)),
            keys.join(' '),
            wordsOf(keys.at(-1) ?? '').join(' '),
          ]).filter((alias) => alias !== name),
          path,
          list: keys,
          key,
          from: 'portals',
          item,
          source: { path, line },
        },
      });
    }
  }
  return withoutShadowed(found);
}

const listsOfAddresses = /(^|_)(monitors?|endpoints?|checks?|bookmarks?|links?|tiles?|websites?)$/i;

/** What a new item looks like and which key tells items apart; a list that is still empty is known by its name. */
function formOf(
  name: string,
  list: YamlList,
): { readonly item: ConfigTarget['item']; readonly key: string } | undefined {
  if (list.items.length === 0)
    return listsOfAddresses.test(name) ? { item: exampleItem('url'), key: 'url' } : undefined;
  const shape = shapeOf(list);
  const item = shape === undefined ? undefined : itemTemplate(list);
  if (shape === undefined || item === undefined) return undefined;
  return { item, key: item[shape.name] === '{{ host }}' ? shape.name : shape.address };
}

/** Lists at the root, under a key, or under a key of a key. */
function listsIn(
  root: YamlNode | undefined,
): readonly { readonly keys: readonly string[]; readonly list: YamlList; readonly line: number }[] {
  if (root?.kind === 'list') return [{ keys: [], list: root, line: root.line }];
  return entriesOf(root).flatMap((entry) => {
    if (entry.value.kind === 'list') return [{ keys: [entry.key], list: entry.value, line: entry.line }];
    return entriesOf(entry.value).flatMap((inner) =>
      inner.value.kind === 'list' ? [{ keys: [entry.key, inner.key], list: inner.value, line: inner.line }] : [],
    );
  });
}

/** A file that the action reads, or that lies in a folder or has a name called after it. */
function fileRelation(path: string): (action: Action) => boolean {
  const folders = folderOf(path)
    .split('/')
    .map((folder) => wordsOf(folder).join(' '));
  const stem = wordsOf(stemOf(path)).join(' ');
  return (action) => {
    const names = [action.subject, ...action.aliases]
      .map((name) => wordsOf(name).join(' '))
      .filter((name) => name.length > 2 && name !== 'everything' && name !== 'all');
    return (
      action.reads.includes(path) ||
      names.some((name) => folders.includes(name) || stem === name || stem.startsWith(`${name} `))
    );
  };
}

/** A variable called after the role: `uptime_kuma_monitors`; or one that stands in the role itself. */
function variableRelation(lab: Lab, path: string, variable: string): (action: Action) => boolean {
  const words = wordsOf(variable).join(' ');
  const role = /(?:^|\/)roles\/(?:[^/]+\/)*?([^/]+)\/(?:defaults|vars)\//.exec(path)?.[1];
  return (action) => {
    if (role !== undefined)
      return action.reads.includes(path) && roleWords(role).join(' ') === wordsOf(action.subject).join(' ');
    if (action.subject.length <= 2 || action.subject === 'everything') return false;
    return (
      words.startsWith(`${wordsOf(action.subject).join(' ')} `) ||
      action.inputs.some((input) => input.name === variable) ||
      action.reads.some((file) => uses(lab, file, variable))
    );
  };
}

/** Whether a role's task or template works with the variable. */
function uses(lab: Lab, file: string, variable: string): boolean {
  if (variable.length < 5 || !/(^|\/)(tasks|templates)\//.test(file)) return false;
  const text = lab.repository.text(file) ?? '';
  return text.includes(variable) && new RegExp(`(^|\\W)${variable}(\\W|$)`).test(text);
}

function targetName(path: string, keys: readonly string[], subject: string, isVariable: boolean): string {
  const own = keys.at(-1) ?? stemOf(path);
  const words = wordsOf(['items', 'list', 'entries', 'data'].includes(own) ? stemOf(path) : own);
  const prefix = wordsOf(subject);
  const short =
    isVariable && prefix.every((word, index) => words[index] === word) && words.length > prefix.length
      ? words.slice(prefix.length)
      : words;
  return short.join(' ') || nameOf(path);
}

/** A list in group_vars hides the one of the same name in a role's defaults. */
function withoutShadowed(found: readonly Inferred[]): readonly Inferred[] {
  const isDefault = ({ target }: Inferred): boolean => /(^|\/)defaults\//.test(target.path);
  return found.filter(
    (one) =>
      !isDefault(one) || !found.some((other) => !isDefault(other) && other.target.list[0] === one.target.list[0]),
  );
}
