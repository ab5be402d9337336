// What is offered while somebody types, from the sample lab's catalogue.
import pino from 'pino';
import { describe, expect, it } from 'vitest';
import { readCatalogue } from '../../core/catalogue/read-catalogue.ts';
import { toActorId, toConversationId, toTaskId } from '../../core/ids.ts';
import { homelab, homelabSnapshot } from '../../core/planner/corpus/homelab.ts';
import { planByRules } from '../../core/planner/plan-by-rules.ts';
import type { TaskRow, TaskTable } from '../../core/ports/event-log.ts';
import { folderSnapshot } from '../../test/builders/snapshots.ts';
import type { RepositoryReading } from '../planning/read-repository.ts';
import { soundsLike } from './like-words.ts';
import { makeSuggest } from './suggest.ts';
import { suggestRequests } from './suggest-requests.ts';
import { suggestTasks } from './suggest-tasks.ts';

const sample = folderSnapshot(new URL('../../ansible/homelab/', import.meta.url).pathname);
const offered = (typed: string) => suggestRequests(homelab, typed);

describe('requests', () => {
  it('are offered from the catalogue before anything is typed, 25 at most and none too long to be shown', () => {
    const all = offered('');
    expect(all.length).toBeGreaterThan(5);
    expect(all.length).toBeLessThanOrEqual(25);
    expect(all.every((text) => text.length <= 100)).toBe(true);
    const [one] = homelab.actions;
    if (one === undefined) throw new Error('no action');
    const many = Array.from({ length: 60 }, (_, at) => ({ ...one, title: `Deploy ${'x'.repeat(at * 2)}` }));
    const long = suggestRequests({ ...homelab, actions: many }, 'deploy');
    expect(long).toHaveLength(25);
    expect(suggestRequests({ ...homelab, actions: [{ ...one, title: 'x'.repeat(101) }] }, 'x')).toEqual([]);
  });

  it.each([
    ['the homelab', homelab, homelabSnapshot],
    ['the bundled sample', readCatalogue(sample), sample],
  ])('are all understood, in %s', (_, catalogue, snapshot) => {
    const all = catalogue.actions.flatMap(({ title }) => suggestRequests(catalogue, title.replace(/\s*\(.*/, '')));
    expect(all.length).toBeGreaterThan(catalogue.actions.length);
    for (const request of new Set(all)) {
      const outcome = planByRules({ request, dialogue: [], changes: [], catalogue, snapshot, secrets: new Map() });
      expect(outcome.decision, `${request}: ${outcome.decision === 'refuse' ? outcome.reason : ''}`).not.toBe('refuse');
    }
  });

  it('that begin with what was typed come first, then those that have its words, by any of their names', () => {
    expect(offered('deploy upt')[0]).toBe('deploy Uptime Kuma');
    expect(offered('kuma')[0]).toBe('deploy Uptime Kuma');
    expect(offered('status page')[0]).toBe('deploy Uptime Kuma');
    expect(offered('GRAFANA')[0]).toMatch(/grafana/i);
    expect(offered('zzzz')).toEqual([]);
  });

  it('are found in spite of one slip', () => {
    for (const typed of ['grafna', 'graffana', 'grafaan', 'grafsna', 'deploy graf'])
      expect(offered(typed)[0], typed).toMatch(/grafana/i);
    expect(soundsLike('grafxyz', ['grafana'])).toBe(false);
    expect(soundsLike('nsa', ['nas'])).toBe(false);
  });

  it('name the hosts that they are for, those that were begun', () => {
    const action = homelab.actions.find(({ hosts }) => hosts.length > 1);
    const [host = ''] = action?.hosts ?? [];
    const title = action?.title.replace(/\s*\(.*/, '') ?? '';
    const found = offered(`${title} on ${host.slice(0, 2)}`);
    expect(found[0]?.toLowerCase()).toBe(`${title} on ${host}`.toLowerCase());
    expect(found.every((text) => text.includes(` on ${host.slice(0, 2)}`))).toBe(true);
  });

  it('go on behind what was said already', () => {
    expect(offered('deploy jellyfin and deploy graf')[0]).toBe('deploy jellyfin and deploy Grafana');
  });
});

describe('tasks', () => {
  const row = (task: number, request: string, state = 'running'): TaskRow => ({
    ...{ task: toTaskId(task), state, request, conversation: toConversationId('discord:1'), costMicroUsd: 0 },
    ...{ requester: toActorId('discord:2'), receivedAt: '', updatedAt: '', summary: '' },
  });
  const rows = [
    row(512, 'deploy grafana'),
    row(51, `set the token to ‹secret:abc:${'0'.repeat(64)}›`, 'proposed'),
    row(7, `back up ${'x'.repeat(200)}`, 'failed'),
    row(5, 'restart pihole', 'succeeded'),
  ];
  const table: Pick<TaskTable, 'listTasks'> = {
    listTasks: async ({ open, before, limit }) =>
      rows
        .filter(({ state }) => open !== true || state === 'running' || state === 'proposed')
        .filter(({ task }) => before === undefined || task < before)
        .slice(0, limit),
  };
  const values = async (open: boolean, typed: string) =>
    (await suggestTasks(table, open, typed)).map(({ value }) => value);

  it('are offered newest first, open ones alone where only they can be meant', async () => {
    expect(await values(true, '')).toEqual(['512', '51']);
    expect(await values(false, '')).toEqual(['512', '51', '7', '5']);
  });

  it('are found by the beginning of their number, the whole number first, and by words of the request or the state', async () => {
    expect(await values(false, '#5')).toEqual(['5', '512', '51']);
    expect(await values(true, '5')).toEqual(['512', '51']);
    expect(await values(false, 'grafna')).toEqual(['512']);
    expect(await values(false, 'fail')).toEqual(['7']);
    expect(await values(false, 'nothing like it')).toEqual([]);
  });

  it('show request and state in what a platform can show, and no secret', async () => {
    const labels = (await suggestTasks(table, false, '')).map(({ label }) => label);
    expect(labels[0]).toBe('#512 deploy grafana (running)');
    expect(labels[1]).toBe('#51 set the token to (secret) (proposed)');
    expect(labels[2]).toMatch(/^#7 back up x+… \(failed\)$/);
    expect(labels[2]).toHaveLength(100);
  });
});

describe('while somebody types', () => {
  const commit = homelabSnapshot.commit;
  const reading: RepositoryReading = {
    type: 'read',
    state: { commit, branch: 'main', dirty: [], ahead: 0, behind: 0, name: 'homelab' },
    snapshot: homelabSnapshot,
    catalogue: homelab,
  };

  it('nothing waits for git: what was read last is offered, and it is read again once in a while', async () => {
    let now = Date.parse('2026-01-01T00:00:00.000Z');
    let reads = 0;
    const never = () => {
      reads += 1;
      return new Promise<RepositoryReading>(() => {});
    };
    const suggest = makeSuggest({
      store: { listTasks: async () => [] },
      readRepository: Object.assign(never, { current: () => reading }),
      clock: { now: () => new Date(now) },
      log: pino({ level: 'silent' }),
    });
    for (const typed of ['d', 'de', 'dep']) expect((await suggest('request', typed))[0]?.value).toMatch(/^deploy /i);
    expect(reads).toBe(1);
    now += 60_000;
    await suggest('request', 'depl');
    expect(reads).toBe(2);
  });
});
