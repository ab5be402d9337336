// Requests that change a list in the repository: "add existing portals to config", "add a monitor for jellyfin",
// "remove gitea from the homepage". Finds the list that is meant and the items.
import type { ConfigTarget, Portal } from '../../catalogue/model.ts';
import type { WishedItem } from '../draft.ts';
import { alignNames } from '../matching/align.ts';
import type { Lexicon } from '../matching/lexicon.ts';
import type { Clause, Segment } from '../reading/clause.ts';
import { isContent } from '../reading/settle.ts';
import type { Token } from '../reading/tokens.ts';
import { compact, nearness, slipNearness, stem, wordsOf } from '../words/nearness.ts';
import { fillAdjectives, genericNouns, isPlain } from '../words/plain-words.ts';
import { normalUrl, readUrl } from './normal-url.ts';

export type ReadWish = {
  /** Lists that may be meant, the surest first. */
  readonly targets: readonly ConfigTarget[];
  /** Only "the config" was said: it depends on what else the request is about. */
  readonly vague: boolean;
  readonly items: readonly WishedItem[];
  /** Named, and no portal of the repository. */
  readonly unknown: readonly string[];
  readonly remove: boolean;
  readonly about: string;
};

const configWords =
  /^(config|configs|configuration|configurations|conf|settings|setting|yaml|yml|file|files|list|lists|entries|entry)$/;
const portalWords =
  /^(portals?|sites?|websites?|webs?|uis?|urls?|endpoints?|webapps?|pages?|links?|frontends?|addresses|interfaces?|domains?|hostnames?|routes?|subdomains?)$/;
const openWords = /^(services?|apps?|applications?|everything|all|ones|them|stuff|things?|instances?)$/;

/** What a clause asks of configuration lists; nothing where it asks for something else. */
export function readConfigWishes(clause: Clause, lexicon: Lexicon, about: string): readonly ReadWish[] {
  const several = clause.segments.find(
    (segment) =>
      /^(to|on|from)$/.test(segment.lead) &&
      splitItems(segment.tokens).length > 1 &&
      splitItems(segment.tokens).every((item) => findLists(item, lexicon) !== null),
  );
  if (several === undefined) {
    const wish = readConfigWish(clause, lexicon, about);
    return wish === null ? [] : [wish];
  }
  return splitItems(several.tokens).flatMap((tokens) => {
    const segments = clause.segments.map((segment) => (segment === several ? { ...segment, tokens } : segment));
    const wish = readConfigWish(
      { ...clause, segments },
      lexicon,
      `${about} (${tokens
        .filter(isContent)
        .map((token) => token.text)
        .join(' ')})`,
    );
    return wish === null ? [] : [wish];
  });
}

function readConfigWish(clause: Clause, lexicon: Lexicon, about: string): ReadWish | null {
  const { verb } = clause;
  if (lexicon.configs.length === 0) return null;
  const strength = (name: string): number =>
    Math.max(
      0,
      ...(verb?.readings ?? []).filter((reading) => reading.verb === name).map((reading) => reading.strength),
    );
  const adds = Math.max(strength('add'), clause.wished && verb === null ? 0.8 : 0);
  const removes = strength('remove');
  const configures = strength('configure');
  if (adds === 0 && removes === 0 && configures === 0) return null;
  const remove = removes > adds;
  const object = clause.objects.flat().filter(isContent);

  // "add X to the monitors": the list stands in a part of its own.
  for (const segment of clause.segments) {
    if (!/^(to|on|from|with|for|of)$/.test(segment.lead)) continue;
    if (remove && segment.lead !== 'from' && segment.lead !== 'on' && segment.lead !== 'of') continue;
    const found = findLists(segment.tokens, lexicon);
    if (found === null) continue;
    const others = clause.segments.filter((other) => other !== segment);
    const items = readItems(clause.objects, others, lexicon);
    if (items.items.length === 0 && !found.certain) continue;
    if (remove && found.vague) continue;
    if (items.items.length === 0 && items.unknown.length === 0 && !items.openEnded) continue;
    if (!found.certain && items.unknown.length > 0) continue;
    if (configures > 0 && adds === 0 && !remove) continue;
    return { ...found, ...byName(pick(items, lexicon), remove), remove, about };
  }
  // "add a monitor for jellyfin", "add the monitors for all portals": the list is what is added to.
  const source = clause.segments.filter(
    (segment) =>
      segment.lead === 'for' ||
      segment.lead === 'of' ||
      segment.lead === 'named' ||
      segment.lead === 'with' ||
      segment.lead === 'on' ||
      segment.lead === 'as',
  );
  const own = ownList(object, lexicon);
  if (own !== null) {
    const rest = object.filter((token) => !own.tokens.includes(token));
    const items = readItems(
      [
        rest,
        ...source
          .filter((segment) => segment.lead === 'for' || segment.lead === 'of')
          .flatMap((segment) => splitItems(segment.tokens)),
      ],
      source.filter((segment) => segment.lead !== 'for' && segment.lead !== 'of'),
      lexicon,
    );
    if (items.items.length > 0 || (items.unknown.length > 0 && source.length > 0))
      return { targets: own.targets, vague: false, ...pick(items, lexicon), remove, about };
  }
  // "monitor jellyfin": the verb is the list's own word.
  const said = verb?.phrase ?? '';
  const byVerb = lexicon.configs.filter((config) =>
    namesOf(config).some((name) => name.length === 1 && stem(name[0] ?? '') === stem(said)),
  );
  if (byVerb.length > 0 && !remove) {
    const items = readItems(clause.objects, source, lexicon);
    if (items.items.length > 0 && items.unknown.length === 0)
      return { targets: byVerb, vague: false, ...pick(items, lexicon), remove, about };
  }
  return null;
}

function pick(
  items: ReadItems,
  lexicon: Lexicon,
): { readonly items: readonly WishedItem[]; readonly unknown: readonly string[] } {
  return {
    items: items.all ? lexicon.portals.filter((portal) => !items.except.includes(portal)).map(wishOf) : items.items,
    unknown: items.unknown,
  };
}

/** What is to be taken out need be no portal: its name in the list is enough. */
function byName(picked: ReturnType<typeof pick>, remove: boolean): ReturnType<typeof pick> {
  if (!remove) return picked;
  return {
    items: [...picked.items, ...picked.unknown.map((name) => ({ name, url: '', host: '', portal: null }))],
    unknown: [],
  };
}

type Lists = { readonly targets: readonly ConfigTarget[]; readonly vague: boolean; readonly certain: boolean };

/** The lists that these words mean: by name, alias, path, or by the service to which they belong. */
function findLists(tokens: readonly Token[], lexicon: Lexicon): Lists | null {
  const words = tokens.filter((token) => isContent(token) && !fillAdjectives.has(token.word));
  if (words.length === 0) {
    const isPronoun = tokens.some((token) => /^(it|that|this|them|there)$/.test(token.word));
    return isPronoun ? { targets: lexicon.configs, vague: true, certain: false } : null;
  }
  const byPath = lexicon.configs.filter((config) =>
    words.some(
      (token) =>
        token.kind === 'path' &&
        (config.path === token.text ||
          config.path.endsWith(`/${token.text}`) ||
          config.path.replace(/^.*\//, '') === token.text),
    ),
  );
  if (byPath.length > 0) return { targets: byPath, vague: false, certain: true };
  const scored = lexicon.configs
    .map((config) => ({ config, ...matchList(words, config, lexicon) }))
    .filter((found) => found.explained);
  const named = scored.filter((found) => found.byName);
  if (named.length > 0) return { targets: named.map((found) => found.config), vague: false, certain: true };
  const bySubject = scored.filter((found) => found.bySubject);
  if (bySubject.length > 0)
    return {
      targets: bySubject.map((found) => found.config),
      vague: false,
      certain: words.some((token) => configWords.test(token.word)),
    };
  if (words.every((token) => configWords.test(token.word)))
    return { targets: lexicon.configs, vague: true, certain: true };
  return null;
}

function matchList(
  words: readonly Token[],
  config: ConfigTarget,
  lexicon: Lexicon,
): { readonly explained: boolean; readonly byName: boolean; readonly bySubject: boolean } {
  const names = namesOf(config);
  const joined = words.map((token) => token.word).join('');
  if (names.some((name) => name.join('') === joined)) return { explained: true, byName: true, bySubject: false };
  const nameWords = names.flat();
  const owners = lexicon.entries.filter((entry) => entry.action.configs.some((other) => sameList(other, config)));
  const subject = new Set(
    owners.flatMap((entry) => [...alignNames(words, entry.names, lexicon.weight, lexicon.isKnown).matched.keys()]),
  );
  let byName = false;
  let bySubject = false;
  for (const token of words) {
    const inName = nameWords.some((word) => nearness(token.word, word) >= 0.95);
    if (subject.has(token)) bySubject = true;
    else if (inName) byName = true;
    else if (!configWords.test(token.word) && !genericNouns.has(token.word))
      return { explained: false, byName: false, bySubject: false };
  }
  return { explained: byName || bySubject, byName, bySubject };
}

/** The list that the object itself names: "a monitor", "the homepage bookmarks". */
function ownList(
  object: readonly Token[],
  lexicon: Lexicon,
): { readonly targets: readonly ConfigTarget[]; readonly tokens: readonly Token[] } | null {
  let best: { readonly targets: readonly ConfigTarget[]; readonly tokens: readonly Token[] } | null = null;
  for (const config of lexicon.configs) {
    for (const name of namesOf(config)) {
      const telling = name.filter((word) => !genericNouns.has(word));
      const tokens = object.filter((token) => telling.some((word) => stem(word) === stem(token.word)));
      if (tokens.length === 0 || tokens.length < telling.length || tokens.length <= (best?.tokens.length ?? 0))
        continue;
      const targets = lexicon.configs.filter((other) =>
        namesOf(other).some((another) => another.join(' ') === name.join(' ')),
      );
      best = { targets, tokens };
    }
  }
  return best;
}

function namesOf(config: ConfigTarget): readonly (readonly string[])[] {
  const own = [config.name, ...config.aliases, config.list.at(-1) ?? '']
    .map(wordsOf)
    .filter((words) => words.length > 0);
  return own;
}

export function sameList(a: ConfigTarget, b: ConfigTarget): boolean {
  return a.path === b.path && a.list.join('\n') === b.list.join('\n');
}

type ReadItems = {
  readonly items: readonly WishedItem[];
  readonly unknown: readonly string[];
  readonly all: boolean;
  readonly except: readonly Portal[];
  readonly openEnded: boolean;
};

/** The portals and addresses that are named. */
function readItems(objects: readonly (readonly Token[])[], segments: readonly Segment[], lexicon: Lexicon): ReadItems {
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

function splitItems(tokens: readonly Token[]): Token[][] {
  const items: Token[][] = [[]];
  for (const token of tokens) {
    if (token.kind === 'mark' && token.text === ',') items.push([]);
    else items.at(-1)?.push(token);
  }
  return items.filter((item) => item.length > 0);
}
