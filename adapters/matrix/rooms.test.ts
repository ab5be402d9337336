import { describe, expect, it } from 'vitest';
import { isWelcome } from './rooms.ts';

describe('an invitation', () => {
  it('is welcome from the users and servers that are named, and from nobody where none is', () => {
    expect(isWelcome('@ada:example.org', [])).toBe(false);
    expect(isWelcome('@ada:example.org', ['@ada:example.org'])).toBe(true);
    expect(isWelcome('@ada:example.org', ['example.org'])).toBe(true);
    expect(isWelcome('@ada:chat.example.org', ['*.example.org'])).toBe(true);
    expect(isWelcome('@ada:example.org:8448', ['example.org:8448'])).toBe(true);
    expect(isWelcome('@anybody:anywhere.net', ['*'])).toBe(true);
  });

  it('is not from who only looks like one of them', () => {
    const from = ['@ada:example.org', '*.example.net', 'example.com'];
    for (const userId of [
      '@ada:example.org.evil.net',
      '@ada2:example.org',
      '@Ada:example.org',
      '@eve:example.net',
      '@eve:evilexample.com',
      '@eve:exampleXcom',
      '@eve:example.com:8448',
      '@example.com:evil.net',
      'ada',
      '',
    ])
      expect(isWelcome(userId, from), userId).toBe(false);
  });
});
