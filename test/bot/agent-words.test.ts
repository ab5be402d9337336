// What agents say and what core makes of it: who may claim, whose words count, and when a result is believed.
import { randomUUID } from 'node:crypto';
import { afterEach, describe, expect, it } from 'vitest';
import type { AttemptAbout } from '../../core/contracts/envelope.ts';
import { envelopeOf } from '../../core/contracts/envelope.ts';
import { newKeyPair, signed } from '../../core/contracts/signature.ts';
import { ChiffonError } from '../../core/error.ts';
import { systemTask } from '../../core/ids.ts';
import { aPolicy, aStep } from '../builders/plan.ts';
import type { Stage, StageOptions, Voice } from './stage.ts';
import { aboutOf, lastWord, openStage, person } from './stage.ts';

let stage: Stage;
afterEach(() => stage.close());

async function open(options: StageOptions = {}): Promise<void> {
  stage = await openStage(options);
}

const typesOf = async ({ task }: AttemptAbout) => (await stage.eventsOf(task)).map(({ type }) => type);
const told = ({ told: all }: Voice) => all.map(({ type }) => type);
const output = (first: number, ...lines: readonly string[]) => ({
  type: 'attempt.output' as const,
  chunks: lines.map((line, at) => ({ seq: first + at, text: `${line}\n`, lines: 1 })),
});
const extent = ({ run, step, attempt }: AttemptAbout) => stage.store.outputExtent(run, step, attempt);

async function started(agent: Voice): Promise<AttemptAbout> {
  const about = await stage.granted();
  await agent.claim(about);
  await agent.started(about);
  await stage.heard();
  return about;
}

describe('a claim', () => {
  it('said again by who holds it is answered each time, and stands in the log once', async () => {
    await open();
    const agent = await stage.agent('nas');
    const about = await stage.granted();
    const first = await agent.say(about, { type: 'attempt.claimed', pool: 'ansible', instance: agent.instance });
    const again = await agent.say(about, { type: 'attempt.claimed', pool: 'ansible', instance: agent.instance });
    await agent.isTold('step.go', 2);
    expect(agent.told).toMatchObject([{ claim: first.id }, { claim: again.id }]);
    expect((await typesOf(about)).filter((type) => type === 'attempt.claimed')).toHaveLength(1);
  });

  it('is decided on what the log says, also where the task was read a moment before something else came in', async () => {
    await open();
    const about = await stage.granted();
    const { task, run, token } = about;
    const before = await stage.stateOf(task);
    const claim = { type: 'attempt-claimed', run, token, speaker: { agent: 'nas', instance: 'one' } } as const;
    await stage.act(task, { type: 'cancel', person, policy: aPolicy(), reason: 'no more' });
    expect(await stage.submit(task, person.id, claim, { known: before })).toMatchObject({
      type: 'refusal',
      kind: 'STALE_LEASE',
    });
    const another = await stage.granted();
    const unclaimed = await stage.stateOf(another.task);
    const mine = { ...claim, run: another.run, token: another.token };
    await stage.act(another.task, mine);
    // Decided on what was known it would have been refused, or written a second time.
    expect(await stage.submit(another.task, person.id, mine, { known: unclaimed })).toMatchObject({
      type: 'accepted',
      events: [],
    });
    const started = { ...mine, type: 'attempt-started' } as const;
    expect(await stage.submit(another.task, person.id, started, { known: unclaimed })).toMatchObject({
      type: 'accepted',
    });
  });

  it('of another agent, or of another life of the same one, is answered by a cancel', async () => {
    await open();
    const [agent, other] = [await stage.agent('nas'), await stage.agent('other')];
    const about = await stage.granted();
    await agent.claim(about);
    await other.claim(about);
    await other.isTold('step.cancel');
    await agent.say(about, { type: 'attempt.claimed', pool: 'ansible', instance: randomUUID() });
    await agent.isTold('step.cancel');
    expect(told(agent)).toEqual(['step.go', 'step.cancel']);
    expect(told(other)).toEqual(['step.cancel']);
  });

  it('of an attempt that ended, or that a person has cancelled, is answered by a cancel', async () => {
    await open();
    const agent = await stage.agent('nas');
    const ended = await stage.granted();
    await stage.act(ended.task, {
      ...{ type: 'attempt-refused', run: ended.run, token: ended.token, speaker: null },
      ...{ kind: 'NO_AGENT', reason: 'none' },
    });
    await agent.claim(ended);
    await agent.isTold('step.cancel');
    const about = await stage.granted();
    await agent.claim(about);
    await agent.isTold('step.go');
    await stage.act(about.task, { type: 'cancel', person, policy: aPolicy(), reason: 'no more' });
    await agent.claim(about);
    await agent.isTold('step.cancel', 2);
    expect(told(agent).filter((type) => type === 'step.go')).toHaveLength(1);
  });

  it('of a pool that the agent is not enrolled for, or that the step is not for, is answered by a cancel', async () => {
    await open();
    const [agent, stranger] = [await stage.agent('nas'), await stage.agent('docker-one', { pool: 'docker' })];
    const about = await stage.granted();
    await stranger.claim(about);
    await stranger.isTold('step.cancel');
    await stranger.say(about, { type: 'attempt.claimed', pool: 'ansible', instance: stranger.instance });
    await stranger.isTold('step.cancel', 2);
    await stranger.say(about, {
      ...{ type: 'attempt.refused', instance: stranger.instance, kind: 'PLAN_CHANGED', reason: 'sabotage' },
    });
    await stage.heard();
    expect((await typesOf(about)).at(-1)).toBe('attempt.granted');
    await agent.say(about, { type: 'attempt.claimed', pool: 'docker', instance: agent.instance });
    await agent.claim(about);
    await agent.isTold('step.go');
    expect(told(agent)).toEqual(['step.cancel', 'step.go']);
    expect(told(stranger)).not.toContain('step.go');
  });
});

describe('who speaks', () => {
  it('an agent that was enrolled a moment ago is known at once', async () => {
    await open();
    await (await stage.agent('first')).claim(await stage.granted());
    await stage.heard();
    const agent = await stage.agent('late');
    await agent.claim(await stage.granted());
    await agent.isTold('step.go');
  });

  it('an agent that was revoked gets no step, even where it was known a moment ago; nor does a projector that lags bring it back', async () => {
    await open();
    const agent = await stage.agent('nas');
    await started(agent);
    await stage.revoke('nas');
    const about = await stage.granted();
    await agent.claim(about);
    await stage.heard();
    expect(told(agent)).toEqual(['step.go', 'step.cancel']);
    for (const stored of await stage.store.readTask(systemTask))
      if (stored.event.type === 'agent.enrolled') stage.registry.apply(stored);
    expect(stage.registry.agent('nas')).toBeUndefined();
    await agent.claim(about);
    await stage.heard();
    expect(stage.putAside()).toHaveLength(1);
    expect((await typesOf(about)).at(-1)).toBe('attempt.granted');
  });

  it('what a stranger, a forger, or an agent in ids of no form says is put aside, and the others are heard', async () => {
    await open();
    const [agent, stranger] = [await stage.agent('nas'), await stage.agent('stranger', { enrolled: false })];
    const about = await stage.granted();
    await stranger.claim(about);
    const forger = newKeyPair().privateKey;
    const speaker = { name: 'nas', clock: stage.clock, newId: randomUUID };
    await stage.bus.publish(
      'core.events',
      signed(
        { ...envelopeOf(speaker, 'core', about), type: 'attempt.claimed', pool: 'ansible', instance: 'forged' },
        forger,
      ),
    );
    const claim = { type: 'attempt.claimed' as const, pool: 'ansible', instance: agent.instance };
    await agent.say({ ...about, task: -1 as typeof about.task }, claim);
    await agent.say({ ...about, run: 'no run' as typeof about.run }, claim);
    await agent.claim(about);
    await agent.isTold('step.go');
    expect(stage.putAside()).toHaveLength(4);
    expect((await typesOf(about)).filter((type) => type === 'attempt.claimed')).toHaveLength(1);
  });
});

describe('output', () => {
  it('of who does not hold the attempt is not stored, and its sender is told so once', async () => {
    await open();
    const [agent, other] = [await stage.agent('nas'), await stage.agent('other')];
    const about = await started(agent);
    for (let seq = 1; seq <= 5; seq += 1) await other.say(about, output(seq, 'not mine'));
    await other.say(about, { type: 'attempt.heartbeat' });
    await agent.say(about, output(1, 'mine'));
    await stage.heard();
    expect(await extent(about)).toMatchObject({ lines: 1, bytes: 5 });
    await other.isTold('step.cancel');
    expect(told(other)).toEqual(['step.cancel']);
    expect(told(agent)).toEqual(['step.go']);
  });

  it('doubled and out of order is stored once', async () => {
    await open();
    const agent = await stage.agent('nas');
    const about = await started(agent);
    const [one, two] = [output(1, 'a', 'b'), output(3, 'c')];
    for (const each of [two, one, two, one]) await agent.say(about, each);
    await stage.heard();
    expect(await extent(about)).toEqual({ chunks: 3, lines: 3, bytes: 6, contiguous: 3 });
  });

  it('that is missing is asked for three times, and then the result is no success', async () => {
    await open();
    const agent = await stage.agent('nas');
    const about = await started(agent);
    await agent.say(about, output(1, 'a'));
    await agent.say(about, output(3, 'c'));
    const whole = { lines: 3, bytes: 6, chunks: 3 };
    for (let resent = 0; resent < 3; resent += 1) {
      await agent.say(about, lastWord(agent.instance, whole, { resent }));
      await agent.isTold('output.wanted', resent + 1);
    }
    expect(agent.told.findLast(({ type }) => type === 'output.wanted')).toMatchObject({ after: 1 });
    await agent.say(about, lastWord(agent.instance, whole, { resent: 3 }));
    await agent.isTold('attempt.settled');
    expect((await stage.eventsOf(about.task)).slice(-2)).toMatchObject([
      { type: 'attempt.finished', result: { outcome: 'unknown', error: { kind: 'OUTPUT_INCOMPLETE' } } },
      { type: 'task.unknown' },
    ]);
  });

  it('that comes when it was asked for makes the result count', async () => {
    await open();
    const agent = await stage.agent('nas');
    const about = await started(agent);
    const whole = { lines: 2, bytes: 4, chunks: 2 };
    await agent.say(about, output(1, 'a'));
    await agent.say(about, lastWord(agent.instance, whole));
    await agent.isTold('output.wanted');
    await agent.say(about, output(2, 'b'));
    await agent.say(about, lastWord(agent.instance, whole, { resent: 1 }));
    await agent.isTold('attempt.settled');
    expect((await typesOf(about)).at(-1)).toBe('task.succeeded');
  });
});

describe('a last word', () => {
  const nothing = { lines: 0, bytes: 0, chunks: 0 };

  it('said again, or of an attempt that ended otherwise, is answered by settled and changes nothing', async () => {
    await open();
    const agent = await stage.agent('nas');
    const about = await started(agent);
    await agent.say(about, lastWord(agent.instance, nothing));
    await agent.say(about, lastWord(agent.instance, nothing));
    await agent.say(about, lastWord(agent.instance, { lines: 9, bytes: 9, chunks: 9 }, { outcome: 'failed' }));
    await agent.say(about, { type: 'attempt.refused', instance: agent.instance, kind: 'NOT_STARTED', reason: 'late' });
    await agent.isTold('attempt.settled', 4);
    const types = await typesOf(about);
    expect(types.slice(-2)).toEqual(['attempt.finished', 'task.succeeded']);
    expect(told(agent)).toEqual(['step.go', ...Array(4).fill('attempt.settled')]);
  });

  it('of another agent, or of an agent that was started anew, does not end the attempt', async () => {
    await open();
    const [agent, other] = [await stage.agent('nas'), await stage.agent('other')];
    const about = await started(agent);
    await other.say(about, lastWord(other.instance, nothing));
    await agent.say(about, lastWord(randomUUID(), nothing));
    await agent.isTold('attempt.settled');
    expect((await typesOf(about)).at(-1)).toBe('attempt.started');
    await agent.say(about, lastWord(agent.instance, nothing));
    await agent.isTold('attempt.settled', 2);
    expect((await typesOf(about)).at(-1)).toBe('task.succeeded');
  });

  it('before the words that lead to it changes nothing: an attempt that nobody claimed cannot end', async () => {
    await open();
    const agent = await stage.agent('nas');
    const about = await stage.granted();
    await agent.say(about, lastWord(agent.instance, nothing));
    await agent.started(about);
    await stage.heard();
    expect((await typesOf(about)).at(-1)).toBe('attempt.granted');
    await agent.claim(about);
    await agent.isTold('step.go');
  });
});

it('when the log fails in the middle of a batch, what was stored before is done, and the rest comes again in its order', async () => {
  let failures = 0;
  const broadcasts: unknown[] = [];
  await open({
    through: (store) => ({
      ...store,
      append: async (request) => {
        if (request.events[0]?.type === 'attempt.finished' && failures < 2) {
          failures += 1;
          throw new ChiffonError('DATABASE_FAILED', 'The database is away.');
        }
        return store.append(request);
      },
    }),
  });
  await stage.bus.listen((message) => broadcasts.push(message));
  const agent = await stage.agent('nas');
  const about = await started(agent);
  const next = await stage.granted({ steps: [aStep({ hosts: ['elsewhere'] })] });
  await Promise.all([
    agent.say(about, output(1, 'a', 'b')),
    agent.say(about, lastWord(agent.instance, { lines: 2, bytes: 4, chunks: 2 })),
    agent.claim(next),
  ]);
  await agent.isTold('step.go', 2);
  expect(failures).toBe(2);
  expect(told(agent)).toEqual(['step.go', 'attempt.settled', 'step.go']);
  expect((await typesOf(about)).slice(-2)).toEqual(['attempt.finished', 'task.succeeded']);
  expect(broadcasts).toEqual([{ type: 'live.lines', task: about.task, step: 1, lines: 2 }]);
  expect(aboutOf(await stage.stateOf(next.task))).toEqual(next);
});
