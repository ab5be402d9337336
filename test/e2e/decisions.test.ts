// What people decide, and what the record and the conversation say of it, across processes.
import { appendFile, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { execa } from 'execa';
import { describe, expect, it } from 'vitest';
import { freshHome } from './fresh-home.ts';
import { git, runProgram, startProgram, viewsOf } from './program.ts';

const sentence = 'deploy uptime kuma to homelab and add existing portals to config';

describe('a plan', () => {
  it('that nobody decided on is parked and offered again at the next start, where it can be approved', async () => {
    const home = await freshHome();
    const first = await runProgram(home, ['--json'], [sentence]);
    const [parked] = viewsOf(first, 'plan');
    expect(first.exitCode).toBe(1);
    const second = await runProgram(home, ['--json'], ['approve']);
    const [offered] = viewsOf(second, 'plan');
    expect(offered?.planHash).toBe(parked?.planHash);
    expect(viewsOf(second, 'result')[0]?.state).toBe('succeeded');
    expect(second.exitCode).toBe(0);
  });

  it('that is rejected runs nothing; one that was changed is another revision that says what differs', async () => {
    const home = await freshHome();
    const run = await runProgram(
      home,
      ['--json'],
      [sentence, 'reject not today', 'approve', 'deploy grafana', 'change also deploy jellyfin', 'reject'],
    );
    const lab = join(home.env.CHIFFON_HOME ?? '', 'homelab');
    expect(viewsOf(run, 'progress')).toEqual([]);
    expect(viewsOf(run, 'refusal').map(({ code }) => code)).toEqual(['CHF-105']);
    expect(await git(lab, 'rev-list', '--count', 'HEAD')).toBe('1');
    const last = viewsOf(run, 'plan').findLast((plan) => plan.standing === 'open');
    expect(last?.revision).toBe(2);
    expect(last?.steps).toHaveLength(2);
    expect(last?.differences.join('\n')).toMatch(/New: .*jellyfin/i);
    expect(run.exitCode).toBe(1);
  });

  it('goes back to the person when a playbook that it reads changed after it was shown', async () => {
    const home = await freshHome();
    const lab = join(home.env.CHIFFON_HOME ?? '', 'homelab');
    const program = startProgram(home, ['--json'], ['deploy grafana'], true);
    await program.shows(/"type":"plan"/);
    await appendFile(join(lab, 'playbooks/site.yml'), '\n# a late edit\n');
    await git(lab, 'commit', '-qam', 'A late edit');
    program.say('approve');
    await program.shows(/"revision":2/);
    program.say('approve');
    await program.shows(/"type":"result"/);
    program.end();
    const run = await program.finished;
    expect(viewsOf(run, 'notice').some((notice) => /no longer holds/.test(notice.text))).toBe(true);
    expect(
      viewsOf(run, 'plan')
        .find((plan) => plan.revision === 2)
        ?.differences.join('\n'),
    ).toMatch(/playbooks\/site.yml changed/);
    expect(viewsOf(run, 'result')[0]?.state).toBe('succeeded');
  });

  it('cannot be approved by somebody whom the policy does not list, and the record keeps the try', async () => {
    const home = await freshHome();
    const policy = join(home.folder, 'policy.yaml');
    await writeFile(policy, "approvers:\n  - {who: ['matrix:@ada:example.org']}\n");
    const run = await runProgram(
      { ...home, env: { ...home.env, POLICY_FILE: policy } },
      ['--json'],
      ['deploy grafana', 'approve'],
    );
    expect(viewsOf(run, 'refusal')[0]).toMatchObject({ code: 'CHF-301' });
    expect(viewsOf(run, 'refusal')[0]?.text).toMatch(/who: \['terminal:local'\]/);
    expect(run.exitCode).toBe(1);
  });

  it('needs two persons where the policy says so', async () => {
    const home = await freshHome();
    const policy = join(home.folder, 'policy.yaml');
    await writeFile(policy, "approvers:\n  - {who: ['terminal:local', 'matrix:@ada:example.org'], needs: 2}\n");
    const run = await runProgram(
      { ...home, env: { ...home.env, POLICY_FILE: policy } },
      ['--json'],
      ['deploy grafana', 'approve', 'approve'],
    );
    expect(viewsOf(run, 'notice').some((notice) => /1 more to go/.test(notice.text))).toBe(true);
    expect(viewsOf(run, 'refusal')[0]?.code).toBe('CHF-306');
    expect(viewsOf(run, 'result')).toEqual([]);
  });
});

describe('the policy file', () => {
  it('is written with comments at the first start', async () => {
    const home = await freshHome();
    expect(await readFile(join(home.env.CHIFFON_HOME ?? '', 'policy.yaml'), 'utf8')).toMatch(/# Who may decide what/);
  });

  it('that cannot be read approves nothing and names its line', async () => {
    const home = await freshHome();
    const policy = join(home.folder, 'policy.yaml');
    await writeFile(policy, 'approvers:\n  - {who: [terminal:local], need: 2}\n');
    const run = await runProgram(
      { ...home, env: { ...home.env, POLICY_FILE: policy } },
      ['--json'],
      ['deploy grafana', 'approve'],
    );
    expect(JSON.stringify(run.views)).toMatch(/CHF-308/);
    expect(viewsOf(run, 'result')).toEqual([]);
  });
});

describe('a secret', () => {
  it('that is asked for reaches the playbook, one in a request is taken out, and nothing of either is kept or shown', async () => {
    const home = await freshHome();
    const run = await runProgram(
      home,
      ['--json'],
      [
        ...['deploy traefik', 'approve', 'add user bob', secret, 'approve', 'log', 'why', 'history'],
        ...[`add user eve with password ${secret}`, 'reject'],
      ],
    );
    const plans = viewsOf(run, 'plan');
    expect(viewsOf(run, 'question')[0]).toMatchObject({ secret: true });
    expect(plans.findLast(({ request }) => request === 'add user bob')?.steps[0]?.inputs).toContainEqual({
      ...{ name: 'password', value: '(secret)' },
    });
    expect(viewsOf(run, 'result').map((result) => result.state)).toEqual(['succeeded', 'succeeded']);
    expect(plans.at(-1)?.request).toBe('add user eve with password (secret)');
    expect(run.stdout + run.stderr).not.toContain(secret);
    expect(await filesWith(home.env.CHIFFON_HOME ?? '', secret)).toEqual([]);
  });
});

const secret = 'correct-Horse-9battery';

/** Files below a folder that hold a text, what the homelab's own hosts keep left out: there it belongs. */
async function filesWith(folder: string, text: string): Promise<readonly string[]> {
  const { stdout } = await execa('grep', ['-rlaF', '--exclude-dir=homelab-state', text, folder], { reject: false });
  return stdout.split('\n').filter((line) => line !== '');
}
