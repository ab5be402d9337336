// What `agents`, `cost` and `details` tell, from the log and the table of tasks.
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { agentsReport } from '../../bot/conversation/reports/agents.ts';
import { costReport } from '../../bot/conversation/reports/cost.ts';
import { detailsReport } from '../../bot/conversation/reports/details.ts';
import { historyOf } from '../../bot/conversation/reports/history-of.ts';
import { makeTaskTableHandler } from '../../bot/projectors/task-table.ts';
import { newKeyPair, publicKeyText, toPublicKey } from '../../core/contracts/signature.ts';
import { systemTask, toTaskId } from '../../core/ids.ts';
import { planningBasis } from '../../core/task/state.ts';
import { aPlan, aPolicy } from '../builders/plan.ts';
import type { Stage } from './stage.ts';
import { now, openStage, run, speaker, start } from './stage.ts';

let stage: Stage;
beforeEach(async () => {
  stage = await openStage();
});
afterEach(() => stage.close());

/** The table of tasks as new as the log. */
async function tabled(): Promise<void> {
  const handle = makeTaskTableHandler(stage.store);
  for (const stored of await stage.store.readAfter(0, 1_000)) await handle(stored);
}

const enrol = async (name: string) =>
  stage.store.append({
    ...{ task: systemTask, expectedVersion: await stage.store.versionOf(systemTask), actor: stage.person.id, at: now },
    events: [{ type: 'agent.enrolled', name, pool: 'ansible', publicKey: publicKeyText(newKeyPair().publicKey) }],
  });

describe('agents', () => {
  it('are named with their pool and since when, those inside the process too, and with what each holds right now', async () => {
    await enrol('nas-agent');
    const first = await stage.approved(['nas']);
    await stage.act(first.task, start(first), { type: 'attempt-claimed', run, token: 1, speaker });
    await tabled();
    const own = [
      { name: 'embedded', pool: 'ansible', since: now, key: toPublicKey(publicKeyText(newKeyPair().publicKey)) },
    ];
    expect(await agentsReport(stage.store, own)).toMatchObject({
      rows: [
        {
          text: 'embedded: pool ansible, inside this process, started 2026-01-01 12:00 UTC',
          aside: 'holds nothing now',
        },
        {
          text: 'nas-agent: pool ansible, enrolled 2026-01-01 12:00 UTC',
          aside: `#${first.task}, step 1: Deploy Grafana`,
        },
      ],
      more: 0,
      note: '',
    });
  });

  it('that are not there are said to be missing, and what waits for one', async () => {
    const first = await stage.approved(['nas']);
    await stage.act(first.task, start(first));
    await tabled();
    expect(await agentsReport(stage.store, [])).toMatchObject({
      rows: [],
      note: `No agent is enrolled: \`npm start -- agents enroll <name>\`. One step waits for an agent: #${first.task}, step 1: Deploy Grafana.`,
    });
  });
});

describe('cost', () => {
  it('is summed up over days, with what needed no paid model, and the dearest tasks', async () => {
    const row = {
      ...{ state: 'succeeded', conversation: stage.chat.conversation, requester: stage.person.id, summary: '' },
      ...{ updatedAt: now },
    };
    const tasks = [
      { task: 1, costMicroUsd: 40_000, receivedAt: '2026-01-01T00:00:00.000Z' },
      { task: 2, costMicroUsd: 0, receivedAt: '2025-12-26T00:00:00.000Z' },
      { task: 3, costMicroUsd: 1_234, receivedAt: '2025-12-25T23:59:59.999Z' },
      { task: 4, costMicroUsd: 500_000, receivedAt: '2025-11-01T00:00:00.000Z' },
    ];
    for (const { task, ...rest } of tasks)
      await stage.store.saveTask({ ...row, ...rest, task: toTaskId(task), request: `request ${task}` });
    const view = await costReport(stage.store, new Date(now));
    expect(view.rows).toEqual([
      { text: 'today: $0.04', aside: '1 request, 0 without a paid model' },
      { text: '7 days: $0.04', aside: '2 requests, 1 without a paid model' },
      { text: '30 days: $0.0412', aside: '3 requests, 1 without a paid model' },
      { text: 'all: $0.5412', aside: '4 requests, 1 without a paid model' },
      { text: '#4: $0.50', aside: 'request 4' },
      { text: '#1: $0.04', aside: 'request 1' },
      { text: '#3: $0.0012', aside: 'request 3' },
    ]);
  });
});

describe('details', () => {
  const detailsOf = async (task: number, revision: number | null) => {
    const history = await historyOf(stage.store, stage.chat.conversation, toTaskId(task));
    return history.type === 'refusal' ? history : detailsReport(history, revision, 'homelab');
  };

  it('are those of the revision that was asked for, as it stands now, or of the newest', async () => {
    const task = await stage.store.nextTask();
    const received = await stage.act(task, {
      ...{ type: 'receive', conversation: stage.chat.conversation, requester: stage.person.id, request: 'x' },
      messageId: 'm',
    });
    expect(await detailsOf(task, null)).toMatchObject({ kind: 'NOTHING_TO_DECIDE' });
    const policy = aPolicy();
    const changed = await stage.act(
      task,
      { type: 'propose', basis: planningBasis(received), plan: aPlan({ task }), policy },
      { type: 'change', person: stage.person, on: {}, policy, now, change: 'on nas' },
    );
    expect(await detailsOf(task, null)).toMatchObject({ plan: { revision: 1, standing: 'superseded' } });
    await stage.act(
      task,
      { type: 'propose', basis: planningBasis(changed), plan: aPlan({ task, revision: 2 }), policy },
      { type: 'approve', person: stage.person, on: {}, policy, now },
    );
    expect(await detailsOf(task, 1)).toMatchObject({
      type: 'details',
      plan: { revision: 1, standing: 'superseded', given: [] },
    });
    expect(await detailsOf(task, 0)).toMatchObject({
      plan: { revision: 2, standing: 'approved', given: [stage.person.id] },
    });
    expect(await detailsOf(task, 3)).toMatchObject({
      kind: 'NOTHING_TO_DECIDE',
      message: `Task #${task} has no revision 3; the newest is 2.`,
    });
    expect(await detailsOf(99, null)).toMatchObject({ kind: 'NO_SUCH_TASK' });
  });
});
