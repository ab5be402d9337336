// The embedded default: PGlite on the data folder, in a thread of its own. This side has the lock on the folder, and starts
// a new thread when the old one died: PostgreSQL then recovers from its log, and nothing acknowledged is lost.
import { ChiffonError } from '../../core/error.ts';
import type { Store } from '../../core/ports/event-log.ts';
import { makeAnnouncer } from './announcer.ts';
import type { StoreCalls } from './backend.ts';
import { holdDataFolder } from './data-folder.ts';
import { makeEmbeddedElection } from './embedded-election.ts';
import { secretKey } from './secret-key.ts';
import type { Call, WorkerClient } from './worker-client.ts';
import { startWorker } from './worker-client.ts';

/** Throws DATA_FOLDER_IN_USE, DATA_FOLDER_UNUSABLE, DATA_FOLDER_DAMAGED, DISK_FULL, SCHEMA_MISMATCH, BAD_SETTING. */
export async function openEmbeddedStore(options: {
  readonly dataFolder: string;
  readonly secretKey: string | undefined;
}): Promise<Store> {
  const { dataFolder } = options;
  // Only to refuse a bad key before anything is made.
  secretKey(options.secretKey, dataFolder);
  const held = holdDataFolder(dataFolder);
  const announcer = makeAnnouncer();
  let closing: Promise<void> | undefined;
  let thread: Promise<WorkerClient> | undefined;

  const start = (): Promise<WorkerClient> => {
    const starting = startWorker(
      { dataFolder, databaseFolder: held.database, secretKey: options.secretKey },
      { onAppended: announcer.announce, onGone: () => forget() },
    );
    const forget = () => {
      if (thread === starting) thread = undefined;
    };
    thread = starting;
    starting.catch(forget);
    return starting;
  };
  const startAgain = () => {
    const starting = start();
    // An append that the old thread could not answer may have been made all the same.
    starting.then(async (client) => announcer.announce((await client.call('head')).seq)).catch(() => {});
    return starting;
  };
  /** Never two threads on one folder: a dying one is waited for. */
  const living = async (): Promise<WorkerClient> => {
    if (closing !== undefined) throw new ChiffonError('INTERNAL', 'The store is closed.');
    const client = await (thread ?? startAgain());
    if (!client.isDying()) return client;
    await client.gone;
    return await living();
  };
  const call: Call = (method, ...args) => living().then((client) => client.call(method, ...args));
  const election = makeEmbeddedElection((name) => call('takeToken', name));
  const close = async () => {
    announcer.close();
    await election.close();
    try {
      await (await thread)?.close();
    } catch {
      // It never came up: there is nothing to close.
    } finally {
      held.release();
    }
  };

  try {
    await start();
  } catch (error) {
    held.release();
    throw error;
  }
  return {
    ...storeCalls(call),
    lead: (name, signal) => election.lead(name, signal),
    subscribe: announcer.subscribe,
    close: () => {
      closing ??= close();
      return closing;
    },
  };
}

function storeCalls(call: Call): StoreCalls {
  return {
    append: (request) => call('append', request),
    nextTask: () => call('nextTask'),
    versionOf: (task) => call('versionOf', task),
    usedFor: (key) => call('usedFor', key),
    readTask: (...which) => call('readTask', ...which),
    readAfter: (after, limit) => call('readAfter', after, limit),
    readChain: (after, limit) => call('readChain', after, limit),
    head: () => call('head'),
    appendOutput: (chunks) => call('appendOutput', chunks),
    readOutput: (...where) => call('readOutput', ...where),
    outputExtent: (...where) => call('outputExtent', ...where),
    checkpoint: (projector) => call('checkpoint', projector),
    saveCheckpoint: (...given) => call('saveCheckpoint', ...given),
    delivered: (projector, key) => call('delivered', projector, key),
    saveDelivered: (...given) => call('saveDelivered', ...given),
    sealed: (projector, prefix) => call('sealed', projector, prefix),
    saveSealed: (...given) => call('saveSealed', ...given),
    saveTask: (row, fence) => call('saveTask', row, fence),
    listTasks: (filter) => call('listTasks', filter),
    taskCosts: (since) => call('taskCosts', since),
    dearestTasks: (limit) => call('dearestTasks', limit),
    putSecret: (task, reference, value) => call('putSecret', task, reference, value),
    secret: (reference) => call('secret', reference),
    forgetSecrets: (task) => call('forgetSecrets', task),
  };
}
