// The main thread's end of PGlite's thread: asks, matches answers to questions, and leaves no question open when it dies.
import { Worker } from 'node:worker_threads';
import { ChiffonError } from '../../core/error.ts';
import type { ThreadCalls } from './backend.ts';
import type { FromWorker, ToWorker, WorkerData } from './worker-protocol.ts';
import { faultOf } from './worker-protocol.ts';

export type Call = <Method extends keyof ThreadCalls>(
  method: Method,
  ...args: Parameters<ThreadCalls[Method]>
) => Promise<Awaited<ReturnType<ThreadCalls[Method]>>>;

export type WorkerClient = {
  readonly call: Call;
  readonly close: () => Promise<void>;
  /** It has failed and answers nothing more; it has the files open until `gone`. */
  readonly isDying: () => boolean;
  readonly gone: Promise<void>;
};

type Question = { readonly resolve: (value: unknown) => void; readonly reject: (fault: ChiffonError) => void };

/** Ticks and not one long timer: a laptop that wakes up after hours sees one tick. */
const silence = { tickMs: 10_000, ticksAtMost: 12 };

/** Resolves when the database is open; rejects with why it cannot be. `onGone` is called when the thread has ended. */
export async function startWorker(
  workerData: WorkerData,
  { onAppended, onGone }: { readonly onAppended: (seq: number) => void; readonly onGone: () => void },
): Promise<WorkerClient> {
  const worker = new Worker(new URL('./embedded-worker.ts', import.meta.url), { name: 'postgres', workerData });
  const questions = new Map<number, Question>();
  let lastId = 0;
  let fault: ChiffonError | undefined;
  let ticks = 0;
  let phase: 'opening' | 'open' | 'closing' = 'opening';

  const opening = Promise.withResolvers<void>();
  const gone = Promise.withResolvers<void>();
  const send = (message: ToWorker) => worker.postMessage(message);
  const take = (id: number) => {
    const question = questions.get(id);
    questions.delete(id);
    return question;
  };
  const fail = (why: ChiffonError) => {
    fault ??= why;
    opening.reject(fault);
    for (const id of [...questions.keys()]) take(id)?.reject(fault);
  };

  const watch = setInterval(() => {
    ticks = phase === 'open' && questions.size === 0 ? 0 : ticks + 1;
    if (ticks < silence.ticksAtMost) return;
    fail(
      new ChiffonError('DATABASE_FAILED', 'The database did not answer for two minutes and was stopped. Try again.'),
    );
    void worker.terminate();
  }, silence.tickMs).unref();

  worker.on('message', (message: FromWorker) => {
    ticks = 0;
    switch (message.type) {
      case 'ready':
        phase = 'open';
        return opening.resolve();
      case 'result':
        return take(message.id)?.resolve(message.value);
      case 'fault':
        return take(message.id)?.reject(faultOf(message.fault));
      case 'appended':
        return onAppended(message.seq);
      case 'dying':
        return fail(faultOf(message.fault));
      case 'closed':
        return undefined;
    }
  });
  worker.on('error', (error) => fail(threadFault(error)));
  worker.on('exit', () => {
    clearInterval(watch);
    fail(threadFault(new Error('the thread ended')));
    onGone();
    gone.resolve();
  });

  const ask = (method: keyof ThreadCalls, args: readonly unknown[]) =>
    new Promise<unknown>((resolve, reject) => {
      if (fault !== undefined) return reject(fault);
      lastId += 1;
      questions.set(lastId, { resolve, reject });
      send({ type: 'call', id: lastId, method, args });
    });

  try {
    await opening.promise;
  } catch (error) {
    await gone.promise;
    throw error;
  }
  return {
    // The other thread runs the method of that name and of that type, and a structured clone changes neither.
    call: (method, ...args) => ask(method, args) as Promise<Awaited<ReturnType<ThreadCalls[typeof method]>>>,
    close: async () => {
      phase = 'closing';
      send({ type: 'close' });
      await gone.promise;
    },
    isDying: () => fault !== undefined,
    gone: gone.promise,
  };
}

function threadFault(cause: unknown): ChiffonError {
  return new ChiffonError('DATABASE_FAILED', 'The database’s thread ended. What was acknowledged is kept; try again.', {
    cause,
  });
}
