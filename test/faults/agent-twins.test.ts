// Two agents where one is expected: the same identity twice, and the same command with two agents of a pool.
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { z } from 'zod';
import type { Desk } from '../services/desk.ts';
import { openDesk } from '../services/desk.ts';
import { expectInvariants } from '../services/invariants.ts';
import type { Lab } from '../services/lab.ts';
import { openLab } from '../services/lab.ts';
import { until } from '../services/until.ts';

let lab: Lab;
let desk: Desk;
let marked = 0;
beforeAll(async () => {
  lab = await openLab();
  desk = openDesk(lab);
  lab.bot();
});
beforeEach(async () => {
  marked = (await lab.marks()).length;
});
afterAll(() => lab?.dispose());

const marksSince = async () => (await lab.marks()).slice(marked);

it('a second process with the same identity does not start, and says why; the first one works on', async () => {
  const first = await lab.agent();
  const second = await lab.startAgent('nas', { home: 'elsewhere' });
  expect(await second.ended).toBe(1);
  expect(second.output()).toMatch(/Another process on the message bus goes by the name agent.nas/);
  const task = await desk.order('leave mark');
  expect(await desk.ends(task)).toBe('task.succeeded');
  expect(await marksSince()).toEqual(['mark']);
  await first.kill();
});

it('an agent dies between its claim and the acknowledgement, and another gets the command: it is started once', async () => {
  const first = await lab.agent('nas', { fault: { at: 'handle', when: 'after', type: 'step.start' } });
  const task = await desk.order('leave mark');
  expect(await first.ended).toBe('SIGKILL');
  const second = await lab.agent('attic');
  expect(await desk.ends(task)).toBe('task.succeeded');
  const again = await lab.agent();
  const next = await desk.order('mark elsewhere');
  expect(await desk.ends(next)).toBe('task.succeeded');
  expect(await marksSince()).toEqual(['mark', 'elsewhere']);
  expect((await desk.history(task)).filter(({ type }) => type === 'attempt.granted')).toHaveLength(1);
  await Promise.all([again.kill(), second.kill()]);
});

it('an agent is cut off with an acknowledgement on its way, and both hold the command: core lets one of them go', async () => {
  const first = await lab.agent('nas', {
    fault: { at: 'handle', when: 'after', type: 'step.start', signal: 'SIGSTOP' },
  });
  const task = await desk.order('leave mark');
  await first.stopped();
  const second = await lab.agent('attic');
  await cutOff('agent nas');
  await desk.sees(task, 'attempt.claimed');
  first.signal('SIGCONT');
  expect(await desk.ends(task)).toBe('task.succeeded');
  const claims = (await desk.history(task)).filter(({ type }) => type === 'attempt.claimed');
  expect(claims).toMatchObject([{ agent: 'attic' }]);
  // The one that lost is told so, and is free for what comes next.
  await second.kill();
  const next = await desk.order('mark elsewhere');
  expect(await desk.ends(next)).toBe('task.succeeded');
  expect(await marksSince()).toEqual(['mark', 'elsewhere']);
  await first.kill();
});

it('and the record holds after all of it', () => expectInvariants(lab));

/** The broker closes that program's connection, and gives what it had not acknowledged to others. */
async function cutOff(program: string): Promise<void> {
  const name = await until(async () => {
    const all = connections.parse(await lab.manage('GET', 'vhosts/{vhost}/connections'));
    return all.find(({ client_properties }) => client_properties.connection_name === program)?.name;
  });
  await lab.manage('DELETE', `connections/${encodeURIComponent(name)}`);
}

const connections = z.array(
  z.object({ name: z.string(), client_properties: z.looseObject({ connection_name: z.string().optional() }) }),
);
