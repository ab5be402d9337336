import { createHash } from 'node:crypto';
import { afterEach, expect, it, vi } from 'vitest';
import type { AgentMessage } from '../../core/contracts/messages.ts';
import { aliveWith } from './alive.ts';
import type { Lab } from './lab.ts';
import { openLab, play } from './lab.ts';

let lab: Lab;
afterEach(() => lab.dispose());

it('tells of loop items while the loop goes on', async () => {
  lab = await openLab({ 'play.yml': play('- name: Slow loop\n  command: sleep 0.5\n  loop: [first, second, third]') });
  const order = await lab.start();
  const items = () =>
    lab.told
      .flatMap(({ event }) => (event.type === 'attempt.progress' ? event.progress : []))
      .filter(({ kind }) => kind === 'item');
  await vi.waitUntil(() => items().length > 0, { timeout: 20_000, interval: 5 });
  expect(items().map(({ name }) => name)).toEqual(['Slow loop: first']);
  expect(lab.told.some(({ event }) => event.type === 'attempt.finished')).toBe(false);
  const { result, progress } = await lab.lastWord(order);
  expect(result.outcome).toBe('succeeded');
  expect(progress.map(({ number }) => number)).toEqual(progress.map((_, index) => index + 1));
});

it('stores 100,000 lines complete and in order, with the digest of exactly that', async () => {
  lab = await openLab({
    'play.yml': play(`- name: Print
  shell: |
    python3 -c "for i in range(100000): print('line', i, 'of a long output that goes on')"
  register: printed
- debug: { var: printed.stdout_lines }`),
  });
  const { text, result } = await lab.run();
  const numbers = [...text.matchAll(/"line (\d+) of a long output that goes on"/g)].map(([, number]) => Number(number));
  expect(numbers.length).toBe(100_000);
  expect(numbers.findIndex((number, index) => number !== index)).toBe(-1);
  expect(result.output).toEqual({
    sha256: createHash('sha256').update(text).digest('hex'),
    lines: text.split('\n').length - 1,
    bytes: Buffer.byteLength(text),
  });
  const chunks = lab.told.flatMap(({ event }) => (event.type === 'attempt.output' ? event.chunks : []));
  expect(chunks.map(({ seq }) => seq)).toEqual(chunks.map((_, index) => index + 1));
});

it('does not hold Ansible up while the bus is behind, and loses nothing', async () => {
  const blocked = Promise.withResolvers<void>();
  let chunks = 0;
  const onEvent = async (event: AgentMessage) => {
    if (event.type !== 'attempt.output') return;
    chunks += 1;
    await blocked.promise;
  };
  lab = await openLab(
    {
      'play.yml': play(`- name: Print
  shell: |
    python3 -c "for i in range(3000): print('y' * 999)"
  register: printed
- debug: { var: printed.stdout_lines }`),
    },
    { onEvent, bus: { maxMessages: 4 } },
  );
  const order = await lab.start();
  await vi.waitUntil(() => chunks > 0, { timeout: 20_000 });
  // Four messages fill the queue; the rest waits on the agent's disk.
  await vi.waitUntil(async () => (await aliveWith(lab.checkout)).length === 0, { timeout: 30_000, interval: 20 });
  expect(chunks).toBe(1);
  blocked.resolve();
  const { text, result } = await lab.lastWord(order);
  expect(result.outcome).toBe('succeeded');
  expect(result.output.bytes).toBe(Buffer.byteLength(text));
  expect(text.match(/y{999}/g)).toHaveLength(3_000);
});

it('does not mix two runs at once', async () => {
  lab = await openLab(
    { 'play.yml': play('- debug: { msg: "I am {{ me }}" }\n- command: sleep 1') },
    { agent: { concurrency: 2 } },
  );
  const orders = ['first', 'second'].map((me) => lab.order({ step: { vars: { me } } }));
  const [first, second] = await Promise.all(orders.map((order) => lab.run(order)));
  expect(first?.result.notes).toEqual(['I am first']);
  expect(second?.result.notes).toEqual(['I am second']);
  expect(first?.text).not.toContain('second');
  expect(second?.text).not.toContain('first');
  const types = lab.told.map(({ event }) => event.type);
  expect(types.lastIndexOf('attempt.started')).toBeLessThan(types.indexOf('attempt.finished'));
});

it('does one step after the other where there is one slot, and leaves the queue alone meanwhile', async () => {
  lab = await openLab({ 'play.yml': play('- command: sleep 0.5') });
  const orders = [await lab.start(), await lab.start()];
  for (const order of orders) expect((await lab.lastWord(order)).result.outcome).toBe('succeeded');
  const types = lab.told
    .map(({ event }) => event.type)
    .filter((type) => type === 'attempt.started' || type === 'attempt.finished');
  expect(types).toEqual(['attempt.started', 'attempt.finished', 'attempt.started', 'attempt.finished']);
});

it('runs an attempt once, however often its command comes', async () => {
  lab = await openLab({ 'play.yml': play('- ping:') });
  const order = await lab.start();
  await lab.start(order);
  await lab.start({ ...order, id: 'another' });
  await lab.lastWord(order);
  await vi.waitUntil(() => lab.told.filter(({ event }) => event.type === 'attempt.finished').length >= 3, {
    timeout: 20_000,
  });
  expect(lab.told.filter(({ event }) => event.type === 'attempt.started')).toHaveLength(1);
});

it('puts what is not in the protocol aside and goes on', async () => {
  lab = await openLab({ 'play.yml': play('- ping:') });
  await lab.bus.publish('agent.ansible.normal', { type: 'step.start', protocol: 99 });
  expect((await lab.run()).result.outcome).toBe('succeeded');
  expect(lab.bus.putAside('agent.ansible.normal')).toHaveLength(1);
});

it('keeps the settings of the repository’s own ansible.cfg, and its callbacks', async () => {
  lab = await openLab({
    'ansible.cfg':
      '[defaults]\ncallback_plugins = ./callbacks\ninventory = inventory.yml\nstdout_callback = minimal\n[privilege_escalation]\nbecome_user = somebody\n',
    'callbacks/theirs.py':
      'from ansible.plugins.callback import CallbackBase\n\nclass CallbackModule(CallbackBase):\n    CALLBACK_VERSION = 2.0\n    CALLBACK_TYPE = "notification"\n    CALLBACK_NAME = "theirs"\n\n    def v2_playbook_on_stats(self, stats):\n        self._display.display("their callback was here")\n',
    'play.yml': play("- debug: { msg: \"become_user is {{ lookup('config', 'DEFAULT_BECOME_USER') }}\" }"),
  });
  const { result, text } = await lab.run(lab.order({ step: { inventories: [] } }));
  expect(result.error).toBeNull();
  expect(result.notes).toEqual(['become_user is somebody']);
  expect(text).toContain('their callback was here');
  expect(text).toContain('PLAY RECAP');
});
