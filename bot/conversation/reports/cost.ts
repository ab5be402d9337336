// `cost`: what models cost, over some spans of time and for the dearest tasks, and how many requests cost nothing.
import type { ListView } from '../../../core/ports/chat.ts';
import type { TaskTable } from '../../../core/ports/event-log.ts';
import { withoutPlaceholders } from '../../planning/request-secrets.ts';

const dearestAtMost = 5;
const dayMs = 86_400_000;
const requestAtMost = 80;

export async function costReport(store: TaskTable, now: Date): Promise<ListView> {
  const today = Date.parse(`${now.toISOString().slice(0, 10)}T00:00:00.000Z`);
  const spans = [
    { name: 'today', since: today },
    { name: '7 days', since: today - 6 * dayMs },
    { name: '30 days', since: today - 29 * dayMs },
    { name: 'all', since: null },
  ];
  const rows = await Promise.all(
    spans.map(async ({ name, since }) => {
      const { tasks, free, costMicroUsd } = await store.taskCosts(
        since === null ? null : new Date(since).toISOString(),
      );
      return { text: `${name}: ${usd(costMicroUsd)}`, aside: tasks === 0 ? 'no requests' : `${share(free, tasks)}` };
    }),
  );
  const dearest = await store.dearestTasks(dearestAtMost);
  return {
    type: 'list',
    title: 'AI cost',
    rows: [
      ...rows,
      ...dearest.map(({ task, costMicroUsd, request }) => ({
        text: `#${task}: ${usd(costMicroUsd)}`,
        aside: shortened(withoutPlaceholders(request)),
      })),
    ],
    more: 0,
    note: dearest.length === 0 ? 'Days are those of UTC.' : 'Days are those of UTC; the tasks are the dearest ones.',
  };
}

function share(free: number, tasks: number): string {
  const requests = `${tasks.toLocaleString('en')} ${tasks === 1 ? 'request' : 'requests'}`;
  if (free === tasks) return `${requests}, ${tasks === 1 ? 'without' : 'all without'} a paid model`;
  return `${requests}, ${free.toLocaleString('en')} without a paid model`;
}

function shortened(text: string): string {
  return text.length > requestAtMost ? `${text.slice(0, requestAtMost - 1)}…` : text;
}

function usd(micro: number): string {
  return `$${(micro / 1e6).toFixed(micro % 10_000 === 0 ? 2 : 4)}`;
}
