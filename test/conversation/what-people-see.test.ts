// What a person reads in a conversation while several bots, agents and tasks are at work.
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { restoreProgress } from '../../bot/live-progress.ts';
import { offerAgain } from '../../bot/projectors/offer-again.ts';
import { updateProgress } from '../../bot/projectors/progress-messages.ts';
import { toConversationId } from '../../core/ids.ts';
import type { TaskCommand } from '../../core/task/command.ts';
import { aPolicy } from '../builders/plan.ts';
import type { Stage } from './stage.ts';
import { now, openStage, queue, run, speaker, start, terminal } from './stage.ts';

let stage: Stage;
beforeEach(async () => {
  stage = await openStage();
});
afterEach(() => stage.close());

const finish = (token: number, by: typeof speaker | null = speaker): TaskCommand => ({
  ...{ type: 'attempt-finished', run, token, speaker: by },
  result: {
    ...{ outcome: 'succeeded', error: null, changed: {}, notes: [], exitCode: 0, durationMs: 1 },
    recap: { nas: { ok: 3, changed: 1, failed: 0, unreachable: 0, skipped: 0, ignored: 0, rescued: 0 } },
    output: { sha256: '', lines: 2, bytes: 10 },
  },
});
const cancel = (): TaskCommand => ({ type: 'cancel', person: stage.person, policy: aPolicy(), reason: '' });

describe('a task that waits its turn', () => {
  it('says for whom and why, moves up in one message, and says when its turn has come', async () => {
    const { approved, act, conversation } = stage;
    const { seen } = conversation();
    const first = await approved(['nas', 'atlas']);
    const running = await act(first.task, start(first));
    const second = await approved(['atlas', 'boreas']);
    const third = await approved(['atlas', 'nas']);
    await act(second.task, queue(second, running));
    await seen();
    await act(third.task, queue(third, running, second));
    expect(await seen()).toEqual([
      '• #3 is approved and waits its turn, 2nd in the queue: #1 works on atlas and nas too. #2 goes before it, too.',
    ]);
    const message = await stage.store.delivered('conversation', `event:${(await stage.store.head()).seq}`);
    expect(message).toBeDefined();

    await act(second.task, cancel());
    await seen();
    await act(third.task, queue(third, running));
    expect(await seen()).toEqual([
      '• #3 is approved and waits its turn, next in the queue: #1 works on atlas and nas too.',
    ]);
    // The same message, brought up to date: none of its own was put out.
    expect(await stage.store.delivered('conversation', `event:${(await stage.store.head()).seq}`)).toBeUndefined();

    await act(running.task, cancel());
    await seen();
    await act(third.task, start(third));
    expect(await seen()).toContain('• #3: its turn has come.');
  });

  it('behind a run that is paused says how to get on', async () => {
    const { approved, act, conversation } = stage;
    const { seen } = conversation();
    const first = await approved(['nas']);
    await act(first.task, start(first));
    const paused = await act(first.task, {
      ...{ type: 'attempt-refused', run, token: 1, speaker: null },
      ...{ kind: 'DISK_FULL', reason: 'The disk is full.' },
    });
    const second = await approved(['nas']);
    await seen();
    await act(second.task, queue(second, paused));
    expect(await seen()).toEqual([
      '• #2 is approved and waits its turn, next in the queue: #1 works on nas too. #1 is paused: `resume #1` or `cancel #1`.',
    ]);
  });

  it('whose turn came is not told of its wait again when the agent finds that the plan no longer holds', async () => {
    const { approved, act, conversation } = stage;
    const { seen } = conversation();
    const first = await approved(['nas']);
    const running = await act(first.task, start(first));
    const second = await approved(['nas']);
    await act(second.task, queue(second, running), start(second));
    expect((await seen()).join('\n')).toContain('#2: its turn has come.');
    await act(second.task, {
      ...{ type: 'attempt-refused', run, token: 1, speaker, kind: 'PLAN_CHANGED', reason: 'A file changed.' },
    });
    const shown = (await seen()).join('\n');
    expect(shown).toContain('The plan of #2 no longer holds: A file changed.');
    expect(shown).not.toContain('waits no longer');
  });

  it('says so when it waits no longer because it was cancelled', async () => {
    const { approved, act, conversation } = stage;
    const { seen } = conversation();
    const first = await approved(['nas'], { branch: 'chiffon/1' });
    const running = await act(first.task, start(first));
    const second = await approved(['atlas'], { branch: 'chiffon/2' });
    await seen();
    await act(second.task, queue(second, running));
    expect(await seen()).toEqual([
      '• #2 is approved and waits its turn, next in the queue: #1 changes the configuration too.',
    ]);
    await act(second.task, cancel());
    expect(await seen()).toEqual([
      '• #2 waits no longer: it was cancelled.',
      '• #2 was cancelled by terminal:local. Nothing ran.',
    ]);
  });
});

describe('a step', () => {
  it('whose start came to nothing is told of once, and is handed out again', async () => {
    const { approved, act, conversation } = stage;
    const { seen, done, progress } = conversation();
    const first = await approved(['nas']);
    await act(first.task, start(first), { type: 'attempt-claimed', run, token: 1, speaker });
    await seen();
    const reason = 'The agent was restarted before it started the step. Nothing was done.';
    const refused: TaskCommand = { type: 'attempt-refused', run, token: 1, speaker, kind: 'NOT_STARTED', reason };
    await act(first.task, refused);
    const before = done();
    expect(await seen()).toEqual([`• #1: step 1 was not started. ${reason} It is handed out again.`]);
    expect(progress.view(first.task)?.steps[0]).toMatchObject({ state: 'waiting', agent: null });
    // A bot that died before its checkpoint shows it no second time.
    expect(await conversation({ after: before }).seen()).toEqual([]);
  });

  it('that was cancelled before any agent took it ends in the result alone', async () => {
    const { approved, act, conversation } = stage;
    const { seen } = conversation();
    const first = await approved(['nas']);
    await act(first.task, start(first));
    await seen();
    await act(first.task, cancel());
    const shown = (await seen()).join('\n');
    expect(shown).toContain('Cancelled by terminal:local; no step was finished.');
    expect(shown).not.toContain('handed out again');
  });

  it('is shown by the bot that takes over as the bot before showed it', async () => {
    const { approved, act, conversation, store } = stage;
    const before = conversation();
    const first = await approved(['nas']);
    const commands: readonly TaskCommand[] = [
      start(first),
      { type: 'attempt-claimed', run, token: 1, speaker },
      { type: 'attempt-started', run, token: 1, speaker },
    ];
    for (const command of commands) {
      await act(first.task, command);
      await before.seen();
      const after = conversation({ after: before.done() });
      await restoreProgress(after.progress, first.task, store);
      expect(after.progress.view(first.task)).toEqual(before.progress.view(first.task));
    }
    await store.appendOutput([{ run, step: 1, attempt: 1, seq: 1, text: 'a\nb\n', lines: 2 }]);
    await act(first.task, cancel());
    const after = conversation({ after: before.done() });
    await restoreProgress(after.progress, first.task, store);
    expect(after.progress.view(first.task)).toMatchObject({
      cancelling: true,
      steps: [{ state: 'running', agent: 'nas-agent', startedAt: now, lines: 2 }],
    });
    // The live message is the one that the bot before had put out.
    await updateProgress(
      { store, chat: after.chat, conversation: after.chat.conversation, task: first.task },
      after.progress,
    );
    await act(first.task, finish(1));
    expect((await after.seen()).join('\n')).toContain('#1 succeeded');
  });
});

describe('several terminals on one log', () => {
  it('show only their own tasks', async () => {
    const { approved, conversation, store } = stage;
    const { seen } = conversation();
    await approved(['nas'], {}, toConversationId('terminal:second'));
    expect(await seen()).toEqual([]);
    const task = await store.nextTask();
    await stage.act(task, {
      ...{ type: 'receive', conversation: toConversationId('terminal:second'), requester: stage.person.id },
      ...{ request: 'x', messageId: 'm' },
    });
    await stage.act(task, {
      ...{ type: 'ask', basis: '0.0.0', judged: { tier: 'rules', confidence: 1, why: [], costMicroUsd: 0 } },
      question: { text: 'Which one?', candidates: [], decides: 'input', about: 'x' },
    });
    const row = { task, state: 'asking', request: 'x', requester: stage.person.id, summary: '', costMicroUsd: 0 };
    await store.saveTask({
      ...{ ...row, conversation: toConversationId('terminal:second'), receivedAt: now, updatedAt: now },
    });
    const parts = { store, repository: () => 'homelab' };
    expect(await offerAgain(parts, stage.chat, 'start-1')).toBe(0);
    const second = terminal('second', () => new Date(now));
    expect(await offerAgain(parts, second.chat, 'start-1')).toBe(1);
    await second.chat.close();
    expect(second.taken.join('')).toContain('Which one?');
  });
});

describe('a bot that lost the conversation', () => {
  it('writes no delivery down any more', async () => {
    const { approved, act, conversation, store } = stage;
    const stopped = new AbortController();
    const first = await store.lead('conversation', stopped.signal);
    const { seen } = conversation({ fence: first.fence });
    const task = await approved(['nas']);
    expect((await seen()).length).toBeGreaterThan(0);
    await first.release();
    const second = await store.lead('conversation', stopped.signal);
    await act(task.task, cancel());
    await expect(seen()).rejects.toMatchObject({ kind: 'FENCED' });
    await second.release();
  });
});
