// Portals found by the readers of each proxy's configuration, put together: names made readable, each host once.
import type { Lab } from './lab.ts';
import type { Portal, Source } from './model.ts';
import { asTitle, wordsOf } from './words.ts';

/** What a reader found: a host name, which may hold variables still. */
export type PortalDraft = {
  /** What the configuration calls it: a router's or service's name; empty when it has none. */
  readonly name: string;
  /** The name is meant for people as it stands. */
  readonly titled?: boolean;
  readonly host: string;
  readonly path?: string;
  readonly tls: boolean;
  /** Prefer it over others for the same host: 0 first. */
  readonly rank: number;
  readonly source: Source;
  /** It may be a link to somewhere else: counts only where its domain is one of the lab's. */
  readonly doubtful?: boolean;
  /** The role in whose files it stands. */
  readonly role?: string;
  /** A further host of the same rule: called by its own name. */
  readonly further?: boolean;
};

/** Names that people give the variable with their domain. */
export const domainVariables = [
  'domain',
  'base_domain',
  'lab_domain',
  'homelab_domain',
  'main_domain',
  'domain_name',
  'root_domain',
];

const hostName = /^(?=.{1,253}$)[a-z0-9](?:[a-z0-9-]*[a-z0-9])?(?:\.[a-z0-9](?:[a-z0-9-]*[a-z0-9])?)*(?::\d{1,5})?$/i;
const local = /^(localhost|127\.|0\.0\.0\.0|\[?::1)|^_|^default$/i;

/** The portals of all drafts; those whose host cannot be known become findings. */
export function toPortals(
  lab: Lab,
  drafts: readonly PortalDraft[],
  resolve: (draft: PortalDraft) => string | undefined,
): readonly Portal[] {
  const isOfLab = labDomains(lab, drafts, resolve);
  const portals = new Map<string, { readonly portal: Portal; readonly rank: number }>();
  for (const draft of drafts) {
    const host = resolve(draft)?.toLowerCase();
    if (host === undefined) {
      lab.repository.find(
        draft.source.path,
        draft.source.line,
        `the address ${draft.host} cannot be known without running Ansible, so it is not among the portals`,
      );
      continue;
    }
    if (!hostName.test(host) || local.test(host) || !(host.includes('.') || host.includes(':'))) continue;
    const url = `${draft.tls ? 'https' : 'http'}://${host}${draft.path ?? ''}`;
    const known = portals.get(host);
    if (known !== undefined && known.rank <= draft.rank) continue;
    if (draft.doubtful === true && !isOfLab(host)) continue;
    portals.set(host, { rank: draft.rank, portal: { name: titleFor(draft, host), host, url, source: draft.source } });
  }
  return [...portals.values()].map(({ portal }) => portal).sort((a, b) => (a.host < b.host ? -1 : 1));
}

/** `grafana-secure`, `router-homeassistant`, `grafana@docker`: the words that name the thing. */
function titleFor(draft: PortalDraft, host: string): string {
  if (draft.titled === true && draft.name.trim() !== '')
    return /\p{Lu}/u.test(draft.name) ? draft.name.trim() : asTitle(wordsOf(draft.name));
  const noise = new Set([
    'router',
    'rtr',
    'secure',
    'https',
    'http',
    'web',
    'websecure',
    'svc',
    'service',
    'ssl',
    'tls',
    'redirect',
    'entrypoint',
    'docker',
    'file',
    'rp',
  ]);
  const named =
    draft.further === true ? [] : wordsOf(draft.name.replace(/@.*$/, '').replace(/\{\{.*?\}\}|\$\{.*?\}/g, ''));
  const words = named.filter((word) => !noise.has(word));
  const label = wordsOf(host.split(/[.:]/)[0] ?? '');
  const chosen =
    words.length > 0
      ? words
      : named.length > 0
        ? named
        : label[0] === 'www'
          ? wordsOf(host.split('.')[1] ?? '')
          : label;
  return asTitle(chosen);
}

/** Tells whether a host belongs to the lab: a private domain, or one that the proxy or the inventory uses. */
function labDomains(
  lab: Lab,
  drafts: readonly PortalDraft[],
  resolve: (draft: PortalDraft) => string | undefined,
): (host: string) => boolean {
  const domains = new Set<string>();
  const learn = (host: string | undefined): void => {
    const labels = (host ?? '').toLowerCase().replace(/:\d+$/, '').split('.');
    if (labels.length > 1 && !/^\d+$/.test(labels.at(-1) ?? '')) domains.add(labels.slice(-2).join('.'));
  };
  for (const draft of drafts) if (draft.doubtful !== true) learn(resolve(draft));
  for (const name of domainVariables) learn(lab.value(name));
  for (const host of lab.inventory.hosts) for (const name of [host.name, ...host.aliases]) learn(name);
  return (host) =>
    /\.(lan|local|home|internal|lab|localdomain|arpa|intranet|test|private)(:\d+)?$/.test(host) ||
    domains.has(host.replace(/:\d+$/, '').split('.').slice(-2).join('.'));
}
