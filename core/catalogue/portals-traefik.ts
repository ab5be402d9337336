// Portals of Traefik: routers in its dynamic configuration (YAML or TOML), and labels of containers, wherever they are written.
import type { PortalDraft } from './portal.ts';
import type { Repository } from './repository.ts';

const maxFile = 1_000_000;

/**
 * Reads rules line by line, since they stand in compose files, Ansible tasks, Jinja templates, YAML and TOML alike.
 * `path` says which file; a label block that is switched off by `traefik.enable` gives nothing.
 */
export function traefikPortals(
  repository: Repository,
  path: string,
  isOff: (value: string) => boolean,
): readonly PortalDraft[] {
  const text = repository.text(path) ?? '';
  if (text.length > maxFile || !/Host(SNI)?\s*\(/.test(text)) return [];
  const lines = text.split(/\r?\n/);
  return lines.flatMap((line, index): readonly PortalDraft[] => {
    if (/^\s*(#|\/\/)/.test(line)) return [];
    const label = /traefik(?:\.\w+)?\.http\.routers\.([^.=\s]+)\.rule["']?\s*(?::|=)\s*(.*)$/i.exec(line);
    const rule = label?.[2] ?? /(?:^|[\s-])["']?(?:rule|match)["']?\s*(?::|=)\s*(.*)$/.exec(line)?.[1];
    if (rule === undefined) return [];
    const value = folded(rule, lines, index);
    const hosts = hostsOfRule(value);
    if (hosts.length === 0) return [];
    const block = label === null ? blockAround(lines, index) : labelsAround(lines, index, label[1] ?? '');
    if (label !== null && block.enable !== undefined && isOff(block.enable)) return [];
    const name = label?.[1] ?? block.name;
    return hosts.map((host, position) => ({
      name,
      further: position > 0,
      host,
      tls: block.tls,
      rank: 1,
      source: { path, line: index + 1 },
    }));
  });
}

/** A rule may go on below: `rule: >-`. */
function folded(rule: string, lines: readonly string[], index: number): string {
  if (!/^[>|][+-]?\s*$/.test(rule.trim())) return rule;
  const indent = indentOf(lines[index] ?? '');
  const more: string[] = [];
  for (
    let at = index + 1;
    at < lines.length && ((lines[at] ?? '').trim() === '' || indentOf(lines[at] ?? '') > indent);
    at += 1
  )
    more.push((lines[at] ?? '').trim());
  return more.join(' ');
}

/** The host names of a rule: Host(`a`, `b`) || Host(`c`). Expressions (HostRegexp) and negations name none. */
export function hostsOfRule(rule: string): readonly string[] {
  return [...rule.matchAll(/(!?)\s*\bHost\(\s*((?:\{\{[^}]*\}\}|[^()])*)\)/g)].flatMap((match) =>
    match[1] === '!'
      ? []
      : (match[2] ?? '')
          .split(',')
          .map((host) =>
            host
              .trim()
              .replace(/^[\\]?[`"']+|[\\]?[`"']+$/g, '')
              .replace(/\\+$/, ''),
          )
          .filter((host) => host !== ''),
  );
}

type Block = { readonly name: string; readonly tls: boolean; readonly enable?: string };

/** A router of a dynamic configuration: the key above its rule, and whether it has TLS. */
function blockAround(lines: readonly string[], index: number): Block {
  const indent = indentOf(lines[index] ?? '');
  let start = index;
  while (start > 0 && (isBlank(lines[start - 1]) || indentOf(lines[start - 1] ?? '') >= indent)) start -= 1;
  let end = index + 1;
  while (end < lines.length && (isBlank(lines[end]) || indentOf(lines[end] ?? '') >= indent)) end += 1;
  const head = lines[start - 1] ?? '';
  const name =
    /^\s*["']?([^"'\s:[\]]+)["']?\s*:/.exec(head)?.[1] ??
    /routers\.([^.\]"]+)/.exec(
      lines.slice(0, index).findLast((line) => /^\s*\[http\.routers\./.test(line)) ?? '',
    )?.[1] ??
    '';
  return {
    name,
    tls: isSecure(
      lines
        .slice(start, end)
        .filter((line) => !/^\s*#/.test(line))
        .join('\n'),
    ),
  };
}

/** Labels of the same container stand together; those of this router tell whether it has TLS. */
function labelsAround(lines: readonly string[], index: number, router: string): Block {
  const around = (line: string | undefined): boolean =>
    line !== undefined &&
    (isBlank(line) || /traefik|^\s*(#|-)|\{%/.test(line) || /^\s*["']?[\w.-]+["']?\s*[:=]/.test(line)) &&
    (isBlank(line) || indentOf(line) >= indentOf(lines[index] ?? ''));
  let start = index;
  while (start > 0 && around(lines[start - 1])) start -= 1;
  let end = index + 1;
  while (end < lines.length && around(lines[end])) end += 1;
  const labels = lines.slice(start, end).filter((line) => line.includes('traefik') && !/^\s*#/.test(line));
  const own = labels.filter((line) => line.includes(`.routers.${router}.`)).join('\n');
  const enable = labels
    .map((line) => /traefik\.enable["']?\s*(?::|=)\s*["']?(\{\{.*?\}\}|[^"'\s]+)/.exec(line)?.[1])
    .find((value) => value !== undefined);
  return { name: router, tls: isSecure(own), ...(enable === undefined ? {} : { enable }) };
}

function isSecure(text: string): boolean {
  return /\btls\b(?!["']?\s*[:=]\s*["']?false)|websecure|\bhttps\b|entry[pP]oints["']?\s*[:=].*\b443\b/i.test(text);
}

function isBlank(line: string | undefined): boolean {
  return (line ?? '').trim() === '';
}

function indentOf(line: string): number {
  return line.length - line.trimStart().length;
}
