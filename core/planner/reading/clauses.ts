// A request's tokens parted into clauses, each one thing asked for: at full stops, at `then`, and at commas and `and`
// where what follows is a new act or the same act on a new subject. Second stage of reading.
import type { Lexicon } from '../matching/lexicon.ts';
import { readNumber, readQuantity, readUnit } from '../words/numbers.ts';
import { determiners, fillers } from '../words/plain-words.ts';
import { carrierVerbs, mistypedVerb, particlesOf, type VerbPhrase, verbPhrases } from '../words/verbs.ts';
import { type Clause, emptyClause, type Lead, type Segment } from './clause.ts';
import { connectiveAt } from './connectives.ts';
import { startsPlace } from './place-phrase.ts';
import { isContent, settleClause } from './settle.ts';
import { normalise, type Token, tokenise } from './tokens.ts';

export type Reading = { readonly text: string; readonly tokens: readonly Token[]; readonly clauses: readonly Clause[] };

/** The clauses of a request, in the order said. */
export function readClauses(request: string, lexicon: Lexicon): Reading {
  const text = normalise(request);
  const tokens = tokenise(text);
  const walk = new Walk(tokens, lexicon);
  const clauses = walk.clauses().flatMap((clause) => settleClause(clause, lexicon));
  return { text, tokens, clauses };
}

/** Acts that nobody wants done unless the condition holds. */
const drastic = new Set(['reboot', 'shut down', 'remove', 'restore', 'reset', 'roll back', 'stop']);

type VerbAt = {
  readonly length: number;
  readonly phrases: readonly VerbPhrase[];
  readonly text: string;
  readonly particleAt: number | null;
};

/** One pass over the tokens. Holds the clause that is being filled. */
class Walk {
  private readonly done: Clause[] = [];
  private clause: Clause = emptyClause();
  private segment: Segment = openSegment('object', '');
  private at = 0;
  /** Particles that belong to a verb said before them: `spin grafana up`. */
  private readonly particles = new Set<number>();

  private readonly tokens: readonly Token[];
  private readonly lexicon: Lexicon;

  constructor(tokens: readonly Token[], lexicon: Lexicon) {
    this.tokens = tokens;
    this.lexicon = lexicon;
    this.begin(true);
    this.skipBullet();
  }

  clauses(): readonly Clause[] {
    while (this.at < this.tokens.length) this.step();
    this.finish();
    return this.done;
  }

  private step(): void {
    const token = this.tokens[this.at];
    if (token === undefined) return;
    if (this.particles.has(this.at)) {
      this.clause.tokens.push(token);
      this.at += 1;
      return;
    }
    if (token.kind === 'mark') {
      this.mark(token);
      return;
    }
    if (this.questionWord()) return;
    const found = token.kind === 'word' ? connectiveAt(this.tokens, this.at) : null;
    const isSwitch =
      /^(on|off)$/.test(token.word) &&
      this.segment.tokens.length + this.clause.objects.flat().length > 0 &&
      this.isBoundary(this.at + 1);
    if (found !== null && !isSwitch && !this.isValuePosition() && !this.isName(found.length)) {
      if (this.connective(found.connective, found.length, found.said)) return;
    }
    const verb = this.verbAt(this.at);
    if (verb !== null && this.takesVerb(verb)) {
      this.verb(verb);
      return;
    }
    this.keep(1);
  }

  /** Marks: sentences end, lists go on, bullets open a line. */
  private mark(token: Token): void {
    const next = this.tokens[this.at + 1];
    if (/^[\n;.!?]$/.test(token.text) || token.text === '&&') {
      if (token.text === '?' && this.clause.question === null && isInverted(this.clause))
        this.clause.question = 'yes-no';
      this.at += 1;
      this.skipBullet();
      this.cut(token.text !== '&&');
      return;
    }
    if (
      token.text === ',' ||
      token.text === '(' ||
      token.text === ')' ||
      (token.text === ':' && !this.isValuePosition())
    ) {
      this.at += 1;
      this.soft(token.text === ',' ? 'comma' : 'loose', token);
      return;
    }
    if (token.text === '&' || token.text === '+') {
      this.at += 1;
      this.soft('and', token);
      return;
    }
    if (token.text === '@' && next !== undefined) {
      this.at += 1;
      this.openLead('on', '@');
      return;
    }
    if (token.text === '*' || token.text === '#' || token.text === '-' || token.text === '•') {
      if (this.clause.tokens.length === 0) {
        this.at += 1;
        return;
      }
    }
    this.keep(1);
  }

  private skipBullet(): void {
    const token = this.tokens[this.at];
    const next = this.tokens[this.at + 1];
    if (token?.kind === 'number' && /^\d{1,2}$/.test(token.text) && next?.kind === 'mark' && /^[.)]$/.test(next.text))
      this.at += 2;
  }

  /** `what`, `why`, `how` at a sentence's start, or `is`/`are`: a question rather than a request. */
  private questionWord(): boolean {
    if (!this.clause.opens || this.clause.tokens.some((token) => token.kind === 'word' && !isGreeting(token.word)))
      return false;
    const word = this.tokens[this.at]?.word ?? '';
    const next = this.tokens[this.at + 1]?.word ?? '';
    if (
      /^(what|whats|which|why|who|whos|where|wheres|how|hows|whose)$/.test(word) &&
      !(word === 'how' && next === 'about') &&
      !(word === 'what' && next === 'about') &&
      !(word === 'why' && next === 'not')
    ) {
      this.clause.question = 'open';
      return false;
    }
    if (word === 'when' && /^(is|are|was|were|did|does|do|will|has|have)$/.test(next)) {
      this.clause.question = 'open';
      this.keep(1);
      return true;
    }
    if (/^(is|are|was|were|does|did|has|isnt|arent)$/.test(word)) {
      this.clause.question = 'yes-no';
      this.keep(1);
      return true;
    }
    if (/^(should|shall|must)$/.test(word) && /^(i|we|it|that|this)$/.test(next)) {
      this.clause.question = 'open';
      this.keep(1);
      return true;
    }
    if (word === 'do' && /^(you|i|we|they)$/.test(next) && !/^(mind)$/.test(this.tokens[this.at + 2]?.word ?? '')) {
      this.clause.question = 'open';
      this.keep(1);
      return true;
    }
    return false;
  }

  /** True when the connective was taken. */
  private connective(
    found: NonNullable<ReturnType<typeof connectiveAt>>['connective'],
    length: number,
    said: string,
  ): boolean {
    const after = this.at + length;
    switch (found.type) {
      case 'filler':
        this.keepPlain(length);
        return true;
      case 'and':
      case 'or':
        this.at = after;
        this.soft(found.type, this.tokens[after - 1]);
        return true;
      case 'then':
        this.at = after;
        this.cut(false);
        return true;
      case 'but':
        return this.but(after);
      case 'first':
        if (
          this.clause.tokens.length > 0 &&
          this.clause.verb !== null &&
          this.verbAt(this.skipPlain(after)) !== null &&
          /^before/.test(said)
        ) {
          // "upgrade x, before that back up y"
          this.at = after;
          this.cut(false);
          this.clause.order = 'first';
          return true;
        }
        this.clause.order = 'first';
        this.keepPlain(length);
        return true;
      case 'before':
      case 'after':
        return this.orderWord(found.type, after);
      case 'once':
        if (this.clause.verb !== null) this.cut(false);
        this.clause.statement = true;
        this.clause.order = 'before-neighbour';
        this.keepPlain(length);
        return true;
      case 'reason':
      case 'relative':
        if (this.clause.verb === null && this.clause.tokens.length === 0) {
          this.clause.statement = true;
          this.keepPlain(length);
          return true;
        }
        if (found.type === 'relative' && this.clause.verb === null) return false;
        this.at = after;
        this.open('ignored', said);
        return true;
      case 'soft-condition':
        if (this.clause.verb?.readings.some((reading) => drastic.has(reading.verb) && reading.strength === 1) === true)
          this.clause.conditional = true;
        this.keepPlain(length);
        return true;
      case 'condition':
        this.clause.conditional = true;
        this.at = after;
        if (
          this.clause.verb === null &&
          this.clause.objects.every((object) => object.every((token) => fillers.has(token.word)))
        )
          this.clause.statement = true;
        else this.open('ignored', said);
        return true;
      case 'negation':
        return this.negation(found.of, after, said);
      case 'lead':
        return this.lead(found.lead, after, said);
    }
  }

  private but(after: number): boolean {
    const next = connectiveAt(this.tokens, after);
    const verbNext = this.verbAt(this.skipPlain(after));
    this.at = after;
    if (next !== null && next.connective.type !== 'filler') {
      if (next.connective.type === 'first') {
        this.cut(false);
        this.clause.order = 'first';
        this.at = after + next.length;
      }
      return true;
    }
    if (verbNext !== null) {
      this.cut(false);
      return true;
    }
    // "everything but jellyfin", "all but nas"; anything else goes on with what was said.
    const isWhole =
      [...this.clause.objects.flat(), ...this.segment.tokens].some((token) =>
        /^(everything|all|every|any|each|everywhere|whole|anything)$/.test(token.word),
      ) || this.clause.tokens.slice(-3).some((token) => /^(everything|all|every|everywhere)$/.test(token.word));
    const at = this.skipPlain(after);
    if (isWhole || startsPlace(this.tokens, at, this.lexicon)) this.open('except', 'but');
    else this.cut(false);
    return true;
  }

  private orderWord(type: 'before' | 'after', after: number): boolean {
    const nextAt = this.skipPlain(after);
    const verb = this.verbAt(nextAt);
    const hasActLater = this.nounActLater(nextAt);
    if (verb === null && !hasActLater) return false;
    if (this.clause.verb !== null || this.clause.objects.length > 0) this.cut(false);
    const leading = this.done.length === 0 || this.clause.opens;
    // "after X, do Y" stands before its neighbour in doing, whichever side it is said on.
    this.clause.order = type === 'after' ? 'before-neighbour' : 'after-neighbour';
    if (leading && type === 'after') this.clause.order = 'next';
    this.at = nextAt;
    return true;
  }

  /** Within the next few words, before a mark, stands an act as a noun or participle: `after the backup is done`. */
  private nounActLater(from: number): boolean {
    for (let index = from; index < Math.min(from + 5, this.tokens.length); index += 1) {
      const token = this.tokens[index];
      if (token === undefined || token.kind === 'mark') return false;
      if (verbPhrases(token.word).some((phrase) => phrase.form === 'noun' || phrase.form === 'past')) return true;
    }
    return false;
  }

  private negation(
    of: 'verb' | 'any' | 'except' | 'without' | 'instead' | 'protect' | 'skip',
    after: number,
    said: string,
  ): boolean {
    const nextAt = this.skipPlain(after);
    const verb = this.verbAt(nextAt);
    const lead = connectiveAt(this.tokens, nextAt);
    if (of === 'protect') {
      if (said === 'leave' || said.endsWith(' leave')) {
        const aloneAt = this.tokens.findIndex(
          (token, index) => index >= after && /^(alone|out|untouched|as|it|running|unchanged|off)$/.test(token.word),
        );
        if (aloneAt < 0) return false;
      }
      if (this.clause.verb !== null) this.cut(false);
      this.clause.negated = true;
      this.at = after;
      this.clause.verb = { text: said, phrase: 'touch', readings: [], carrier: false };
      return true;
    }
    if (of === 'verb' || (of === 'any' && verb !== null && /not|dont/.test(said) && lead?.connective.type !== 'lead')) {
      if (verb === null && of === 'verb') {
        if (this.clause.verb !== null) this.cut(false);
        this.clause.negated = true;
        this.keepPlain(after - this.at);
        return true;
      }
      if (verb !== null && !verb.phrases.every((phrase) => phrase.form === 'noun')) {
        if (this.clause.verb !== null || this.clause.objects.length > 0) this.cut(false);
        this.clause.negated = true;
        this.at = nextAt;
        this.verb(verb);
        return true;
      }
    }
    if (of === 'without' || of === 'instead') {
      if (
        verb?.phrases.some(
          (phrase) => phrase.form === 'gerund' || (of === 'instead' && phrase.form === 'base' && !phrase.nounToo),
        )
      ) {
        this.cut(false);
        this.clause.negated = true;
        this.at = nextAt;
        this.verb(verb);
        return true;
      }
      this.at = after;
      this.open(of === 'without' ? 'without' : 'except', said);
      return true;
    }
    if (of === 'any') {
      this.at = after;
      if (
        lead?.connective.type === 'lead' &&
        (lead.connective.lead === 'on' || lead.connective.lead === 'to' || lead.connective.lead === 'from')
      ) {
        this.at = nextAt + lead.length;
        this.open('except', said);
        return true;
      }
      if (this.clause.verb === null && this.clause.objects.length === 0) {
        this.clause.negated = true;
        return true;
      }
      this.open(said === 'no' ? 'without' : 'except', said);
      return true;
    }
    if (of === 'skip') {
      if (this.clause.verb === null && this.clause.objects.length === 0) {
        this.clause.negated = true;
        this.at = after;
        this.clause.verb = { text: said, phrase: 'skip', readings: [], carrier: false };
        return true;
      }
      this.at = after;
      this.open('except', said);
      return true;
    }
    this.at = after;
    if (lead?.connective.type === 'lead') this.at = nextAt + lead.length;
    this.open('except', said);
    return true;
  }

  private lead(lead: Lead, after: number, said: string): boolean {
    // "need to restart": an infinitive, not a direction.
    if (said === 'to') {
      const verb = this.verbAt(this.skipPlain(after));
      const isPlaceNext = startsPlace(this.tokens, this.skipPlain(after), this.lexicon);
      if (
        verb !== null &&
        !isPlaceNext &&
        !determiners.has(this.tokens[after]?.word ?? '') &&
        verb.phrases.some((phrase) => phrase.form === 'base') &&
        (this.clause.verb === null || !this.namesSomething(this.skipPlain(after)))
      ) {
        if (this.clause.verb !== null && this.clause.objects.length > 0) {
          this.at = after;
          this.open('ignored', 'to');
          return true;
        }
        this.keepPlain(1);
        return true;
      }
      const be = this.tokens[after]?.word;
      if (be === 'be' && this.tokens[after]?.joined === false) {
        this.keepPlain(2);
        return true;
      }
    }
    if (this.tokens[after] === undefined) {
      this.keepPlain(after - this.at);
      return true;
    }
    // `use` and `where` only open values where an input or an assignment follows.
    if (said === 'use' && this.clause.verb === null && this.clause.objects.length === 0 && this.done.length === 0) {
      if (!this.inputFollows(this.skipPlain(after))) return false;
    }
    if (said === 'having' || said === 'given') {
      if (this.clause.verb === null) return false;
    }
    this.at = after;
    this.openLead(lead, said);
    return true;
  }

  /** `and`, `or`, a comma: goes on with the list, or begins the next clause. */
  private soft(kind: 'and' | 'or' | 'comma' | 'loose', mark: Token | undefined): void {
    let next = this.at;
    // Several in a row count as one: ", and also".
    for (;;) {
      const token = this.tokens[next];
      if (token === undefined) break;
      if (token.kind === 'mark' && (token.text === ',' || token.text === '&')) {
        next += 1;
        continue;
      }
      const more = connectiveAt(this.tokens, next);
      if (more === null) break;
      if (more.connective.type === 'then') {
        this.at = next + more.length;
        this.cut(false);
        return;
      }
      if (more.connective.type === 'and' || more.connective.type === 'filler') next += more.length;
      else if (more.connective.type === 'or') {
        next += more.length;
        kind = 'or';
      } else break;
    }
    this.at = next;
    const significant = this.skipPlain(next);
    const token = this.tokens[significant];
    if (token === undefined) return;
    if (kind === 'or') this.clause.alternatives = true;
    const more = connectiveAt(this.tokens, significant);
    const kindOfMore = more?.connective.type;
    if (
      kindOfMore === 'negation' ||
      kindOfMore === 'but' ||
      kindOfMore === 'first' ||
      kindOfMore === 'before' ||
      kindOfMore === 'after' ||
      kindOfMore === 'once' ||
      kindOfMore === 'condition' ||
      kindOfMore === 'then'
    )
      return;
    const verb = this.verbAt(significant);
    if (verb !== null && this.beginsClause(verb, significant)) {
      if (this.isLeading()) {
        this.segment = openSegment('object', '');
        return;
      }
      if (this.setsInput(verb, significant)) {
        this.at = significant + verb.length;
        this.open('with', verb.text);
        return;
      }
      this.cut(false);
      return;
    }
    if (this.segment.lead === 'ignored' || this.clause.statement) {
      this.cut(false);
      return;
    }
    if (kindOfMore === 'lead' && !this.isName(1, significant)) {
      return;
    }
    if (this.segment.lead === 'with' || this.segment.lead === 'named' || this.segment.lead === 'as') {
      if (this.isNewSubject(significant)) {
        this.inherit();
        return;
      }
      if (mark !== undefined) this.segment.tokens.push({ ...mark, kind: 'mark', text: ',', word: ',' });
      return;
    }
    if (this.clause.objects.length === 0 && this.clause.segments.length === 0) return;
    if (this.isPlaceSegment() && !startsPlace(this.tokens, significant, this.lexicon)) {
      if (this.namesSomething(significant)) {
        this.inherit();
        return;
      }
    }
    if (this.segment.lead !== 'object') {
      // "with an interval of 30 seconds and a year of retention": back to the list of values.
      const before = this.clause.segments.at(-2);
      if (
        (this.segment.lead === 'of' || this.segment.lead === 'to') &&
        before?.lead === 'with' &&
        (this.inputFollows(significant) || this.amountFollows(next))
      ) {
        this.open('with', before.said);
        return;
      }
      // "add jellyfin to the monitors and the homepage": one list after the other.
      const fillsLists =
        this.lexicon.configs.length > 0 &&
        this.clause.verb?.readings.some((reading) => /^(add|remove)$/.test(reading.verb) && reading.strength === 1) ===
          true;
      if (
        !fillsLists &&
        this.clause.objects.length > 0 &&
        !startsPlace(this.tokens, significant, this.lexicon) &&
        this.isNewSubject(significant) &&
        (this.segment.lead === 'on' || this.segment.lead === 'to' || this.segment.lead === 'from')
      ) {
        this.inherit();
        return;
      }
      if (mark !== undefined) this.segment.tokens.push({ ...mark, kind: 'mark', text: ',', word: ',' });
      return;
    }
    if (kind === 'loose' && this.clause.verb === null) return;
    this.clause.objects.push([]);
  }

  /** The same act on a new subject: "deploy grafana on atlas and prometheus on nas". */
  private inherit(): void {
    this.cut(false);
    this.clause.inherited = true;
  }

  /** A verb that begins something new, rather than a noun in a list. */
  private beginsClause(verb: VerbAt, at: number): boolean {
    const base = verb.phrases.some((phrase) => phrase.form === 'base');
    const gerund = verb.phrases.some((phrase) => phrase.form === 'gerund');
    if (!base && !gerund) return false;
    const word = this.tokens[at];
    const follows = at + verb.length;
    const end = this.isBoundary(follows);
    if (word !== undefined && startsPlace(this.tokens, at, this.lexicon) && this.segment.lead !== 'object')
      return false;
    const namesIt = verb.length === 1 && this.lexicon.subject([word?.word ?? '']) === 1;
    if (
      namesIt &&
      end &&
      this.clause.objects.length > 0 &&
      verb.phrases.some((phrase) => phrase.nounToo || !phrase.readings.some((reading) => reading.strength === 1))
    )
      return false;
    if (
      namesIt &&
      end &&
      this.clause.objects.length > 0 &&
      this.clause.verb !== null &&
      !verb.phrases.some((phrase) => phrase.nounToo)
    )
      return !this.isListObject();
    // "a, b and backup": in a list that goes on with a lead word it may be the name of a role.
    return true;
  }

  private isListObject(): boolean {
    return this.segment.lead === 'object';
  }

  private isBoundary(at: number): boolean {
    const token = this.tokens[at];
    if (token === undefined || token.kind === 'mark') return true;
    const found = connectiveAt(this.tokens, at);
    return found !== null && found.connective.type !== 'filler';
  }

  /** "and set port to 3000": goes on with the inputs of what was just said. */
  private setsInput(verb: VerbAt, at: number): boolean {
    if (this.clause.verb === null || this.clause.objects.length === 0) return false;
    if (!/^(set|use|make|give|change|put|pick|choose|specify|let)$/.test(verb.text)) return false;
    return this.inputFollows(this.skipPlain(at + verb.length));
  }

  private amountFollows(at: number): boolean {
    const word = this.tokens[at]?.text ?? '';
    return (
      readQuantity(word) !== null ||
      ((readNumber(word) !== null || /^an?$/i.test(word)) && readUnit(this.tokens[at + 1]?.word ?? '') !== null)
    );
  }

  private inputFollows(at: number): boolean {
    const words: string[] = [];
    for (let length = 1; length <= 4; length += 1) {
      const token = this.tokens[at + length - 1];
      if (token === undefined || token.kind !== 'word') break;
      words.push(token.word);
      if (this.lexicon.inputName(words) && !(this.lexicon.subject(words) === 1 && length === 1)) return true;
    }
    return false;
  }

  /** Something known begins here that is neither a value nor an input's name. */
  private isNewSubject(at: number): boolean {
    const word = this.tokens[at]?.word ?? '';
    const next = this.tokens[at + 1]?.word ?? '';
    const exact = this.lexicon.subject([word]) === 1 || this.lexicon.subject([word, next]) === 1;
    if (!exact) return false;
    if (this.segment.lead !== 'with') return true;
    // Inside "with ..." a list of values may hold a subject's name: only a lead word after it shows a new subject.
    const length = this.lexicon.subject([word, next]) === 1 ? 2 : 1;
    if (this.lexicon.inputName([word])) return false;
    const follows = connectiveAt(this.tokens, at + length);
    return follows !== null && follows.connective.type === 'lead';
  }

  /** A subject or input of the catalogue begins here, exactly or nearly. */
  private namesSomething(at: number): boolean {
    const words = [0, 1, 2].map((offset) => this.tokens[at + offset]?.word ?? '');
    for (let length = 1; length <= 3; length += 1) if (this.lexicon.subject(words.slice(0, length)) > 0.9) return true;
    return this.lexicon.subjectWord(words[0] ?? '');
  }

  /** Only a place or a subject was said so far, before any verb: "on atlas, deploy grafana". */
  private isLeading(): boolean {
    return (
      this.clause.verb === null &&
      !this.clause.statement &&
      this.clause.objects.every((object) => object.every((token) => fillers.has(token.word))) &&
      this.clause.segments.every((segment) => segment.lead === 'on' || segment.lead === 'for' || segment.lead === 'to')
    );
  }

  private isPlaceSegment(): boolean {
    const first = this.segment.tokens.find((token) => !determiners.has(token.word));
    if (first === undefined) return false;
    return this.segment.lead !== 'object' && startsPlace(this.tokens, this.tokens.indexOf(first), this.lexicon);
  }

  /** Right after an input's name: what follows is its value, whatever word it is. */
  private isValuePosition(): boolean {
    if (this.segment.lead !== 'with' && this.segment.lead !== 'named') return false;
    const last = this.segment.tokens.at(-1);
    if (last === undefined) return this.segment.lead === 'named';
    return last.kind === 'mark' && (last.text === '=' || last.text === ':');
  }

  /** A word that looks like a connective but is a name: a host called `plus`. */
  private isName(length: number, at = this.at): boolean {
    const token = this.tokens[at];
    const last = this.tokens[at + length - 1];
    const next = this.tokens[at + length];
    const previous = this.tokens[at - 1];
    // Parts of a hyphenated name are never connectives: `check-in`, `for-sale`.
    return (
      (next !== undefined && last !== undefined && next.chunk === last.chunk) ||
      (previous !== undefined && token !== undefined && previous.chunk === token.chunk)
    );
  }

  private takesVerb(verb: VerbAt): boolean {
    const { clause } = this;
    const first = this.tokens[this.at];
    const next = this.tokens[this.at + 1];
    // Part of a hyphenated name: `backup-server`, unless the whole chunk is the verb.
    const lastOfVerb = this.tokens[this.at + verb.length - 1];
    if (first !== undefined && this.tokens[this.at - 1]?.chunk === first.chunk) return false;
    if (lastOfVerb !== undefined && this.tokens[this.at + verb.length]?.chunk === lastOfVerb.chunk) return false;
    if (this.segment.lead === 'ignored') return false;
    if (this.segment.lead === 'with' || this.segment.lead === 'named' || this.segment.lead === 'as') return false;
    const base = verb.phrases.some((phrase) => phrase.form === 'base');
    const gerund = verb.phrases.some((phrase) => phrase.form === 'gerund');
    const past = verb.phrases.some((phrase) => phrase.form === 'past');
    if (clause.verb === null) {
      if (clause.statement) return clause.conditional && base && this.endsCondition();
      if (base || gerund) {
        // After a determiner it is a noun: "the backup".
        if (this.afterDeterminer() && verb.phrases.some((phrase) => phrase.nounToo)) return false;
        // "grafana update please" is an act; "backup server" at the start is one as well.
        return (
          this.segment.lead === 'object' ||
          (clause.objects.length === 0 && !startsPlace(this.tokens, this.at, this.lexicon)) ||
          !verb.phrases.some((phrase) => phrase.nounToo)
        );
      }
      return past && (clause.wished || this.saidBe());
    }
    if (clause.verb.carrier && clause.objects.every((object) => object.length === 0) && gerund) return true;
    // Two acts without a comma, phone style: "deploy grafana restart jellyfin".
    if (
      base &&
      clause.objects.some((object) => object.length > 0) &&
      verb.phrases.some((phrase) => phrase.readings.some((reading) => reading.strength === 1)) &&
      !this.isBoundary(this.at + verb.length) &&
      !clause.conditional
    ) {
      // "run a health check on argus": the act that is carried, said as a noun.
      if (clause.verb.carrier && verb.phrases.some((phrase) => phrase.nounToo)) return false;
      // After a determiner or a preposition it is part of a name: "to the start page".
      if (this.afterDeterminer() || (this.segment.lead !== 'object' && !this.segment.tokens.some(isContent)))
        return false;
      const object = this.skipPlain(this.at + verb.length);
      return (
        next !== undefined &&
        (this.namesSomething(object) || startsPlace(this.tokens, object, this.lexicon)) &&
        !this.namesSomething(this.at)
      );
    }
    return false;
  }

  /** "if grafana is down restart it": the act begins where the condition has been said. */
  private endsCondition(): boolean {
    const said = this.clause.tokens.map((token) => token.word);
    const copula = said.findIndex((word) =>
      /^(is|are|isnt|arent|has|was|were|does|doesnt|fails|hangs|needs)$/.test(word),
    );
    return copula >= 0 && copula < said.length - 1;
  }

  private afterDeterminer(): boolean {
    const previous = this.tokens[this.at - 1];
    return (
      previous !== undefined &&
      (determiners.has(previous.word) || /^(new|full|fresh|quick|proper|another|complete)$/.test(previous.word))
    );
  }

  private saidBe(): boolean {
    return this.clause.tokens
      .slice(-3)
      .some((token) => /^(be|get|needs|need|have|want|like|wants|being)$/.test(token.word));
  }

  private verb(verb: VerbAt): void {
    const text = verb.text;
    if (this.clause.statement && this.clause.verb === null) this.cut(false);
    else if (
      this.clause.verb !== null &&
      !(this.clause.verb.carrier && this.clause.objects.every((object) => object.length === 0))
    )
      this.cut(false);
    const readings = verb.phrases.flatMap((phrase) => phrase.readings);
    if (this.clause.segments.some((segment) => segment.lead === 'on' || segment.lead === 'to'))
      this.clause.leadingPlace = true;
    const best = new Map<string, number>();
    for (const reading of readings) best.set(reading.verb, Math.max(best.get(reading.verb) ?? 0, reading.strength));
    const phrase = verb.phrases[0]?.phrase ?? text;
    this.clause.verb = {
      text,
      phrase,
      readings: [...best].map(([name, strength]) => ({ verb: name, strength })),
      carrier: carrierVerbs.has(phrase),
    };
    for (let index = 0; index < verb.length; index += 1) {
      const token = this.tokens[this.at + index];
      if (token !== undefined) this.clause.tokens.push(token);
    }
    if (verb.particleAt !== null) this.particles.add(verb.particleAt);
    this.at += verb.length;
    // What was said before the verb is what it is about: "grafana please restart".
    this.segment = openSegment('object', '');
    this.clause.objects.push([]);
  }

  /** The verb phrase that begins at a token: longest first, with a particle that stands apart, or mistyped. */
  private verbAt(at: number): VerbAt | null {
    const first = this.tokens[at];
    if (first === undefined || first.kind !== 'word') return null;
    for (let length = 4; length > 1; length -= 1) {
      const words = this.tokens.slice(at, at + length);
      if (words.length < length || words.some((token) => token.kind !== 'word')) continue;
      const phrases = verbPhrases(words.map((token) => token.word).join(' '));
      if (phrases.length > 0)
        return { length, phrases, text: words.map((token) => token.word).join(' '), particleAt: null };
    }
    const apart = this.particleApart(at, first.word);
    if (apart !== null) return apart;
    const single = verbPhrases(first.word);
    if (single.length > 0) return { length: 1, phrases: single, text: first.word, particleAt: null };
    if (
      this.clause.verb === null &&
      this.clause.objects.every((object) => object.length === 0) &&
      !this.lexicon.isKnown(first.word)
    ) {
      const slip = mistypedVerb(first.word);
      if (slip !== null && this.tokens[at + 1] !== undefined)
        return { length: 1, phrases: slip.phrases, text: slip.text, particleAt: null };
    }
    return null;
  }

  private particleApart(at: number, head: string): VerbAt | null {
    const particles = particlesOf(head);
    if (particles.size === 0) return null;
    for (let index = at + 2; index < Math.min(at + 8, this.tokens.length); index += 1) {
      const token = this.tokens[index];
      if (token === undefined || token.kind === 'mark') return null;
      if (particles.has(token.word)) {
        // `on` is a particle only at the end of what is said: "turn tls on", not "put it on nas".
        if ((token.word === 'on' || token.word === 'over') && !this.isBoundary(index + 1)) return null;
        const phrases = verbPhrases(`${head} ${token.word}`);
        return phrases.length === 0 ? null : { length: 1, phrases, text: `${head} ${token.word}`, particleAt: index };
      }
      const found = connectiveAt(this.tokens, index);
      if (
        found !== null &&
        found.connective.type !== 'and' &&
        !(found.connective.type === 'lead' && particles.has(token.word))
      )
        return null;
    }
    return null;
  }

  private keep(count: number): void {
    for (let index = 0; index < count; index += 1) {
      const token = this.tokens[this.at];
      if (token === undefined) return;
      this.at += 1;
      this.clause.tokens.push(token);
      if (/^(need|needs|want|wants|like|have|get|give|wanna)$/.test(token.word) && this.clause.verb === null)
        this.clause.wished = true;
      if (
        /^(is|are|was|were|seems|keeps|looks|has|hangs|crashed|died|hung|isnt|arent|doesnt|wont|stopped)$/.test(
          token.word,
        ) &&
        this.clause.verb === null &&
        this.clause.objects.some((object) =>
          object.some((other) => !fillers.has(other.word) && !determiners.has(other.word)),
        )
      ) {
        this.clause.statement = true;
      }
      if (this.segment.lead === 'object') {
        if (this.clause.objects.length === 0) this.clause.objects.push([]);
        this.clause.objects.at(-1)?.push(token);
      } else this.segment.tokens.push(token);
    }
  }

  /** Words that carry no meaning here: kept for the record, not for matching. */
  private keepPlain(count: number): void {
    for (let index = 0; index < count; index += 1) {
      const token = this.tokens[this.at + index];
      if (token !== undefined) this.clause.tokens.push(token);
    }
    this.at += count;
  }

  private openLead(lead: Lead, said: string): void {
    this.open(lead, said);
  }

  private open(lead: Lead, said: string): void {
    this.segment = openSegment(lead, said);
    this.clause.segments.push(this.segment);
  }

  private skipPlain(at: number): number {
    let next = at;
    for (;;) {
      const token = this.tokens[next];
      if (token === undefined || token.kind !== 'word' || token.joined) return next;
      const found = connectiveAt(this.tokens, next);
      if (found?.connective.type === 'filler') {
        next += found.length;
        continue;
      }
      if (found !== null && found.connective.type !== 'and') return next;
      const isVerbWord = verbPhrases(token.word).length > 0;
      if (
        (determiners.has(token.word) || (fillers.has(token.word) && !isVerbWord)) &&
        !this.lexicon.places.isName(token.word)
      )
        next += 1;
      else return next;
    }
  }

  private begin(opens: boolean): void {
    this.clause = emptyClause();
    this.clause.opens = opens;
    this.segment = openSegment('object', '');
  }

  private cut(opens: boolean): void {
    this.finish();
    this.begin(opens);
  }

  private finish(): void {
    if (this.clause.tokens.length > 0 || this.clause.verb !== null || this.clause.objects.length > 0)
      this.done.push(this.clause);
  }
}

function openSegment(lead: Lead, said: string): Segment {
  return { lead, said, tokens: [] };
}

function isGreeting(word: string): boolean {
  return /^(hi|hey|hello|ok|okay|so|and|please|chiffon|bot|well|also|yo)$/.test(word);
}

function isInverted(clause: Clause): boolean {
  return /^(is|are|was|were|does|did|has|do|have)$/.test(
    clause.tokens.find((token) => !isGreeting(token.word))?.word ?? '',
  );
}
