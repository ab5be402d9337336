// Configuration targets: lists in files of the repository to which a request may add items, declared by headers or inferred.
import { withConfigs } from './action.ts';
import { inferTargets } from './config-infer.ts';
import { exampleItem, itemTemplate, listAt, onlyList } from './config-items.ts';
import { nearNames } from './config-names.ts';
import { type HeaderConfig, readHeaders } from './header.ts';
import type { Lab } from './lab.ts';
import type { Action, ConfigTarget, Source } from './model.ts';
import { folderOf, isYamlPath, join } from './repository.ts';
import { unique } from './words.ts';

type Declared = { readonly target: ConfigTarget; readonly by: string };

/** All targets, and the actions with those that they read or declare. */
export function readConfigs(
  lab: Lab,
  actions: readonly Action[],
): { readonly configs: readonly ConfigTarget[]; readonly actions: readonly Action[] } {
  const declared = declaredTargets(lab);
  const taken = new Set(declared.map(({ target }) => `${target.path}:${target.list.join('.')}`));
  const inferred = inferTargets(lab, actions).filter(
    ({ target }) => !taken.has(`${target.path}:${target.list.join('.')}`),
  );
  const configs = unique2([...declared.map(({ target }) => target), ...inferred.map(({ target }) => target)]);
  return {
    configs,
    actions: actions.map((action) => {
      const own = declared
        .filter(
          ({ target, by }) =>
            action.sources.some((source) => source.path === by) ||
            (by === target.path && action.reads.includes(target.path)),
        )
        .map(({ target }) => target);
      const read = inferred.filter(({ relates }) => relates(action)).map(({ target }) => target);
      return withConfigs(action, unique2([...own, ...read]));
    }),
  };
}

function unique2(targets: readonly ConfigTarget[]): readonly ConfigTarget[] {
  return [
    ...new Map(targets.map((target) => [`${target.name}:${target.path}:${target.list.join('.')}`, target])).values(),
  ];
}

/** Targets of every header in the repository: of playbooks, roles, and of the configuration files themselves. */
function declaredTargets(lab: Lab): readonly Declared[] {
  return lab.repository.paths.flatMap((path): readonly Declared[] => {
    if (!isYamlPath(path) || !(lab.repository.text(path) ?? '').includes('chiffon:')) return [];
    const headers = readHeaders(lab.repository, path);
    return [headers.file, ...headers.above.values()].flatMap((header) =>
      (header?.config ?? []).flatMap((config) => {
        const target = header === undefined ? undefined : declare(lab, config, path, header.source);
        return target === undefined ? [] : [{ target, by: path }];
      }),
    );
  });
}

function declare(lab: Lab, config: HeaderConfig, declaredIn: string, source: Source): ConfigTarget | undefined {
  const { repository } = lab;
  const file = config.file ?? declaredIn;
  const path = [
    join('', file),
    ...lab.configs.map((one) => join(one.folder, file)),
    join(folderOf(declaredIn), file),
  ].find((candidate) => candidate !== undefined && repository.has(candidate));
  if (path === undefined) {
    repository.find(
      source.path,
      source.line,
      `the configuration file ${file} of the chiffon header is not in the repository`,
    );
    return undefined;
  }
  const root = repository.yaml(path);
  const list = config.list === undefined ? onlyList(root, config.name) : config.list.flatMap((key) => key.split('.'));
  const items = listAt(root, list ?? []);
  if (list === undefined || items === undefined) {
    repository.find(
      source.path,
      source.line,
      `${path} has no list ${(list ?? [config.name]).join('.')}, which the chiffon header names`,
    );
    return undefined;
  }
  return {
    name: config.name,
    aliases: unique([...(config.aliases ?? []), ...nearNames(path, config.name)]).filter(
      (alias) => alias !== config.name,
    ),
    path,
    list,
    key: config.key,
    ...(config.from === undefined ? {} : { from: config.from }),
    item: config.item ?? itemTemplate(items) ?? exampleItem(config.key),
    source: config.file === undefined ? source : { path: declaredIn, line: source.line },
  };
}
