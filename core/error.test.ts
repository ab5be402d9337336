// docs/errors.md is what people look a code up in: it has to say what the code says.
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { ErrorName } from './error.ts';
import { ChiffonError, errorCode, errorTable } from './error.ts';

const page = readFileSync(resolve(import.meta.dirname, '../docs/errors.md'), 'utf8');
const rows = page.split('\n').filter((line) => line.startsWith('| CHF-'));
const names = Object.keys(errorTable) as ErrorName[];

describe('the error table', () => {
  it('stands word for word in docs/errors.md, in the order of the numbers', () => {
    const wanted = names
      .toSorted((one, other) => errorTable[one].number - errorTable[other].number)
      .map((name) => `| ${errorCode(name)} | ${name} | ${errorTable[name].meaning} | ${errorTable[name].advice} |`);
    expect(rows).toEqual(wanted);
  });

  it('gives each error a number of its own', () => {
    expect(new Set(names.map((name) => errorTable[name].number)).size).toBe(names.length);
  });

  it('puts the code and whether trying again helps on the fault itself', () => {
    const fault = new ChiffonError('GIT_FAILED', 'git was away', { cause: new Error('detail') });
    expect(fault).toMatchObject({ code: 'CHF-506', retryable: true, message: 'git was away' });
    expect(new ChiffonError('NO_REPOSITORY', 'none').retryable).toBe(false);
  });
});
