// What holds for every request whatsoever, over random text and over sentences made of the catalogue's own words.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { homelab, homelabSnapshot } from './corpus/homelab.ts';
import { office, officeSnapshot } from './corpus/office.ts';
import { planByRules } from './plan-by-rules.ts';
import type { PlanningInput, PlanningOutcome } from './planner.ts';

const labs = [
  { catalogue: homelab, snapshot: homelabSnapshot },
  { catalogue: office, snapshot: officeSnapshot },
] as const;

function ask(lab: (typeof labs)[number], request: string, more: Partial<PlanningInput> = {}): PlanningOutcome {
  return planByRules({ request, dialogue: [], changes: [], ...lab, secrets: new Map(), ...more });
}

const words = [
  ...'deploy install restart remove back up update reboot add set enable check clean create rotate stop please could you the a and then but not except without with on to from for of as only all every everything everywhere instead first after before if it them both or , . ; : = ? ! " \' ( ) - _ 8080 30 days two weeks 70000 v1.2.3 latest true off debug port version retention keep log level grafana jellyfin gitea nextcloud prometheus traefik home assistant kuma uptime vaultwarden portals monitors homepage config atlas nas pi media homelab docker mars web1 db1 staging shop postgres nginx user bob password ‹secret:1› https://x.home.lab /srv/data foo=bar ansible_user=root {{ x }}'.split(
    ' ',
  ),
  '\n',
];
const sentence = fc.array(fc.constantFrom(...words), { minLength: 1, maxLength: 16 }).map((list) => list.join(' '));
const anything = fc.oneof(fc.string({ maxLength: 300 }), fc.string({ unit: 'binary', maxLength: 200 }), sentence);
const lab = fc.constantFrom(...labs);

describe('a plan by rules, whatever is asked', () => {
  it('is always a decision and never a fault', () => {
    fc.assert(
      fc.property(lab, anything, fc.array(anything, { maxLength: 2 }), (where, request, changes) => {
        expect(['plan', 'ask', 'refuse']).toContain(ask(where, request, { changes }).decision);
      }),
      { numRuns: 250 },
    );
  });

  it('is the same every time', () => {
    fc.assert(
      fc.property(lab, sentence, (where, request) => {
        expect(ask(where, request)).toEqual(ask(where, request));
      }),
      { numRuns: 40 },
    );
  });

  it('holds only actions of the catalogue, their hosts, their declared inputs', () => {
    fc.assert(
      fc.property(lab, sentence, (where, request) => {
        const outcome = ask(where, request);
        if (outcome.decision !== 'plan') return;
        expect(outcome.steps.length).toBeGreaterThan(0);
        for (const step of outcome.steps) {
          const known = where.catalogue.actions.find((action) => action.id === step.action.id);
          expect(known).toBeDefined();
          expect(step.hosts.length).toBeGreaterThan(0);
          expect([...step.hosts].sort()).toEqual(step.hosts);
          for (const host of step.hosts) expect(known?.hosts).toContain(host);
          const declared = new Set([
            ...(known?.inputs ?? []).map((input) => input.name),
            ...Object.keys(known?.enables ?? {}),
          ]);
          for (const name of Object.keys(step.vars)) expect(declared).toContain(name);
          for (const input of known?.inputs ?? []) {
            const value = step.vars[input.name];
            if (input.required && input.default === undefined) expect(value).toBeDefined();
            if (value !== undefined && input.choices !== undefined) expect(input.choices).toContain(value);
            if (value !== undefined && input.type === 'int') expect(Number.isSafeInteger(value)).toBe(true);
            if (value !== undefined && input.type === 'bool') expect(typeof value).toBe('boolean');
          }
          expect(JSON.stringify(step.vars)).not.toMatch(/\{\{|\{%|\{#|ansible_/);
        }
      }),
      { numRuns: 300 },
    );
  });

  it('never does what a request only says not to do', () => {
    const services = ['grafana', 'jellyfin', 'gitea', 'nextcloud', 'prometheus'];
    const verbs = ['deploy', 'restart', 'remove'];
    const nots = ["don't", 'do not', 'please do not', 'never', 'you must not', "we don't want to"];
    fc.assert(
      fc.property(
        fc.constantFrom(...nots),
        fc.constantFrom(...verbs),
        fc.constantFrom(...services),
        (not, verb, service) => {
          expect(ask(labs[0], `${not} ${verb} ${service}`).decision).toBe('refuse');
        },
      ),
    );
  });

  it('leaves out what is taken out of it', () => {
    const services = ['grafana', 'jellyfin', 'gitea', 'nextcloud', 'prometheus'];
    const buts = ['but not', 'and not', ', not', 'instead of', 'rather than', ", but don't deploy", ", don't deploy"];
    fc.assert(
      fc.property(
        fc.shuffledSubarray(services, { minLength: 2, maxLength: 2 }),
        fc.constantFrom(...buts),
        (pair, but) => {
          const [wanted = '', unwanted = ''] = pair;
          const outcome = ask(labs[0], `deploy ${wanted} ${but} ${unwanted}`);
          expect(outcome.decision).toBe('plan');
          if (outcome.decision === 'plan') expect(outcome.steps.map((step) => step.action.subject)).toEqual([wanted]);
        },
      ),
    );
  });

  it('takes back what was asked for and then ruled out', () => {
    const services = ['grafana', 'jellyfin', 'gitea', 'nextcloud', 'prometheus'];
    const endings = ["but don't deploy", 'but do not install', 'but leave out', 'and skip'];
    fc.assert(
      fc.property(
        fc.shuffledSubarray(services, { minLength: 3, maxLength: 3 }),
        fc.constantFrom(...endings),
        (chosen, ending) => {
          const outcome = ask(labs[0], `deploy ${chosen.join(', ')} ${ending} ${chosen[1]}`);
          if (outcome.decision === 'plan')
            expect(outcome.steps.map((step) => step.action.subject)).toEqual([chosen[0], chosen[2]]);
          else expect(outcome.decision).toBe('refuse');
        },
      ),
    );
  });

  it('never reaches a host that must not be touched', () => {
    const protects = ['do not touch', "don't touch", 'hands off', 'but leave'];
    fc.assert(
      fc.property(
        fc.constantFrom('update', 'back up', 'patch'),
        fc.constantFrom(...protects),
        fc.constantFrom('nas', 'pi', 'atlas'),
        (verb, protect, host) => {
          const outcome = ask(
            labs[0],
            `${verb} all hosts, ${protect} ${host}${protect === 'but leave' ? ' alone' : ''}`,
          );
          expect(outcome.decision).toBe('plan');
          if (outcome.decision === 'plan') for (const step of outcome.steps) expect(step.hosts).not.toContain(host);
        },
      ),
    );
  });

  it('never reaches a host that was excluded', () => {
    const excepts = ['except', 'but not on', 'except on', 'excluding', 'but not'];
    fc.assert(
      fc.property(
        fc.constantFrom('update', 'back up', 'reboot', 'patch'),
        fc.constantFrom(...excepts),
        fc.constantFrom('nas', 'pi', 'atlas', 'media'),
        (verb, except, host) => {
          const outcome = ask(labs[0], `${verb} all hosts ${except} ${host}`);
          expect(outcome.decision).toBe('plan');
          if (outcome.decision === 'plan') for (const step of outcome.steps) expect(step.hosts).not.toContain(host);
        },
      ),
    );
  });

  it('edits nothing of a file but the list that it adds to', () => {
    const portals = ['jellyfin', 'nextcloud', 'home assistant', 'https://a.home.lab', 'existing portals'];
    fc.assert(
      fc.property(
        fc.subarray(portals, { minLength: 1 }),
        fc.constantFrom('the monitors', 'the homepage'),
        (chosen, list) => {
          const outcome = ask(labs[0], `add ${chosen.join(' and ')} to ${list}`);
          if (outcome.decision !== 'plan') return;
          for (const edit of outcome.steps.flatMap((step) => step.edits)) {
            const before = edit.before.split('\n');
            const after = edit.after.split('\n');
            // Every old line stands in the new file, in the old order; `[]` alone gives way to the list under it.
            let at = 0;
            for (const line of before) {
              const found = after.findIndex(
                (other, index) => index >= at && (other === line || other === line.replace(/ \[\]$/, '')),
              );
              expect(found, `line ${JSON.stringify(line)}`).toBeGreaterThanOrEqual(0);
              at = found + 1;
            }
            const old: { [key: string]: unknown[] } = parse(edit.before);
            const fresh: { [key: string]: unknown[] } = parse(edit.after);
            for (const [key, items] of Object.entries(old)) expect(fresh[key]?.slice(0, items.length)).toEqual(items);
          }
        },
      ),
      { numRuns: 40 },
    );
  });
});
