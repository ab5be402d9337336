// A task's stream for tests: chained as the store chains it, with made-up people and times.
import { toActionId, toActorId, toCommitSha, toConversationId, toPlanHash, toRunId, toTaskId } from '../ids.ts';
import { canonicalJson } from '../json.ts';
import type { Plan } from '../plan/plan.ts';
import { type ChainLink, chainStart, eventHash } from '../task/chain.ts';
import type { StoredEvent, TaskEvent } from '../task/event.ts';

/** The events of one task, or of several by turns, as the log would hold them. */
export function chainOf(events: readonly { readonly task: number; readonly event: TaskEvent }[]): ChainLink[] {
  const versions = new Map<number, number>();
  const links: ChainLink[] = [];
  for (const { task, event } of events) {
    const { type, ...payload } = event;
    const version = (versions.get(task) ?? 0) + 1;
    versions.set(task, version);
    const seq = links.length + 1;
    const link = {
      seq,
      task,
      version,
      type,
      payload: canonicalJson(payload),
      actor: 'terminal:local',
      at: `2026-03-01T12:00:${String(seq % 60).padStart(2, '0')}.000Z`,
      prevHash: links.at(-1)?.hash ?? chainStart.hash,
    };
    links.push({ ...link, hash: eventHash(link) });
  }
  return links;
}

const actor = toActorId('terminal:local');
const planHash = toPlanHash('ab'.repeat(32));
const run = toRunId('0f8fad5b-d9cb-469f-a165-70867728950e');
const commit = toCommitSha('c0'.repeat(20));

const plan: Plan = {
  task: toTaskId(1),
  revision: 1,
  request: 'deploy uptime kuma',
  understood: ['Deploy Uptime Kuma on homelab'],
  steps: [
    {
      number: 1,
      action: toActionId('site.yml#uptime_kuma'),
      title: 'Deploy Uptime Kuma',
      agent: 'ansible',
      playbook: 'site.yml',
      inventories: ['inventory/hosts.yml'],
      ansibleConfig: null,
      tags: ['uptime_kuma'],
      skipTags: [],
      limit: 'homelab',
      hosts: ['homelab'],
      controller: false,
      vars: { port: 3001, admin_password: { $secret: 'task-1-admin', digest: 'd' } },
      files: [{ path: 'config/traefik.yml', line: 3 }],
      digests: [],
      config: [{ path: 'config/monitors.yml', diff: '@@ -1 +1,2 @@\n monitors:\n+  - grafana\n' }],
      risk: 'low',
      idempotent: true,
      estimatedMs: 45_000,
      timeoutMs: 600_000,
    },
  ],
  baseCommit: toCommitSha('ba'.repeat(20)),
  commit,
  branch: 'chiffon/1',
  policyVersion: 'p1',
  expiresAt: '2026-03-02T12:00:00.000Z',
  risk: 'low',
  estimatedMs: 45_000,
  costMicroUsd: 0,
  tier: 'rules',
  confidence: 0.97,
  why: [],
  differences: [],
};

/** A request that was planned, approved, run and merged. */
export function wholeStory(request = 'deploy uptime kuma'): TaskEvent[] {
  const attempt = { run, step: 1, attempt: 1 };
  return [
    {
      type: 'task.received',
      conversation: toConversationId('terminal:local'),
      requester: actor,
      request,
      messageId: 'm1',
    },
    {
      type: 'plan.proposed',
      plan: { ...plan, request },
      planHash,
      needs: 1,
      self: true,
      approvers: ['terminal:local'],
    },
    { type: 'approval.given', planHash, actor },
    { type: 'plan.approved', planHash },
    { type: 'run.started', run, planHash },
    { type: 'attempt.granted', ...attempt, planHash, token: 1 },
    { type: 'attempt.started', ...attempt, token: 1, agent: 'local' },
    {
      type: 'attempt.finished',
      ...attempt,
      token: 1,
      result: {
        outcome: 'succeeded',
        error: null,
        recap: { homelab: { ok: 4, changed: 2, failed: 0, unreachable: 0, skipped: 1, ignored: 0, rescued: 0 } },
        changed: { homelab: ['uptime_kuma : Start the container'] },
        notes: ['Docker is not there; the files were written'],
        exitCode: 0,
        durationMs: 12_345,
        output: { sha256: 'ee'.repeat(32), lines: 40, bytes: 2048 },
      },
    },
    { type: 'change.merged', run, branch: 'chiffon/1', into: 'main', commit, link: null, pushed: false },
    { type: 'task.succeeded', run },
  ];
}

export function storedFrom(links: readonly ChainLink[], parse: (value: unknown) => TaskEvent): StoredEvent[] {
  return links.map(({ type, payload, ...link }) => ({
    ...link,
    task: toTaskId(link.task),
    actor: toActorId(link.actor),
    event: parse({ ...JSON.parse(payload), type }),
  }));
}
