// The bot dies by `kill -9` between any two things that it does for a task, and the next one brings the task to its end: nothing
// lost, nothing twice. crash-bot.long.test.ts has more points.
import { describe, expect, it } from 'vitest';
import { git } from '../e2e/program.ts';
import { itSurvivesTheBot, surviveBotDeath } from './crash-bot.ts';
import { sharedScene } from './scene.ts';

const monitors = {
  'config/monitors.yml': 'monitors:\n  - name: router\n    url: https://router.lab\n',
  'apply-monitors.yml': `# Apply the monitors.
- name: Apply the monitors
  hosts: one
  gather_facts: false
  vars_files: [config/monitors.yml]
  tasks:
    - ansible.builtin.debug: { msg: "{{ monitors }}" }
`,
};

describe('a task ends as if the bot had not been killed', () => {
  const scene = sharedScene({ files: monitors, withBot: false });

  itSurvivesTheBot(scene, [
    ['after the commit of the grant, before its publish', { at: 'publish', when: 'before', type: 'step.start' }],
    ['after the last word is recorded, before its ack', { at: 'handle', when: 'after', type: 'attempt.finished' }],
  ]);

  it('after the merge, before it is recorded: one commit on main, one merge in the log', async () => {
    const history = await surviveBotDeath(
      scene,
      { at: 'append', when: 'before', type: 'change.merged' },
      { request: 'add https://printer.lab to the monitors' },
    );
    const { repository } = scene.lab();
    const merges = history.filter((event) => event.type === 'change.merged');
    expect(merges).toMatchObject([{ into: 'main', commit: await git(repository, 'rev-parse', 'main') }]);
    expect(await git(repository, 'show', 'main:config/monitors.yml')).toContain('printer.lab');
    expect(await git(repository, 'rev-list', '--count', 'main')).toBe('2');
  });

  scene.recordHolds();
});
