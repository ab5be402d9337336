// One action held against one thing asked for: every word that was said has to be explained by the action's verb,
// subject, inputs, hosts or description. What stays unexplained lowers the score; that is what keeps a wrong plan away.
import type { Input } from '../../catalogue/model.ts';
import type { JsonValue } from '../../json.ts';
import type { SecretRef } from '../../plan/plan.ts';
import type { NamedPlace, VerbUse } from '../reading/clause.ts';
import { placeAt } from '../reading/place-phrase.ts';
import { isContent } from '../reading/settle.ts';
import { timeIn } from '../reading/time-words.ts';
import type { Token } from '../reading/tokens.ts';
import { compact, stem, wordsOf } from '../words/nearness.ts';
import { everydayWords, fillAdjectives, genericNouns, machineNouns } from '../words/plain-words.ts';
import { products } from '../words/products.ts';
import { verbFit, verbPhrases } from '../words/verbs.ts';
import { type Alignment, alignNames } from './align.ts';
import type { Entry, Lexicon } from './lexicon.ts';
import { type GivenInputs, type Part, readInputs } from './read-inputs.ts';
import { type InputProblem, readValue } from './read-value.ts';

/** One thing asked for: a clause's verb with one of its objects. */
export type Target = {
  readonly verb: VerbUse | null;
  readonly object: readonly Token[];
  readonly parts: readonly Part[];
  readonly places: readonly NamedPlace[];
  /** As said, for people. */
  readonly about: string;
  /** `everything`, `all services`. */
  readonly everything: boolean;
  readonly wished: boolean;
};

export type Fit = {
  readonly entry: Entry;
  /** 0 to 1. */
  readonly score: number;
  readonly verb: number;
  /** How much of what was said is explained, 0 to 1. */
  readonly explained: number;
  /** How much of the action's name was said, 0 to 1. */
  readonly named: number;
  /** The subject stands in the action's own name, rather than as an input's value or in its description. */
  readonly by: 'name' | 'value' | 'description' | 'verb' | 'file';
  readonly values: ReadonlyMap<string, JsonValue | SecretRef>;
  readonly problems: readonly InputProblem[];
  readonly unknownInputs: GivenInputs['unknown'];
  /** Said where a place stands, and names none. */
  readonly unknownPlaces: readonly string[];
  /** Words that nothing explains. */
  readonly unexplained: readonly Token[];
  /** A time was said that is no value of the action: a plan cannot wait for it. */
  readonly timeSaid: boolean;
  readonly places: readonly NamedPlace[];
  readonly notes: readonly string[];
};

export type ExplainContext = {
  readonly lexicon: Lexicon;
  readonly text: string;
  readonly secrets: ReadonlyMap<string, SecretRef>;
};

/** Holds an action against what was asked; null where the verb or every word speaks against it. */
export function explain(entry: Entry, target: Target, context: ExplainContext): Fit | null {
  const { lexicon } = context;
  const parts: readonly Part[] = [{ lead: 'object', said: '', tokens: target.object }, ...target.parts];
  const file = namesFile(
    entry,
    parts,
    target.verb?.readings.some((reading) => reading.verb === 'run' && reading.strength === 1) ?? false,
  );
  const subjectTokens = parts
    .filter((part) => subjectLeads.has(part.lead))
    .flatMap((part) => [...part.tokens, breakToken]);
  const aligned = alignNames(
    subjectTokens.filter((token) => token === breakToken || isContent(token)),
    entry.names,
    lexicon.weight,
    lexicon.isKnown,
  );
  const verb = verbOf(entry, target);
  // An alias that says a verb of its own, "nightly run", answers to that verb; a playbook that is named, to any.
  const byAlias =
    target.verb === null
      ? 0
      : verbFit(
          target.verb.readings,
          aligned.name === null || aligned.name.verbs.length === 0 ? ['-'] : aligned.name.verbs,
        );
  const verbFitted = Math.max(verb.fit, byAlias, file === null ? 0 : 0.9);
  if (verbFitted === 0 && target.verb !== null && !mayStillFit(entry, target)) return null;
  const given = readInputs(entry.action, parts, {
    text: context.text,
    secrets: context.secrets,
    switchOff: target.verb?.readings.some((reading) => reading.verb === 'disable' && reading.strength === 1) ?? false,
    switchOn: target.verb?.readings.some((reading) => reading.verb === 'enable' && reading.strength === 1) ?? false,
    subject: new Set(aligned.matched.keys()),
    otherNames: lexicon.otherNames,
  });
  const scene = new Scene(entry, target, context, parts, aligned, given, verb.nouns, file);
  return scene.judge(verbFitted);
}

/** An action of another verb may still do it by a value: `state: stopped`, `log_level: debug`, another version. */
function mayStillFit(entry: Entry, target: Target): boolean {
  const bySetting =
    target.verb?.readings.some((reading) => /^(enable|disable|rotate|configure|update|scale)$/.test(reading.verb)) ??
    false;
  return (
    (bySetting && (entry.verbs.includes('deploy') || entry.verbs.includes('configure'))) ||
    entry.action.inputs.some((input) => (input.choices?.length ?? 0) > 1)
  );
}

const subjectLeads: ReadonlySet<string> = new Set(['object', 'for', 'of', 'from', 'to', 'on', 'with', 'by', 'as']);
const breakToken: Token = { kind: 'mark', text: ',', word: ',', start: -1, end: -1, chunk: -1, joined: false };

/** How well the action's verb answers, with nouns taken for verbs where the verb said only carries them. */
function verbOf(entry: Entry, target: Target): { readonly fit: number; readonly nouns: ReadonlySet<Token> } {
  const offered = entry.verbs;
  let fit =
    target.verb === null
      ? target.wished
        ? 0.85 * verbFit([{ verb: 'deploy', strength: 1 }], offered)
        : 0
      : target.verb.phrase === 'ensure'
        ? 0
        : verbFit(target.verb.readings, offered);
  const nouns = new Set<Token>();
  for (const token of target.object) {
    if (token.kind !== 'word') continue;
    const readings = verbPhrases(token.word)
      .filter((phrase) => phrase.nounToo || phrase.form === 'gerund' || phrase.form === 'noun')
      .flatMap((phrase) => phrase.readings);
    if (readings.length === 0) continue;
    const nounFit = verbFit(readings, offered);
    if (nounFit < 0.8) continue;
    // "install updates": the noun is the act, and installing only carries it.
    const installs =
      readings.some((reading) => reading.verb === 'update') &&
      /^(install|apply|roll out|push|deploy)$/.test(target.verb?.phrase ?? '');
    if (target.verb === null || target.verb.carrier || installs) {
      nouns.add(token);
      fit = Math.max(fit, target.verb === null ? nounFit * 0.97 : nounFit * 0.98);
    } else if (fit > 0.5) nouns.add(token);
  }
  // The word itself, as said: "upgrade" rather than "update" where both exist.
  return { fit, nouns };
}

/** The playbook itself is named: `run site.yml`, `playbooks/backup.yml`; with tags, the part of it that has them. */
function namesFile(entry: Entry, parts: readonly Part[], runs: boolean): Token | null {
  const tags = tagsSaid(parts);
  const { action } = entry;
  const [first] = parts;
  const name = compact(action.playbook.replace(/^.*\//, '').replace(/\.ya?ml$/, ''));
  for (const token of parts.flatMap((part) => part.tokens)) {
    if (
      token.kind === 'word' &&
      tags.length === 0 &&
      action.kind === 'playbook' &&
      runs &&
      first?.tokens.includes(token)
    ) {
      // "run disk-usage", "run the disk-usage playbook".
      const content = first.tokens.filter(
        (other) => isContent(other) && !/^(playbook|playbooks|yml|job)$/.test(other.word),
      );
      if (content.map((other) => other.word).join('') === name) return token;
    }
    if (token.kind !== 'path') continue;
    const said = token.text.replace(/^\.\//, '');
    const isThis = said === action.playbook || (action.playbook.endsWith(`/${said}`) && /\.ya?ml$/.test(said));
    if (!isThis) continue;
    if (tags.length === 0 && action.kind === 'playbook') return token;
    if (
      tags.length > 0 &&
      action.tags.length === tags.length &&
      action.tags.every((tag) => tags.includes(compact(tag)))
    )
      return token;
  }
  return null;
}

/** "with tags grafana, traefik": the tags, without spaces. */
function tagsSaid(parts: readonly Part[]): readonly string[] {
  for (const { tokens } of parts) {
    const at = tokens.findIndex((token) => /^tags?$/.test(token.word));
    if (at < 0) continue;
    const chunks = new Map<number, string>();
    for (const token of tokens.slice(at + 1))
      if (token.kind !== 'mark' && token.word !== 'and')
        chunks.set(token.chunk, (chunks.get(token.chunk) ?? '') + compact(token.text));
    return [...chunks.values()];
  }
  return [];
}

class Scene {
  private readonly entry: Entry;
  private readonly target: Target;
  private readonly context: ExplainContext;
  private readonly parts: readonly Part[];
  private readonly aligned: Alignment;
  private readonly given: GivenInputs;
  private readonly nouns: ReadonlySet<Token>;
  private readonly file: Token | null;
  private readonly notes: string[] = [];
  private readonly values: Map<string, JsonValue | SecretRef>;
  private readonly problems: InputProblem[];
  private readonly places: NamedPlace[];
  private readonly unknownPlaces: string[] = [];
  private readonly unexplained: Token[] = [];
  private total = 0;
  private sure = 0;
  private strongSaid = false;
  private byValue = false;
  private timeSaid = false;
  private readonly unknownWith: { name: string; tokens: readonly Token[] }[] = [];
  /** The object is a host or group: "reboot nas". */
  private machineNamed = false;
  private readonly times: ReadonlySet<Token>;

  constructor(
    entry: Entry,
    target: Target,
    context: ExplainContext,
    parts: readonly Part[],
    aligned: Alignment,
    given: GivenInputs,
    nouns: ReadonlySet<Token>,
    file: Token | null,
  ) {
    this.entry = entry;
    this.target = target;
    this.context = context;
    this.parts = parts;
    this.aligned = aligned;
    this.given = given;
    this.nouns = nouns;
    this.file = file;
    this.values = new Map(given.values);
    this.problems = [...given.problems];
    this.places = [...target.places];
    this.times = new Set(timeIn(parts.flatMap((part) => (part.lead === 'with' ? [] : part.tokens)))?.tokens ?? []);
  }

  judge(verbFitted: number): Fit | null {
    const { entry, target, aligned } = this;
    for (const part of this.parts) this.weigh(part);
    this.fillPositional();
    const description = this.describedOnly();
    let verb = verbFitted;
    // "upgrade nextcloud to 30": deploying with another version is what is meant.
    const isUpgrade =
      target.verb?.readings.some((reading) => reading.verb === 'update' && reading.strength === 1) ?? false;
    if (
      isUpgrade &&
      entry.verbs.includes('deploy') &&
      [...this.values.keys()].some((name) => /(version|tag|release)$/.test(name))
    )
      verb = Math.max(verb, 0.86);
    const scales = target.verb?.readings.some((reading) => reading.verb === 'scale' && reading.strength === 1) ?? false;
    if (
      scales &&
      entry.verbs.includes('deploy') &&
      [...this.values.keys()].some((name) => /(replicas|instances|workers|count|nodes|size|copies)$/.test(name))
    )
      verb = Math.max(verb, 0.86);
    const byVerbChoice = this.verbAsValue(verb);
    if (byVerbChoice > verb) verb = byVerbChoice;
    // "set the port of gitea to 3001": configuring by deploying again.
    const sets =
      target.verb?.readings.some((reading) =>
        /^(enable|disable|rotate)$/.test(reading.verb) ? reading.strength === 1 : reading.verb === 'configure',
      ) ?? false;
    if (sets && this.values.size > 0 && (entry.verbs.includes('deploy') || entry.verbs.includes('configure')))
      verb = Math.max(verb, 0.86);
    if (target.verb === null && !target.wished && verb === 0) verb = 0.6;
    if (verb === 0) return null;
    let explained = this.total === 0 ? 1 : this.sure / this.total;
    let named = this.namedShare();
    let by: Fit['by'] =
      this.file !== null
        ? 'file'
        : aligned.said > 0.3 && !(aligned.name?.generic ?? true)
          ? 'name'
          : this.byValue
            ? 'value'
            : 'verb';
    if (description !== null && explained < description.explained && by !== 'name') {
      explained = description.explained;
      named = Math.max(named, 0.5);
      by = 'description';
    }
    const score = verb * explained ** 2 * (0.55 + 0.45 * named);
    if (score <= 0) return null;
    return {
      entry,
      score: Math.min(1, score),
      verb,
      explained,
      named,
      by,
      values: this.values,
      problems: this.problems,
      unknownInputs: [...this.given.unknown, ...this.unknownWith],
      unknownPlaces: this.unknownPlaces,
      unexplained: this.unexplained,
      timeSaid: this.timeSaid,
      places: this.places,
      notes: this.notes,
    };
  }

  /** Counts a part's words for or against the action. */
  private weigh(part: Part): void {
    if (part.lead === 'ignored' || part.lead === 'except') return;
    const { tokens } = part;
    const open: Token[] = [];
    for (let at = 0; at < tokens.length; at += 1) {
      const token = tokens[at];
      if (token === undefined || !isContent(token)) continue;
      if (this.given.used.has(token)) {
        this.count(token, 1);
        if ([...this.values.values()].length > 0 && part.lead === 'object') this.byValue = true;
        continue;
      }
      if (token === this.file || this.nouns.has(token)) continue;
      const quality = this.aligned.matched.get(token);
      if (quality !== undefined) {
        this.count(token, quality);
        continue;
      }
      const place = placeAt(tokens, at, this.context.lexicon);
      if (
        place !== null &&
        place.place !== null &&
        (part.lead === 'object' || part.lead === 'for' || part.lead === 'of' || part.lead === 'from')
      ) {
        const words = tokens.slice(at, at + place.length);
        this.places.push({
          place: place.place,
          text: words.map((each) => each.text).join(' '),
          lead: part.lead,
          excluded: false,
        });
        if (part.lead === 'object') this.machineNamed = true;
        this.total += 0.4;
        this.sure += 0.4;
        at += place.length - 1;
        continue;
      }
      open.push(token);
    }
    if (open.length > 0) this.judgeOpen(part, open);
  }

  private judgeOpen(part: Part, open: readonly Token[]): void {
    const subjectStrong = this.aligned.said >= 0.45 && !(this.aligned.name?.generic ?? true);
    const rest: Token[] = [];
    for (const token of open) {
      const word = token.word;
      if (fillAdjectives.has(word)) continue;
      if (genericNouns.has(word)) continue;
      if (this.times.has(token)) {
        this.timeSaid = true;
        continue;
      }
      const isDescribed = this.entry.described.has(stem(word));
      const inName = this.entry.names.some((name) => name.words.some((other) => stem(other) === stem(word)));
      if (inName || (isDescribed && (subjectStrong || this.byValue)) || this.ownTag(word)) {
        this.count(token, inName ? 1 : 0.97);
        continue;
      }
      rest.push(token);
    }
    if (rest.length === 0) return;
    const isSubject = rest.every((token) => this.context.lexicon.subjectWord(token.word));
    if (!isSubject && (part.lead === 'on' || (part.lead === 'to' && !this.takesTo()))) {
      const text = rest.map((token) => token.text).join(' ');
      this.unknownPlaces.push(text);
      return;
    }
    if (part.lead === 'with' || part.lead === 'without') {
      this.unknownWith.push({ name: rest.map((token) => token.text).join(' '), tokens: rest });
      return;
    }
    for (const token of rest) {
      this.unexplained.push(token);
      const weight = everydayWords.has(token.word) ? 0.4 : 1;
      this.total += part.lead === 'for' || part.lead === 'by' ? weight * 0.6 : weight;
      if (part.lead === 'object') this.strongSaid = true;
    }
  }

  /** `to` that says no place: "add x to y", "rename a to b", "upgrade to 3". */
  private takesTo(): boolean {
    return (
      this.target.verb?.readings.some(
        (reading) =>
          /^(add|update|configure|migrate|roll back|scale|rotate|reset|restore)$/.test(reading.verb) &&
          reading.strength === 1,
      ) ?? false
    );
  }

  private ownTag(word: string): boolean {
    return (
      this.entry.action.tags.some((tag) => wordsOf(tag).includes(word)) &&
      this.parts.some((part) => part.tokens.some((token) => /^tags?$/.test(token.word)))
    );
  }

  private count(token: Token, quality: number): void {
    const weight = this.context.lexicon.weight(token.word);
    if (genericNouns.has(token.word) && !this.given.used.has(token)) {
      this.total += weight;
      this.sure += weight * quality;
      return;
    }
    this.total += weight;
    this.sure += weight * quality;
    this.strongSaid = true;
  }

  /** How much of the action's name was said. An action about machines in general is named by its verb. */
  private namedShare(): number {
    const { entry, aligned, target } = this;
    if (this.file !== null) return 1;
    const isWhole = wholeOf(entry);
    // About machines, or named only by what it does: "reboot", "backup".
    const machines = entry.names.some(
      (name) =>
        name.words.every((word) => machineNouns.has(word)) ||
        (name.generic && !name.words.every((word) => genericNouns.has(word))),
    );
    if (target.everything && !this.strongSaid) {
      if (isWhole) return 1;
      const choosesService = entry.action.inputs.some(
        (input) => input.required && input.choices !== undefined && !this.values.has(input.name),
      );
      if (choosesService && entry.names.some((name) => name.generic)) return 0.9;
      if (aligned.said > 0.9) return 0.97;
      return machines &&
        (target.verb?.readings.some((reading) => reading.strength === 1 && entry.verbs.includes(reading.verb)) ?? false)
        ? 0.8
        : 0;
    }
    // A verb of its own, "bootstrap", is all that has to be said.
    const ownVerb =
      target.verb !== null &&
      !/^(deploy|configure|run|install)$/.test(target.verb.phrase) &&
      entry.action.verbs.includes(target.verb.phrase) &&
      entry.verbs[0] !== target.verb.phrase;
    if (ownVerb && !this.strongSaid && entry.names.every((name) => name.generic || isWhole)) return 1;
    // A machine that is created or removed is the object itself, not the place.
    if (!this.strongSaid && aligned.said === 0 && entry.verbs.some((verb) => verb === 'create' || verb === 'remove'))
      return 0;
    const generic = entry.names.some((name) => name.generic || name.words.every((word) => machineNouns.has(word)));
    if (isWhole && !this.strongSaid) return aligned.said > 0.9 ? 1 : 0.4;
    if (!this.strongSaid && this.machineNamed && !machines && generic) return 0.3;
    if (!this.strongSaid && generic) return 1;
    if (this.byValue && generic) return 0.97;
    return aligned.said;
  }

  /** A verb that the action takes as an input: `state: stopped`, `action: [start, stop]`. */
  private verbAsValue(verb: number): number {
    const { verb: said } = this.target;
    if (said === null || verb >= 0.8) return 0;
    for (const input of this.entry.action.inputs) {
      if (input.choices === undefined || this.values.has(input.name)) continue;
      const meanings = input.choices.map((choice) => ({ choice, verbs: meaningOf(String(choice)) }));
      if (meanings.filter((meaning) => meaning.verbs.length > 0).length < 2) continue;
      const fits = meanings
        .map((meaning) => ({ ...meaning, fit: meaning.verbs.length === 0 ? 0 : verbFit(said.readings, meaning.verbs) }))
        .sort((a, b) => b.fit - a.fit);
      const [first, second] = fits;
      if (first !== undefined && first.fit >= 0.8 && first.fit > (second?.fit ?? 0)) {
        this.values.set(input.name, first.choice);
        this.notes.push(`“${said.text}” is ${input.name}=${String(first.choice)}`);
        return first.fit * 0.97;
      }
    }
    return 0;
  }

  /** "create user bob": the one word left over is the one value that is missing. */
  private fillPositional(): void {
    if (this.unexplained.length === 0) return;
    const open = this.entry.action.inputs.filter(
      (input) =>
        !this.values.has(input.name) &&
        input.choices === undefined &&
        (input.type === 'str' || input.type === 'raw' || input.type === 'path' || input.type === 'int') &&
        !input.secret,
    );
    const named = this.parts.find((part) => part.lead === 'named' || part.lead === 'as');
    const nameLike = open.filter((input) =>
      /^(name|user|username|login|title|hostname|domain|label|id)$/.test(wordsOf(input.name).at(-1) ?? ''),
    );
    const ofNamed = named === undefined ? [] : this.unexplained.filter((token) => named.tokens.includes(token));
    if (ofNamed.length > 0) {
      const input = nameLike.filter((candidate) => candidate.required)[0] ?? nameLike[0];
      if (input !== undefined) this.fill(input, ofNamed);
    }
    // "for bob" where one input is a person.
    const people = open.filter(
      (input) =>
        /^(user|username|login|account|owner|person|member|recipient)$/.test(wordsOf(input.name).at(-1) ?? '') ||
        /^user_?name$/.test(input.name),
    );
    const forWhom = this.parts.find((part) => part.lead === 'for' || part.lead === 'of');
    const whom = forWhom === undefined ? [] : this.unexplained.filter((token) => forWhom.tokens.includes(token));
    if (
      people.length === 1 &&
      people[0] !== undefined &&
      whom.length > 0 &&
      whom.length <= 3 &&
      this.aligned.said >= 0.5
    )
      this.fill(people[0], whom);
    const required = open.filter((input) => input.required && !this.values.has(input.name));
    const only = required.length === 1 ? required[0] : undefined;
    if (only === undefined) return;
    const isServiceName = /(^|_)(service|app|application|container|stack|unit|role)(_name)?$/.test(only.name);
    if (this.aligned.said < 0.5 && !isServiceName) return;
    // Loose words in one place, glued or side by side after the subject.
    const left = this.unexplained.filter((token) =>
      this.parts.some(
        (part) =>
          (part.lead === 'object' || part.lead === 'for' || part.lead === 'of' || part.lead === 'from') &&
          part.tokens.includes(token),
      ),
    );
    const [first] = left;
    const last = left.at(-1);
    if (first === undefined || last === undefined) return;
    const isOneRun = left.every((token, index) => index === 0 || token.start - (left[index - 1]?.end ?? 0) <= 1);
    const generic = this.aligned.name?.generic ?? true;
    // A service that the catalogue knows by this one word: its name elsewhere is most likely the same.
    const knownElsewhere = left.length === 1 && this.context.lexicon.subject([first.word]) === 1;
    if (!isOneRun || left.length > 4) return;
    if (generic && !this.subjectNounSaid() && !knownElsewhere) return;
    if (generic && !this.subjectNounSaid() && !isServiceName) return;
    this.fill(only, left);
  }

  private subjectNounSaid(): boolean {
    return [...this.aligned.matched.keys()].length > 0;
  }

  private fill(input: Input, tokens: readonly Token[]): void {
    const read = readValue(input, tokens, {
      text: this.context.text,
      secrets: this.context.secrets,
      endsAt: () => false,
    });
    if (read.type === 'problem') {
      this.problems.push(read.problem);
      return;
    }
    // "revoke bob's keys": the person is bob.
    const value =
      typeof read.value === 'string' && tokens.length === 1 && tokens[0]?.kind === 'word'
        ? read.value.replace(/'s$/, '')
        : read.value;
    this.values.set(input.name, value);
    this.byValue = true;
    for (const token of tokens) {
      const index = this.unexplained.indexOf(token);
      if (index < 0) continue;
      this.unexplained.splice(index, 1);
      this.sure += everydayWords.has(token.word) ? 0.4 * 0.95 : 0.95;
    }
  }

  /** Only the description has the words: "the password manager". Products' names in a description are company, not the subject. */
  private describedOnly(): { readonly explained: number } | null {
    if (this.unexplained.length === 0 || this.unexplained.some((token) => products.has(token.word))) return null;
    const head = wordsOf(
      this.entry.action.description.split(/[.;,(]| with | using | for | behind | via | and /i)[0] ?? '',
    ).map(stem);
    const words = this.unexplained.map((token) => stem(token.word));
    const found = head.findIndex(
      (word, index) => word === words[0] && words.every((other, offset) => head[index + offset] === other),
    );
    if (found >= 0) return { explained: words.length > 1 ? 1 : 0.92 };
    if (words.every((word) => this.entry.described.has(word))) return { explained: 0.85 };
    return null;
  }
}

const meanings: ReadonlyMap<string, readonly string[]> = new Map([
  ['on', ['enable', 'start']],
  ['off', ['disable', 'stop']],
  ['enabled', ['enable']],
  ['disabled', ['disable']],
  ['enable', ['enable']],
  ['disable', ['disable']],
  ['present', ['deploy', 'create']],
  ['installed', ['deploy']],
  ['absent', ['remove']],
  ['removed', ['remove']],
  ['started', ['start']],
  ['running', ['start']],
  ['stopped', ['stop']],
  ['restarted', ['restart']],
  ['reloaded', ['reload']],
  ['latest', ['update']],
  ['rebooted', ['reboot']],
]);

function meaningOf(choice: string): readonly string[] {
  const known = meanings.get(choice);
  if (known !== undefined) return known;
  return verbPhrases(choice)
    .filter((phrase) => phrase.form === 'base')
    .flatMap((phrase) => phrase.readings.filter((reading) => reading.strength === 1).map((reading) => reading.verb));
}

/** An action that does the whole lab: site.yml and its like. */
export function wholeOf(entry: Entry): boolean {
  const { action } = entry;
  if (action.kind !== 'playbook') return false;
  const subject = entry.names[0]?.compact ?? '';
  const isNamed =
    /^(everything|all|whole|entire|site|full|allservices|wholelab|homelab|lab|thewholelab|completelab|wholehomelab|infrastructure|everyservice|allapps|fullstack)$/.test(
      subject,
    );
  return (
    isNamed ||
    /^(?:(?:ansible|playbooks?|plays)\/)*(?:site|main|all|everything|full|playbook|local|homelab|lab)\.ya?ml$/.test(
      action.playbook,
    )
  );
}
