// Which variables the items of a run use, and which of them nothing in the repository defines: those a person has to give.
import { type Reference, referencesInExpression, referencesInText } from './jinja.ts';
import type { Source } from './model.ts';
import type { TaskItem } from './tasks.ts';
import type { Visit } from './visit.ts';
import { at, entriesOf, itemsOf, textOf, type YamlNode } from './yaml-tree.ts';

export type Use = Reference & { readonly source: Source };

const expressions = new Set(['when', 'that', 'until', 'changed_when', 'failed_when', 'var']);
const uses = new WeakMap<TaskItem, readonly Use[]>();

const builtIn =
  /^(ansible_|hostvars$|groups$|group_names$|inventory_|play_hosts$|playbook_dir$|role_path$|role_name$|role_names$|omit$|environment$|vars$|item$|ansible$|undefined$|lookup$|query$|q$|now$|range$|dict$|namespace$|lipsum$|cycler$|joiner$|undef$|play_name$|discovered_interpreter|_+$)/;

/** Names that Ansible gives by itself. */
export function isBuiltIn(name: string): boolean {
  return builtIn.test(name);
}

/** Every variable that an item's own text uses; a block's or an include's contents are items of their own. */
export function usesOf(item: TaskItem): readonly Use[] {
  const known = uses.get(item);
  if (known !== undefined) return known;
  const found: Use[] = [];
  for (const entry of item.raw.entries.values()) {
    if (['name', 'tags', 'register', 'block', 'rescue', 'always', 'notify', 'listen'].includes(entry.key)) continue;
    collect(entry.value, expressions.has(entry.key), item.source, found);
  }
  uses.set(item, found);
  return found;
}

function collect(node: YamlNode, isExpression: boolean, source: Source, found: Use[]): void {
  if (node.kind === 'list') for (const item of node.items) collect(item, isExpression, source, found);
  else if (node.kind === 'map')
    for (const entry of node.entries.values())
      collect(entry.value, isExpression || expressions.has(entry.key), source, found);
  else {
    const text = textOf(node);
    if (text === undefined || (!isExpression && !text.includes('{'))) return;
    const at = { path: source.path, line: node.line || source.line };
    for (const reference of isExpression && !text.includes('{{')
      ? referencesInExpression(text)
      : referencesInText(text))
      found.push({
        ...reference,
        asBoolean: reference.asBoolean || (isExpression && isBare(text, reference.name)),
        source: at,
      });
  }
}

/** The condition asks for nothing but the variable's truth: `a or not b`. */
function isBare(expression: string, name: string): boolean {
  return expression.split(/\s+(?:and|or)\s+/).some((part) => part.replace(/^[\s(]*(not\s+)?|[\s)]*$/g, '') === name);
}

/** Names that the items themselves define: registered results, facts they set, their vars and loop variables. */
export function definedBy(visits: readonly Visit[]): ReadonlySet<string> {
  const known = definitions.get(visits) ?? findDefined(visits);
  definitions.set(visits, known);
  return known;
}

const definitions = new WeakMap<readonly Visit[], ReadonlySet<string>>();

function findDefined(visits: readonly Visit[]): ReadonlySet<string> {
  const names = new Set<string>();
  for (const { item, choice } of visits) {
    if (item.register !== '') names.add(item.register);
    names.add(item.loopVar);
    const index = textOf(at(item.raw, 'loop_control', 'index_var'));
    if (index !== undefined) names.add(index);
    for (const entry of entriesOf(item.vars)) names.add(entry.key);
    if (item.module === 'set_fact') for (const entry of entriesOf(item.args)) names.add(entry.key);
    if (item.module === 'set_fact')
      for (const match of (textOf(item.args) ?? '').matchAll(/(\w+)=/g)) names.add(match[1] ?? '');
    if (item.type === 'vars') names.add(textOf(at(item.args, 'name')) ?? '');
    if (item.module === 'add_host') for (const entry of entriesOf(item.args)) names.add(entry.key);
    if (choice !== undefined && choice.list !== undefined) names.add(choice.variable);
  }
  return names;
}

/** What `assert` and `fail` tasks demand of the variables that a person gives. */
export type Demand = {
  readonly name: string;
  readonly source: Source;
  readonly choices?: readonly string[];
  readonly message: string;
};

export function demandsOf(visits: readonly Visit[]): readonly Demand[] {
  return visits.flatMap(({ item }) => {
    const message = (textOf(at(item.args, 'fail_msg')) ?? textOf(at(item.args, 'msg')) ?? '').trim();
    if (item.module === 'assert') {
      const that = at(item.args, 'that');
      return (that?.kind === 'list' ? itemsOf(that) : [that]).flatMap((node) =>
        demandsIn(textOf(node) ?? '', item.source, message),
      );
    }
    if (item.module !== 'fail') return [];
    return item.when.flatMap((condition) =>
      referencesInExpression(condition)
        .filter(
          (reference) =>
            reference.tested && /\bis\s+(not\s+defined|undefined)\b/.test(condition) && !isBuiltIn(reference.name),
        )
        .map((reference) => ({ name: reference.name, source: item.source, message })),
    );
  });
}

function demandsIn(expression: string, source: Source, message: string): readonly Demand[] {
  const choices = /^\(?\s*([A-Za-z_]\w*)(?:\s*\|[^[]*?)?\s+in\s+\[([^\]]*)\]/.exec(expression.trim());
  const values = [...(choices?.[2] ?? '').matchAll(/'([^']*)'|"([^"]*)"/g)].map((match) => match[1] ?? match[2] ?? '');
  return referencesInExpression(expression)
    .filter((reference) => !isBuiltIn(reference.name) && reference.path.length === 0)
    .filter(
      (reference) =>
        (reference.tested && !/\bis\s+(not\s+defined|undefined)\b/.test(expression)) ||
        reference.name === choices?.[1] ||
        new RegExp(`\\b${reference.name}\\s*\\|\\s*length`).test(expression),
    )
    .filter((reference) => !reference.defaulted || reference.default === '')
    .map((reference) => ({
      name: reference.name,
      source,
      message,
      ...(reference.name === choices?.[1] && values.length > 0 ? { choices: values } : {}),
    }));
}
