import { describe, expect, it } from 'vitest';
import { convert, readNumber, readQuantity, readUnit, unitOfInput } from './numbers.ts';

describe('numbers and amounts', () => {
  it.each([
    ['8080', 8080],
    ['1,024', 1024],
    ['two', 2],
    ['Twelve', 12],
    ['-3', -3],
    ['1.5', 1.5],
  ])('reads %s', (text, value) => {
    expect(readNumber(text)).toBe(value);
  });

  it.each(['eighty', '12a', '', '1.2.3', 'one hundred'])('reads no number in %j', (text) => {
    expect(readNumber(text)).toBeNull();
  });

  it('reads an amount with its unit glued on', () => {
    expect(readQuantity('30d')).toEqual({ amount: 30, unit: readUnit('days') });
    expect(readQuantity('30x')).toBeNull();
  });

  it('converts weeks to days and gigabytes to megabytes, and nothing into another kind', () => {
    const unit = (name: string) => readUnit(name) ?? expect.fail(name);
    expect(convert(2, unit('weeks'), unit('days'))).toBe(14);
    expect(convert(1, unit('GB'), unit('MB'))).toBe(1024);
    expect(convert(1, unit('week'), unit('MB'))).toBeNull();
  });

  it('finds the unit in which an input counts in its name, then in its description', () => {
    expect(unitOfInput(['retention', 'days'], '')).toEqual(readUnit('days'));
    expect(unitOfInput(['keep'], 'Days to keep a snapshot')).toEqual(readUnit('days'));
    expect(unitOfInput(['port'], 'Port of the web interface')).toBeNull();
  });
});
