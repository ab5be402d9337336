// `npm start` with DISCORD_TOKEN set is a service: nobody at its standard input, its log on standard error, a clean stop; and what
// cannot work is named at once.
import { describe, expect, it, vi } from 'vitest';
import { processesOf } from '../e2e/program.ts';
import { openStage } from './stage.ts';

describe('a service', () => {
  it('does not read its standard input, says nothing secret, and stops in the middle of a run with every card true', async () => {
    await using stage = await openStage({ env: { LOG_LEVEL: 'trace' } });
    const { discord, ada } = stage;
    const service = await stage.start({ stdin: 'pipe' });
    service.say('leave a mark');
    service.say('approve');
    const waits = await stage.ask(ada, 'mark elsewhere');
    const runs = await stage.ask(ada, 'hold on');
    await ada.press(runs.id, 'Approve');
    await discord.until(() => discord.world.channels.has(runs.id), 'a thread');
    await vi.waitFor(async () => expect(await stage.marks()).toEqual(['held']), { timeout: 60_000 });
    const live = await discord
      .channel(runs.id)
      .until(({ content }) => /^▶ #2 step 1 of 1: Hold on\n[▰▱]/.test(content), 'a step that runs', 60_000);

    const told = performance.now();
    service.signal('SIGTERM');
    // Under a service manager npm gets it, too, and passes it on.
    await service.says(/… stopping/);
    service.signal('SIGTERM');
    expect(await service.ended).toBe(0);
    expect(performance.now() - told).toBeLessThan(15_000);
    expect(await processesOf(stage.home)).toEqual([]);
    // In one process the run ends with the bot. What its card says is what the log says.
    const stopped = await stage.stored();
    expect(stopped.of(1).map(({ type }) => type)).toEqual(['task.received', 'plan.proposed']);
    expect((await stage.look(waits)).buttons.some(({ label, disabled }) => label === 'Approve' && !disabled)).toBe(
      true,
    );
    const isEnded = stopped.of(2).at(-1)?.type === 'task.unknown';
    expect((await stage.look(runs)).content).toMatch(isEnded ? /^\? unknown/ : /^▶ running/);

    // Whatever it logged, it logged as JSON, and no token stands in it; neither what was said on standard input.
    expect(service.logged().length).toBeGreaterThan(0);
    expect(service.logged().filter(({ level }) => level >= 40)).toEqual([]);
    const said = service.stdout() + service.stderr();
    expect(said).not.toContain(discord.token);
    for (const { token } of discord.world.interactions.values()) expect(said).not.toContain(token);
    expect(said).not.toContain('Ask for a change');

    // A second start goes on: the run's fate is told, and what waits can be approved.
    const second = await stage.start({ stdin: 'closed' });
    const result = await stage.result(runs);
    expect(result.content).toMatch(/^\? #2 ended unknown: hold on/);
    await stage.becomes(runs, ({ content }) => content.startsWith('? unknown'), 'a card that says how it ended');
    await stage.becomes(
      live,
      ({ content, buttons }) => /^\? #2 step 1/.test(content) && buttons.length === 0,
      'the step’s end',
    );
    await ada.press(waits.id, 'Approve');
    expect((await stage.result(waits)).content).toMatch(/^✔ #1 succeeded/);
    expect(await stage.marks()).toEqual(['held', 'elsewhere']);
    second.signal('SIGTERM');
    expect(await second.ended).toBe(0);
    discord.assertNoViolations();
  });

  it('opens the terminal beside Discord where --terminal asks for it', async () => {
    await using stage = await openStage();
    const { discord, ada } = stage;
    await stage.setPolicy(`approvers:\n  - who: ['terminal:local', 'discord:${ada.id}']\n`);
    const both = stage.begin({ stdin: 'pipe', args: ['--terminal', '--json'] });
    await both.says(/Ask for a change/);
    await discord.until(() => discord.world.commands.has(discord.guild.id), 'slash commands');
    const [card] = await Promise.all([stage.ask(ada, 'mark elsewhere'), Promise.resolve(both.say('leave a mark'))]);
    await both.says(/"type":"plan"/);
    both.say('approve');
    await ada.press(card.id, 'Approve');
    await both.says(/"type":"result"/);
    expect((await stage.result(card)).content).toMatch(/succeeded: mark elsewhere/);
    expect((await stage.marks()).toSorted()).toEqual(['elsewhere', 'mark']);
    expect((await discord.channel('general').messages()).map(({ id }) => id)).toEqual([card.id]);
    expect(both.stdout()).not.toContain('elsewhere');
    both.signal('SIGTERM');
    await both.ended;
    discord.assertNoViolations();
  });
});

describe('what cannot work', () => {
  it('is named by a start, which ends with 1, and by doctor', async () => {
    await using stage = await openStage();
    const { discord } = stage;
    const bad = 'MTA.another.token-of-nobody';
    const cases = [
      { env: { DISCORD_TOKEN: bad }, sentence: /Discord does not accept DISCORD_TOKEN\. .*Reset Token/ },
      {
        env: { DISCORD_GUILD_ID: '100000000000000001' },
        sentence: /There is no server 100000000000000001.*https:\/\/discord\.com\/oauth2/,
      },
    ];
    const fails = async (env: Readonly<Record<string, string>>, sentence: RegExp) => {
      const [service, doctor] = [stage.begin({ env }), stage.begin({ env, args: ['doctor'] })];
      expect(await service.ended).toBe(1);
      expect(service.stderr()).toMatch(sentence);
      expect(service.stderr()).toMatch(/^chiffon: CHF-\d+: /m);
      expect(await doctor.ended).toBe(1);
      expect(doctor.stdout()).toMatch(sentence);
      expect(doctor.stdout() + service.stderr()).not.toContain(bad);
    };
    for (const { env, sentence } of cases) await fails(env, sentence);
    discord.owner.setInteractionsEndpointUrl('https://example.org/interactions');
    await fails({}, /Interactions Endpoint URL.*General Information/);
    discord.owner.setInteractionsEndpointUrl(null);
    const well = stage.begin({ args: ['doctor'] });
    await well.ended;
    expect(well.stdout()).toMatch(/✓ Discord: .* in Home/);
  });
});
