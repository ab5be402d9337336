// Requests that change a list in the repository: "add existing portals to config", "add a monitor for jellyfin",
// "remove gitea from the homepage". Finds the list that is meant and the items.
import type { ConfigTarget } from '../../catalogue/model.ts';
import type { WishedItem } from '../draft.ts';
import type { Lexicon } from '../matching/lexicon.ts';
import type { Clause } from '../reading/clause.ts';
import { isContent } from '../reading/settle.ts';
import { stem } from '../words/nearness.ts';
import { findLists, namesOf, ownList } from './find-list.ts';
import { type ReadItems, readItems, splitItems, wishOf } from './portal-items.ts';

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
