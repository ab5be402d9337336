import { describe, expect, it } from 'vitest';
import { normalise, tokenise } from './tokens.ts';

const kinds = (text: string) => tokenise(normalise(text)).map((token) => [token.kind, token.text]);
const words = (text: string) => tokenise(normalise(text)).map((token) => token.word);

describe('tokens', () => {
  it('tells values from words', () => {
    expect(kinds('v2.1.0 8080 30d /srv/a site.yml 10.0.0.5 foo.lab a@b.de https://x.lab/p?q=1 "a b"')).toEqual([
      ['version', 'v2.1.0'],
      ['number', '8080'],
      ['quantity', '30d'],
      ['path', '/srv/a'],
      ['path', 'site.yml'],
      ['address', '10.0.0.5'],
      ['address', 'foo.lab'],
      ['address', 'a@b.de'],
      ['url', 'https://x.lab/p?q=1'],
      ['quoted', 'a b'],
    ]);
  });

  it('keeps a secret’s placeholder whole', () => {
    expect(kinds('password ‹secret:1›')).toEqual([
      ['word', 'password'],
      ['secret', '‹secret:1›'],
    ]);
    expect(kinds('‹secret:a-b.c:0123abcd›')).toEqual([['secret', '‹secret:a-b.c:0123abcd›']]);
  });

  it('parts hyphenated words and knows that they stand together', () => {
    const tokens = tokenise('uptime-kuma is_up');
    expect(tokens.map((token) => [token.text, token.chunk])).toEqual([
      ['uptime', 0],
      ['kuma', 0],
      ['is', 1],
      ['up', 1],
    ]);
  });

  it('reads curly quotes, full-width letters and odd dashes like plain ones', () => {
    expect(words('Don’t “restart” ｇｒａｆａｎａ')).toEqual(['dont', 'restart', 'grafana']);
    expect(words('grafana’s port')).toEqual(['grafana', 'port']);
    expect(words('home‑assistant')).toEqual(['home', 'assistant']);
  });

  it('leaves a full stop at a sentence’s end out of names and numbers', () => {
    expect(kinds('on atlas. Use 8080.')).toEqual([
      ['word', 'on'],
      ['word', 'atlas'],
      ['mark', '.'],
      ['word', 'Use'],
      ['number', '8080'],
      ['mark', '.'],
    ]);
  });
});
