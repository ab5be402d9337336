// Loaded before the program (`--import`): its clock is moved forward by as many milliseconds as the file CLOCK_OFFSET_FILE says, at
// each look, so that an hour need not be waited for.
import { readFileSync } from 'node:fs';

const file = process.env.CLOCK_OFFSET_FILE ?? '';
const RealDate = Date;

function offsetMs(): number {
  try {
    return Number(readFileSync(file, 'utf8'));
  } catch {
    return 0;
  }
}

class ShiftedDate extends RealDate {
  constructor(...given: readonly [] | readonly [string | number | Date]) {
    if (given.length === 0) super(ShiftedDate.now());
    else super(given[0]);
  }
  static override now(): number {
    return RealDate.now() + offsetMs();
  }
}
Object.defineProperty(globalThis, 'Date', { value: ShiftedDate });
