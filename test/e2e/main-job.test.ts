// The main job on the bundled homelab: a sentence becomes an approved, executed, recorded change, and then nothing more to do.
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { emptyHome, freshHome } from './fresh-home.ts';
import { git, runProgram, viewsOf } from './program.ts';

const sentence = 'deploy uptime kuma to homelab and add existing portals to config';

describe('the main job', () => {
  it('plans, asks, runs, commits and records; and a second time changes nothing and says so', async () => {
    const home = await emptyHome();
    const lab = join(home.env.CHIFFON_HOME ?? '', 'homelab');
    const first = await runProgram(home, ['--json'], [sentence, 'approve']);
    const [plan] = viewsOf(first, 'plan');
    const [result] = viewsOf(first, 'result');

    expect(plan?.steps.map((step) => step.title).join()).toMatch(/uptime kuma/i);
    expect(plan?.findings.join('\n')).toMatch(/portals found: 4, in /);
    expect(plan?.config).toHaveLength(1);
    expect(plan?.costMicroUsd).toBe(0);
    expect(plan?.approvers).toEqual(['terminal:local']);
    expect(viewsOf(first, 'progress').length).toBeGreaterThan(0);
    expect(result).toMatchObject({ state: 'succeeded', approvedBy: ['terminal:local'] });
    expect(result?.steps[0]?.hosts.some((host) => host.changed > 0)).toBe(true);
    expect(result?.undo.length).toBeGreaterThan(0);
    expect(first.exitCode).toBe(0);

    // What ran is what was shown: main is the plan's commit, and the file holds what the diff said.
    expect(await git(lab, 'rev-parse', 'HEAD')).toBe(plan?.commit);
    expect(result?.commit?.sha).toBe(plan?.commit);
    expect(await git(lab, 'status', '--porcelain')).toBe('');
    const edit = plan?.config[0];
    const added = edit?.diff.split('\n').filter((line) => line.startsWith('+') && !line.startsWith('+++')) ?? [];
    const file = await readFile(join(lab, edit?.path ?? ''), 'utf8');
    for (const line of added) expect(file).toContain(line.slice(1));

    const second = await runProgram(home, ['--json'], [sentence, 'approve']);
    expect(viewsOf(second, 'plan')[0]?.config).toEqual([]);
    expect(viewsOf(second, 'result')[0]?.text).toMatch(/Nothing had to change/);
    expect(second.exitCode).toBe(0);

    const verified = await runProgram(home, ['audit', 'verify']);
    expect(verified.stdout).toMatch(/The record holds/);
    expect(verified.exitCode).toBe(0);
  });

  it('reads as plain text where there is no terminal', async () => {
    const home = await freshHome();
    const run = await runProgram(home, [], [sentence, 'approve', 'log', 'history', 'why']);
    // biome-ignore lint/suspicious/noControlCharactersInRegex: none may be there
    expect(run.stdout).not.toMatch(/\u001b|\r/);
    expect(run.stdout).toMatch(/portals found: 4/);
    expect(run.stdout).toMatch(/PLAY RECAP/);
    expect(run.stdout).toMatch(/\$0\.00/);
    expect(run.exitCode).toBe(0);
  });
});
