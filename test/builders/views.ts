// Views as the bot makes them, for the tests of chats: a plan, its run, its result, and the short answers.
import { toActorId, toPlanHash, toTaskId } from '../../core/ids.ts';
import type {
  HelpView,
  LogView,
  PlanView,
  ProgressView,
  QuestionView,
  RefusalView,
  ResultView,
  StepProgress,
  TasksView,
  WhyView,
} from '../../core/ports/chat.ts';

const task = toTaskId(1);
const requester = toActorId('terminal:local');
const request = 'deploy uptime kuma to homelab and add existing portals to config';

export const samplePlan: PlanView = {
  type: 'plan',
  task,
  revision: 1,
  request,
  requester,
  understood: ['Deploy Uptime Kuma on homelab', 'Add the 4 existing portals to monitors'],
  steps: [
    {
      number: 1,
      title: 'Deploy Uptime Kuma',
      playbook: 'playbooks/site.yml',
      selection: ['tags uptime_kuma', 'limit homelab'],
      hosts: ['atlas', 'boreas'],
      inputs: [
        { name: 'uptime_kuma_port', value: '3001' },
        { name: 'uptime_kuma_password', value: '(secret)' },
      ],
      risk: 'low',
      estimatedMs: 34_000,
    },
    {
      number: 2,
      title: 'Reload the reverse proxy',
      playbook: 'playbooks/proxy.yml',
      selection: ['tags reload'],
      hosts: ['ceres'],
      inputs: [],
      risk: 'medium',
      estimatedMs: 6_000,
    },
  ],
  findings: ['portals found: 4, in config/traefik/portals.yml'],
  files: [{ path: 'config/traefik/portals.yml', line: 4 }],
  config: [
    {
      path: 'config/monitors.yml',
      diff: '--- a/config/monitors.yml\n+++ b/config/monitors.yml\n@@ -1,2 +1,3 @@\n monitors:\n+  - name: Grafana\n-  - name: Old\n',
    },
  ],
  differences: [],
  estimatedMs: 40_000,
  costMicroUsd: 0,
  tier: 'rules',
  confidence: 0.97,
  risk: 'medium',
  approvers: ['terminal:local'],
  needs: 1,
  given: [],
  planHash: toPlanHash('ab12cd34ef56'.padEnd(64, '0')),
  commit: '9c1d22e8b1c04f7a9c1d22e8b1c04f7a9c1d22e8',
  branch: 'chiffon/1',
  repository: 'homelab',
  expiresAt: '2026-03-02T12:00:00.000Z',
  standing: 'open',
  notes: ['Who asked may not approve.'],
};

export const sampleNow = new Date('2026-03-01T12:00:00.000Z');

export function sampleStep(changes: Partial<StepProgress> = {}): StepProgress {
  return {
    number: 1,
    title: 'Deploy Uptime Kuma',
    state: 'running',
    pool: 'ansible',
    agent: 'nas-agent',
    now: 'Write the monitors · atlas',
    nowAt: null,
    ok: 6,
    changed: 3,
    failed: 0,
    lines: 20,
    startedAt: '2026-03-01T11:59:53.000Z',
    elapsedMs: 7_000,
    estimatedMs: 34_000,
    ...changes,
  };
}

export function sampleProgress(...steps: readonly StepProgress[]): ProgressView {
  return { type: 'progress', task, step: steps[0]?.number ?? 1, steps, cancelling: false };
}

export const sampleResult: ResultView = {
  type: 'result',
  task,
  request,
  requester,
  retryFrom: null,
  state: 'succeeded',
  text: '2 changes on atlas; the configuration is committed.',
  code: null,
  advice: null,
  steps: [
    {
      number: 1,
      title: 'Deploy Uptime Kuma',
      state: 'succeeded',
      durationMs: 34_210,
      hosts: [
        {
          host: 'atlas',
          ok: 14,
          changed: 2,
          failed: 0,
          unreachable: 0,
          changes: ['Create the folder', 'Write the file'],
        },
        { host: 'boreas', ok: 12, changed: 0, failed: 0, unreachable: 0, changes: [] },
      ],
      notes: ['No Docker on atlas: wrote the compose file, started nothing.'],
      lines: 210,
    },
  ],
  durationMs: 39_100,
  costMicroUsd: 0,
  commit: {
    sha: '9c1d22e8b1c04f7a9c1d22e8b1c04f7a9c1d22e8',
    link: null,
    repository: 'homelab',
    branch: 'main',
    pushed: false,
  },
  undo: ['git revert 9c1d22e8 in the infrastructure repository takes the configuration back.'],
  approvedBy: ['terminal:local'],
};

export const sampleQuestion: QuestionView = {
  type: 'question',
  requester,
  number: 1,
  closed: null,
  task: toTaskId(2),
  request: 'restart the media thing',
  text: 'Which of these do you mean?',
  candidates: [
    { label: 'Restart Jellyfin', value: 'restart-jellyfin' },
    { label: 'Restart Navidrome', value: 'restart-navidrome' },
  ],
};

export const sampleRefusal: RefusalView = {
  type: 'refusal',
  task: toTaskId(3),
  code: 'CHF-201',
  text: 'Nothing in the catalogue fits.',
  advice: 'Use one of the nearest actions.',
  nearest: ['Restart Grafana'],
};

export const sampleTasks: TasksView = {
  type: 'tasks',
  list: 'history',
  tasks: [
    {
      task: toTaskId(12),
      state: 'proposed',
      request,
      requester: 'terminal:local',
      at: '2026-03-01T11:56:00.000Z',
      summary: 'waits for approval',
    },
  ],
  more: false,
};

export function sampleLog(lines: number): LogView {
  const text = Array.from({ length: lines }, (_, index) => `line ${index + 1}\n`).join('');
  return { type: 'log', task, step: 1, attempt: 1, text, from: 0, lines, complete: true };
}

export const sampleWhy: WhyView = { type: 'why', task, tier: 'rules', confidence: 0.97, lines: ['by its alias'] };

export const sampleHelp: HelpView = {
  type: 'help',
  commands: [{ usage: 'approve [#n]', meaning: 'run exactly the plan that stands there' }],
  examples: ['restart grafana'],
};
