// What every store has to do, on PGlite as on a server. Each test uses task numbers and names of its own, for they share a store.
import { randomBytes, randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import type { TaskId } from '../../core/ids.ts';
import { systemTask, toActorId, toConversationId, toRunId, toTaskId } from '../../core/ids.ts';
import type { AppendRequest, OutputChunk, Store, TaskRow } from '../../core/ports/event-log.ts';
import type { ChainVerdict } from '../../core/task/chain.ts';
import { chainStart, verifyChain } from '../../core/task/chain.ts';
import type { TaskEvent } from '../../core/task/event.ts';
import type { TaskStatus } from '../../core/task/state.ts';
import { endedStatuses, isEnded } from '../../core/task/state.ts';

export type StoreUnderTest = {
  /** Several, as several callers have them: of different processes where the database can have more than one. */
  readonly stores: readonly [Store, ...Store[]];
  /** The same record, opened again. The old stores are closed. */
  readonly reopen: () => Promise<StoreUnderTest>;
  /** Runs SQL behind the store's back, as the tables' owner. For each statement `done`, or PostgreSQL's code for why not. */
  readonly sql: (...statements: string[]) => Promise<string[]>;
  readonly close: () => Promise<void>;
};

const actor = toActorId('terminal:local');
const conversation = toConversationId('matrix:!room:example.org');
const at = '2026-02-03T04:05:06.789Z';
/** A NUL, a character of 4 bytes in UTF-8, quotes, a backslash, a lone half of a character, a line end. */
const awkward = 'a\0b 😀 "q" \\u0000 \\ é\r\n';
const halfCharacter = '\ud83d';

const received = (request: string): TaskEvent => ({
  type: 'task.received',
  conversation,
  requester: actor,
  request,
  messageId: 'm',
});
const noted = (reason: string): TaskEvent => ({ type: 'system.noted', kind: 'TEST', reason, detail: null });

const openStates: readonly TaskStatus[] = [
  'received',
  'planning',
  'asking',
  'proposed',
  'approved',
  'running',
  'paused',
];

async function verdictOn(store: Store): Promise<ChainVerdict> {
  let verdict: ChainVerdict = { type: 'whole', head: chainStart };
  for (;;) {
    if (verdict.type === 'broken') return verdict;
    const links = await store.readChain(verdict.head.seq, 500);
    if (links.length === 0) return verdict;
    verdict = verifyChain(links, verdict.head);
  }
}

/** A new task with one event; its number may be taken by another caller in between. */
async function receive(store: Store, request: string): Promise<TaskId> {
  for (;;) {
    const task = await store.nextTask();
    const result = await store.append({ task, expectedVersion: 0, actor, at, events: [received(request)] });
    if (result.type === 'appended') return task;
  }
}

export function storeContract(open: () => Promise<StoreUnderTest>): void {
  let under: StoreUnderTest;
  let store: Store;
  beforeAll(async () => {
    under = await open();
    [store] = under.stores;
  }, 60_000);
  afterAll(async () => {
    await under.close();
  }, 60_000);

  describe('the log', () => {
    test('gives back what was appended, numbered, chained and as it was', async () => {
      const before = await store.head();
      const task = await store.nextTask();
      const result = await store.append({
        task,
        expectedVersion: 0,
        actor,
        at,
        events: [received('one'), noted('two')],
      });
      if (result.type !== 'appended') throw new Error('no one else appends here');
      expect(result.events).toMatchObject([
        { seq: before.seq + 1, task, version: 1, actor, at, prevHash: before.hash, event: received('one') },
        { seq: before.seq + 2, task, version: 2, actor, at, event: noted('two') },
      ]);
      expect(await store.readTask(task)).toEqual(result.events);
      expect(await store.readAfter(before.seq, 10)).toEqual(result.events);
      expect(await store.readAfter(before.seq, 1)).toEqual(result.events.slice(0, 1));
      expect(await store.head()).toEqual({ seq: before.seq + 2, hash: result.events[1]?.hash });
      expect(await store.nextTask()).toBe(task + 1);
    });

    test('knows nothing of a task that is not there', async () => {
      expect(await store.readTask(toTaskId(999_999))).toEqual([]);
    });

    test('keeps the system’s own stream beside the tasks', async () => {
      const next = await store.nextTask();
      const version = (await store.readTask(systemTask)).length;
      const result = await store.append({
        task: systemTask,
        expectedVersion: version,
        actor,
        at,
        events: [noted('started')],
      });
      expect(result).toMatchObject({ type: 'appended', events: [{ task: 0, version: version + 1 }] });
      expect(await store.nextTask()).toBe(next);
    });

    test('answers an append on an older version with a conflict, and keeps nothing of it', async () => {
      const task = await receive(store, 'conflict');
      const before = await store.head();
      expect(await store.append({ task, expectedVersion: 0, actor, at, events: [noted('late')] })).toEqual({
        type: 'conflict',
        actualVersion: 1,
      });
      expect(await store.append({ task, expectedVersion: 7, actor, at, events: [noted('early')] })).toEqual({
        type: 'conflict',
        actualVersion: 1,
      });
      expect(await store.append({ task, expectedVersion: 0, actor, at, events: [] })).toEqual({
        type: 'conflict',
        actualVersion: 1,
      });
      expect(await store.append({ task, expectedVersion: 1, actor, at, events: [] })).toEqual({
        type: 'appended',
        events: [],
      });
      expect(await store.head()).toEqual(before);
    });

    test('takes appends of many callers one after the other, without a gap, a double or a lost one', async () => {
      const before = await store.head();
      const callers = Array.from({ length: 12 }, (_, index) => under.stores[index % under.stores.length] ?? store);
      const shared = await receive(store, 'shared');
      const work = callers.map(async (caller, index) => {
        const own = await receive(caller, `caller ${index}`);
        for (let done = 0; done < 5; ) {
          const version = (await caller.readTask(shared)).length;
          const result = await caller.append({
            task: shared,
            expectedVersion: version,
            actor,
            at,
            events: [noted(`${index}/${done}`)],
          });
          if (result.type === 'appended') done += 1;
        }
        return own;
      });
      const tasks = await Promise.all(work);
      expect(new Set(tasks).size).toBe(callers.length);
      expect(Math.max(...tasks) - shared).toBe(callers.length);
      const events = await store.readAfter(before.seq, 1_000);
      expect(events.map((event) => event.seq)).toEqual(events.map((_, index) => before.seq + 1 + index));
      expect(events).toHaveLength(1 + callers.length * 6);
      const ofShared = await store.readTask(shared);
      expect(ofShared.map((event) => event.version)).toEqual(ofShared.map((_, index) => index + 1));
      expect(new Set(ofShared.map((event) => JSON.stringify(event.event))).size).toBe(1 + callers.length * 5);
      expect(await verdictOn(store)).toMatchObject({ type: 'whole' });
    }, 60_000);

    test('goes by what others have appended since, whatever the one who appends remembers', async () => {
      const other = under.stores.at(-1) ?? store;
      const before = await store.head();
      const [task, beside] = [await receive(store, 'remembered'), await receive(store, 'beside')];
      const note = (caller: Store, of: TaskId, expectedVersion: number) =>
        caller.append({ task: of, expectedVersion, actor, at, events: [noted('x')] });
      await note(store, task, 1);
      await note(other, task, 2);
      await note(other, beside, 1);
      expect(await note(store, task, 2)).toEqual({ type: 'conflict', actualVersion: 3 });
      expect(await note(store, beside, 2)).toMatchObject({ type: 'appended' });
      await note(other, task, 3);
      await note(other, beside, 3);
      // Read in part: the event in between is not known.
      await store.readAfter((await store.head()).seq - 1, 1);
      expect(await note(store, task, 3)).toEqual({ type: 'conflict', actualVersion: 4 });
      await note(other, task, 4);
      await store.readAfter(before.seq, 1_000);
      expect(await note(store, task, 5)).toMatchObject({ type: 'appended', events: [{ version: 6 }] });
      expect(await verdictOn(store)).toMatchObject({ type: 'whole' });
    });

    test('takes appends that come at once in their order, each with an outcome of its own', async () => {
      const task = await receive(store, 'group');
      const other = await receive(store, 'other');
      const before = await store.head();
      const leadership = await store.lead(`group ${randomUUID()}`, AbortSignal.timeout(5_000));
      const old = { ...leadership.fence, token: leadership.fence.token - 1 };
      const key = randomUUID();
      const note = (of: TaskId, expectedVersion: number, reason: string, more: Partial<AppendRequest> = {}) =>
        store.append({ task: of, expectedVersion, actor, at, events: [noted(reason)], ...more });
      const outcomes = await Promise.allSettled([
        // The first goes alone; what comes while it commits goes together.
        note(task, 1, 'first'),
        note(task, 2, 'second'),
        note(task, 2, 'too late'),
        note(other, 1, 'once', { once: key, fence: leadership.fence }),
        note(task, 3, 'fenced', { fence: old }),
        note(task, 3, 'repeated', { once: key }),
        note(task, 3_000_000_000, 'no version at all'),
        note(task, 3, 'third'),
      ]);
      await leadership.release();
      expect(outcomes).toMatchObject([
        { value: { type: 'appended', events: [{ version: 2 }] } },
        { value: { type: 'appended', events: [{ version: 3 }] } },
        { value: { type: 'conflict', actualVersion: 3 } },
        { value: { type: 'appended' } },
        { reason: { name: 'ChiffonError', kind: 'FENCED' } },
        { value: { type: 'repeated', task: other } },
        { value: { type: 'conflict', actualVersion: 3 } },
        { value: { type: 'appended', events: [{ version: 4 }] } },
      ]);
      const events = await store.readAfter(before.seq, 100);
      expect(events.map(({ event }) => 'reason' in event && event.reason)).toEqual([
        'first',
        'second',
        'once',
        'third',
      ]);
      expect(events.at(-1)).toEqual((await store.readTask(task)).at(-1));
      expect(await verdictOn(store)).toMatchObject({ type: 'whole' });
    });

    test('refuses one append that the database cannot keep, and keeps those that came with it', async () => {
      const task = await receive(store, 'beside');
      const impossible = {
        task: toTaskId(Number.MAX_SAFE_INTEGER),
        expectedVersion: 0,
        actor,
        at,
        events: [noted('x')],
      };
      const outcomes = await Promise.allSettled([
        store.append({ task, expectedVersion: 1, actor, at, events: [noted('first')] }),
        store.append({ ...impossible, once: 'k'.repeat(20_000) + randomBytes(20_000).toString('hex') }),
        store.append({ task, expectedVersion: 2, actor, at, events: [noted('second')] }),
      ]);
      expect(outcomes).toMatchObject([
        { value: { type: 'appended' } },
        { reason: { name: 'ChiffonError', kind: 'DATABASE_FAILED' } },
        { value: { type: 'appended' } },
      ]);
      expect(await store.versionOf(task)).toBe(3);
    });

    test('takes a thousand appends at once, and large ones among them', async () => {
      const before = await store.head();
      const next = await store.nextTask();
      const results = await Promise.all(
        Array.from({ length: 1_000 }, (_, index) =>
          store.append({
            task: toTaskId(next + index),
            expectedVersion: 0,
            actor,
            at,
            events: [noted(index % 100 === 0 ? 'z'.repeat(400_000) : `${index}`)],
          }),
        ),
      );
      const seqs = results.map((result) => (result.type === 'appended' ? result.events[0]?.seq : undefined));
      expect(seqs).toEqual(seqs.map((_, index) => before.seq + 1 + index));
      expect(await verdictOn(store)).toMatchObject({ type: 'whole', head: await store.head() });
    }, 60_000);

    test('appends for a key once, whoever comes first', async () => {
      const key = `message ${awkward} ${randomUUID()}`;
      const before = await store.head();
      const next = await store.nextTask();
      const results = await Promise.all(
        Array.from({ length: 12 }, (_, index) => {
          const caller = under.stores[index % under.stores.length] ?? store;
          return caller.append({
            task: toTaskId(next + index),
            expectedVersion: 0,
            actor,
            at,
            events: [received('once')],
            once: key,
          });
        }),
      );
      const [made, ...more] = results.flatMap((result) => (result.type === 'appended' ? result.events : []));
      expect(more).toEqual([]);
      expect(results.filter((result) => result.type === 'repeated' && result.task === made?.task)).toHaveLength(11);
      expect(await store.head()).toEqual({ seq: before.seq + 1, hash: made?.hash });
      const task = made?.task ?? next;
      // A conflict uses no key up.
      const conflict = { task, expectedVersion: 9, actor, at, events: [noted('c')], once: `${key} again` };
      expect(await store.append(conflict)).toMatchObject({ type: 'conflict' });
      expect(await store.append({ ...conflict, expectedVersion: 1 })).toMatchObject({ type: 'appended' });
      expect(await store.append({ ...conflict, expectedVersion: 2 })).toEqual({ type: 'repeated', task });
    });

    test('says which task a key was used for, and of none that only a conflict named', async () => {
      const key = randomUUID();
      const task = await receive(store, 'used');
      for (const each of under.stores) expect(await each.usedFor(key)).toBeUndefined();
      const request = { task, actor, at, events: [noted('used')], once: [`${key} other`, key] };
      expect(await store.append({ ...request, expectedVersion: 9 })).toMatchObject({ type: 'conflict' });
      expect(await store.usedFor(key)).toBeUndefined();
      expect(await store.append({ ...request, expectedVersion: 1 })).toMatchObject({ type: 'appended' });
      for (const each of under.stores) expect(await each.usedFor(key)).toBe(task);
      expect(await store.usedFor(awkward)).toBeUndefined();
    });

    test('appends for several keys once each, and names the first of them that was used', async () => {
      const key = (name: string) => `${name} ${awkward} ${randomUUID()}`;
      const [one, two, three] = [key('one'), key('two'), key('three')];
      const append = async (once: readonly string[]) => {
        const task = await store.nextTask();
        return store.append({ task, expectedVersion: 0, actor, at, events: [received('x')], once });
      };
      const [made, other] = [await append([one, two]), await append([three])];
      const of = (result: typeof made) => (result.type === 'appended' ? result.events[0]?.task : undefined);
      expect(await append([two, three])).toEqual({ type: 'repeated', task: of(made) });
      expect(await append([three, one])).toEqual({ type: 'repeated', task: of(other) });
      expect(await append([key('new'), one])).toEqual({ type: 'repeated', task: of(made) });
      // At once, and with the keys in another order: one of them.
      const [a, b] = [key('a'), key('b')];
      const [first, second = first] = under.stores;
      const task = await store.nextTask();
      const request = { expectedVersion: 0, actor, at, events: [received('x')] };
      const results = await Promise.all([
        first.append({ ...request, task, once: [a, b] }),
        second.append({ ...request, task: toTaskId(task + 1), once: [b, a] }),
      ]);
      expect(results.map(({ type }) => type).toSorted()).toEqual(['appended', 'repeated']);
      expect(await append([])).toMatchObject({ type: 'appended' });
    });

    test('gives a task’s version, and its events of some types alone', async () => {
      const task = await receive(store, 'types');
      await store.append({ task, expectedVersion: 1, actor, at, events: [noted('a'), noted('b')] });
      expect(await store.versionOf(task)).toBe(3);
      expect(await store.versionOf(toTaskId(999_999))).toBe(0);
      const all = await store.readTask(task);
      expect(await store.readTask(task, ['system.noted'])).toEqual(all.slice(1));
      expect(await store.readTask(task, ['task.received', 'system.noted'])).toEqual(all);
      expect(await store.readTask(task, [])).toEqual([]);
    });

    test('keeps every character of a text', async () => {
      const task = await receive(store, awkward);
      expect((await store.readTask(task))[0]?.event).toEqual(received(awkward));
      const [link] = await store.readChain((await store.head()).seq - 1, 1);
      expect(JSON.parse(link?.payload ?? '')).toMatchObject({ request: awkward });
    });

    test('keeps every character of who did it, also in a row with others', async () => {
      const task = await receive(store, 'actors');
      const actors = ['a\u001eb', 'n\0\\u001e', '😀'].map((name) => toActorId(`terminal:${name}`));
      const appends = actors.map((who, index) =>
        store.append({ task, expectedVersion: index + 1, actor: who, at, events: [noted('x')] }),
      );
      expect(await Promise.all(appends)).toMatchObject(actors.map(() => ({ type: 'appended' })));
      expect((await store.readTask(task)).slice(1).map((event) => event.actor)).toEqual(actors);
    });

    test('keeps a time stamp as it was given', async () => {
      for (const given of ['2026-12-31T23:59:59.999Z', '2026-01-01T00:00:00Z', '2026-06-07T08:09:10.123456789Z']) {
        const task = await store.nextTask();
        await store.append({ task, expectedVersion: 0, actor, at: given, events: [noted('when')] });
        expect((await store.readTask(task))[0]?.at).toBe(given);
      }
    });

    test('refuses an event over 4 MB, one with half a character and one that is none, and keeps nothing of the append', async () => {
      const before = await store.head();
      const task = await store.nextTask();
      const small = noted('small');
      const unfit = [noted('x'.repeat(4 * 1024 * 1024)), noted(halfCharacter), { ...small, reason: 5 }];
      for (const event of unfit) {
        // @ts-expect-error The last one is what TypeScript would not let through.
        const append = store.append({ task, expectedVersion: 0, actor, at, events: [small, event] });
        await expect(append).rejects.toMatchObject({ name: 'ChiffonError', kind: 'EVENT_UNFIT' });
      }
      expect(await store.head()).toEqual(before);
      const large = noted('y'.repeat(4 * 1024 * 1024 - 100));
      await store.append({ task, expectedVersion: 0, actor, at, events: [large] });
      expect((await store.readTask(task))[0]?.event).toEqual(large);
    });

    test('tells every subscriber of an append by any caller, until he stops', async () => {
      const heard: number[] = [];
      const stops = under.stores.map((one) => one.subscribe((seq) => heard.push(seq)));
      const last = under.stores.at(-1) ?? store;
      await receive(last, 'listen');
      const { seq } = await store.head();
      await vi.waitUntil(() => heard.filter((one) => one >= seq).length >= under.stores.length, {
        timeout: 5_000,
        interval: 5,
      });
      for (const stop of stops) stop();
      const told = heard.length;
      const probe = Promise.withResolvers<void>();
      const stop = store.subscribe((newest) => newest > seq && probe.resolve());
      await receive(store, 'after');
      await probe.promise;
      stop();
      expect(heard).toHaveLength(told);
    });
  });

  describe('the output', () => {
    const chunk = (run: OutputChunk['run'], seq: number, text = `line ${seq}\n`): OutputChunk => ({
      run,
      step: 1,
      attempt: 1,
      seq,
      text,
      lines: text.split('\n').length - 1,
    });

    test('is read page by page, each attempt by itself, with every character', async () => {
      const run = toRunId(randomUUID());
      const text = `${awkward}${halfCharacter}\n`;
      await store.appendOutput([chunk(run, 1), chunk(run, 2, text), chunk(run, 3), { ...chunk(run, 1), attempt: 2 }]);
      expect(await store.readOutput(run, 1, 1, 0, 2)).toEqual([chunk(run, 1), chunk(run, 2, text)]);
      expect(await store.readOutput(run, 1, 1, 2, 2)).toEqual([chunk(run, 3)]);
      expect(await store.readOutput(run, 1, 3, 0, 2)).toEqual([]);
      const bytes = ['line 1\n', text, 'line 3\n'].reduce((sum, one) => sum + Buffer.byteLength(one), 0);
      expect(await store.outputExtent(run, 1, 1)).toEqual({ chunks: 3, lines: 4, bytes, contiguous: 3 });
    });

    test('that is there already is not stored again, nor changed', async () => {
      const run = toRunId(randomUUID());
      await store.appendOutput([chunk(run, 1), chunk(run, 2)]);
      await store.appendOutput([chunk(run, 2, 'other\n'), chunk(run, 3), chunk(run, 3, 'twice\n')]);
      expect((await store.readOutput(run, 1, 1, 0, 10)).map((one) => one.text)).toEqual([
        'line 1\n',
        'line 2\n',
        'line 3\n',
      ]);
      await store.appendOutput([]);
    });

    test('says how far it goes without a gap', async () => {
      const run = toRunId(randomUUID());
      expect(await store.outputExtent(run, 1, 1)).toEqual({ chunks: 0, lines: 0, bytes: 0, contiguous: 0 });
      await store.appendOutput([chunk(run, 2), chunk(run, 3)]);
      expect(await store.outputExtent(run, 1, 1)).toMatchObject({ chunks: 2, contiguous: 0 });
      await store.appendOutput([chunk(run, 1), chunk(run, 5)]);
      expect(await store.outputExtent(run, 1, 1)).toMatchObject({ chunks: 4, contiguous: 3 });
      await store.appendOutput([chunk(run, 4)]);
      expect(await store.outputExtent(run, 1, 1)).toMatchObject({ chunks: 5, contiguous: 5 });
    });

    test('of 100,000 lines is stored within seconds, all of it and in order', async () => {
      const run = toRunId(randomUUID());
      const lines = Array.from(
        { length: 100_000 },
        (_, index) => `ok: [web-${index % 7}] => item number ${index} of a very long play\n`,
      );
      const chunks: OutputChunk[] = [];
      for (let first = 0; first < lines.length; first += 25)
        chunks.push({ ...chunk(run, chunks.length + 1, lines.slice(first, first + 25).join('')), lines: 25 });
      for (let first = 0; first < chunks.length; first += 200)
        await store.appendOutput(chunks.slice(first, first + 200));
      const extent = await store.outputExtent(run, 1, 1);
      expect(extent).toEqual({
        chunks: 4_000,
        lines: 100_000,
        bytes: Buffer.byteLength(lines.join('')),
        contiguous: 4_000,
      });
      let text = '';
      for (let after = 0; after < extent.chunks; after += 500)
        text += (await store.readOutput(run, 1, 1, after, 500)).map((one) => one.text).join('');
      expect(text === lines.join('')).toBe(true);
    }, 60_000);
  });

  describe('a leadership', () => {
    const never = new AbortController().signal;

    test('is one caller’s at a time, in turn, each with a higher token', async () => {
      const name = `work ${randomUUID()}`;
      const callers = Array.from({ length: 6 }, (_, index) => under.stores[index % under.stores.length] ?? store);
      let leading = 0;
      const tokens: number[] = [];
      await Promise.all(
        callers.map(async (caller) => {
          const leadership = await caller.lead(name, never);
          leading += 1;
          expect(leading).toBe(1);
          expect(leadership.lost.aborted).toBe(false);
          tokens.push(leadership.fence.token);
          await caller.saveCheckpoint(name, tokens.length, leadership.fence);
          leading -= 1;
          await leadership.release();
          await leadership.release();
          expect(leadership.lost.aborted).toBe(true);
        }),
      );
      expect(tokens).toEqual([1, 2, 3, 4, 5, 6]);
      expect(await store.checkpoint(name)).toBe(6);
    });

    test('of one name keeps nobody from another', async () => {
      const [one, other] = [`one ${randomUUID()}`, `other ${randomUUID()}`];
      const last = under.stores.at(-1) ?? store;
      const leaderships = [
        await store.lead(one, never),
        await last.lead(other, never),
        await store.lead(`${one}!`, never),
      ];
      for (const leadership of leaderships) {
        expect(leadership.lost.aborted).toBe(false);
        await leadership.release();
      }
    });

    test('is not waited for any longer than the signal says', async () => {
      const name = `work ${randomUUID()}`;
      const leadership = await store.lead(name, never);
      for (const caller of under.stores) {
        const stopping = new AbortController();
        const waiting = caller.lead(name, stopping.signal);
        const reason = new Error('no longer needed');
        stopping.abort(reason);
        await expect(waiting).rejects.toBe(reason);
        await expect(caller.lead(name, stopping.signal)).rejects.toBe(reason);
      }
      await leadership.release();
      await (await store.lead(name, AbortSignal.timeout(5_000))).release();
    });

    test('that is over writes nothing more', async () => {
      const name = `work ${randomUUID()}`;
      const task = await receive(store, 'fenced');
      const old = await store.lead(name, never);
      await store.saveCheckpoint(name, 1, old.fence);
      await store.saveDelivered(name, 'key', 'old', old.fence);
      const append = { task, actor, at, events: [noted('fenced')] };
      await store.append({ ...append, expectedVersion: 1, fence: old.fence });
      await old.release();
      const next = await (under.stores.at(-1) ?? store).lead(name, never);
      const before = await store.head();
      const fenced = { name: 'ChiffonError', kind: 'FENCED', message: expect.stringContaining(name) };
      await expect(store.saveCheckpoint(name, 2, old.fence)).rejects.toMatchObject(fenced);
      await expect(store.saveDelivered(name, 'key', 'new', old.fence)).rejects.toMatchObject(fenced);
      await expect(store.append({ ...append, expectedVersion: 2, fence: old.fence })).rejects.toMatchObject(fenced);
      const unknown = { name: `nobody ${randomUUID()}`, token: 1 };
      await expect(store.saveCheckpoint(name, 2, unknown)).rejects.toMatchObject({ kind: 'FENCED' });
      expect(await store.head()).toEqual(before);
      expect(await store.checkpoint(name)).toBe(1);
      expect(await store.delivered(name, 'key')).toBe('old');
      await store.saveCheckpoint(name, 3, next.fence);
      await store.append({ ...append, expectedVersion: 2, fence: next.fence });
      await next.release();
    });
  });

  describe('beside the log', () => {
    test('a projector goes on from where it was', async () => {
      const name = `projector ${randomUUID()}`;
      expect(await store.checkpoint(name)).toBe(0);
      await store.saveCheckpoint(name, 5);
      await store.saveCheckpoint(name, 12);
      expect(await store.checkpoint(name)).toBe(12);
    });

    test('a projector finds what it put outside', async () => {
      const name = `projector ${randomUUID()}`;
      expect(await store.delivered(name, awkward)).toBeUndefined();
      await store.saveDelivered(name, awkward, 'first');
      await store.saveDelivered(name, awkward, `${awkward}!`);
      expect(await store.delivered(name, awkward)).toBe(`${awkward}!`);
      expect(await store.delivered('another', awkward)).toBeUndefined();
    });

    test('what nobody else may read is stored together, by who leads, and found by how its keys begin', async () => {
      const name = `projector ${randomUUID()}`;
      const { fence, release } = await store.lead(name, new AbortController().signal);
      await store.saveSealed(
        name,
        new Map([
          ['a%:1', 'one'],
          ['a%:2', awkward],
          ['ab:1', 'other'],
        ]),
        fence,
      );
      await store.saveSealed(
        name,
        new Map([
          ['a%:1', null],
          [`a%:${awkward}`, 'three'],
        ]),
        fence,
      );
      expect(await store.sealed(name, 'a%:')).toEqual(
        new Map([
          ['a%:2', awkward],
          [`a%:${awkward}`, 'three'],
        ]),
      );
      expect(await store.sealed('another', 'a')).toEqual(new Map());
      await release();
      const next = await store.lead(name, new AbortController().signal);
      await expect(store.saveSealed(name, new Map([['a%:2', 'old']]), fence)).rejects.toMatchObject({ kind: 'FENCED' });
      expect((await store.sealed(name, 'a%:')).get('a%:2')).toBe(awkward);
      expect(await store.delivered(name, 'a%:2')).toBeUndefined();
      await next.release();
    });

    test('tasks are listed newest first, and filtered', async () => {
      const here = toConversationId(`terminal:${randomUUID()}`);
      const row = (task: number, state: string): TaskRow => ({
        task: toTaskId(task),
        state,
        request: awkward,
        conversation: here,
        requester: actor,
        receivedAt: at,
        updatedAt: at,
        costMicroUsd: 9_007_199_254_740_991,
        summary: `${state} ${halfCharacter}`,
      });
      const rows = [row(7_001, 'proposed'), row(7_002, 'running'), row(7_003, 'succeeded')];
      for (const one of rows) await store.saveTask({ ...one, state: 'received' });
      for (const one of rows) await store.saveTask(one);
      const [proposed, running, succeeded] = rows;
      expect(await store.listTasks({ conversation: here, limit: 10 })).toEqual([succeeded, running, proposed]);
      expect(await store.listTasks({ conversation: here, limit: 10, open: true })).toEqual([running, proposed]);
      expect(await store.listTasks({ conversation: here, limit: 1, before: toTaskId(7_003) })).toEqual([running]);
      const inStates = (...states: TaskStatus[]) => store.listTasks({ conversation: here, limit: 10, states });
      expect(await inStates('running', 'proposed', 'asking')).toEqual([running, proposed]);
      expect(await inStates('succeeded', 'running')).toEqual([succeeded, running]);
      expect(await inStates('failed')).toEqual([]);
      expect(await inStates()).toEqual([]);
      for (const state of [...openStates, ...endedStatuses]) {
        await store.saveTask(row(7_001, state));
        const found = (await store.listTasks({ conversation: here, limit: 10, open: true })).map(({ task }) => task);
        expect(found.includes(toTaskId(7_001)), state).toBe(!isEnded(state));
      }
      expect((await store.listTasks({ limit: 1_000 })).map((one) => one.task)).toContain(7_001);
      expect(await store.listTasks({ conversation, limit: 10 })).toEqual([]);
    });

    test('what tasks cost is summed up from a moment on, and the dearest are named first', async () => {
      const here = toConversationId(`terminal:${randomUUID()}`);
      const row = (task: number, costMicroUsd: number, receivedAt: string): TaskRow => ({
        ...{ task: toTaskId(task), state: 'succeeded', request: 'x', conversation: here, requester: actor },
        ...{ receivedAt, updatedAt: receivedAt, costMicroUsd, summary: '' },
      });
      const [before, allBefore] = [await store.taskCosts('2999-01-01T00:00:00.000Z'), await store.taskCosts(null)];
      expect(before).toEqual({ tasks: 0, free: 0, costMicroUsd: 0 });
      const rows = [
        row(8_001, 0, '2999-01-01T00:00:00.000Z'),
        row(8_002, 9_007_199_254_000_000, '2999-01-01T00:00:00.001Z'),
        row(8_003, 0, '2999-02-01T00:00:00.000Z'),
        row(8_004, 9_007_199_254_000_001, '2998-12-31T23:59:59.999Z'),
      ];
      for (const one of rows) await store.saveTask(one);
      expect(await store.taskCosts('2999-01-01T00:00:00.000Z')).toEqual({
        ...{ tasks: 3, free: 2, costMicroUsd: 9_007_199_254_000_000 },
      });
      expect((await store.taskCosts(null)).tasks).toBe(allBefore.tasks + 4);
      expect((await store.dearestTasks(1_000)).map(({ task }) => task)).not.toContain(8_001);
      const dearest = (await store.dearestTasks(10)).filter(({ conversation: where }) => where === here);
      expect(dearest).toEqual([rows[3], rows[1]]);
    });

    test('a secret is kept until its task ends', async () => {
      const [one, other] = [toTaskId(8_001), toTaskId(8_002)];
      const value = `hunter2 ${awkward}${halfCharacter}`;
      const [first, second] = [randomUUID(), randomUUID()];
      await store.putSecret(one, first, value);
      await store.putSecret(other, second, 'kept');
      expect(await store.secret(first)).toBe(value);
      await store.forgetSecrets(one);
      expect(await store.secret(first)).toBeUndefined();
      expect(await store.secret(second)).toBe('kept');
    });
  });

  describe('the record, opened again', () => {
    test('is as it was', async () => {
      const task = await receive(store, 'before');
      const reference = randomUUID();
      await store.putSecret(task, reference, 's3cret');
      await store.saveCheckpoint('again', 3);
      const before = { head: await store.head(), events: await store.readTask(task) };
      under = await under.reopen();
      [store] = under.stores;
      expect({ head: await store.head(), events: await store.readTask(task) }).toEqual(before);
      expect(await store.secret(reference)).toBe('s3cret');
      expect(await store.checkpoint('again')).toBe(3);
      expect(await verdictOn(store)).toEqual({ type: 'whole', head: before.head });
    }, 60_000);

    test('a closed store says so', async () => {
      const old = store;
      const name = `work ${randomUUID()}`;
      const leadership = await old.lead(name, new AbortController().signal);
      const waiting = expect(old.lead(name, new AbortController().signal)).rejects.toMatchObject({
        name: 'ChiffonError',
      });
      under = await under.reopen();
      [store] = under.stores;
      await expect(old.head()).rejects.toMatchObject({ name: 'ChiffonError' });
      await waiting;
      expect(leadership.lost.aborted).toBe(true);
      expect((await store.lead(name, AbortSignal.timeout(5_000))).fence.token).toBe(leadership.fence.token + 1);
      await old.close();
    }, 60_000);
  });

  describe('behind the store’s back', () => {
    test('nothing in the log or the output can be changed or deleted, not even in replica mode', async () => {
      const refused = '42501';
      const statements = [
        `UPDATE event SET at = 'x'`,
        'DELETE FROM event',
        'DELETE FROM event WHERE false',
        'TRUNCATE event',
        `SET session_replication_role = replica; DELETE FROM event`,
        `UPDATE output SET text = 'x'`,
        'DELETE FROM output',
        'TRUNCATE output',
      ];
      expect(await under.sql(...statements)).toEqual(statements.map(() => refused));
      [store] = under.stores;
      expect(await verdictOn(store)).toMatchObject({ type: 'whole' });
    }, 60_000);

    test('an event of a later version is named and not guessed at', async () => {
      const task = await receive(store, 'later');
      const { seq } = await store.head();
      await under.sql(
        `INSERT INTO event SELECT seq + 1, task, version + 1, 'plan.teleported', '{}', actor, at, hash, repeat('0', 64) FROM event WHERE seq = ${seq}`,
      );
      [store] = under.stores;
      const fault = {
        kind: 'UNKNOWN_EVENT',
        code: 'CHF-605',
        message: expect.stringContaining(`Event ${seq + 1} of the log (task #${task}, plan.teleported)`),
      };
      await expect(store.readTask(task)).rejects.toMatchObject(fault);
      await expect(store.readAfter(seq, 10)).rejects.toMatchObject(fault);
      expect(await verdictOn(store)).toEqual({
        type: 'broken',
        seq: seq + 1,
        why: 'its content is not what was recorded',
      });
    }, 60_000);

    test('a change made with the triggers off is found by the chain', async () => {
      const seq = 2;
      const outcomes = await under.sql(
        'ALTER TABLE event DISABLE TRIGGER event_append_only',
        `UPDATE event SET payload = replace(payload, 'two', '2wo') WHERE seq = ${seq}`,
      );
      expect(outcomes).toEqual(['done', 'done']);
      [store] = under.stores;
      expect(await verdictOn(store)).toEqual({ type: 'broken', seq, why: 'its content is not what was recorded' });
    }, 60_000);
  });
}
