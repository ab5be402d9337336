// Starts a store in a process of its own, and asks it from here.
import type { ChildProcess } from 'node:child_process';
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import type { StoreOptions } from '../../adapters/postgres/open-store.ts';
import type { Ask, AskedStore, Told } from './store-process.ts';

export type StoreProcess = {
  readonly pid: number;
  /** Rejects with a StoreFault when the store refuses to open. */
  readonly opened: Promise<void>;
  readonly ask: <Method extends Ask['method']>(
    method: Method,
    ...args: Parameters<AskedStore[Method]>
  ) => Promise<Awaited<ReturnType<AskedStore[Method]>>>;
  /** kill -9, or a clean end after `close`; resolves when the process is gone. */
  readonly kill: () => Promise<void>;
  readonly gone: Promise<void>;
};

/** The store refused or broke: what its ChiffonError said. */
class StoreFault extends Error {
  readonly kind: string;
  constructor(kind: string, message: string) {
    super(message);
    this.kind = kind;
  }
}

type Question = { readonly resolve: (value: unknown) => void; readonly reject: (error: Error) => void };

/** Once it is open. `preload` is a module that each of its threads loads first. */
export async function startStoreProcess(...given: Parameters<typeof forkStoreProcess>): Promise<StoreProcess> {
  const store = forkStoreProcess(...given);
  await store.opened;
  return store;
}

/** Before it is open. */
export function forkStoreProcess(
  options: StoreOptions,
  preload: { readonly module?: string; readonly env?: Record<string, string> } = {},
): StoreProcess {
  const child: ChildProcess = fork(join(import.meta.dirname, 'store-process.ts'), [JSON.stringify(options)], {
    execArgv: preload.module === undefined ? [] : ['--import', preload.module],
    env: { ...process.env, ...preload.env },
    serialization: 'advanced',
  });
  const questions = new Map<number, Question>();
  const opening = Promise.withResolvers<void>();
  let lastId = 0;
  child.on('message', (told: Told) => {
    if (told.type === 'open') return opening.resolve();
    const question = questions.get(told.id);
    questions.delete(told.id);
    if (told.type === 'answer') return question?.resolve(told.value);
    const fault = new StoreFault(told.kind, told.message);
    opening.reject(fault);
    question?.reject(fault);
  });
  const gone = once(child, 'exit').then(([code, signal]) => {
    const ended = new Error(`the store's process ended (${String(code ?? signal)})`);
    opening.reject(ended);
    for (const question of questions.values()) question.reject(ended);
  });
  opening.promise.catch(() => {});
  const kill = async () => {
    child.kill('SIGKILL');
    await gone;
  };
  // A test that fails half way leaves no process behind, which would keep vitest waiting too.
  onTestFinished(kill);
  return {
    pid: child.pid ?? 0,
    opened: opening.promise,
    ask: (method, ...args) =>
      new Promise<unknown>((resolve, reject) => {
        lastId += 1;
        questions.set(lastId, { resolve, reject });
        const ask: Ask = { id: lastId, method, args };
        child.send(ask, (error) => error && reject(error));
      }) as Promise<Awaited<ReturnType<AskedStore[typeof method]>>>,
    kill,
    gone,
  };
}
