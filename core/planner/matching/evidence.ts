// The words of a request weighed for and against one action: what its name, inputs, hosts and description explain, and
// what nothing explains.
import type { JsonValue } from '../../json.ts';
import type { SecretRef } from '../../plan/plan.ts';
import type { NamedPlace } from '../reading/clause.ts';
import { placeAt } from '../reading/place-phrase.ts';
import { isContent } from '../reading/settle.ts';
import { timeIn } from '../reading/time-words.ts';
import type { Token } from '../reading/tokens.ts';
import { stem, wordsOf } from '../words/nearness.ts';
import { everydayWords, fillAdjectives, genericNouns } from '../words/plain-words.ts';
import { products } from '../words/products.ts';
import type { Alignment } from './align.ts';
import type { ExplainContext, Target } from './fit.ts';
import type { GivenInputs, Part } from './given-inputs.ts';
import type { Entry } from './lexicon.ts';
import type { InputProblem } from './value-result.ts';

export class Evidence {
  readonly entry: Entry;
  readonly target: Target;
  readonly context: ExplainContext;
  readonly parts: readonly Part[];
  readonly aligned: Alignment;
  readonly given: GivenInputs;
  readonly nouns: ReadonlySet<Token>;
  readonly file: Token | null;
  readonly notes: string[] = [];
  readonly values: Map<string, JsonValue | SecretRef>;
  readonly problems: InputProblem[];
  readonly places: NamedPlace[];
  readonly unknownPlaces: string[] = [];
  readonly unexplained: Token[] = [];
  total = 0;
  sure = 0;
  strongSaid = false;
  byValue = false;
  timeSaid = false;
  readonly unknownWith: { name: string; tokens: readonly Token[] }[] = [];
  /** The object is a host or group: "reboot nas". */
  machineNamed = false;
  readonly times: ReadonlySet<Token>;

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

  /** Counts a part's words for or against the action. */
  weigh(part: Part): void {
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

  /** Only the description has the words: "the password manager". Products' names in a description are company, not the subject. */
  describedOnly(): { readonly explained: number } | null {
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
