// Portals of Caddy, nginx and HAProxy, from their own configuration languages.
import type { PortalDraft } from './portal.ts';
import { nameOf, type Repository } from './repository.ts';

const maxFile = 1_000_000;

export function serverPortals(repository: Repository, path: string): readonly PortalDraft[] {
  const text = repository.text(path) ?? '';
  if (text.length > maxFile) return [];
  const name = nameOf(path);
  if (/caddyfile/i.test(name) || /\.caddy(file)?(\.j2)?$/i.test(name)) return caddy(text, path);
  if (/haproxy/i.test(name) && /\.(cfg|conf|j2)$/.test(name)) return haproxy(text, path);
  if (/\.(conf|vhost|j2|nginx)$|^nginx|sites-(available|enabled)/i.test(path) && /\bserver_name\s/.test(text))
    return nginx(text, path);
  return [];
}

/** Site blocks: `grafana.lan, graphs.lan {`; `http://` in front switches TLS off; snippets and global options are none. */
function caddy(text: string, path: string): readonly PortalDraft[] {
  const drafts: PortalDraft[] = [];
  let depth = 0;
  let pending = '';
  for (const [index, raw] of text.split(/\r?\n/).entries()) {
    const line = raw.replace(/(^|\s)#.*$/, '').replace(/\{%.*?%\}/g, '');
    const braces = line.replace(/\{\{.*?\}\}|\{[$\w.]+\}/g, '');
    const opens = (braces.match(/\{/g) ?? []).length;
    const closes = (braces.match(/\}/g) ?? []).length;
    if (depth === 0 && line.trim() !== '') {
      const address = `${pending}${line.replace(/\{\s*$/, '')}`;
      if (opens > 0) {
        for (const site of addresses(address)) drafts.push({ ...site, rank: 1, source: { path, line: index + 1 } });
        pending = '';
      } else pending = address.trim().endsWith(',') ? `${address.trim()} ` : '';
    }
    // `@grafana host grafana.lan` in a site block with a wildcard.
    const matcher = /^\s*@([\w-]+)\s+host\s+(.+)$/.exec(line);
    if (matcher !== null)
      for (const host of (matcher[2] ?? '').trim().split(/\s+/))
        drafts.push({ name: matcher[1] ?? '', host, tls: true, rank: 1, source: { path, line: index + 1 } });
    depth = Math.max(0, depth + opens - closes);
  }
  return drafts;
}

function addresses(text: string): readonly { readonly name: string; readonly host: string; readonly tls: boolean }[] {
  if (/^\s*(\(|$|import\b)/.test(text)) return [];
  return text
    .split(/,|\s+(?![^{]*\}\})/)
    .map((part) => part.trim())
    .filter((part) => part !== '' && !part.includes('*') && !/^:\d+$/.test(part))
    .map((part) => ({
      name: '',
      host: part
        .replace(/^\w+:\/\//, '')
        .replace(/\/.*$/, '')
        .replace(/:(80|443)$/, ''),
      tls: !/^http:\/\/|:80$/.test(part),
    }));
}

/** `server { listen 443 ssl; server_name a b; proxy_pass ...; }` */
function nginx(text: string, path: string): readonly PortalDraft[] {
  const drafts: PortalDraft[] = [];
  const lines = text.split(/\r?\n/);
  let depth = 0;
  let server:
    | {
        readonly depth: number;
        readonly names: { readonly host: string; readonly line: number }[];
        tls: boolean;
        redirects: boolean;
        serves: boolean;
      }
    | undefined;
  for (const [index, raw] of lines.entries()) {
    const line = raw.replace(/(^|\s)#.*$/, '').replace(/\{%.*?%\}/g, '');
    if (/^\s*server\s*(\{|$)/.test(line) && server === undefined)
      server = { depth, names: [], tls: false, redirects: false, serves: false };
    if (server !== undefined) {
      const names = /\bserver_name\s+([^;]+)/.exec(line)?.[1];
      for (const host of names?.match(/(?:\{\{.*?\}\}|[^\s{}])+/g) ?? [])
        if (!/^~|^\*|^_$|^\$/.test(host)) server.names.push({ host, line: index + 1 });
      if (/\blisten\s+[^;]*\b(443|ssl)\b|\bssl_certificate\b|\binclude\s+\S*ssl/.test(line)) server.tls = true;
      if (/^\s*return\s+30\d\s+https:/.test(line) || /^\s*rewrite\s.*https:\/\//.test(line)) server.redirects = true;
      if (/\b(proxy_pass|root|fastcgi_pass|uwsgi_pass|grpc_pass)\s/.test(line)) server.serves = true;
    }
    const braces = line.replace(/\{\{.*?\}\}/g, '');
    depth = Math.max(0, depth + (braces.match(/\{/g) ?? []).length - (braces.match(/\}/g) ?? []).length);
    if (server !== undefined && depth <= server.depth && braces.includes('}')) {
      const { names, tls, redirects, serves } = server;
      // A block that only sends people on to https is the same portal as the one with TLS, and the weaker witness.
      for (const { host, line: at } of names)
        drafts.push({
          name: '',
          host,
          tls: tls || redirects,
          rank: redirects && !serves ? 3 : 1,
          source: { path, line: at },
        });
      server = undefined;
    }
  }
  return drafts;
}

/** `acl is_grafana hdr(host) -i grafana.lan` */
function haproxy(text: string, path: string): readonly PortalDraft[] {
  const tls = /\bbind\s+[^\n]*\bssl\b/.test(text);
  return text.split(/\r?\n/).flatMap((line, index) => {
    const match =
      /^\s*(?:acl\s+(\S+)\s+|use_backend\s+(\S+)\s+if\s+\{\s*)(?:hdr(?:_dom)?\(host\)|req\.hdr\(host\)|ssl_fc_sni)\s+(?:-i\s+|-m\s+\w+\s+)*(.+?)\s*\}?\s*$/i.exec(
        line,
      );
    return (match?.[3] ?? '')
      .split(/\s+/)
      .filter((host) => host !== '')
      .map((host) => ({
        name: (match?.[1] ?? match?.[2] ?? '').replace(/^(is|host|acl|hdr)[-_]|[-_]backend$/g, ''),
        host,
        tls,
        rank: 1,
        source: { path, line: index + 1 },
      }));
  });
}
