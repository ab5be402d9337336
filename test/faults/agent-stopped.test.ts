// An agent that is held up past its lease (a stopped process, a machine that slept) and then goes on: core has ended the task by
// then, and what the agent still does and says must change nothing.
import { expect, it } from 'vitest';
import { cardOf, sharedScene } from './scene.ts';
import { itDoesNotBegin } from './stopped-before.ts';

const scene = sharedScene({ env: { CHIFFON_LEASE_SECONDS: '5' } });

itDoesNotBegin(scene, [['when its process waits for the word', { at: 'prepare', when: 'after', signal: 'SIGSTOP' }]]);

it('stopped in the middle of a playbook: its late words are refused, and it ends what still runs', async () => {
  const desk = scene.desk();
  const agent = await scene.agent();
  const task = await desk.order('hold on');
  await scene.marked('wait-begins');
  agent.signal('SIGSTOP');
  expect(await desk.ends(task)).toBe('task.unknown');
  const told = (await desk.history(task)).length;
  agent.signal('SIGCONT');
  await scene.nothingLeft();
  await scene.lab().release();
  const next = await desk.order('mark elsewhere');
  expect(await desk.ends(next)).toBe('task.succeeded');
  expect(await scene.marks()).toEqual(['wait-begins', 'elsewhere']);
  expect(await desk.history(task)).toHaveLength(told);
  const card = await cardOf(scene.bot(), task);
  expect(card).toMatch(/"state":"unknown"/);
  expect(card).toMatch(/The agent “nas” has not been heard of for 5 s/);
});

scene.recordHolds();
