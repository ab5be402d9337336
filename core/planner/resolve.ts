// From clauses to drafts: each thing asked for gets its action, wishes for configuration find their step, negations take
// out what must not be done, and the steps stand in the order in which they are to be done.
import type { Action, ConfigTarget } from '../catalogue/model.ts';
import type { JsonValue } from '../json.ts';
import type { SecretRef } from '../plan/plan.ts';
import { askForAction, askForList, askRegardless, askUnknownPortal, askWhen } from './ask.ts';
import type { Answers } from './dialogue.ts';
import { type ConfigWish, type Draft, refuse, type Stop } from './draft.ts';
import { addressItem, type ReadWish, readConfigWishes, sameList } from './editing/config-wish.ts';
import { type Choice, choose, explainAction } from './matching/choose.ts';
import { expandEverything } from './matching/everything.ts';
import type { ExplainContext, Fit, Target } from './matching/explain.ts';
import { inputNamesOf } from './matching/input-names.ts';
import type { Clause, NamedPlace } from './reading/clause.ts';
import { placeAt } from './reading/place-phrase.ts';
import { isContent } from './reading/settle.ts';
import { aboutOf, linkClauses, targetsOf } from './reading/targets.ts';
import { timeIn } from './reading/time-words.ts';
import { textOf, tokenise } from './reading/tokens.ts';
import { describeTarget, refuseNothingFits, refuseTroubles } from './refusals.ts';
import { compact } from './words/nearness.ts';

export type Resolved = {
  readonly type: 'drafts';
  readonly drafts: readonly Draft[];
  readonly why: readonly string[];
  readonly notes: readonly string[];
};

export type ResolveContext = ExplainContext & { readonly answers: Answers; readonly why: string[] };

/** The drafts that a request's clauses ask for. `earlier`: steps that stand already, when this is an amendment. */
export function resolve(
  clauses: readonly Clause[],
  context: ResolveContext,
  earlier: readonly Draft[] = [],
): Resolved | Stop {
  const linked = linkClauses(clauses).filter((clause) => !isTalk(clause));
  const run = new Resolution(context, earlier);
  for (const clause of linked) {
    const stop = run.clause(clause, linked);
    if (stop !== null) return stop;
  }
  return run.result();
}

/** Nothing in it asks for anything: "hi there", "jellyfin is down" before "restart it". */
function isTalk(clause: Clause): boolean {
  return (
    clause.verb === null &&
    clause.places.length === 0 &&
    !clause.objects.some((object) => object.some(isContent)) &&
    !clause.segments.some((segment) => segment.lead !== 'ignored' && segment.tokens.some(isContent)) &&
    !clause.negated &&
    !clause.conditional
  );
}

type Placed = { readonly draft: Draft; readonly clause: Clause };

class Resolution {
  private readonly context: ResolveContext;
  private readonly earlier: readonly Draft[];
  private placed: Placed[] = [];
  private readonly notes: string[] = [];
  private readonly wishes: { readonly wish: ReadWish; readonly clause: Clause }[] = [];
  private readonly negated: Clause[] = [];
  private readonly conditions: string[] = [];

  constructor(context: ResolveContext, earlier: readonly Draft[]) {
    this.context = context;
    this.earlier = earlier;
  }

  clause(clause: Clause, all: readonly Clause[]): Stop | null {
    const { context } = this;
    const about = aboutOf(clause, context.text);
    if (clause.negated) {
      this.negated.push(clause);
      return null;
    }
    if (clause.statement && clause.verb === null && clause.question !== 'open') {
      if (clause.conditional) this.conditions.push(about);
      const other = all.some((candidate) => candidate !== clause && (candidate.verb !== null || candidate.negated));
      if (other) return null;
      return this.statementOnly(clause, about);
    }
    if (clause.question !== null) {
      const stop = this.question(clause, about);
      if (stop !== null) return stop;
    }
    if (clause.conditional) this.conditions.push(about);
    const wishes = readConfigWishes(clause, context.lexicon, about).filter(
      (wish) => wish.items.length > 0 || wish.unknown.length > 0,
    );
    if (wishes.length > 0 && wishes.some((wish) => !this.betterAsAction(clause, wish))) {
      for (const wish of wishes) this.wishes.push({ wish, clause });
      return null;
    }
    for (const target of targetsOf(clause, context.lexicon, context.text)) {
      const stop = this.target(target, clause);
      if (stop !== null) return stop;
    }
    return null;
  }

  result(): Resolved | Stop {
    const stop = this.attachWishes() ?? this.applyNegations();
    if (stop !== null) return stop;
    this.order();
    this.spreadLastPlace();
    if (this.placed.length === 0 && this.earlier.length === 0) {
      if (this.negated.length > 0)
        return refuse(
          'NOTHING_FITS',
          'You said only what not to do, so there is nothing to plan. Say what should be done.',
        );
      return refuse(
        'NOTHING_FITS',
        'I found nothing in that to do. Say what should be done, for example `deploy grafana on nas`.',
        this.context.lexicon.entries.slice(0, 5).map((entry) => entry.action),
      );
    }
    const [condition] = this.conditions;
    const [first] = this.placed;
    if (condition !== undefined && first !== undefined && !this.context.answers.actions.has(`when: ${condition}`)) {
      return askRegardless(
        condition,
        this.placed.map(({ draft }) => draft.action),
      );
    }
    return {
      type: 'drafts',
      drafts: merge(this.placed.map(({ draft }) => draft)),
      why: this.context.why,
      notes: this.notes,
    };
  }

  private question(clause: Clause, about: string): Stop | null {
    const check = clause.question === 'yes-no';
    if (check) {
      // "is grafana up?" may be what a check answers.
      clause.verb = { text: 'check', phrase: 'check', readings: [{ verb: 'check', strength: 1 }], carrier: false };
      clause.statement = false;
      clause.objects = clause.objects
        .map((object) =>
          object.filter(
            (token) =>
              !/^(up|down|ok|okay|running|alive|healthy|online|reachable|working|fine|there|still|is|are)$/.test(
                token.word,
              ),
          ),
        )
        .filter((object) => object.some(isContent));
      const [target] = targetsOf(clause, this.context.lexicon, this.context.text);
      const choice = target === undefined ? null : choose(target, this.context, null);
      if (choice?.type === 'one' && choice.fit.entry.verbs.some((verb) => verb === 'check' || verb === 'test'))
        return null;
    }
    return refuse(
      'NOTHING_FITS',
      `“${about}” is a question; I only plan changes. \`status\` and \`history\` show what was done, \`catalogue\` what can be done.`,
      this.nearest(clause),
    );
  }

  private statementOnly(clause: Clause, about: string): Stop {
    const nearest = this.nearest(clause);
    const subject = clause.objects
      .flat()
      .some((token) => this.context.lexicon.subjectWord(token.word) || this.context.lexicon.places.isName(token.word));
    const candidates = subject ? this.candidatesFor(clause) : [];
    if (candidates.length > 0)
      return askForAction(`“${about}” says how things are. What should be done?`, candidates, about, 0.4);
    return refuse('NOTHING_FITS', `“${about}” says how things are, not what should be done.`, nearest);
  }

  private candidatesFor(clause: Clause): readonly Fit[] {
    const object = clause.objects.flat().filter((token) => this.context.lexicon.subjectWord(token.word));
    if (object.length === 0) return [];
    const target: Target = { verb: null, object, parts: [], places: [], about: '', everything: false, wished: false };
    const choice = choose(target, this.context, null);
    return choice.type === 'several' ? choice.fits : choice.type === 'one' ? [choice.fit] : [];
  }

  private nearest(clause: Clause): readonly Action[] {
    const [target] = targetsOf(clause, this.context.lexicon, this.context.text);
    if (target === undefined) return [];
    const choice = choose({ ...target, verb: null }, this.context, null);
    return choice.type === 'none' ? choice.nearest : choice.considered.map((fit) => fit.entry.action);
  }

  private target(target: Target, clause: Clause): Stop | null {
    const { context } = this;
    const picked = this.pickedAction(target.about);
    const time = timeIn([...target.object, ...target.parts.flatMap((part) => part.tokens)]);
    let choice = choose(target, context, picked);
    if (choice.type !== 'one' && target.object.length > 0 && clause.verb !== null && this.isBorrowed(clause)) {
      // The object was only taken over from a neighbour, and does not fit: the verb may stand alone.
      const alone = choose({ ...target, object: [] }, context, picked);
      if (alone.type === 'one') choice = alone;
    }
    const wholeStop = this.everything(target, clause, choice);
    if (wholeStop !== 'not') return wholeStop;
    const inputs = this.amendsPrevious(target, clause, choice);
    if (inputs !== 'not') return inputs;
    if (time !== null && choice.type === 'one' && choice.fit.timeSaid && picked === null)
      return askWhen(target, time.text, choice.considered);
    if (choice.type === 'none') return refuseNothingFits(target, choice, context);
    if (choice.type === 'several') {
      const [first] = choice.fits;
      const trouble = first === undefined ? null : refuseTroubles(first, context, true);
      if (
        trouble !== null &&
        choice.fits.every((fit) => fit.unknownPlaces.length > 0 || fit.entry.action.id === first?.entry.action.id)
      )
        return trouble;
      return askForAction(null, choice.fits, target.about, first?.score ?? 0.4, target);
    }
    if (clause.alternatives && clause.objects.length > 1) {
      const fits = targetsOf(clause, context.lexicon, context.text)
        .map((each) => choose(each, context, null))
        .flatMap((each) => (each.type === 'one' ? [each.fit] : []));
      const about = aboutOf(clause, context.text);
      const chosen = this.pickedAction(about);
      if (chosen === null) return askForAction(`“${about}” leaves open which one is meant.`, fits, about, 0.5);
      if (choice.fit.entry.action.id !== chosen.id) return null;
    }
    const trouble = refuseTroubles(choice.fit, context, false);
    if (trouble !== null) return trouble;
    this.note(target, choice.fit, choice.considered);
    this.place(choice.fit, target, clause);
    return null;
  }

  private isBorrowed(clause: Clause): boolean {
    const own = new Set(clause.tokens);
    return clause.objects.flat().every((token) => !own.has(token));
  }

  /** "restart everything except jellyfin": the parts of a whole, without what was taken out. */
  private everything(target: Target, clause: Clause, choice: Choice): Stop | null | 'not' {
    const excluded = clause.segments.filter((segment) => segment.lead === 'except' || segment.lead === 'without');
    if (!target.everything) return 'not';
    // "everything except monitoring" where monitoring is a part of the whole as well as a group.
    const parted = clause.places.filter(
      (place) => place.excluded && place.place.kind === 'group' && isPart(place, choice, this.context),
    );
    const asParts = parted.map((place) => ({
      lead: 'except' as const,
      said: 'except',
      tokens: [...tokenise(place.text)],
    }));
    const kept = { ...target, places: target.places.filter((place) => !parted.includes(place)) };
    if (parted.length > 0 && choice.type === 'one')
      choice = {
        ...choice,
        fit: { ...choice.fit, places: choice.fit.places.filter((place) => !parted.includes(place)) },
      };
    const parts = expandEverything(kept, [...excluded, ...asParts], choice, this.context);
    if (parts === null) return 'not';
    if (parts.type !== 'fits') return parts;
    for (const fit of parts.fits) this.place(fit, { ...target, everything: false }, clause);
    this.context.why.push(
      `“${target.about}” is ${parts.fits.length} steps: ${parts.fits.map((fit) => fit.entry.action.title).join(', ')}.`,
    );
    return null;
  }

  /** "…, and set the port to 8080": values for the step before, not a step of its own. */
  private amendsPrevious(target: Target, clause: Clause, choice: Choice): Stop | null | 'not' {
    const last = this.placed.at(-1);
    if (last === undefined) return 'not';
    const switchedOn = choice.type === 'one' && !clause.conditional ? null : namedSwitch(last.draft.action, clause);
    if (switchedOn !== null) {
      clause.conditional = false;
      this.conditions.length = 0;
      this.placed[this.placed.length - 1] = {
        ...last,
        draft: { ...last.draft, values: new Map([...last.draft.values, [switchedOn, true]]) },
      };
      return null;
    }
    const more = this.listGoesOn(target, clause, choice, last);
    if (more) return null;
    if (this.isBorrowed(clause)) return 'not';
    // "renew certificates, force renewal": the same action again, only to give it one more value.
    const isSame =
      choice.type === 'one' &&
      clause === last.clause &&
      choice.fit.entry.action.id === last.draft.action.id &&
      choice.fit.values.size > 0;
    if (
      isSame &&
      choice.type === 'one' &&
      [...choice.fit.values.keys()].every((name) => !last.draft.values.has(name)) &&
      choice.fit.places.length === last.draft.places.length
    ) {
      this.placed[this.placed.length - 1] = {
        ...last,
        draft: { ...last.draft, values: new Map([...last.draft.values, ...choice.fit.values]) },
      };
      return null;
    }
    if (choice.type === 'one' && choice.fit.by === 'name') return 'not';
    const dropped = keptInput(last.draft.action, target);
    if (dropped !== null) {
      this.placed[this.placed.length - 1] = {
        ...last,
        draft: { ...last.draft, values: new Map([...last.draft.values, [dropped, false]]) },
      };
      return null;
    }
    const tokens = [...target.object, ...target.parts.flatMap((part) => part.tokens)];
    const names = inputNamesOf(last.draft.action);
    const named = tokens.some(
      (token, at) => token.kind === 'word' && isContent(token) && names.at(tokens, at) !== null,
    );
    if (!named) return 'not';
    const own = explainAction(last.draft.action, target, this.context);
    if (own === null || own.values.size === 0 || own.unknownPlaces.length > 0 || own.unexplained.length > 0)
      return 'not';
    // An act of its own, complete in itself, is no value of the one before.
    const isOwnAct =
      choice.type === 'one' &&
      clause !== last.clause &&
      !clause.inherited &&
      clause.tokens.some((token) => token.word === clause.verb?.text.split(' ')[0]) &&
      choice.fit.entry.action.id !== last.draft.action.id &&
      choice.fit.score > own.score + 0.1 &&
      !lacksInput(choice.fit);
    if (isOwnAct) return 'not';
    const trouble = refuseTroubles(own, this.context, false);
    if (trouble !== null) return trouble;
    this.placed[this.placed.length - 1] = {
      ...last,
      draft: { ...last.draft, values: new Map([...last.draft.values, ...own.values]) },
    };
    return null;
  }

  /** "back up volumes grafana and traefik": the second is one more value of the list. */
  private listGoesOn(target: Target, clause: Clause, choice: Choice, last: Placed): boolean {
    if (choice.type === 'one' || last.clause !== clause || target.parts.length > 0) return false;
    const first = clause.objects[0] ?? [];
    for (const [name, value] of last.draft.values) {
      if (!Array.isArray(value) || !first.some((token) => value.includes(token.text))) continue;
      const item = textOf(this.context.text, target.object.filter(isContent));
      this.placed[this.placed.length - 1] = {
        ...last,
        draft: { ...last.draft, values: new Map([...last.draft.values, [name, [...value, item]]]) },
      };
      return true;
    }
    return false;
  }

  private pickedAction(about: string): Action | null {
    const id = this.context.answers.actions.get(about);
    return id === undefined
      ? null
      : (this.context.lexicon.catalogue.actions.find((action) => action.id === id) ?? null);
  }

  private note(target: Target, fit: Fit, considered: readonly Fit[]): void {
    const others = considered
      .filter((other) => other.entry.action.id !== fit.entry.action.id && other.score > 0.2)
      .slice(0, 3);
    this.context.why.push(
      `“${target.about}” is ${fit.entry.action.title} (${fit.entry.action.playbook}${fit.entry.action.tags.length > 0 ? `, tags ${fit.entry.action.tags.join(',')}` : ''}), score ${fit.score.toFixed(2)}: verb ${fit.verb.toFixed(2)}, words explained ${fit.explained.toFixed(2)}, name said ${fit.named.toFixed(2)}.`,
    );
    for (const line of fit.notes) this.context.why.push(line);
    if (others.length > 0)
      this.context.why.push(
        `Also considered: ${others.map((other) => `${other.entry.action.title} ${other.score.toFixed(2)}`).join(', ')}.`,
      );
  }

  private place(fit: Fit, target: Target, clause: Clause): void {
    const excluded = clause.segments
      .filter((segment) => segment.lead === 'except')
      .flatMap((segment) => segment.tokens);
    if (excluded.length > 0 && !target.everything && this.namesExcluded(fit, excluded, clause)) return;
    const draft: Draft = {
      action: fit.entry.action,
      places: fit.places,
      perhaps: [],
      values: fit.values,
      configs: [],
      score: fit.score,
      about: target.about,
      named: fit.by !== 'verb',
      whole: fit.places.some((place) => place.place.kind === 'all' && place.text !== ''),
    };
    const last = this.placed.at(-1);
    // "patch web and db1": one step on both.
    const isSame =
      last !== undefined &&
      last.clause === clause &&
      last.draft.action.id === draft.action.id &&
      sameValues(last.draft.values, draft.values) &&
      sameValues(draft.values, last.draft.values);
    if (
      isSame &&
      draft.configs.length === 0 &&
      [...draft.places, ...last.draft.places].some((place) => place.lead === 'object')
    ) {
      const more = draft.places.filter(
        (place) =>
          !last.draft.places.some(
            (other) => other.place.name === place.place.name && other.excluded === place.excluded,
          ),
      );
      this.placed[this.placed.length - 1] = {
        clause,
        draft: { ...last.draft, places: [...last.draft.places, ...more] },
      };
      return;
    }
    this.placed.push({ draft, clause });
  }

  /** "deploy grafana but not grafana": what was taken out is what was asked for. */
  private namesExcluded(fit: Fit, excluded: Clause['segments'][number]['tokens'], clause: Clause): boolean {
    const choice = choose(
      {
        verb: clause.verb,
        object: excluded.filter(isContent),
        parts: [],
        places: [],
        about: '',
        everything: false,
        wished: false,
      },
      this.context,
      null,
    );
    return (
      choice.type === 'one' &&
      choice.fit.entry.action.id === fit.entry.action.id &&
      sameValues(choice.fit.values, fit.values) &&
      choice.fit.by !== 'verb'
    );
  }

  /** A clause like "add gitea to the homepage" also fits an action that adds things: the action wins when it explains all. */
  private betterAsAction(clause: Clause, wish: ReadWish): boolean {
    if (wish.items.length > 0 && !wish.vague) return false;
    const [target] = targetsOf(clause, this.context.lexicon, this.context.text);
    if (target === undefined) return false;
    const choice = choose(target, this.context, null);
    return choice.type === 'one' && choice.fit.explained > 0.9 && choice.fit.named > 0.6;
  }

  /** Each wish goes to the step whose action applies that list, or becomes such a step. */
  private attachWishes(): Stop | null {
    const { lexicon, answers } = this.context;
    for (const { wish, clause } of this.wishes) {
      const open = this.withAnswer(wish);
      if (open.unknown.length > 0) return askUnknownPortal(open.unknown[0] ?? '', lexicon.portals, open.about);
      const drafts = [...this.placed.map(({ draft }) => draft), ...this.earlier];
      const owned = open.targets.filter((target) =>
        drafts.some((draft) => draft.action.configs.some((config) => sameList(config, target))),
      );
      let [target] = owned.length === 1 ? owned : open.targets.length === 1 ? open.targets : [];
      if (target === undefined) {
        const pool = owned.length > 0 ? owned : open.targets;
        const fillable = wish.vague ? pool.filter((candidate) => candidate.from === 'portals') : pool;
        const answered = answers.configs.get(`list: ${open.about}`);
        target =
          fillable.length === 1
            ? fillable[0]
            : pool.find((candidate) => candidate.name === answered || candidate.path === answered);
        if (target === undefined) return askForList(open.about, fillable.length > 0 ? fillable : pool);
      }
      const stop = this.attach(target, { target, items: open.items, remove: open.remove }, clause, open.about);
      if (stop !== null) return stop;
    }
    return null;
  }

  private withAnswer(wish: ReadWish): ReadWish {
    const { answers, lexicon } = this.context;
    const items = [...wish.items];
    const unknown: string[] = [];
    for (const name of wish.unknown) {
      const answer = answers.configs.get(`portal: ${name}`);
      const portal = lexicon.portals.find((candidate) => candidate.name === answer);
      const item =
        answer === undefined
          ? null
          : portal !== undefined
            ? { name: portal.name, url: portal.url, host: portal.host, portal }
            : addressItem(answer, name, lexicon);
      if (item === null) unknown.push(name);
      else items.push(item);
    }
    return { ...wish, items, unknown };
  }

  private attach(target: ConfigTarget, wish: ConfigWish, clause: Clause, about: string): Stop | null {
    const index = this.placed.findIndex(({ draft }) => draft.action.configs.some((config) => sameList(config, target)));
    const found = this.placed[index];
    if (found !== undefined) {
      this.placed[index] = { ...found, draft: { ...found.draft, configs: [...found.draft.configs, wish] } };
      this.context.why.push(
        `“${about}” is the list ${target.name} in ${target.path}, which ${found.draft.action.title} applies.`,
      );
      return null;
    }
    const owners = this.context.lexicon.entries.filter((entry) =>
      entry.action.configs.some((config) => sameList(config, target)),
    );
    const best = owners.filter((entry) => entry.verbs.includes('deploy') || entry.verbs.includes('configure'));
    const pool = best.length > 0 ? best : owners;
    const picked = this.pickedAction(about);
    const entry =
      picked === null ? narrowest(pool, target) : pool.find((candidate) => candidate.action.id === picked.id);
    if (pool.length === 0)
      return refuse(
        'NOTHING_FITS',
        `${target.path} has the list that is meant, but no action of the catalogue applies it.`,
      );
    if (entry === undefined || entry === null) {
      return askForAction(
        `Which action shall apply ${target.path} afterwards?`,
        pool.map((candidate) => bareFit(candidate)),
        about,
        0.5,
      );
    }
    this.context.why.push(
      `“${about}” is the list ${target.name} in ${target.path}, which ${entry.action.title} applies.`,
    );
    this.placed.push({
      draft: {
        action: entry.action,
        places: clause.places,
        perhaps: [],
        values: new Map(),
        configs: [wish],
        score: 0.9,
        about,
        whole: false,
        named: true,
      },
      clause,
    });
    return null;
  }

  private applyNegations(): Stop | null {
    for (const clause of this.negated) {
      const stop = this.negate(clause);
      if (stop !== null) return stop;
    }
    return null;
  }

  private negate(clause: Clause): Stop | null {
    const { context } = this;
    const about = aboutOf(clause, context.text);
    const objects = clause.objects.filter((object) => object.some(isContent));
    const places: NamedPlace[] = clause.places.map((place) => ({ ...place, excluded: true }));
    const protects =
      clause.verb?.phrase === 'touch' ||
      clause.verb?.phrase === 'skip' ||
      clause.verb?.readings.some((reading) => reading.verb === 'run') === true ||
      clause.verb === null;
    if (this.switchesOff(clause, objects)) return null;
    let handled = false;
    const own = new Set(clause.tokens);
    const bareOwn = objects.filter((object) => object.some((token) => own.has(token)));
    const wanted = bareOwn.length > 0 ? bareOwn : objects;
    for (const all of wanted) {
      const object = all.filter((token) => !/^(alone|untouched|out|unchanged|running|anything|else)$/.test(token.word));
      if (!object.some(isContent)) continue;
      const named = placeAt(object.filter(isContent), 0, context.lexicon);
      if (named?.place != null && protects) {
        const { place } = named;
        this.exclude([{ place, text: place.name, lead: 'except', excluded: true }]);
        handled = true;
        continue;
      }
      const asked: Target = {
        verb: protects ? null : clause.verb,
        object,
        parts: [],
        places: [],
        about,
        everything: false,
        wished: false,
      };
      const before = this.placed.length;
      this.placed = this.placed.filter(({ draft }) => !this.isMeant(draft, asked));
      if (this.placed.length < before) {
        this.notes.push(`Not: ${describeTarget(asked)}.`);
        handled = true;
      } else {
        const choice = choose(asked, context, null);
        if (choice.type !== 'none') handled = true;
      }
    }
    if (objects.length === 0 && places.length > 0) {
      this.exclude(places);
      handled = true;
    }
    if (objects.length === 0 && clause.verb !== null && clause.verb.readings.length > 0) {
      const readings = clause.verb.readings.filter((reading) => reading.strength === 1).map((reading) => reading.verb);
      this.placed = this.placed.filter(
        ({ draft }) => !draft.action.verbs.some((verb) => readings.includes(verb)) || this.placed.length === 1,
      );
      handled = true;
    }
    if (!handled && this.placed.length > 0) {
      const fits = this.placed.map(({ draft }) => draft.action);
      return refuse(
        'NOTHING_FITS',
        `I do not know what “${about}” rules out, so I leave the whole request alone. Say it with the name of a service, a host or an input.`,
        fits,
      );
    }
    return null;
  }

  /** "without rebooting", "don't keep data": an input of a step, switched off. */
  private switchesOff(clause: Clause, objects: readonly (readonly Clause['tokens'][number][])[]): boolean {
    const own = new Set(clause.tokens);
    const tokens = [...clause.tokens, ...objects.flat().filter((token) => own.has(token))]
      .filter((token, index, list) => list.indexOf(token) === index && isContent(token) && token.kind === 'word')
      .sort((a, b) => a.start - b.start);
    for (let index = this.placed.length - 1; index >= 0; index -= 1) {
      const found = this.placed[index];
      if (found === undefined) continue;
      for (let at = 0; at < tokens.length; at += 1) {
        const named = inputNamesOf(found.draft.action).at(tokens, at);
        const verbWords = clause.verb?.phrase.split(' ') ?? [];
        const rest = tokens.filter(
          (token, position) =>
            (position < at || position >= at + (named?.length ?? 0)) &&
            !verbWords.includes(token.word) &&
            !/^(enable|enabling|use|using|turn|set|on|do|dont|not|never|without|no)$/.test(token.word),
        );
        if (named === null || named.input.type !== 'bool' || rest.some((token) => token.word !== clause.verb?.text))
          continue;
        this.placed[index] = {
          ...found,
          draft: { ...found.draft, values: new Map([...found.draft.values, [named.input.name, false]]) },
        };
        return true;
      }
    }
    return false;
  }

  private exclude(places: readonly NamedPlace[]): void {
    this.placed = this.placed.map(({ draft, clause }) => ({
      clause,
      draft: { ...draft, places: [...draft.places, ...places] },
    }));
  }

  /** Whether a draft is what these words name. */
  private isMeant(draft: Draft, asked: Target): boolean {
    const choice = choose(asked, this.context, draft.action);
    if (choice.type !== 'one') return false;
    const own = choose(asked, this.context, null);
    const candidates = own.type === 'one' ? [own.fit] : own.type === 'several' ? own.fits : [];
    const fit = candidates.find((candidate) => candidate.entry.action.id === draft.action.id);
    if (fit === undefined) return false;
    for (const [name, value] of fit.values)
      if (draft.values.has(name) && JSON.stringify(draft.values.get(name)) !== JSON.stringify(value)) return false;
    return true;
  }

  /** Steps in the order of doing: "after" and "before" put a step on the other side of its neighbour. */
  private order(): void {
    const clauses = [...new Set(this.placed.map(({ clause }) => clause))];
    const ordered: Clause[] = [];
    for (const clause of clauses) {
      if (clause.order === 'first') ordered.unshift(clause);
      else if (clause.order === 'before-neighbour') ordered.splice(Math.max(0, ordered.length - 1), 0, clause);
      else ordered.push(clause);
    }
    // "before upgrading x, back up y": the clause said first waits for the next one.
    for (let index = 0; index < ordered.length - 1; index += 1) {
      const here = ordered[index];
      const next = ordered[index + 1];
      if (
        here !== undefined &&
        next !== undefined &&
        here.order === 'after-neighbour' &&
        clauses.indexOf(here) === 0 &&
        next.order === 'next'
      ) {
        ordered.splice(index, 2, next, here);
        break;
      }
    }
    this.placed.sort((a, b) => ordered.indexOf(a.clause) - ordered.indexOf(b.clause));
  }

  /** "update packages and reboot nas": the place said last may be meant for all. */
  private spreadLastPlace(): void {
    const last = this.placed.at(-1);
    if (last === undefined || this.placed.length < 2) return;
    // Only a place that was said as one: the object of the last step is its own.
    const places = last.draft.places.filter((place) => !place.excluded && place.lead === 'on');
    if (places.length === 0 || last.clause.leadingPlace) return;
    this.placed = this.placed.map((placed, index) => {
      const isOpen =
        index < this.placed.length - 1 &&
        placed.draft.places.length === 0 &&
        placed.clause !== last.clause &&
        !hasSentenceBetween(placed.clause, last.clause);
      return isOpen ? { ...placed, draft: { ...placed.draft, perhaps: places } } : placed;
    });
  }
}

function hasSentenceBetween(_first: Clause, last: Clause): boolean {
  return last.opens;
}

function isPart(place: NamedPlace, choice: Choice, context: ResolveContext): boolean {
  if (choice.type !== 'one') return false;
  const { playbook, id } = choice.fit.entry.action;
  return context.lexicon.entries.some(
    (entry) =>
      entry.action.playbook === playbook &&
      entry.action.id !== id &&
      entry.names.some((name) => name.compact === compact(place.place.name)),
  );
}

/** "and reboot if needed" after an action with an input `reboot_if_needed`. */
function namedSwitch(action: Action, clause: Clause): string | null {
  const tokens = clause.tokens.filter(
    (token) => token.kind === 'word' && !/^(and|please|also|then|it|them)$/.test(token.word),
  );
  const named = inputNamesOf(action).at(tokens, 0);
  if (named === null || named.input.type !== 'bool') return null;
  const rest = tokens
    .slice(named.length)
    .filter((token) => !/^(if|when|as|where|needed|necessary|required|afterwards|after)$/.test(token.word));
  return rest.some(isContent) ? null : named.input.name;
}

/** "and delete its data" after a removal that may keep the data. */
function keptInput(action: Action, target: Target): string | null {
  if (target.verb?.readings.some((reading) => reading.verb === 'remove' && reading.strength === 1) !== true)
    return null;
  const said = target.object
    .filter(isContent)
    .map((token) => token.word)
    .join('');
  const input = action.inputs.find(
    (candidate) =>
      candidate.type === 'bool' &&
      [`keep${said}`, `preserve${said}`, `retain${said}`].includes(compact(candidate.name)),
  );
  return said === '' || input === undefined ? null : input.name;
}

function lacksInput(fit: Fit): boolean {
  return fit.entry.action.inputs.some(
    (input) => input.required && input.default === undefined && !fit.values.has(input.name),
  );
}

function sameValues(
  a: ReadonlyMap<string, JsonValue | SecretRef>,
  b: ReadonlyMap<string, JsonValue | SecretRef>,
): boolean {
  return [...a].every(([name, value]) => JSON.stringify(b.get(name)) === JSON.stringify(value));
}

/** One action that applies a list, where one is clearly the narrowest: the one that the list is called after, or the smallest. */
function narrowest<Each extends { readonly action: Action }>(
  entries: readonly Each[],
  target: ConfigTarget,
): Each | null {
  const called = [target.path, ...target.aliases].map(compact);
  const sizes = (entry: Each): readonly number[] => {
    const subject = compact(entry.action.subject);
    const isNamed = subject !== '' && called.some((name) => name.includes(subject));
    return [
      isNamed ? 0 : 1,
      entry.action.configs.length,
      kindOrder(entry.action),
      entry.action.reads.length,
      entry.action.inputs.length,
    ];
  };
  const compare = (a: Each, b: Each): number => {
    const [left, right] = [sizes(a), sizes(b)];
    return left.map((size, index) => size - (right[index] ?? 0)).find((difference) => difference !== 0) ?? 0;
  };
  const sorted = [...entries].sort(compare);
  const [first, second] = sorted;
  if (first === undefined) return null;
  return second === undefined || compare(first, second) < 0 ? first : null;
}

function kindOrder(action: Action): number {
  return ['playbook', 'tagged', 'enabled', 'task-file'].indexOf(action.kind);
}

function bareFit(entry: Fit['entry']): Fit {
  return {
    entry,
    score: 0.5,
    verb: 1,
    explained: 1,
    named: 1,
    by: 'name',
    values: new Map(),
    problems: [],
    unknownInputs: [],
    unknownPlaces: [],
    unexplained: [],
    timeSaid: false,
    places: [],
    notes: [],
  };
}

/** The same step asked for twice is done once. */
function merge(drafts: readonly Draft[]): readonly Draft[] {
  const merged: Draft[] = [];
  for (const draft of drafts) {
    const index = merged.findIndex(
      (other) =>
        other.action.id === draft.action.id &&
        sameValues(other.values, draft.values) &&
        sameValues(draft.values, other.values) &&
        placesText(other) === placesText(draft),
    );
    const known = merged[index];
    if (known === undefined) merged.push(draft);
    else merged[index] = { ...known, configs: [...known.configs, ...draft.configs] };
  }
  return merged;
}

function placesText(draft: Draft): string {
  return draft.places
    .map((place) => `${place.excluded ? '!' : ''}${place.place.name}`)
    .sort()
    .join(',');
}
