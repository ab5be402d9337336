// Portals of proxies that are told by each container or service: caddy-docker-proxy, nginx-proxy, Kubernetes' ingresses.
import type { PortalDraft } from './portal.ts';
import { isYamlPath, nameOf, type Repository } from './repository.ts';
import { at, itemsOf, textOf, type YamlNode } from './yaml-tree.ts';

const maxFile = 1_000_000;

/** `caddy: a.example`, `VIRTUAL_HOST=a.example,b.example`, read line by line, since they stand in lists and mappings alike. */
export function labelledPortals(repository: Repository, path: string): readonly PortalDraft[] {
  const text = repository.text(path) ?? '';
  if (text.length > maxFile || !/VIRTUAL_HOST|\bcaddy(_\d+)?["']?\s*[:=]/.test(text)) return [];
  const secure = /LETSENCRYPT_HOST|HTTPS_METHOD/.test(text);
  return text.split(/\r?\n/).flatMap((line, index): readonly PortalDraft[] => {
    if (/^\s*#/.test(line)) return [];
    const source = { path, line: index + 1 };
    const hosts = /\bVIRTUAL_HOST["']?\s*[:=]\s*["']?([^"'\s#]+)/.exec(line)?.[1];
    if (hosts !== undefined)
      return hosts
        .split(',')
        .filter((host) => !/[*~]/.test(host))
        .map((host) => ({ name: '', host, tls: secure, rank: 1, source }));
    const caddy = /(?:^|[\s"'-])caddy(?:_\d+)?["']?\s*[:=]\s*["']?((?:\{\{.*?\}\}|[^"'\s#])+)/.exec(line)?.[1];
    if (caddy === undefined || !/[.{]/.test(caddy) || /[:/]/.test(caddy.replace(/^https?:\/\//, ''))) return [];
    return [{ name: '', host: caddy.replace(/^https?:\/\//, ''), tls: !caddy.startsWith('http://'), rank: 1, source }];
  });
}

/** `kind: Ingress`: the hosts of its rules. */
export function ingressPortals(repository: Repository, path: string): readonly PortalDraft[] {
  if (!isYamlPath(nameOf(path)) || !/^kind:\s*["']?Ingress["']?\s*$/m.test(repository.text(path) ?? '')) return [];
  return repository.documents(path).flatMap((document) => {
    if (textOf(at(document, 'kind')) !== 'Ingress') return [];
    const tls = at(document, 'spec', 'tls') !== undefined;
    return itemsOf(at(document, 'spec', 'rules')).flatMap((rule) =>
      fromRule(rule, textOf(at(document, 'metadata', 'name')) ?? '', tls, path),
    );
  });
}

function fromRule(rule: YamlNode, name: string, tls: boolean, path: string): readonly PortalDraft[] {
  const host = at(rule, 'host');
  const text = textOf(host);
  return text === undefined || text.includes('*')
    ? []
    : [{ name, host: text, tls, rank: 1, source: { path, line: host?.line ?? 1 } }];
}
