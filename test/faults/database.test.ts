// The database restarts under a bot and goes away in the middle of its work: the bot waits for it and goes on; nothing is lost, and
// what an agent prints meanwhile is kept by the broker and the agent.
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { Desk } from '../services/desk.ts';
import { openDesk } from '../services/desk.ts';
import { expectInvariants } from '../services/invariants.ts';
import type { Lab } from '../services/lab.ts';
import { openLab } from '../services/lab.ts';
import { beginTalk, expectWholeTalk, finishTalk, talkPlaybook } from '../services/talk.ts';
import { until } from '../services/until.ts';
import type { PostgresServer } from '../setup/postgres-kind.ts';
import { startPostgres } from '../setup/postgres-server.ts';

let server: PostgresServer;
let lab: Lab;
let desk: Desk;
beforeAll(async () => {
  server = await startPostgres();
  lab = await openLab({ databaseUrl: server.url, files: talkPlaybook });
  desk = openDesk(lab);
  await Promise.all([lab.bot().shows(/Ask for a change/), lab.agent()]);
});
afterAll(async () => {
  await lab.dispose();
  await server.stop();
});

it('restarts while a request is planned: the plan comes', async () => {
  const task = await desk.ask('leave mark');
  await server.restart();
  await until(() => desk.sees(task, 'plan.proposed', 1, 1_000).then(() => true));
  await until(() => desk.approve(task).then(({ type }) => type === 'accepted'));
  await until(async () => (await desk.ends(task)) === 'task.succeeded');
  expect((await lab.marks()).filter((mark) => mark === 'mark')).toEqual(['mark']);
  await expectInvariants(lab);
});

it('is away while a playbook prints and ends: every line is stored once, and the run ends as it ended', async () => {
  const task = await beginTalk(lab, desk);
  await server.restart(() => finishTalk(lab));
  await until(() => desk.ends(task, 5_000), { timeoutMs: 120_000 });
  await expectWholeTalk(lab, desk, task);
  await expectInvariants(lab);
});
