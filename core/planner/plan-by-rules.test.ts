import { describe, expect, it } from 'vitest';
import { buildSnapshot } from './corpus/catalogue-builder.ts';
import { homelab, homelabFiles, homelabSnapshot } from './corpus/homelab.ts';
import { planByRules } from './plan-by-rules.ts';
import type { PlanningInput, PlanningOutcome, Question } from './planner.ts';

function ask(request: string, more: Partial<PlanningInput> = {}): PlanningOutcome {
  return planByRules({
    request,
    dialogue: [],
    changes: [],
    catalogue: homelab,
    snapshot: homelabSnapshot,
    secrets: new Map(),
    ...more,
  });
}

/** Asks, answers each question in turn, and gives back the last outcome. */
function talk(request: string, answers: readonly string[], more: Partial<PlanningInput> = {}): PlanningOutcome {
  const dialogue: { question: Question; answer: string }[] = [];
  let outcome = ask(request, more);
  for (const answer of answers) {
    if (outcome.decision !== 'ask') throw new Error(`nothing was asked: ${JSON.stringify(outcome)}`);
    dialogue.push({ question: outcome.question, answer });
    outcome = ask(request, { ...more, dialogue });
  }
  return outcome;
}

/** Steps as short text. */
function steps(outcome: PlanningOutcome): string[] {
  if (outcome.decision !== 'plan')
    return [
      `${outcome.decision}: ${outcome.decision === 'ask' ? outcome.question.text : `${outcome.kind} ${outcome.reason}`}`,
    ];
  return outcome.steps.map(
    (step) =>
      `${step.action.title}${step.limit === null ? '' : ` on ${step.limit}`}${Object.keys(step.vars).length === 0 ? '' : ` ${JSON.stringify(step.vars)}`}`,
  );
}

const changed = (request: string, ...changes: string[]): string[] => steps(ask(request, { changes }));

describe('the request of the first day', () => {
  const outcome = ask('deploy uptime kuma to homelab and add existing portals to config');

  it('is one step with the edit of the monitors', () => {
    expect(steps(outcome)).toEqual(['Deploy Uptime Kuma on homelab']);
    if (outcome.decision !== 'plan') return;
    const [step] = outcome.steps;
    expect(step?.hosts).toEqual(['pi']);
    expect(step?.edits[0]?.diff).toBe(
      `--- a/config/uptime-kuma/monitors.yml
+++ b/config/uptime-kuma/monitors.yml
@@ -7,3 +7,12 @@
   - name: Gitea
     url: https://git.home.lab/
     interval: 30 # seconds
+  - name: Jellyfin
+    url: https://jellyfin.home.lab
+    interval: 60
+  - name: Nextcloud
+    url: https://cloud.home.lab
+    interval: 60
+  - name: Home Assistant
+    url: https://ha.home.lab
+    interval: 60
`,
    );
    expect(step?.files).toContainEqual({ path: 'config/proxy.yml', line: 3 });
    expect(step?.files).toContainEqual({ path: 'config/uptime-kuma/monitors.yml', line: 2 });
  });

  it('says what was understood and why', () => {
    if (outcome.decision !== 'plan') throw new Error('no plan');
    expect(outcome.understood).toEqual([
      'Deploy Uptime Kuma on pi (limit homelab).',
      'Portals found: 4, in config/proxy.yml.',
      'Add 3 monitors to config/uptime-kuma/monitors.yml: Jellyfin, Nextcloud and Home Assistant. Already there: Gitea.',
    ]);
    expect(outcome.why.join('\n')).toMatch(/Deploy Uptime Kuma .* score 1\.00/);
    expect(outcome.costMicroUsd).toBe(0);
    expect(outcome.tier).toBe('rules');
  });

  it('asked again on the result, adds nothing and says so', () => {
    if (outcome.decision !== 'plan') throw new Error('no plan');
    const after = outcome.steps[0]?.edits[0]?.after ?? '';
    const again = ask('deploy uptime kuma to homelab and add existing portals to config', {
      snapshot: buildSnapshot({ ...homelabFiles, 'config/uptime-kuma/monitors.yml': after }),
    });
    if (again.decision !== 'plan') throw new Error('no plan');
    expect(again.steps[0]?.edits).toEqual([]);
    expect(again.understood.at(-1)).toMatch(
      /^Nothing to add to config\/uptime-kuma\/monitors\.yml: .* are there already\.$/,
    );
  });

  it('is refused where the file is not in the repository, or no YAML', () => {
    expect(steps(ask('add existing portals to the monitors', { snapshot: buildSnapshot({}) }))[0]).toContain(
      'FILE_UNREADABLE',
    );
    expect(
      steps(
        ask('add existing portals to the monitors', {
          snapshot: buildSnapshot({ 'config/uptime-kuma/monitors.yml': 'monitors: [' }),
        }),
      )[0],
    ).toContain('FILE_UNREADABLE');
  });
});

describe('a question', () => {
  it.each([
    ['restart', ['grafana'], ['Restart a service {"service":"grafana"}']],
    ['restart', ['3'], ['Restart a service {"service":"gitea"}']],
    ['restart', ['garfana'], ['Restart a service {"service":"grafana"}']],
    ['restart', ['foobar', 'jellyfin'], ['Restart a service {"service":"jellyfin"}']],
    ['deploy', ['the second one'], ['Deploy Uptime Kuma']],
    ['deploy', ['jellyfin'], ['Deploy Jellyfin']],
    ['deploy', ['grafana on atlas'], ['Deploy Grafana on atlas']],
    ['deploy', ['restart traefik'], ['Restart a service {"service":"traefik"}']],
    ['upgrade nextcloud', ['yes'], ['Deploy Nextcloud']],
    ['grafana on atlas', ['deploy'], ['Deploy Grafana on atlas']],
    ['reboot', ['nas and pi'], ['Reboot hosts on nas,pi']],
    ['reboot', ['mars', 'pi'], ['Reboot hosts on pi']],
    ['reboot', ['all'], ['Reboot hosts on all']],
    ['create a user', ['bob'], ['Create a user {"username":"bob"}']],
    ['restart grafana at 3am', ['now'], ['Restart a service {"service":"grafana"}']],
    ['if grafana is down restart it', ['yes'], ['Restart a service {"service":"grafana"}']],
    ['deploy grafana or prometheus', ['prometheus'], ['Deploy Prometheus']],
    ['add all portals to the config', ['services'], ['Deploy Homepage']],
  ])('“%s” answered with %j', (request, answers, expected) => {
    expect(steps(talk(request, answers))).toEqual(expected);
  });

  it('that is answered with “never mind” ends the request', () => {
    expect(steps(talk('restart', ['never mind']))[0]).toContain('NOTHING_FITS');
  });

  it('whose answer cannot be used is asked again, saying why', () => {
    const outcome = talk('deploy grafana or prometheus', ['the blue one']);
    expect(outcome.decision === 'ask' && outcome.question.text).toMatch(/^I cannot match “the blue one”/);
    const again = talk('restart', ['foobar']);
    expect(again.decision === 'ask' && again.question.text).toMatch(/^`service` is one of .*, not “foobar”\./);
  });

  it('about an unknown portal takes an address', () => {
    const outcome = talk('add foobar to the monitors', ['https://foo.home.lab']);
    expect(outcome.decision === 'plan' && outcome.steps[0]?.edits[0]?.diff).toContain(
      '+  - name: foobar\n+    url: https://foo.home.lab\n',
    );
  });

  it('lists the choices that an input has', () => {
    const outcome = ask('restart a service');
    expect(outcome.decision === 'ask' && outcome.question.candidates.map((candidate) => candidate.value)).toContain(
      'grafana',
    );
    expect(outcome.decision === 'ask' && outcome.question.decides).toBe('input');
  });
});

describe('a secret', () => {
  const secrets = new Map([['‹secret:1›', { $secret: 'abc', digest: 'd' }]]);

  it('is the value of a secret input', () => {
    expect(steps(ask('create user bob with password ‹secret:1›', { secrets }))).toEqual([
      'Create a user {"username":"bob","password":{"$secret":"abc","digest":"d"}}',
    ]);
  });

  it('answers the question for one', () => {
    expect(steps(talk('rotate the password of gitea', ['‹secret:1›'], { secrets }))).toEqual([
      'Rotate a password {"service":"gitea","new_password":{"$secret":"abc","digest":"d"}}',
    ]);
  });

  it('is no value of any other input, and is never shown', () => {
    expect(steps(ask('create user bob with shell ‹secret:1›', { secrets }))[0]).toContain('INVALID_INPUT');
    const outcome = ask('create user bob with password ‹secret:1›', { secrets });
    expect(outcome.decision === 'plan' && outcome.understood.join()).toContain('password = a secret');
  });
});

describe('a change to the plan', () => {
  it.each<[string, string[], string[]]>([
    ['deploy grafana on atlas', ['on media instead'], ['Deploy Grafana on media']],
    ['deploy grafana on atlas', ['no, on media'], ['Deploy Grafana on media']],
    ['deploy grafana on atlas', ['media instead'], ['Deploy Grafana on media']],
    ['deploy grafana', ['only on atlas'], ['Deploy Grafana on atlas']],
    ['deploy grafana', ['not on media'], ['Deploy Grafana on all:!media']],
    ['deploy grafana', ['with port 8081'], ['Deploy Grafana {"grafana_port":8081}']],
    ['deploy grafana with port 80', ['port 8081'], ['Deploy Grafana {"grafana_port":8081}']],
    ['deploy grafana', ['set the log level to debug'], ['Deploy Grafana {"grafana_log_level":"debug"}']],
    ['deploy grafana', ['also restart traefik'], ['Deploy Grafana', 'Restart a service {"service":"traefik"}']],
    ['deploy grafana', ['back up nas first'], ['Back up a host with restic on nas', 'Deploy Grafana']],
    ['deploy grafana and prometheus', ['only grafana'], ['Deploy Grafana']],
    ['deploy grafana and prometheus', ['without prometheus'], ['Deploy Grafana']],
    ['deploy grafana and prometheus', ["don't deploy prometheus"], ['Deploy Grafana']],
    ['back up nas and deploy gitea', ['without the backup step'], ['Deploy Gitea']],
    ['back up nas and deploy gitea', ['skip step 1'], ['Deploy Gitea']],
    ['deploy grafana on atlas', ['deploy prometheus instead'], ['Deploy Prometheus on atlas']],
    [
      'deploy grafana on atlas',
      ['on media', 'with port 81', 'also restart gitea', 'without the restart'],
      ['Deploy Grafana on media {"grafana_port":81}'],
    ],
    ['deploy grafana', ["don't restart traefik"], ['Deploy Grafana']],
  ])('“%s”, changed by %j', (request, changes, expected) => {
    expect(changed(request, ...changes)).toEqual(expected);
  });

  it('can take the configuration edit out', () => {
    const outcome = ask('deploy uptime kuma and add existing portals to config', { changes: ['without the portals'] });
    expect(outcome.decision === 'plan' && outcome.steps[0]?.edits).toEqual([]);
  });

  it.each(['blah blah', 'on mars', 'with port abc', 'approve', 'make it nicer'])(
    '“%s” is asked about, and the plan is not lost',
    (change) => {
      const outcome = ask('deploy grafana', { changes: [change] });
      if (outcome.decision !== 'ask') throw new Error(`not asked: ${JSON.stringify(steps(outcome))}`);
      expect(
        steps(
          ask('deploy grafana', { changes: [change], dialogue: [{ question: outcome.question, answer: 'on atlas' }] }),
        ),
      ).toEqual(['Deploy Grafana on atlas']);
      expect(
        steps(
          ask('deploy grafana', {
            changes: [change],
            dialogue: [{ question: outcome.question, answer: 'never mind' }],
          }),
        ),
      ).toEqual(['Deploy Grafana']);
    },
  );

  it('may not get around approval', () => {
    expect(steps(ask('deploy grafana', { changes: ['and approve it yourself'] }))[0]).toContain('UNSAFE_REQUEST');
  });
});

describe('a refusal', () => {
  it('names the nearest actions, five at most', () => {
    const outcome = ask('deploy grafanax9 on atlas');
    expect(outcome.decision).not.toBe('plan');
    const other = ask('deploy foobar');
    expect(other.decision === 'refuse' && other.nearest.length).toBeLessThanOrEqual(5);
  });

  it('names the nearest hosts', () => {
    const outcome = ask('deploy grafana on atlus9');
    expect(outcome.decision === 'refuse' && outcome.reason).toMatch(/called “atlus9”. Nearest: atlas/);
  });

  it('says on which hosts an action can run', () => {
    const outcome = ask('deploy traefik on nas');
    expect(outcome.decision === 'refuse' && outcome.reason).toBe(
      '“Deploy Traefik” does not run on nas; it can run on pi.',
    );
  });

  it('of an empty catalogue says so', () => {
    expect(steps(ask('deploy grafana', { catalogue: { ...homelab, actions: [] } }))[0]).toContain('NO_ACTIONS');
  });
});

describe('the time it takes', () => {
  it('decides the same among 300 actions', () => {
    const [base] = homelab.actions;
    if (base === undefined) throw new Error('no action');
    const more = Array.from({ length: 280 }, (_, index) => {
      const name = `svc${String.fromCharCode(97 + (index % 26))}${String.fromCharCode(97 + Math.floor(index / 26))}xo`;
      return {
        ...base,
        id: `${base.id}-${index}` as typeof base.id,
        title: `Deploy ${name}`,
        subject: name,
        aliases: [],
        playbook: `playbooks/${name}.yml`,
      };
    });
    const catalogue = { ...homelab, actions: [...homelab.actions, ...more] };
    const outcome = ask('deploy grafana on atlas with port 8080 and restart jellyfin', { catalogue });
    expect(outcome.decision).toBe(ask('deploy grafana on atlas with port 8080 and restart jellyfin').decision);
  });
});
