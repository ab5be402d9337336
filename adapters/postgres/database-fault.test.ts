import { DrizzleQueryError } from 'drizzle-orm';
import { expect, test } from 'vitest';
import { ChiffonError } from '../../core/error.ts';
import { databaseFault, sqlState } from './database-fault.ts';

const place = { name: 'the data folder /srv/chiffon', server: false };
const driverError = (code: string) =>
  Object.assign(new Error('the driver’s words'), { code, query: 'insert', params: ['hunter2'] });
const wrapped = (code: string) =>
  new DrizzleQueryError('insert into secret values ($1)', ['hunter2'], driverError(code));

test.each([
  ['53100', 'DISK_FULL', 'The disk under the data folder /srv/chiffon is full'],
  ['ENOSPC', 'DISK_FULL', 'The disk under the data folder /srv/chiffon is full'],
  ['XX001', 'DATA_FOLDER_DAMAGED', 'The data folder /srv/chiffon is damaged'],
  ['58030', 'DATABASE_FAILED', 'The disk under the data folder /srv/chiffon fails'],
  ['42501', 'DATABASE_FAILED', 'docs/database.md'],
  ['57014', 'DATABASE_FAILED', 'took too long'],
  ['57P01', 'DATABASE_FAILED', 'cannot be reached'],
  ['ECONNRESET', 'DATABASE_FAILED', 'cannot be reached (ECONNRESET)'],
  ['22P02', 'DATABASE_FAILED', 'The data folder /srv/chiffon failed (22P02)'],
])('%s, however deep, becomes %s with a sentence for people', (code, kind, words) => {
  for (const error of [driverError(code), wrapped(code)])
    expect(databaseFault(error, place)).toMatchObject({
      name: 'ChiffonError',
      kind,
      message: expect.stringContaining(words),
    });
});

test('no value of a query gets into the error or its cause', () => {
  const { message, cause } = databaseFault(wrapped('22P02'), place);
  expect([message, JSON.stringify(cause), String(cause), cause instanceof Error && cause.stack].join()).not.toContain(
    'hunter2',
  );
  expect(String(cause)).toContain('the driver’s words (22P02)');
});

test('a ChiffonError passes as it is, and what is no error becomes one', () => {
  const own = new ChiffonError('EVENT_UNFIT', 'too large');
  expect(databaseFault(own, place)).toBe(own);
  expect(databaseFault('nothing', place)).toMatchObject({ kind: 'DATABASE_FAILED', cause: new Error('nothing') });
  expect(sqlState('nothing')).toBeUndefined();
});
