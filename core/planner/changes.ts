// Amendments to a plan that stands: other hosts, other values, steps dropped or added. Each is read like a request,
// and what it cannot say is asked.

import { type Draft, refuse, type Stop } from './draft.ts';
import { choose } from './matching/choose.ts';
import { explain } from './matching/explain.ts';
import type { Target } from './matching/fit.ts';
import type { Clause } from './reading/clause.ts';
import { readClauses } from './reading/clauses.ts';
import { placesIn } from './reading/place-phrase.ts';
import { isContent } from './reading/settle.ts';
import { aboutOf, targetsOf } from './reading/targets.ts';
import { type Token, tokenise } from './reading/tokens.ts';
import { refuseTroubles } from './refusals.ts';
import { type Resolved, resolve } from './resolve.ts';
import type { ResolveContext } from './resolving/resolving.ts';
import { screen } from './screen.ts';

/** The drafts after a change. `context.text` is the change, normalised. */
export function amend(drafts: readonly Draft[], change: string, context: ResolveContext): Resolved | Stop {
  const screened = screen(change, context.text, false);
  if (screened !== null) return screened;
  const plain = context.text
    .replace(/^\s*(?:no|nope|actually|hmm|ok|okay|yes|but|please|sorry|wait)\b[,.!\s]*/gi, '')
    .replace(/^\s*(?:no|but|please|and)\b[,.!\s]+/gi, '');
  const local = { ...context, text: plain };
  const done =
    onlyPlaces(drafts, plain, local) ??
    onlySome(drafts, plain, local) ??
    dropped(drafts, plain, local) ??
    newValues(drafts, plain, local) ??
    replaced(drafts, plain, local) ??
    added(drafts, plain, local);
  return done ?? notUnderstood(change);
}

function kept(drafts: readonly Draft[], context: ResolveContext, line: string): Resolved {
  context.why.push(line);
  return { type: 'drafts', drafts, why: context.why, notes: [] };
}

/** "on nas instead", "only on atlas", "not on pi", "all but nas". */
function onlyPlaces(drafts: readonly Draft[], change: string, context: ResolveContext): Resolved | Stop | null {
  const words = change.replace(
    /^(?:run|do|make|put|move|change|limit|restrict|use|apply|keep|switch)\s+(?:it|that|them|this|everything|all of it|all)?\s*(?=(?:only |just )?(?:on|to|at|in)\b)/i,
    '',
  );
  const match =
    /^(?:(?:just|only)\s+)?(?:on|to|at|in)\s+(.+)$/i.exec(words) ??
    /^(not on|except|without|excluding|all but|everywhere but|skip)\s+(.+)$/i.exec(words) ??
    /^((?:just|only)\s+)?([\w-]+(?:\s*(?:,|and)\s*[\w-]+)*)(?:\s+(?:instead|only))?$/i.exec(words);
  if (match === null) return null;
  const negative = /^(not on|except|without|excluding|all but|everywhere but|skip)\b/i.test(match[1] ?? '');
  const said = (match[2] ?? match[1] ?? '')
    .replace(/\b(instead|only|please|rather|then|not\s+.*)\b/gi, ' ')
    .replace(/[.!]+$/, '');
  const read = placesIn(tokenise(said), context.lexicon);
  if (read.places.length === 0 || read.unknown.length > 0) {
    const subject = read.unknown.some(
      (word) => context.lexicon.subjectWord(word.toLowerCase()) || context.lexicon.subject([word.toLowerCase()]) > 0.9,
    );
    const prepositional =
      /^(?:(?:just|only)\s+)?(?:on|at)\s/i.test(words) && !/^(?:on|at)\s+(?:port\b|\d)/i.test(words);
    if (prepositional && !subject && read.places.length + read.unknown.length <= 2) {
      return refuse(
        'UNKNOWN_HOST',
        `The inventory has no host or group called “${read.unknown.join(' ')}”. Nearest: ${context.lexicon.places.nearest(read.unknown.join(' ')).join(', ')}.`,
        drafts.map((draft) => draft.action),
      );
    }
    return null;
  }
  if (negative) {
    const out = read.places.map((place) => ({ ...place, excluded: true }));
    return kept(
      drafts.map((draft) => ({ ...draft, places: [...draft.places, ...out] })),
      context,
      `Changed: not on ${said.trim()}.`,
    );
  }
  return kept(
    drafts.map((draft) => ({
      ...draft,
      places: read.places,
      perhaps: [],
      whole: read.places.some((place) => place.place.kind === 'all'),
    })),
    context,
    `Changed: on ${said.trim()}.`,
  );
}

/** "only grafana", "just the backup". */
function onlySome(drafts: readonly Draft[], change: string, context: ResolveContext): Resolved | Stop | null {
  const match =
    /^(?:only|just|keep only|keep just|do only|only do|just do)\s+(?:the\s+)?(.+?)(?:\s+(?:step|part|one|please))?[.!]?$/i.exec(
      change,
    );
  if (match === null) return null;
  const left = meant(drafts, match[1] ?? '', context);
  if (left.length === 0 || left.length === drafts.length)
    return left.length === 0 ? null : kept(drafts, context, 'Changed: nothing, it is that already.');
  return kept(
    drafts.filter((draft) => left.includes(draft)),
    context,
    `Changed: only ${match[1] ?? ''}.`,
  );
}

/** "without the backup step", "drop grafana", "don't restart traefik", "skip step 2". */
function dropped(drafts: readonly Draft[], change: string, context: ResolveContext): Resolved | Stop | null {
  const match =
    /^(?:without|drop|skip|remove|leave out|omit|not|no|forget|cancel|cut|take out|minus|except|don'?t do|do not do|don'?t|do not|never)\s+(?:the\s+)?(.+?)(?:\s+(?:steps?|parts?|please|for now|from the plan))*[.!]?$/i.exec(
      change,
    );
  if (match === null) return null;
  const words = match[1] ?? '';
  const number = /^(?:step\s+)?(?:#\s*)?(\d+)$/i.exec(words) ?? /^step\s+(\d+)$/i.exec(words);
  const configs =
    /^(?:add(?:ing)?\s+)?(?:the\s+)?(?:portals?|config(?:uration)?(?:\s+(?:change|edit|changes|edits))?|monitors?|edit|edits|diff)(?:\s+(?:to|from)\s+.*)?$/i.test(
      words,
    );
  if (configs && drafts.some((draft) => draft.configs.length > 0))
    return kept(
      drafts.map((draft) => ({ ...draft, configs: [] })),
      context,
      'Changed: no configuration edit.',
    );
  const gone =
    number !== null ? drafts.filter((_, index) => index === Number(number[1]) - 1) : meant(drafts, words, context);
  if (gone.length === 0) {
    const isNegation = /^(?:without|skip|leave out|omit|not|no|except|don'?t|do not|never)\b/i.test(change);
    return isNegation && namesKnown(words, context)
      ? kept(drafts, context, `Changed: nothing, ${words} is no part of the plan.`)
      : null;
  }
  const left = drafts.filter((draft) => !gone.includes(draft));
  if (left.length === 0)
    return refuse(
      'NOTHING_FITS',
      'Without that nothing is left to do. Reject the plan if it is not wanted.',
      drafts.map((draft) => draft.action),
    );
  return kept(left, context, `Changed: without ${gone.map((draft) => draft.action.title).join(', ')}.`);
}

/** Whether the words name something of the catalogue at all. */
function namesKnown(words: string, context: ResolveContext): boolean {
  const targets = readClauses(words, context.lexicon).clauses.flatMap((clause) =>
    targetsOf({ ...clause, negated: false }, context.lexicon, words),
  );
  return targets.some((target) => choose(target, { ...context, text: words }, null).type !== 'none');
}

/** The drafts that words name: by subject, by verb, by a value. */
function meant(drafts: readonly Draft[], words: string, context: ResolveContext): readonly Draft[] {
  const local = { ...context, text: words };
  const clauses = readClauses(words, context.lexicon).clauses;
  const targets = clauses.flatMap((clause) => targetsOf({ ...clause, negated: false }, context.lexicon, words));
  return drafts.filter((draft) =>
    targets.some((target) => {
      const entry = context.lexicon.entries.find((candidate) => candidate.action.id === draft.action.id);
      if (entry === undefined) return false;
      const fit = explain(entry, target, local) ?? explain(entry, { ...target, verb: null, wished: true }, local);
      if (fit === null || fit.explained < 0.85) return false;
      const onlyVerb = !target.object.some(isContent);
      if (onlyVerb)
        return target.verb?.readings.some((reading) => reading.strength === 1 && entry.verbs.includes(reading.verb));
      if (fit.named < 0.3 && fit.by !== 'value') return false;
      const contradicts = [...fit.values].some(
        ([name, value]) => draft.values.has(name) && JSON.stringify(draft.values.get(name)) !== JSON.stringify(value),
      );
      const byValue = fit.by === 'value' ? [...fit.values].some(([name]) => draft.values.has(name)) : true;
      return !contradicts && byValue;
    }),
  );
}

/** "with port 8081", "set the port to 8081", "port 8081", "version 2 instead". */
function newValues(drafts: readonly Draft[], change: string, context: ResolveContext): Resolved | Stop | null {
  const tokens = tokenise(change).filter(
    (token, index) =>
      !(index === 0 && /^(with|use|using|set|make|change|and|give|let)$/.test(token.word)) &&
      !/^(instead|please)$/.test(token.word),
  );
  const kept2: Draft[] = [];
  let changed = 0;
  const titles: string[] = [];
  for (const draft of drafts) {
    const entry = context.lexicon.entries.find((candidate) => candidate.action.id === draft.action.id);
    const target: Target = {
      verb: null,
      object: [],
      parts: [{ lead: 'with', said: 'with', tokens: withoutOwnName(tokens) }],
      places: [],
      about: change,
      everything: false,
      wished: true,
    };
    const fit = entry === undefined ? null : explain(entry, target, { ...context, text: change });
    if (fit === null || (fit.values.size === 0 && fit.problems.length === 0) || fit.unexplained.length > 0) {
      kept2.push(draft);
      continue;
    }
    const trouble = refuseTroubles(fit, context, false);
    if (trouble !== null) return trouble;
    changed += 1;
    titles.push(draft.action.title);
    kept2.push({ ...draft, values: new Map([...draft.values, ...fit.values]) });
  }
  return changed === 0
    ? null
    : kept({ drafts: kept2 }.drafts, context, `Changed: ${change.trim()} for ${titles.join(', ')}.`);
}

function withoutOwnName(tokens: readonly Token[]): readonly Token[] {
  return tokens.map((token, index) =>
    index > 0 && /^(to|of|as|is)$/.test(token.word) ? { ...token, kind: 'mark' as const, text: '=', word: '=' } : token,
  );
}

/** "deploy prometheus instead": the one step there is becomes another. */
function replaced(drafts: readonly Draft[], change: string, context: ResolveContext): Resolved | Stop | null {
  if (!/\binstead\b/i.test(change) || drafts.length !== 1) return null;
  const plain = change.replace(/\binstead\b/gi, ' ');
  const [draft] = drafts;
  const fresh = resolve(readClauses(plain, context.lexicon).clauses, { ...context, text: plain });
  if (fresh.type === 'drafts')
    return kept(
      fresh.drafts.map((each) =>
        each.places.length === 0 &&
        draft !== undefined &&
        draft.places.every((place) => each.action.hosts.some((host) => place.place.hosts.includes(host)))
          ? { ...each, places: draft.places }
          : each,
      ),
      context,
      `Changed: ${plain.trim()} instead.`,
    );
  // "prometheus instead": the verb stays.
  const clauses = readClauses(plain, context.lexicon).clauses;
  const [verb] = draft?.action.verbs ?? [];
  if (draft === undefined || verb === undefined) return null;
  const target = clauses.flatMap((clause) => targetsOf(clause, context.lexicon, plain))[0];
  if (target === undefined || target.verb !== null) return fresh;
  const choice = choose(
    { ...target, verb: { text: verb, phrase: verb, readings: [{ verb, strength: 1 }], carrier: false } },
    { ...context, text: plain },
    null,
  );
  if (choice.type !== 'one') return fresh;
  return kept(
    [
      {
        ...draft,
        action: choice.fit.entry.action,
        values: choice.fit.values,
        configs: [],
        score: choice.fit.score,
        places: draft.places.filter((place) =>
          place.place.hosts.some((host) => choice.fit.entry.action.hosts.includes(host)),
        ),
      },
    ],
    context,
    `Changed: ${choice.fit.entry.action.title} instead.`,
  );
}

/** "also restart traefik", "and back up nas first". */
function added(drafts: readonly Draft[], change: string, context: ResolveContext): Resolved | Stop | null {
  const plain = change.replace(/^(?:also|and|plus|then|additionally|finally|afterwards)\b[,\s]+(?:also\s+)?/i, '');
  const first = /\b(?:first|before that|beforehand)\b/i.test(plain);
  const clauses: readonly Clause[] = readClauses(plain, context.lexicon).clauses;
  if (clauses.every((clause) => clause.verb === null)) return null;
  const fresh = resolve(clauses, { ...context, text: plain }, drafts);
  if (fresh.type !== 'drafts') return fresh;
  const news = fresh.drafts.filter(
    (draft) => !drafts.some((other) => other.action.id === draft.action.id && other.about === draft.about),
  );
  if (news.length === 0) return null;
  const merged = drafts.map((draft) => {
    const more = news.filter(
      (other) => other.action.id === draft.action.id && other.configs.length > 0 && other.values.size === 0,
    );
    return more.length === 0
      ? draft
      : { ...draft, configs: [...draft.configs, ...more.flatMap((other) => other.configs)] };
  });
  const rest = news.filter(
    (draft) =>
      !drafts.some(
        (other) => other.action.id === draft.action.id && draft.configs.length > 0 && draft.values.size === 0,
      ),
  );
  return kept(
    first ? [...rest, ...merged] : [...merged, ...rest],
    context,
    `Changed: ${clauses.map((clause) => aboutOf(clause, plain)).join(', ')} added.`,
  );
}

/** By what an answer finds the change that it says again. */
export function changeKey(change: string): string {
  return `change: ${change.trim().slice(0, 120)}`;
}

function notUnderstood(change: string): Stop {
  return {
    type: 'ask',
    confidence: 0.3,
    question: {
      text: `I do not know how “${change.trim().slice(0, 120)}” changes the plan. Say it as hosts (“on nas instead”), a value (“with port 8081”), a step to drop (“without the backup”) or one to add (“also restart traefik”).`,
      candidates: [],
      decides: 'config',
      about: changeKey(change),
    },
  };
}
