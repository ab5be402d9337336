// Two agents where one is expected: the same identity twice, and the same command with two agents of a pool.
import { expect, it } from 'vitest';
import { z } from 'zod';
import { until } from '../services/until.ts';
import { expectKilled } from './expect-killed.ts';
import { sharedScene } from './scene.ts';

const scene = sharedScene();

it('a second process with the same identity does not start, and says why; the first one works on', async () => {
  await scene.agent();
  const second = await scene.lab().startAgent('nas', { home: 'elsewhere' });
  expect(await second.ended).toBe(1);
  expect(second.output()).toMatch(/Another process on the message bus goes by the name agent.nas/);
  const task = await scene.desk().order('leave mark');
  expect(await scene.desk().ends(task)).toBe('task.succeeded');
  expect(await scene.marks()).toEqual(['mark']);
});

it('an agent dies between its claim and the ack, and another gets the command: it is started once', async () => {
  const desk = scene.desk();
  const task = await desk.order('leave mark');
  await expectKilled(await scene.doomed({ at: 'handle', when: 'after', type: 'step.start' }, task));
  await scene.agent('attic');
  expect(await desk.ends(task)).toBe('task.succeeded');
  await scene.agent();
  const next = await desk.order('mark elsewhere');
  expect(await desk.ends(next)).toBe('task.succeeded');
  expect(await scene.marks()).toEqual(['mark', 'elsewhere']);
  expect((await desk.history(task)).filter(({ type }) => type === 'attempt.granted')).toHaveLength(1);
});

it('an agent is cut off with its ack on the way, and both hold the command: core lets one of them go', async () => {
  const desk = scene.desk();
  const fault = { at: 'handle', when: 'after', type: 'step.start', signal: 'SIGSTOP' } as const;
  const first = await scene.agent('nas', { fault });
  const task = await desk.order('leave mark');
  await first.stopped();
  const second = await scene.agent('attic');
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
  expect(await scene.marks()).toEqual(['mark', 'elsewhere']);
});

scene.recordHolds();

/** The broker closes that program's connection, and gives what it had not acknowledged to others. */
async function cutOff(program: string): Promise<void> {
  const { manage } = scene.lab();
  const name = await until(async () => {
    const all = connections.parse(await manage('GET', 'vhosts/{vhost}/connections'));
    return all.find(({ client_properties }) => client_properties.connection_name === program)?.name;
  });
  await manage('DELETE', `connections/${encodeURIComponent(name)}`);
}

const connections = z.array(
  z.object({ name: z.string(), client_properties: z.looseObject({ connection_name: z.string().optional() }) }),
);
