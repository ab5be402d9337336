// The bot dies by `kill -9` between any two things that it does for a task, and the next one brings the task to its end: nothing
// lost, nothing twice. One laboratory for all; crash-bot.long.test.ts has more points.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { git } from '../e2e/program.ts';
import type { Desk } from '../services/desk.ts';
import { openDesk } from '../services/desk.ts';
import type { FaultPoint } from '../services/fault-points.ts';
import { expectInvariants } from '../services/invariants.ts';
import type { Lab } from '../services/lab.ts';
import { openLab } from '../services/lab.ts';
import { monitors, surviveBotDeath } from './crash-bot.ts';

let lab: Lab;
let desk: Desk;
beforeAll(async () => {
  lab = await openLab({ files: monitors });
  desk = openDesk(lab);
  await lab.agent();
});
afterAll(() => lab?.dispose());

describe('a task ends as if the bot had not been killed', () => {
  it.each<[string, FaultPoint]>([
    ['between the approval and the run', { at: 'append', when: 'before', type: 'run.started' }],
    [
      'after the commit of the grant and before its command is published',
      { at: 'publish', when: 'before', type: 'step.start' },
    ],
    [
      'after the command is published and before its confirm',
      { at: 'publish', when: 'unconfirmed', type: 'step.start' },
    ],
    ['after the claim is recorded and before the agent is let go', { at: 'publish', when: 'before', type: 'step.go' }],
    ['after the agent is let go', { at: 'publish', when: 'after', type: 'step.go' }],
    ['with the last word in its hands', { at: 'handle', when: 'before', type: 'attempt.finished' }],
    [
      'after the last word is recorded and before it is acknowledged',
      { at: 'handle', when: 'after', type: 'attempt.finished' },
    ],
  ])('%s', async (_when, fault) => {
    await surviveBotDeath({ lab, desk }, fault);
  });

  it('in the middle of a batch of what the agent says: the output is whole', async () => {
    const order = { request: 'print lines', mark: 'printed' };
    await surviveBotDeath({ lab, desk }, { at: 'output', when: 'after', nth: 2 }, order);
  });

  it('after the merge and before it is recorded: one commit on main, one merge in the log', async () => {
    const fault: FaultPoint = { at: 'append', when: 'before', type: 'change.merged' };
    const history = await surviveBotDeath({ lab, desk }, fault, { request: 'add https://printer.lab to the monitors' });
    const merges = history.filter((event) => event.type === 'change.merged');
    expect(merges).toMatchObject([{ into: 'main', commit: await git(lab.repository, 'rev-parse', 'main') }]);
    expect(await git(lab.repository, 'show', 'main:config/monitors.yml')).toContain('printer.lab');
    expect(await git(lab.repository, 'rev-list', '--count', 'main')).toBe('2');
  });

  it('and the record holds after all of it', () => expectInvariants(lab));
});
