// Holds the clause that is being read: where the reading stands, and the part to which the next word belongs.
import { determiners, fillers } from '../words/plain-words.ts';
import { carrierVerbs } from '../words/verbs.ts';
import { type Clause, emptyClause, type Lead, type Segment } from './clause.ts';
import type { Scan, VerbAt } from './scan.ts';

export class ClauseWriter {
  readonly scan: Scan;
  readonly done: Clause[] = [];
  clause: Clause = emptyClause();
  segment: Segment = openSegment('object', '');
  at = 0;
  /** Particles that belong to a verb said before them: `spin grafana up`. */
  readonly particles = new Set<number>();

  constructor(scan: Scan) {
    this.scan = scan;
    this.begin(true);
    this.skipBullet();
  }

  /** The verb phrase at a token; mistyped ones only where a clause may begin with it. */
  verbAt(at: number): VerbAt | null {
    const mayBegin = this.clause.verb === null && this.clause.objects.every((object) => object.length === 0);
    return this.scan.verbAt(at, mayBegin);
  }

  /** The clause gets its verb; a new clause begins where it has one already. */
  verb(verb: VerbAt): void {
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
      const token = this.scan.tokens[this.at + index];
      if (token !== undefined) this.clause.tokens.push(token);
    }
    if (verb.particleAt !== null) this.particles.add(verb.particleAt);
    this.at += verb.length;
    // What was said before the verb is what it is about: "grafana please restart".
    this.segment = openSegment('object', '');
    this.clause.objects.push([]);
  }

  keep(count: number): void {
    for (let index = 0; index < count; index += 1) {
      const token = this.scan.tokens[this.at];
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
  keepPlain(count: number): void {
    for (let index = 0; index < count; index += 1) {
      const token = this.scan.tokens[this.at + index];
      if (token !== undefined) this.clause.tokens.push(token);
    }
    this.at += count;
  }

  /** The next words belong to a new part, opened by this word. */
  open(lead: Lead, said: string): void {
    this.segment = openSegment(lead, said);
    this.clause.segments.push(this.segment);
  }

  begin(opens: boolean): void {
    this.clause = emptyClause();
    this.clause.opens = opens;
    this.segment = openSegment('object', '');
  }

  /** Back to what the clause is about. */
  toObject(): void {
    this.segment = openSegment('object', '');
  }

  /** The clause is over. */
  cut(opens: boolean): void {
    this.finish();
    this.begin(opens);
  }

  finish(): void {
    if (this.clause.tokens.length > 0 || this.clause.verb !== null || this.clause.objects.length > 0)
      this.done.push(this.clause);
  }

  /** Only a place or a subject was said so far, before any verb: "on atlas, deploy grafana". */
  isLeading(): boolean {
    return (
      this.clause.verb === null &&
      !this.clause.statement &&
      this.clause.objects.every((object) => object.every((token) => fillers.has(token.word))) &&
      this.clause.segments.every((segment) => segment.lead === 'on' || segment.lead === 'for' || segment.lead === 'to')
    );
  }

  isPlaceSegment(): boolean {
    const first = this.segment.tokens.find((token) => !determiners.has(token.word));
    if (first === undefined) return false;
    return this.segment.lead !== 'object' && this.scan.startsPlace(this.scan.tokens.indexOf(first));
  }

  /** Right after an input's name: what follows is its value, whatever word it is. */
  isValuePosition(): boolean {
    if (this.segment.lead !== 'with' && this.segment.lead !== 'named') return false;
    const last = this.segment.tokens.at(-1);
    if (last === undefined) return this.segment.lead === 'named';
    return last.kind === 'mark' && (last.text === '=' || last.text === ':');
  }

  skipBullet(): void {
    const token = this.scan.tokens[this.at];
    const next = this.scan.tokens[this.at + 1];
    if (token?.kind === 'number' && /^\d{1,2}$/.test(token.text) && next?.kind === 'mark' && /^[.)]$/.test(next.text))
      this.at += 2;
  }
}

function openSegment(lead: Lead, said: string): Segment {
  return { lead, said, tokens: [] };
}
