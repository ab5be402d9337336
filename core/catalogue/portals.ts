// All portals of a repository: which files may hold some, who reads them, and what their variables stand for.

import type { Variable } from './inventory-draft.ts';
import { substitute } from './jinja.ts';
import type { Lab } from './lab.ts';
import type { Portal } from './model.ts';
import { domainVariables, type PortalDraft, toPortals } from './portal.ts';
import { ingressPortals, labelledPortals } from './portals-labels.ts';
import { listedPortals } from './portals-list.ts';
import { serverPortals } from './portals-servers.ts';
import { traefikPortals } from './portals-traefik.ts';
import { isYamlPath } from './repository.ts';
import type { Usage } from './usage.ts';
import { variablesOf } from './variables.ts';
import { at, textOf } from './yaml-tree.ts';

/** Folders whose files show what could be, not what is. */
const elsewhere =
  /(^|\/)(molecule|tests?|\.[^/]+|node_modules|examples?|docs?|archived?|attic|deprecated|disabled|unused|retired|inactive[\w-]*|old|legacy|galaxy_roles|collections)\/|\.(md|rst|txt|example|sample|dist|bak|disabled|py|sh|js|ts|lock|svg|html?|css)$/i;

export function readPortals(lab: Lab, usage: Usage): readonly Portal[] {
  const drafts: PortalDraft[] = [];
  const { repository } = lab;
  for (const path of repository.paths) {
    if (elsewhere.test(path)) continue;
    const role = roleFolderOf(path);
    if (usage.isOff(role ?? path)) continue;
    const hosts = usage.hosts(role ?? path);
    const off = (value: string): boolean => /^(false|no|off|0)$/i.test(known(lab, value, role, hosts) ?? '');
    const found = [
      ...traefikPortals(repository, path, off),
      ...serverPortals(repository, path),
      ...labelledPortals(repository, path),
      ...ingressPortals(repository, path),
      ...listed(lab, path),
    ];
    drafts.push(...found.map((draft) => (role === undefined ? draft : { ...draft, role })));
  }
  return toPortals(lab, drafts, (draft) =>
    known(lab, draft.host, draft.role, usage.hosts(draft.role ?? draft.source.path)),
  );
}

function listed(lab: Lab, path: string): readonly PortalDraft[] {
  if (
    !isYamlPath(path) ||
    !/(portals?|proxy_hosts|vhosts|sites|services|apps|routes|ingress\w*|hosts|proxies|routers)\w*['"]?\s*:/i.test(
      lab.repository.text(path) ?? '',
    )
  )
    return [];
  if (
    !/(^|\/)(group_vars|host_vars|vars|config|configs|portals?|proxy|data|defaults)(\/|\.ya?ml$)|(portal|prox|service|vhost|site)[\w-]*\.ya?ml$/i.test(
      path,
    ) ||
    /(docker-)?compose[\w.-]*\.ya?ml$/.test(path)
  )
    return [];
  const root = lab.repository.yaml(path);
  return listedPortals(
    root,
    path,
    (item) =>
      textOf(at(item, 'domain')) ?? domainVariables.map((name) => lab.value(name)).find((text) => text !== undefined),
  );
}

/** A text with its variables put in: Jinja from the lab and the role's own, `${DOMAIN:-x}` from its default or the lab. */
function known(
  lab: Lab,
  text: string,
  role: string | undefined,
  hosts: readonly string[] | undefined,
): string | undefined {
  const variables = role === undefined ? [] : roleVariables(lab, role);
  const lookup = (name: string, path: readonly string[]): string | undefined =>
    lab.value(name, path, hosts) ?? textOf(at(variables.find((variable) => variable.name === name)?.value, ...path));
  const plain = text.replace(
    /\$\{(\w+)(?::?-([^}]*))?\}|\$(\w+)/g,
    (whole, braced: string | undefined, fallback: string | undefined, bare: string | undefined) =>
      lab.value((braced ?? bare ?? '').toLowerCase()) ?? environment(lab, braced ?? bare ?? '') ?? fallback ?? whole,
  );
  const done = substitute(withDomain(lab, plain, hosts), lookup);
  return done === undefined || /[${}]/.test(done) ? undefined : done;
}

/** `grafana.*`, as in the proxy files of SWAG, means the lab's own domain. */
function withDomain(lab: Lab, host: string, hosts: readonly string[] | undefined): string {
  if (!/^[\w-]+\.\*$/.test(host)) return host;
  const domain = domainVariables.map((name) => lab.value(name, [], hosts)).find((text) => text !== undefined);
  return domain === undefined ? host : host.replace(/\*$/, domain);
}

function roleVariables(lab: Lab, folder: string): readonly Variable[] {
  return ['vars', 'defaults']
    .flatMap((kind) => [`${folder}/${kind}/main.yml`, `${folder}/${kind}/main.yaml`])
    .flatMap((path) => variablesOf(lab.repository.yaml(path), path));
}

/** A variable of the repository's .env files, where all of them agree. */
function environment(lab: Lab, name: string): string | undefined {
  const values = new Set<string>();
  for (const path of lab.repository.paths) {
    if (!/(^|\/)\.?env$|\.env$/.test(path)) continue;
    const value = new RegExp(`^(?:export\\s+)?${name}=["']?([^"'\\n#]*)`, 'm')
      .exec(lab.repository.text(path) ?? '')?.[1]
      ?.trim();
    if (value !== undefined && value !== '') values.add(value);
  }
  return values.size === 1 ? [...values][0] : undefined;
}

function roleFolderOf(path: string): string | undefined {
  return /^((?:.*\/)?roles\/(?:[^/]+\/)*?[^/]+)\/(?:tasks|templates|files|defaults|vars|handlers|meta)\//.exec(
    path,
  )?.[1];
}
