// Messages as a person reads them on a phone. The buttons stand below in brackets, one that is greyed out in parentheses.
import { ComponentType } from 'discord.js';
import { expect, test } from 'vitest';
import { toActorId, toTaskId } from '../../../core/ids.ts';
import type { PlanStanding, PlanView, QuestionView, ResultView, View } from '../../../core/ports/chat.ts';
import {
  sampleHelp,
  sampleNow,
  samplePlan,
  sampleProgress,
  sampleQuestion,
  sampleRefusal,
  sampleResult,
  sampleStep,
  sampleTasks,
  sampleWhy,
} from '../../../test/builders/views.ts';
import { renderMessage, renderPrivate } from './render-view.ts';

const options = { uploadBytesAtMost: 10_000_000, now: sampleNow };
const task = toTaskId(7);
const ada = '112233445566778899';
const requester = toActorId(`discord:${ada}`);
const plan: PlanView = {
  ...samplePlan,
  task,
  requester,
  approvers: [`discord:${ada}`, 'discord-role:998877665544332211'],
};
const result: ResultView = {
  ...sampleResult,
  task,
  requester,
  approvedBy: [`discord:${ada}`],
  commit: {
    sha: samplePlan.commit,
    link: `https://git.example/ada/homelab/commit/${samplePlan.commit}`,
    repository: 'homelab',
    branch: 'main',
    pushed: true,
  },
};

function shown(view: View, render = renderMessage): string {
  return render(view, options)
    .map(({ content, components }) =>
      [content, ...components.map(({ components: row }) => row.map(face).join(' '))].join('\n'),
    )
    .join('\n────\n');
}

function face(component: ReturnType<typeof renderMessage>[number]['components'][number]['components'][number]): string {
  if (component.type === ComponentType.StringSelect) return `[${component.options.length} to choose from]`;
  if (component.type !== ComponentType.Button || !('label' in component)) return '';
  return component.disabled === true ? `(${component.label ?? ''})` : `[${component.label ?? ''}]`;
}

const firstLine = (view: View): string => shown(view).split('\n')[0] ?? '';
const buttons = (view: View): string =>
  shown(view)
    .split('\n')
    .filter((line) => /^[[(]/.test(line))
    .join('\n');

test('the plan of the main job', () => {
  expect(shown(plan)).toMatchInlineSnapshot(`
    "#7 deploy uptime kuma to homelab and add existing portals to config — 2 steps, medium risk
    - Deploy Uptime Kuma on homelab
    - Add the 4 existing portals to monitors

    **1. Deploy Uptime Kuma** on atlas, boreas
    -# with uptime\\_kuma\\_port = 3001
    -# with uptime\\_kuma\\_password = (secret)
    -# low risk · about 34 s · \`playbooks/site.yml\` · tags uptime\\_kuma · limit homelab

    **2. Reload the reverse proxy** on ceres
    -# medium risk · about 6 s · \`playbooks/proxy.yml\` · tags reload

    - portals found: 4, in config/traefik/portals.yml

    Changes \`config/monitors.yml\` +1 -1
    \`\`\`diff
     monitors:
    +  - name: Grafana
    -  - name: Old
    \`\`\`

    ⚠ Who asked may not approve.

    May approve: <@112233445566778899> and <@&998877665544332211>
    Expires <t:1772452800:R>
    -# asked by <@112233445566778899> · about 40 s · $0.00, no model needed · planned by rules, 97 % sure
    -# plan hash \`ab12cd34ef56\` · commit \`9c1d22e8\` of homelab, branch chiffon/1
    [Approve] [Reject] [Request changes] [Details]"
  `);
});

test('its result', () => {
  expect(shown(result)).toMatchInlineSnapshot(`
    "✔ #7 succeeded: deploy uptime kuma to homelab and add existing portals to config
    <@112233445566778899> 2 changes on atlas; the configuration is committed.

    **1. Deploy Uptime Kuma** ✔ 34 s
    - atlas: 2 changed, 14 ok
      - Create the folder
      - Write the file
    - boreas: nothing changed, 12 ok
    » No Docker on atlas: wrote the compose file, started nothing.

    Commit [9c1d22e8](<https://git.example/ada/homelab/commit/9c1d22e8b1c04f7a9c1d22e8b1c04f7a9c1d22e8>) on main of homelab, pushed
    Undo: git revert 9c1d22e8 in the infrastructure repository takes the configuration back.
    -# 39 s · $0.00 · approved by <@112233445566778899>"
  `);
  expect(renderMessage(result, options)[0]?.pings).toEqual([ada]);
});

test('a run that failed, with the way on', () => {
  const failed: ResultView = {
    ...result,
    state: 'failed',
    text: 'Step 2 failed on ceres.',
    code: 'CHF-402',
    advice: 'Read the log, mend what it names, and try again.',
    commit: null,
    undo: [],
    retryFrom: 2,
    steps: [
      ...result.steps,
      {
        number: 2,
        title: 'Reload the reverse proxy',
        state: 'failed',
        durationMs: 2_100,
        hosts: [{ host: 'ceres', ok: 1, changed: 0, failed: 1, unreachable: 0, changes: [] }],
        notes: [],
        lines: 12,
      },
    ],
  };
  expect(shown(failed)).toMatchInlineSnapshot(`
    "✖ #7 failed: deploy uptime kuma to homelab and add existing portals to config
    <@112233445566778899> Step 2 failed on ceres. (CHF-402)
    → Read the log, mend what it names, and try again.

    **1. Deploy Uptime Kuma** ✔ 34 s
    - atlas: 2 changed, 14 ok
      - Create the folder
      - Write the file
    - boreas: nothing changed, 12 ok
    » No Docker on atlas: wrote the compose file, started nothing.

    **2. Reload the reverse proxy** ✖ 2.1 s
    - ceres: nothing changed, 1 ok, **1 failed**
    -# 39 s · $0.00 · approved by <@112233445566778899>
    [Retry from step 2]"
  `);
});

test('a step as it runs, waits, and has ended', () => {
  const running = sampleProgress(sampleStep());
  expect(shown({ ...running, task })).toMatchInlineSnapshot(`
    "▶ #7 step 1 of 1: Deploy Uptime Kuma
    ▰▰▱▱▱▱▱▱▱▱ 21 % of about 34 s · started <t:1772366393:R>
    Write the monitors · atlas
    6 ok · 3 changed · 20 lines
    -# on nas-agent
    [Cancel]"
  `);
  expect(shown({ ...running, task, cancelling: true })).toMatchInlineSnapshot(`
    "▶ #7 step 1 of 1: Deploy Uptime Kuma — stopping …
    ▰▰▱▱▱▱▱▱▱▱ 21 % of about 34 s · started <t:1772366393:R>
    6 ok · 3 changed · 20 lines
    -# on nas-agent"
  `);
  expect(shown({ ...sampleProgress(sampleStep({ state: 'starting', agent: null })), task })).toMatchInlineSnapshot(`
    "▶ #7 step 1 of 1: Deploy Uptime Kuma — starting
    Waits for an agent of pool ansible
    [Cancel]"
  `);
  expect(shown({ ...sampleProgress(sampleStep({ state: 'failed', failed: 1 })), task })).toMatchInlineSnapshot(`
    "✖ #7 step 1 of 1: Deploy Uptime Kuma — failed
    6 ok · 3 changed · 1 failed · 20 lines · 7 s"
  `);
});

test('the message is about its own step, whatever the others do', () => {
  const view = sampleProgress(
    sampleStep(),
    sampleStep({ number: 2, title: 'Reload the reverse proxy', state: 'waiting' }),
  );
  expect(shown({ ...view, task, step: 2 })).toMatchInlineSnapshot(`
    "· #7 step 2 of 2: Reload the reverse proxy — waiting
    [Cancel]"
  `);
});

test('a bar is never full before its step has ended', () => {
  expect(shown(sampleProgress(sampleStep({ startedAt: null, elapsedMs: 999_000, estimatedMs: 1_000 })))).toContain(
    '▰▰▰▰▰▰▰▰▰▱ 99 % of about 1 s · 16 min 39 s',
  );
});

test.each<[PlanStanding, string, string]>([
  [
    'open',
    '#7 deploy uptime kuma to homelab and add existing portals to config — 2 steps, medium risk',
    '[Approve] [Reject] [Request changes] [Details]',
  ],
  ['approved', `✅ approved by <@${ada}>`, '[Cancel] [Details]'],
  ['running', `▶ running, approved by <@${ada}>`, '[Cancel] [Details]'],
  ['succeeded', '✔ succeeded', '[Details]'],
  ['failed', '✖ failed', '[Details]'],
  ['unknown', '? unknown: nobody can say whether it was done', '[Details]'],
  ['cancelled', '■ cancelled', '[Details]'],
  ['superseded', '✖ superseded: a newer revision stands below', '(Approve) (Reject) (Request changes) [Details]'],
  [
    'withdrawn',
    '✖ withdrawn: it can no longer run as it stands here',
    '(Approve) (Reject) (Request changes) [Details]',
  ],
  ['rejected', '✖ rejected: it will not run', '(Approve) (Reject) (Request changes) [Details]'],
  ['expired', '✖ expired: nobody approved it in time', '(Approve) (Reject) (Request changes) [Details]'],
])('a plan that is %s says so first, and has the buttons that still do something', (standing, first, row) => {
  const view: PlanView = { ...plan, standing, given: [`discord:${ada}`] };
  expect(firstLine(view)).toBe(first);
  expect(buttons(view)).toBe(row);
  expect(shown(view).includes('May approve')).toBe(standing === 'open');
});

test('a later revision says first what differs, and how many more have to agree', () => {
  const view: PlanView = {
    ...plan,
    revision: 2,
    needs: 2,
    given: [`discord:${ada}`],
    differences: ['Step 1 runs on nas'],
  };
  expect(shown(view).split('\n').slice(0, 3)).toEqual([
    '#7 deploy uptime kuma to homelab and add existing portals to config (revision 2) — 2 steps, medium risk',
    '**What differs from revision 1**',
    '- Step 1 runs on nas',
  ]);
  expect(shown(view)).toContain(`Needs 2 of <@${ada}> and <@&998877665544332211> · given by <@${ada}>`);
  expect(shown({ ...plan, approvers: [] })).toContain('Nobody may approve it.');
});

test('what does not fit leaves titles, hosts, risk and approvers, and says where the rest is', () => {
  const diff = Array.from({ length: 90 }, (_, index) => `+line ${index}`).join('\n');
  const [step] = plan.steps;
  const steps = Array.from({ length: 9 }, (_, index) => ({
    ...(step ?? plan.steps[0]),
    number: index + 1,
    title: `Deploy service ${index + 1}`,
    playbook: 'p.yml',
    selection: ['tags '.repeat(20)],
    hosts: Array.from({ length: 40 }, (_each, host) => `node-${host + 1}.example.org`),
    inputs: [{ name: 'motd', value: 'x'.repeat(300) }],
    risk: 'high' as const,
    estimatedMs: 1_000,
  }));
  const text = shown({
    ...plan,
    risk: 'high',
    request: `deploy everything ${'and more '.repeat(40)}`,
    steps,
    config: [{ path: 'a.yml', diff }],
    understood: steps.map(() => 'y'.repeat(170)),
  });
  expect(text).toMatch(/^#7 deploy everything and more .*… — 9 steps, high risk\n/);
  for (const { number } of steps)
    expect(text).toContain(`**${number}. Deploy service ${number}** on node-1.example.org and 39 more — high risk`);
  expect(text).toContain('May approve: ');
  expect(text).toContain('… **Details** shows the rest\n[Approve]');
});

test('a question calls the one who asked, with its answers to tap', () => {
  const question: QuestionView = { ...sampleQuestion, requester };
  expect(shown(question)).toMatchInlineSnapshot(`
    "#2 asks: Which of these do you mean?
    <@112233445566778899> you asked: restart the media thing
    -# Tap an answer, or reply in the thread.
    [Restart Jellyfin] [Restart Navidrome]
    [Other…]"
  `);
  expect(renderMessage(question, options)[0]?.pings).toEqual([ada]);
  const many = Array.from({ length: 30 }, (_, index) => ({ label: `Role ${index + 1}`, value: `role-${index + 1}` }));
  expect(buttons({ ...question, candidates: many })).toBe('[25 to choose from]\n[Other…]');
  expect(shown({ ...question, candidates: many })).toContain('\n30. Role 30\n');
  expect(buttons({ ...question, candidates: [] })).toBe('[Answer]');
  expect(buttons({ ...question, secret: true })).toBe('[Answer privately]');
});

test('a question that is answered calls nobody and can be answered no more', () => {
  const closed: QuestionView = { ...sampleQuestion, requester, closed: `Answered by discord:${ada}: Restart Jellyfin` };
  expect(shown(closed)).toMatchInlineSnapshot(`
    "#2 asked: Which of these do you mean?
    → Answered by <@112233445566778899>: Restart Jellyfin"
  `);
  expect(renderMessage(closed, options)[0]?.pings).toEqual([]);
});

test('a refusal says what to do, and the line for the policy file can be copied', () => {
  expect(shown(sampleRefusal)).toMatchInlineSnapshot(`
    "✖ #3 refused: Nothing in the catalogue fits.
    Use one of the nearest actions.
    **What would work**
    - Restart Grafana
    -# CHF-201"
  `);
  const line = `- {who: ['discord:${ada}'], actions: ['playbooks/site.yml#uptime_kuma'], hosts: ['atlas']}`;
  const text = `The policy does not let discord:${ada} approve step 1, “Deploy”. Ask discord:998877665544332211, or add this under approvers in the policy file: ${line}`;
  expect(shown({ ...sampleRefusal, task: null, nearest: [], text })).toMatchInlineSnapshot(`
    "✖ The policy does not let <@112233445566778899> approve step 1, “Deploy”. Ask <@998877665544332211>, or add this under approvers in the policy file:
    \`\`\`yaml
    - {who: ['discord:112233445566778899'], actions: ['playbooks/site.yml#uptime_kuma'], hosts: ['atlas']}
    \`\`\`
    Use one of the nearest actions.
    -# CHF-201"
  `);
});

test('a notice that waits for a person calls them, and offers what can be done', () => {
  const text = '#7 is paused: the agent is gone. Type `resume #7` to go on, or `cancel #7`.';
  const view: View = {
    type: 'notice',
    task,
    tone: 'warning',
    text,
    code: null,
    calls: requester,
    buttons: ['resume', 'cancel'],
  };
  expect(shown(view)).toMatchInlineSnapshot(`
    "⚠ #7 is paused: the agent is gone. Type \`resume #7\` to go on, or \`cancel #7\`. <@112233445566778899>
    [Resume] [Cancel]"
  `);
  expect(renderMessage(view, options)[0]?.pings).toEqual([ada]);
  expect(renderPrivate(view, options)[0]?.pings).toEqual([]);
});

test('reports are short lines', () => {
  expect(shown({ ...sampleTasks, list: 'status' }, renderPrivate)).toMatchInlineSnapshot(`
    "**Open tasks**
    **#12 proposed** deploy uptime kuma to homelab and add existing portals to config
    -# <t:1772366160:R> · terminal:local · waits for approval"
  `);
  expect(shown(sampleWhy, renderPrivate)).toMatchInlineSnapshot(`
    "Why #1: planned by rules, 97 % sure
    - by its alias"
  `);
  expect(shown(sampleHelp, renderPrivate)).toMatchInlineSnapshot(`
    "**What you can say**
    \`approve [#n]\` run exactly the plan that stands there
    **For example**
    - restart grafana"
  `);
  const agents: View = {
    type: 'list',
    title: 'Agents',
    rows: [{ text: 'nas-agent', aside: 'pool ansible' }],
    more: 2,
    note: 'Two are away.',
  };
  expect(shown(agents, renderPrivate)).toMatchInlineSnapshot(`
    "**Agents**
    - nas-agent
    -# pool ansible
    and 2 more
    Two are away."
  `);
  expect(shown({ type: 'detail', title: 'Data', data: { answer: 42 } }, renderPrivate)).toMatchInlineSnapshot(`
    "**Data**
    \`\`\`json
    {
      "answer": 42
    }
    \`\`\`"
  `);
});

test('the details are the whole plan', () => {
  expect(shown({ type: 'details', plan }, renderPrivate)).toMatchInlineSnapshot(`
    "Plan #7, revision 1: deploy uptime kuma to homelab and add existing portals to config
    **Understood**
    - Deploy Uptime Kuma on homelab
    - Add the 4 existing portals to monitors
    **1. Deploy Uptime Kuma**
    - on atlas, boreas
    - low risk · about 34 s · \`playbooks/site.yml\` · tags uptime\\_kuma · limit homelab
    - uptime\\_kuma\\_port = 3001
    - uptime\\_kuma\\_password = (secret)
    **2. Reload the reverse proxy**
    - on ceres
    - medium risk · about 6 s · \`playbooks/proxy.yml\` · tags reload
    **Found**
    - portals found: 4, in config/traefik/portals.yml
    **Files read**
    - config/traefik/portals.yml:4
    **Changes** \`config/monitors.yml\` +1 -1
    \`\`\`diff
    @@ -1,2 +1,3 @@
     monitors:
    +  - name: Grafana
    -  - name: Old
    \`\`\`
    ⚠ Who asked may not approve.
    May approve: <@112233445566778899> and <@&998877665544332211>
    about 40 s · $0.00 · planned by rules, 97 % sure · medium risk
    Plan hash \`ab12cd34ef560000000000000000000000000000000000000000000000000000\`
    Commit \`9c1d22e8b1c04f7a9c1d22e8b1c04f7a9c1d22e8\` of homelab, branch chiffon/1"
  `);
});

test('details that would flood a phone are a file', () => {
  const diff = Array.from({ length: 900 }, (_, index) => `+line ${index}`).join('\n');
  const [message, ...more] = renderPrivate(
    { type: 'details', plan: { ...plan, config: [{ path: 'a.yml', diff }] } },
    options,
  );
  expect(more).toEqual([]);
  expect(message?.content).toMatch(/^Plan #7, revision 1: deploy .*\n… all of it is in the file$/);
  expect(message?.files[0]?.name).toBe('plan-7-revision-1.txt');
  expect(message?.files[0]?.text).toContain('+line 899');
});
