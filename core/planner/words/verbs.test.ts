import { describe, expect, it } from 'vitest';
import { canonicalVerbs, mistypedVerb, verbFit, verbPhrases } from './verbs.ts';

const readings = (phrase: string) => verbPhrases(phrase).flatMap((found) => found.readings);

describe('verbs', () => {
  it.each([
    ['spinning up', 'deploy'],
    ['got rid of', 'remove'],
    ['backed up', 'back up'],
    ['uninstalling', 'remove'],
    ['bumped', 'update'],
    ['rebooting', 'reboot'],
    ['pruned', 'clean up'],
    ['instal', 'deploy'],
    ['synchronising', 'sync'],
  ])('reads %s as %s', (phrase, verb) => {
    expect(readings(phrase)).toContainEqual({ verb, strength: 1 });
  });

  it.each([
    ['depoly', 'deploy'],
    ['restrat', 'restart'],
    ['isntall', 'install'],
    ['unistall', 'uninstall'],
    ['upgarde', 'upgrade'],
  ])('forgives %s', (word, verb) => {
    expect(mistypedVerb(word)?.text).toBe(verb);
  });

  it.each(['instead', 'started5', 'xyz', 'kitchen', 'constructor', '__proto__'])(
    'takes %s for no mistyped verb',
    (word) => {
      expect(mistypedVerb(word)).toBeNull();
    },
  );

  it('never lets a removal answer a deployment, nor the other way round', () => {
    expect(verbFit(readings('deploy'), ['remove'])).toBe(0);
    expect(verbFit(readings('remove'), ['deploy'])).toBe(0);
    expect(verbFit(readings('stop'), ['remove'])).toBeLessThan(0.33);
    expect(verbFit(readings('restart'), ['deploy'])).toBe(0);
  });

  it('lets an update be asked about where there is only a deployment', () => {
    const fit = verbFit(readings('upgrade'), ['deploy']);
    expect(fit).toBeGreaterThan(0.33);
    expect(fit).toBeLessThan(0.74);
  });

  it('takes `run` with a thing for deploying it, and asks about anything else', () => {
    expect(verbFit(readings('run'), ['deploy'])).toBeGreaterThanOrEqual(0.74);
    expect(verbFit(readings('run'), ['remove'])).toBeLessThan(0.33);
    expect(verbFit(readings('run'), ['back up'])).toBeLessThan(0.74);
  });

  it('puts a catalogue’s own words into canonical verbs, and keeps words of its own', () => {
    expect(canonicalVerbs('upgrade')).toContain('update');
    expect(canonicalVerbs('frobnicate')).toEqual(['frobnicate']);
  });
});
