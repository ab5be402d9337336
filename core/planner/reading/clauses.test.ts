import { describe, expect, it } from 'vitest';
import { homelab } from '../corpus/homelab.ts';
import { lexiconOf } from '../matching/lexicon.ts';
import { readClauses } from './clauses.ts';

/** Clauses as short text: `verb(object, object) lead:words @place !excluded`. */
function clauses(request: string): string[] {
  return readClauses(request, lexiconOf(homelab)).clauses.map((clause) => {
    const objects = clause.objects.map((object) => object.map((token) => token.text).join(' ')).join(', ');
    const segments = clause.segments.map(
      (segment) => ` ${segment.lead}:${segment.tokens.map((token) => token.text).join(' ')}`,
    );
    const places = clause.places.map((place) => ` ${place.excluded ? '!' : '@'}${place.place.name}`);
    return `${clause.negated ? 'not ' : ''}${clause.verb?.text ?? '-'}(${objects})${segments.join('')}${places.join('')}`;
  });
}

describe('clauses', () => {
  it.each([
    ['deploy grafana on atlas', ['deploy(grafana) @atlas']],
    ['could you please deploy grafana?', ['deploy(grafana)']],
    ['deploy grafana and prometheus on atlas', ['deploy(grafana, prometheus) @atlas']],
    ['deploy grafana on atlas and restart jellyfin', ['deploy(grafana) @atlas', 'restart(jellyfin)']],
    ['deploy grafana on atlas and prometheus on media', ['deploy(grafana) @atlas', '-(prometheus) @media']],
    ['deploy grafana then restart it', ['deploy(grafana)', 'restart(it)']],
    ['spin grafana up on atlas', ['spin up(grafana) @atlas']],
    ['update all hosts except nas and pi', ['update(all hosts) !nas !pi']],
    ['deploy grafana but not on media', ['deploy(grafana) !media']],
    ["don't restart grafana", ['not restart(grafana)']],
    ['update nas without rebooting', ['update(nas)', 'not rebooting()']],
    ['deploy grafana with port 3000 and log level debug', ['deploy(grafana) with:port 3000 , log level debug']],
    ['grafana needs a restart', ['restart(grafana a)']],
    ['restart grafana because it hangs', ['restart(grafana) ignored:it hangs']],
    ['back up nas-02', ['back up(nas 02)']],
  ])('of “%s”', (request, expected) => {
    expect(clauses(request)).toEqual(expected);
  });

  it('takes no host for part of a longer name', () => {
    expect(clauses('deploy grafana on nas-02')).toEqual(['deploy(grafana) on:nas 02']);
  });

  it('knows a question from a request', () => {
    const question = (request: string) => readClauses(request, lexiconOf(homelab)).clauses[0]?.question ?? null;
    expect(question('which version is grafana?')).toBe('open');
    expect(question('how do I deploy grafana')).toBe('open');
    expect(question('is nas up?')).toBe('yes-no');
    expect(question('can you deploy grafana?')).toBeNull();
    expect(question('would you mind deploying grafana?')).toBeNull();
  });
});
