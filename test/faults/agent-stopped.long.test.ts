// More of agents and their leases; agent-stopped.test.ts has what is seen every day.
import { expect, it } from 'vitest';
import { until } from '../services/until.ts';
import { sharedScene } from './scene.ts';
import { itDoesNotBegin } from './stopped-before.ts';

const scene = sharedScene({ env: { CHIFFON_LEASE_SECONDS: '5' } });

it('a playbook that says nothing for longer than the lease keeps it: the agent speaks for it', async () => {
  await scene.agent();
  const task = await scene.desk().order('hold on');
  await scene.marked('wait-begins');
  const began = performance.now();
  await until(() => performance.now() - began > 12_000);
  await scene.lab().release();
  expect(await scene.desk().ends(task)).toBe('task.succeeded');
});

itDoesNotBegin(scene, [
  ['with its claim said', { at: 'publish', when: 'after', type: 'attempt.claimed', signal: 'SIGSTOP' }],
  ['with core’s word in its hands', { at: 'handle', when: 'before', type: 'step.go', signal: 'SIGSTOP' }],
]);

scene.recordHolds();
