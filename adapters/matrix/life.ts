// The chat from one start to the next stop: the login, and all that is known while it lasts.
import { setTimeout as sleep } from 'node:timers/promises';
import type { Logger } from 'pino';
import { z } from 'zod';
import type { BudgetLimits } from '../../core/chat/channel-budget.ts';
import { oneAtATime } from '../../core/chat/in-turn.ts';
import { makeLookSoon } from '../../core/chat/look-soon.ts';
import { recallOpenQuestions } from '../../core/chat/open-questions.ts';
import { makeSendQueue } from '../../core/chat/send-queue.ts';
import { ChiffonError } from '../../core/error.ts';
import type { Chat, ChatHandlers, View } from '../../core/ports/chat.ts';
import type { Clock } from '../../core/ports/clock.ts';
import { makeAnswers } from './answers.ts';
import { makeApi } from './api.ts';
import { judge, waitMs } from './api-error.ts';
import type { Encryption } from './encryption.ts';
import { openEncryption } from './encryption.ts';
import { makeOwnMessages } from './own-messages.ts';
import { makePlaces } from './places.ts';
import { keyOf, makePostOnce } from './post-once.ts';
import { makeQuestions } from './questions.ts';
import { makeReactions, makeTakingBack } from './reactions.ts';
import { parseReference } from './reference.ts';
import { makeRooms } from './rooms.ts';
import { path } from './sdk.ts';
import type { Login, Session } from './session.ts';
import { openSession } from './session.ts';
import { makeShow } from './show.ts';
import { startSync } from './sync.ts';
import { makeTake } from './take.ts';
import { makeThreads } from './threads.ts';
import { openUnread } from './unread.ts';
import { makeUpToDate } from './up-to-date.ts';
import { renderMessage } from './views/render-view.ts';
import { makeWatch } from './watch.ts';
import { makeWords } from './words.ts';

export type LifeOptions = Login & {
  readonly rooms: readonly string[];
  readonly invitesFrom: readonly string[];
  readonly limits: BudgetLimits;
  readonly log: Logger;
  readonly clock: Clock;
  /** How long the key of an encrypted message is waited for without a word. */
  readonly keyPatienceMs?: number;
  /** Between two tries at what could not be taken: the first pause, which doubles, and the longest. */
  readonly retryPauseMs?: { readonly first: number; readonly most: number };
};

export type Life = Pick<Chat, 'answer' | 'post' | 'update' | 'bringUpToDate'> & {
  readonly end: () => Promise<void>;
};

const goodbyeMs = 3_000;
/** After a homeserver said that it is too much, live messages leave room for what matters. */
const pace = { everyMs: 1_000, slowMs: 10_000, slowForMs: 10 * 60_000 };
const keyPatienceMs = 20_000;
const retryPauseMs = { first: 1_000, most: 20_000 };
const uploadBytes = { unsaid: 8_000_000, atMost: 16_000_000 };

export async function beginLife(options: LifeOptions, handlers: ChatHandlers): Promise<Life> {
  const { memory } = handlers;
  const { session, encryption } = await openEncryption({
    ...{ session: await openSession(options), memory, log: options.log },
  });
  try {
    return await live(options, handlers, session, encryption);
  } catch (error) {
    // The next try begins with what is stored.
    await encryption.end();
    throw error;
  }
}

async function live(
  options: LifeOptions,
  handlers: ChatHandlers,
  { client, userId: self }: Session,
  encryption: Encryption,
): Promise<Life> {
  const { log, clock } = options;
  const ending = new AbortController();
  const { signal } = ending;
  let limitedMs = Number.NEGATIVE_INFINITY;
  const queue = makeSendQueue({
    limits: options.limits,
    nowMs: () => performance.now(),
    wake,
    judge: (error) => {
      if (waitMs(error) !== null) limitedMs = performance.now();
      return judge(error);
    },
  });
  const api = makeApi({ client, queue, signal, encryption });
  const [uploadBytesAtMost, name] = await Promise.all([uploadLimit(), ownName()]);

  const places = makePlaces({ api, self });
  const own = makeOwnMessages({ api, self });
  const threads = makeThreads();
  const postOnce = makePostOnce({ api, self });
  const { memory } = handlers;
  // Before anything is heard: what was said to them meanwhile may be a secret.
  const open = await recallOpenQuestions(memory);
  const questions = makeQuestions(open, own);
  const rooms = await makeRooms({ ...options, api, places, self, memory });
  const render = (view: View) => renderMessage(view, { uploadBytesAtMost, now: clock.now() });
  const show = makeShow({
    ...{ api, places, threads, own, postOnce, render, log, encryptedRooms: encryption.off },
    everyMs: () => (performance.now() - limitedMs < pace.slowForMs ? pace.slowMs : pace.everyMs),
  });
  const answers = makeAnswers({ places, threads, postOnce, render });
  const handle = oneAtATime(handlers.handle);
  const onTap = makeReactions({ self, places, own, answers, handle });
  const onRemoval = makeTakingBack({ self, places, answers, handle });
  const onWords = makeWords({
    ...{ self, name, api, places, own, answers, questions, handle },
    isDirect: (room) => rooms.isDirect(room),
  });
  const look = makeLookSoon({ lookAgain: handlers.lookAgain, wake });
  const watch = makeWatch({ self, places, rooms, own, log, lookAgain: look.soon });
  const unread = await openUnread({
    ...{ api, memory, encryption, wake, log },
    patienceMs: options.keyPatienceMs ?? keyPatienceMs,
  });
  const take = makeTake({
    self,
    memory,
    places,
    rooms,
    threads,
    unread,
    onTap,
    onRemoval,
    onWords,
    watch,
    look: look.soon,
    log,
    signal,
    pauseMs: options.retryPauseMs ?? retryPauseMs,
  });
  const bringUpToDate = makeUpToDate({
    ...{ api, self, places, own, render, update: show.update, log },
    tapped: take.tapped,
    known: (root, view) =>
      void open.shown(root, view).catch((error: unknown) => log.warn({ err: error }, 'a question could not be kept')),
    later: look.later,
  });

  async function uploadLimit(): Promise<number> {
    const config = z.object({ 'm.upload.size': z.number().optional() });
    const limit = await api.ask({ path: '/_matrix/client/v1/media/config' }).then(
      (answer) => config.parse(answer)['m.upload.size'],
      () => undefined,
    );
    return Math.min(limit ?? uploadBytes.unsaid, uploadBytes.atMost);
  }

  async function ownName(): Promise<string> {
    const profile = z.object({ displayname: z.string().default('') });
    return api.ask({ path: path`/_matrix/client/v3/profile/${self}` }).then(
      (answer) => profile.parse(answer).displayname,
      () => '',
    );
  }

  await rooms.enterNamed();
  const sync = await startSync({
    ...{ client, api, memory, self, signal, log, heard: encryption.heard },
    take: (batch) => {
      for (const [room, { events, whole }] of batch.rooms)
        if (!whole || events.some(({ type }) => type === 'm.room.member' || type === 'm.room.encryption'))
          encryption.changed(room);
      return take.batch(batch);
    },
    missed: () => look.soon(null),
    lost: handlers.lost,
  });
  unread.begin(take.again).catch((error: unknown) => {
    log.warn({ err: error }, 'messages that wait for their keys could not be looked at');
  });
  log.info({ user: self }, encryption.note);

  return {
    answer: (incoming, view) => answers.answer(incoming, view),
    async post(conversation, key, view, root = null) {
      // It can be answered as soon as it is there, and this life may be over by then.
      await open.shown(root || keyOf(key), view);
      const reference = await show.post(conversation, key, view, root || null);
      await open.shown(root || reference, view);
      return reference;
    },
    async update(conversation, reference, view) {
      const mark = view.type === 'question' ? await own.of(parseReference(reference)) : null;
      await open.shown(mark?.root ?? reference, view);
      return show.update(conversation, reference, view);
    },
    bringUpToDate,
    async end() {
      look.stop();
      unread.end();
      ending.abort();
      const enough = new AbortController();
      await Promise.race([
        sync.ended.then(() => queue.flush(goodbyeMs)),
        sleep(goodbyeMs, undefined, { signal: enough.signal }).catch(() => {}),
      ]);
      enough.abort();
      queue.close(new ChiffonError('CHAT_FAILED', 'Chiffon is not connected to Matrix.'));
      await encryption.end();
    },
  };
}

function wake(ms: number, call: () => void): () => void {
  const timer = setTimeout(call, ms);
  return () => clearTimeout(timer);
}
