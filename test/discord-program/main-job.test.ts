// The main job in Discord: from `/do` to the commit link, as people see it, and what log, git and the record hold afterwards.
import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { git } from '../e2e/program.ts';
import { homelabBehindForge } from '../e2e/repositories.ts';
import { openStage } from './stage.ts';

const request = 'deploy uptime kuma to homelab and add existing portals to config';

it('a change is asked for, approved and run in Discord, pushed and recorded, within Discord’s limits', async () => {
  await using stage = await openStage({ discord: { limits: 'real' }, repository: homelabBehindForge });
  const { discord, ada, eve, folder } = stage;
  const remote = join(folder, 'homelab.git');
  const before = await git(remote, 'rev-parse', 'main');
  const service = await stage.start();

  const card = await stage.ask(ada, request);
  expect(card.content).toMatch(/^#1 deploy uptime kuma .* — 1 step, \w+ risk\n/);
  expect(card.content).toContain('portals found: 4');
  expect(card.content).toContain('```diff');
  expect(card.buttons.map(({ label }) => label)).toEqual(['Approve', 'Reject', 'Request changes', 'Details']);
  expect(card.pings).toEqual({ everyone: false, users: [], roles: [] });

  // Who may not approve is told so alone: which rule, whom to ask, and the line that would change it.
  const refused = await eve.press(card.id, 'Approve');
  await refused.until(({ replies }) => replies.length > 0, 'a refusal');
  const [no] = refused.replies;
  expect(no?.ephemeral).toBe(true);
  expect(no?.content).toMatch(/may not decide on step 1/);
  expect(no?.content).toMatch(new RegExp(`Ask <@${ada.id}> or `));
  expect(no?.content).toContain(`- {who: ['discord:${eve.id}'], actions: ['`);
  expect(no?.content).toContain('CHF-301');
  expect((await ada.messages('general')).some(({ content }) => content.includes('CHF-301'))).toBe(false);

  const details = await eve.press(card.id, 'Details');
  await details.until(({ replies }) => replies.some(({ content }) => content.includes('```diff')), 'the details');
  expect(details.replies.every(({ ephemeral }) => ephemeral)).toBe(true);
  const shown = details.replies.map(({ content }) => content);

  await ada.press(card.id, 'Approve');
  const result = await stage.result(card);
  const head = await git(remote, 'rev-parse', 'main');
  expect(head).not.toBe(before);
  expect(result.content).toMatch(/^✔ #1 succeeded: deploy uptime kuma/);
  expect(result.content).toContain(`(<https://github.com/ada/homelab/commit/${head}>)`);
  expect(result.content).toMatch(/on main of \S+, pushed/);
  expect(result.content).toMatch(/Undo: /);
  expect(result.pings).toEqual({ everyone: false, users: [ada.id], roles: [] });
  await stage.becomes(card, ({ content }) => content.startsWith('✔ succeeded'), 'a card that says how it ended');

  const thread = await discord.channel(card.id).messages();
  expect(discord.world.channels.get(card.id)).toMatchObject({ kind: 'thread', name: expect.stringMatching(/^#1 /) });
  const [live, log, last] = thread;
  expect(thread).toHaveLength(3);
  expect(live?.content).toMatch(/^✔ #1 step 1 of 1: .*\n\d+ ok · [1-9]\d* changed/);
  expect(live?.buttons).toEqual([]);
  expect(last?.id).toBe(result.id);
  expect((await discord.channel('general').messages()).map(({ id }) => id)).toEqual([card.id]);

  service.signal('SIGTERM');
  expect(await service.ended).toBe(0);
  expect(discord.violations).toEqual([]);
  expect(discord.refusals).toEqual({ user: 0, shared: 0, global: 0 });

  const stored = await stage.stored();
  expect(stored.events.filter(({ task }) => task === 1).map(({ event, actor }) => [event.type, actor])).toEqual([
    ['task.received', `discord:${ada.id}`],
    ['plan.proposed', expect.stringMatching(/^system:/)],
    ['command.refused', `discord:${eve.id}`],
    ['approval.given', `discord:${ada.id}`],
    ['plan.approved', `discord:${ada.id}`],
    ['run.started', expect.stringMatching(/^system:/)],
    ['attempt.granted', expect.stringMatching(/^system:/)],
    ['attempt.claimed', expect.stringMatching(/^agent:/)],
    ['attempt.started', expect.stringMatching(/^agent:/)],
    ['attempt.finished', expect.stringMatching(/^agent:/)],
    ['change.merged', expect.stringMatching(/^system:/)],
    ['task.succeeded', expect.stringMatching(/^system:/)],
  ]);
  // The file is the whole output, and that is what the agent signed for.
  const output = stored.output(1);
  const finished = stored.of(1).find((event) => event.type === 'attempt.finished');
  expect(createHash('sha256').update(output).digest('hex')).toBe(finished?.result.output.sha256);
  expect(log?.attachments.map(({ text }) => text)).toEqual([`${output.replace(/\n+$/, '')}\n`]);
  expect(output).toMatch(/^\s*PLAY \[.*PLAY RECAP /s);
  // What the details showed is what main has now.
  const added = shown
    .join('\n')
    .split('\n')
    .filter((line) => /^\+[^+]/.test(line));
  expect(added.length).toBeGreaterThan(0);
  const patch = await git(remote, 'diff', before, head);
  for (const line of added) expect(patch).toContain(line);
  expect(await git(remote, 'log', '-1', '--format=%B', head)).toMatch(/#?1\b/);

  const verified = await stage.program('audit', 'verify');
  expect(verified.stdout).toMatch(/The record holds/);
  expect(verified.exitCode).toBe(0);
});
