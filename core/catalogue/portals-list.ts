// Portals in a plain YAML list or mapping that the repository keeps itself: `portals:` or `services:` with a name and an address.
import type { PortalDraft } from './portal.ts';
import { at, entriesOf, textOf, type YamlNode } from './yaml-tree.ts';

const listNames =
  /^(\w+_)?(portals?|proxy_hosts|reverse_proxy_(hosts|sites|services|routes)|vhosts|virtual_hosts|proxied_(services|hosts|sites)|(caddy|nginx|traefik|haproxy|swag|npm)\w*_(sites|hosts|vhosts|services|routes|proxies|routers|portals)|sites|web_?services|public_services|published_services|services|apps|ingress(es)?|routes)$/i;
const hostKeys = ['host', 'hostname', 'domain', 'fqdn', 'server_name', 'domains', 'hosts', 'subdomain'];
const urlKeys = ['url', 'href', 'external_url', 'public_url', 'link', 'address'];
const nameKeys = ['title', 'name', 'label', 'service', 'app', 'id'];

/** The portals in the lists that a file of variables or configuration holds at its first two levels. */
export function listedPortals(
  root: YamlNode | undefined,
  path: string,
  domain: (item: YamlNode) => string | undefined,
): readonly PortalDraft[] {
  const drafts: PortalDraft[] = [];
  for (const entry of entriesOf(root)) {
    if (listNames.test(entry.key)) drafts.push(...inList(entry.key, entry.value, path, domain));
    else
      for (const inner of entriesOf(entry.value))
        if (/portals?|proxy_hosts|vhosts|sites/.test(inner.key) && listNames.test(inner.key))
          drafts.push(...inList(inner.key, inner.value, path, domain));
  }
  return drafts;
}

function inList(
  key: string,
  list: YamlNode,
  path: string,
  domain: (item: YamlNode) => string | undefined,
): readonly PortalDraft[] {
  const items: readonly (readonly [string, YamlNode])[] =
    list.kind === 'list'
      ? list.items.map((item) => ['', item])
      : entriesOf(list).map((entry) => [entry.key, entry.value]);
  // Only what is called a portal, or is a proxy's, may be named by a bare subdomain.
  const surely =
    !/^(\w+_)?(services|apps|sites|routes)$/i.test(key) || /portal|prox|vhost|caddy|nginx|traefik/i.test(key);
  return items.flatMap(([named, item]): readonly PortalDraft[] => {
    if (item.kind !== 'map') return [];
    const name = nameKeys.map((one) => textOf(at(item, one))).find((text) => text !== undefined) ?? named;
    const line = item.entries.values().next().value?.line ?? item.line;
    const source = { path, line };
    for (const one of urlKeys) {
      const url = textOf(at(item, one));
      const match = url === undefined ? null : /^(https?):\/\/((?:\{\{.*?\}\}|[^/\s])+)(\/\S*)?$/.exec(url);
      if (match !== null && !isAddress(match[2] ?? ''))
        return [
          {
            name,
            titled: true,
            host: match[2] ?? '',
            tls: match[1] === 'https',
            rank: 2,
            source,
            doubtful: !surely,
            ...(match[3] === undefined || match[3] === '/' ? {} : { path: match[3] }),
          },
        ];
    }
    return hostKeys.flatMap((one): readonly PortalDraft[] => {
      const value = at(item, one);
      const hosts = value?.kind === 'list' ? value.items.flatMap((node) => textOf(node) ?? []) : [textOf(value) ?? ''];
      return hosts.flatMap((host): readonly PortalDraft[] => {
        const tls = isTls(item);
        if (one === 'subdomain') {
          const base = surely && host !== '' ? domain(item) : undefined;
          return base === undefined
            ? []
            : [{ name: name || host, titled: name !== '', host: `${host}.${base}`, tls, rank: 2, source }];
        }
        return host.includes('.') &&
          !isAddress(host) &&
          !/\s/.test(host.replace(/\{\{.*?\}\}/g, '')) &&
          (surely || one === 'domain' || one === 'fqdn')
          ? [{ name, titled: true, host, tls, rank: 2, source }]
          : [];
      });
    });
  });
}

function isTls(item: YamlNode): boolean {
  const said = textOf(at(item, 'tls') ?? at(item, 'ssl') ?? at(item, 'https'));
  if (said !== undefined) return !/^(false|no|off|0)$/i.test(said);
  return textOf(at(item, 'scheme') ?? at(item, 'protocol')) !== 'http';
}

/** A machine's address is no portal. */
function isAddress(host: string): boolean {
  return /^\d+\.\d+\.\d+\.\d+(:\d+)?$|^\[/.test(host);
}
