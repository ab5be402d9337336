// A conversation for tests: the real store, the real decider, the projector and a terminal's plain lines, so that a test reads
// what a person reads. Nothing runs by itself: a test submits what happens, then `seen` gives what was shown since the last time.
import { EventEmitter } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough, Writable } from 'node:stream';
import pino from 'pino';
import { openStore } from '../../adapters/postgres/open-store.ts';
import { makeTerminalChat } from '../../adapters/terminal/terminal-chat.ts';
import { makeLiveProgress } from '../../bot/live-progress.ts';
import { makeConversationHandler } from '../../bot/projectors/conversation.ts';
import { makeSubmit } from '../../bot/submit.ts';
import type { TaskId } from '../../core/ids.ts';
import { toRunId } from '../../core/ids.ts';
import type { Plan } from '../../core/plan/plan.ts';
import type { Fence } from '../../core/ports/event-log.ts';
import type { TaskCommand } from '../../core/task/command.ts';
import { replay } from '../../core/task/evolve.ts';
import type { TaskState } from '../../core/task/state.ts';
import { planningBasis } from '../../core/task/state.ts';
import { aPlan, aPolicy, aStep } from '../builders/plan.ts';
import { freshDatabase } from '../setup/postgres.ts';

export type Stage = Awaited<ReturnType<typeof openStage>>;
/** What one life of the bot has of it. */
export type Life = Pick<Stage, 'store' | 'submit' | 'chat' | 'person'>;

export const now = '2026-01-01T12:00:00.000Z';
export const speaker = { agent: 'nas-agent', instance: 'first' };
export const run = toRunId('00000000-0000-4000-8000-000000000001');

const migrated = {
  name: 'conversation',
  make: async (databaseUrl: string) => {
    const dataFolder = await mkdtemp(join(tmpdir(), 'chiffon-template-'));
    await (await openStore({ dataFolder, databaseUrl })).close();
    await rm(dataFolder, { recursive: true });
  },
};

export async function openStage() {
  const dataFolder = await mkdtemp(join(tmpdir(), 'chiffon-conversation-'));
  const database = await freshDatabase(migrated);
  const store = await openStore({ dataFolder, databaseUrl: database.url });
  const clock = { now: () => new Date(now) };
  const submit = makeSubmit({ log: store, clock });
  const later: { close: () => Promise<void> }[] = [];
  const { chat } = terminal('local', clock.now);
  const person = chat.person;

  const act = async (task: TaskId, ...commands: readonly TaskCommand[]): Promise<TaskState> => {
    for (const command of commands) {
      const submitted = await submit(task, person.id, command);
      if (submitted.type === 'refusal') throw new Error(`${command.type}: ${submitted.message}`);
    }
    return replay(task, await store.readTask(task));
  };

  /** What another life of the bot would do from here on: it goes on after the last event that was handled. */
  const conversation = (options: { readonly fence?: Fence; readonly after?: number } = {}) => {
    const progress = makeLiveProgress(clock);
    const { chat: own, taken } = terminal('local', clock.now);
    let done = options.after ?? 0;
    const handle = makeConversationHandler({
      ...{ store, progress, fence: options.fence, log: pino({ level: 'silent' }) },
      chatOf: (where) => (own.serves(where) ? own : undefined),
      repository: () => 'homelab',
    });
    const seen = async (): Promise<string[]> => {
      taken.length = 0;
      for (const stored of await store.readAfter(done, 1_000)) {
        await handle(stored);
        done = stored.seq;
      }
      return taken
        .join('')
        .split('\n')
        .filter((line) => line !== '');
    };
    return { chat: own, progress, seen, done: () => done };
  };

  return {
    store,
    submit,
    chat,
    person,
    act,
    conversation,
    /** Another life of the bot, on the same record. */
    nextLife: async () => {
      const again = await openStore({ dataFolder, databaseUrl: database.url });
      later.push(again);
      return { store: again, submit: makeSubmit({ log: again, clock }), chat, person };
    },
    /** A task up to its approval; its number is taken in order from 1. */
    approved: async (hosts: readonly string[], change: Partial<Plan> = {}, where = chat.conversation) => {
      const task = await store.nextTask();
      const received = await act(task, {
        ...{ type: 'receive', conversation: where, requester: person.id, request: 'deploy grafana' },
        messageId: `m${task}`,
      });
      const plan = aPlan({ task, policyVersion: aPolicy().version, steps: [aStep({ hosts })], ...change });
      return act(
        task,
        { type: 'propose', basis: planningBasis(received), plan, policy: aPolicy() },
        { type: 'approve', person, policy: aPolicy(), on: {}, now },
      );
    },
    close: async () => {
      await chat.close();
      await Promise.all([store, ...later].map((opened) => opened.close()));
      await database.drop();
      await rm(dataFolder, { recursive: true });
    },
  };
}

/** A terminal of a name, with what it wrote. */
export function terminal(name: string, at: () => Date) {
  const taken: string[] = [];
  const output = new Writable({
    write: (chunk: Buffer, _encoding, done) => {
      taken.push(chunk.toString());
      done();
    },
  });
  const chat = makeTerminalChat({
    ...{ input: new PassThrough(), output, interactive: false, json: false, historyFile: null, name },
    ...{ now: at, onInterrupt: () => {}, signals: new EventEmitter() },
  });
  return { chat, taken };
}

export const start = (state: TaskState): TaskCommand => ({
  ...{ type: 'start-run', run, now },
  planHash: state.proposal?.planHash ?? missing(state),
});

export const queue = (state: TaskState, ...behind: readonly TaskState[]): TaskCommand => ({
  ...{ type: 'queue', planHash: state.proposal?.planHash ?? missing(state) },
  behind: behind.map(({ task }) => task),
});

function missing(state: TaskState): never {
  throw new Error(`task #${state.task} has no plan`);
}
