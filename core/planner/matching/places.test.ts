import { describe, expect, it } from 'vitest';
import { buildCatalogue } from '../corpus/catalogue-builder.ts';
import { indexPlaces } from './places.ts';

const places = indexPlaces(
  buildCatalogue({
    groups: { webservers: ['web01.lan', 'web02.lan'], db: ['db1'], 'media-hosts': ['cinema'] },
    hostAliases: { cinema: ['10.0.0.9'] },
    actions: [],
  }),
);

describe('places', () => {
  it.each([
    ['web01', 'web01.lan'],
    ['webserver', 'webservers'],
    ['media', 'media-hosts'],
    ['10009', 'cinema'],
    ['db1', 'db1'],
  ])('knows “%s” as %s', (said, name) => {
    expect(places.exact(said)?.name).toBe(name);
  });

  it('forgives a slip that can mean one place only', () => {
    expect(places.slip('cinmea')?.name).toBe('cinema');
    expect(places.slip('web03')).toBeNull();
    expect(places.slip('server')).toBeNull();
  });

  it('gives the nearest names for a refusal', () => {
    expect(places.nearest('db2')[0]).toMatch(/^db/);
  });
});
