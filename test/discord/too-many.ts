// A limit that a route meets while it works, of which no header had told.
import type { TooMany } from './rate-limits.ts';

export class TooManyRequests extends Error {
  readonly tooMany: TooMany;

  constructor(tooMany: TooMany) {
    super('too many requests');
    this.tooMany = tooMany;
  }
}
