// Which portals and addresses are meant: all that the repository has, some by name, or addresses given in the request.
import type { Portal } from '../../catalogue/model.ts';
import type { WishedItem } from '../draft.ts';
import type { Lexicon } from '../matching/lexicon.ts';
import type { Segment } from '../reading/clause.ts';
import { isContent } from '../reading/settle.ts';
import type { Token } from '../reading/tokens.ts';
import { compact, slipNearness, wordsOf } from '../words/nearness.ts';
import { fillAdjectives, genericNouns, isPlain } from '../words/plain-words.ts';
import { normalUrl, readUrl } from './normal-url.ts';

const portalWords =
  /^(portals?|sites?|websites?|webs?|uis?|urls?|endpoints?|webapps?|pages?|links?|frontends?|addresses|interfaces?|domains?|hostnames?|routes?|subdomains?)$/;
const openWords = /^(services?|apps?|applications?|everything|all|ones|them|stuff|things?|instances?)$/;

export type ReadItems = {
  readonly items: readonly WishedItem[];
  readonly unknown: readonly string[];
  readonly all: boolean;
  readonly except: readonly Portal[];
  readonly openEnded: boolean;
};

/** The portals and addresses that are named. */
export function readItems(
  objects: readonly (readonly Token[])[],
  segments: readonly Segment[],
  lexicon: Lexicon,
): ReadItems {
  const items: WishedItem[] = [];
  const unknown: string[] = [];
  let all = false;
  const except = segments
    .filter((segment) => segment.lead === 'except' || segment.lead === 'without')
    .flatMap((segment) => splitItems(segment.tokens))
    .flatMap((tokens) => portalsNamed(tokens, lexicon));
  const addresses = segments.flatMap((segment) => segment.tokens).filter((token) => token.kind === 'url');
  const named = segments.find((segment) => segment.lead === 'named' || segment.lead === 'as');
  for (const object of objects) {
    const words = object.filter(isContent);
    if (words.length === 0) continue;
    const url =
      words.find((token) => token.kind === 'url') ??
      words.find((token) => token.kind === 'address' && /^[a-z0-9-]+(\.[a-z0-9-]+)+$/.test(token.text));
    if (url !== undefined) {
      const name = words.filter(
        (token) =>
          token !== url &&
          token.kind !== 'mark' &&
          !portalWords.test(token.word) &&
          !/^(url|address|link)$/.test(token.word),
      );
      const item = addressItem(
        url.text,
        named === undefined
          ? name.map((token) => token.text).join(' ')
          : named.tokens.map((token) => token.text).join(' '),
        lexicon,
      );
      if (item !== null) items.push(item);
      else unknown.push(url.text);
      continue;
    }
    const isAll =
      words.some((token) => portalWords.test(token.word)) &&
      words.every(
        (token) =>
          portalWords.test(token.word) ||
          openWords.test(token.word) ||
          fillAdjectives.has(token.word) ||
          /^(web|existing|known|our|every|each|missing|proxied|public|exposed|rest|proxy|home|lab|homelab|traefik|caddy|nginx|reverse)$/.test(
            token.word,
          ),
      );
    const quantified =
      object.some((token) => /^(all|every|everything|existing|our)$/.test(token.word)) &&
      words.every(
        (token) =>
          openWords.test(token.word) ||
          genericNouns.has(token.word) ||
          fillAdjectives.has(token.word) ||
          isPlain(token.word),
      );
    if (isAll || quantified) {
      all = true;
      continue;
    }
    const found = portalsNamed(words, lexicon);
    if (found.length > 0) {
      items.push(...found.map(wishOf));
      continue;
    }
    const [address] = addresses;
    if (address !== undefined) {
      const item = addressItem(address.text, words.map((token) => token.text).join(' '), lexicon);
      if (item !== null) items.push(item);
      continue;
    }
    unknown.push(words.map((token) => token.text).join(' '));
  }
  return {
    items: all ? lexicon.portals.filter((portal) => !except.includes(portal)).map(wishOf) : items,
    unknown,
    all,
    except,
    openEnded: all,
  };
}

/** The portals that words name: by name, by host name, by the first part of it; one slip forgiven. */
function portalsNamed(tokens: readonly Token[], lexicon: Lexicon): readonly Portal[] {
  const words = tokens.filter(
    (token) => isContent(token) && !portalWords.test(token.word) && !fillAdjectives.has(token.word),
  );
  const kept = words.some((token) => !genericNouns.has(token.word))
    ? words.filter((token) => !genericNouns.has(token.word))
    : words;
  if (kept.length === 0) return [];
  const joined = kept.map((token) => (token.kind === 'word' ? token.word : compact(token.text))).join('');
  const isExact = (portal: Portal): boolean =>
    compact(portal.name) === joined ||
    compact(portal.host) === joined ||
    compact(portal.host.split('.')[0] ?? '') === joined ||
    normalUrl(portal.url) === normalUrl(tokens.map((token) => token.text).join(''));
  const exact = lexicon.portals.filter(isExact);
  if (exact.length > 0) return exact;
  const near = lexicon.portals.filter(
    (portal) =>
      slipNearness(joined, compact(portal.name)) >= 0.9 ||
      (joined.length >= 2 &&
        wordsOf(portal.name).length > 1 &&
        wordsOf(portal.name)
          .map((word) => word[0])
          .join('') === joined),
  );
  if (near.length === 1) return near;
  const part = lexicon.portals.filter(
    (portal) =>
      kept.length === 1 && wordsOf(portal.name).includes(kept[0]?.word ?? '') && !genericNouns.has(kept[0]?.word ?? ''),
  );
  return part.length === 1 ? part : [];
}

export function wishOf(portal: Portal): WishedItem {
  return { name: portal.name, url: portal.url, host: portal.host, portal };
}

/** An item from an address: the name as said, or the first part of the host's name. */
export function addressItem(text: string, name: string, lexicon: Lexicon): WishedItem | null {
  const url = readUrl(/:\/\//.test(text) ? text : `https://${text}`);
  if (url === null) return null;
  const known = lexicon.portals.find((portal) => normalUrl(portal.url) === normalUrl(url.href));
  if (known !== undefined && name === '') return wishOf(known);
  const label = url.hostname.split('.')[0] ?? url.hostname;
  const written = /:\/\//.test(text) ? text : `https://${text}`;
  return {
    name: name === '' ? label.charAt(0).toUpperCase() + label.slice(1) : name,
    url: written,
    host: url.hostname,
    portal: null,
  };
}

export function splitItems(tokens: readonly Token[]): Token[][] {
  const items: Token[][] = [[]];
  for (const token of tokens) {
    if (token.kind === 'mark' && token.text === ',') items.push([]);
    else items.at(-1)?.push(token);
  }
  return items.filter((item) => item.length > 0);
}
