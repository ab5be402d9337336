// The chat from one start to the next stop: the connection, and all that is known while it lasts.
import { setTimeout as sleep } from 'node:timers/promises';
import type { Logger } from 'pino';
import type { BudgetLimits } from '../../core/chat/channel-budget.ts';
import { oneAtATime } from '../../core/chat/in-turn.ts';
import { makeLookSoon } from '../../core/chat/look-soon.ts';
import { recallOpenQuestions } from '../../core/chat/open-questions.ts';
import { makeRecent } from '../../core/chat/recent.ts';
import { makeSendQueue } from '../../core/chat/send-queue.ts';
import { ChiffonError } from '../../core/error.ts';
import type { ConversationId } from '../../core/ids.ts';
import type { Chat, ChatHandlers, View } from '../../core/ports/chat.ts';
import type { Clock } from '../../core/ports/clock.ts';
import { makeAdmission } from './admission.ts';
import { makeAnswers } from './answers.ts';
import { makeApi } from './api.ts';
import { judge, toChiffonError } from './api-error.ts';
import type { Heard } from './gateway.ts';
import { openGateway } from './gateway.ts';
import { makeInteractions } from './interactions.ts';
import { makeMentions } from './mentions.ts';
import { lackingIn, ownRoles, uploadBytesAtMost } from './permissions.ts';
import { makePlaces } from './places.ts';
import { makePostOnce } from './post-once.ts';
import { makeQuestions } from './questions.ts';
import { channelOf } from './reference.ts';
import { makeRest } from './rest.ts';
import { makeRoots } from './roots.ts';
import { makeShow } from './show.ts';
import { registerCommands } from './slash-commands.ts';
import { makeThreads } from './threads.ts';
import { makeUpToDate } from './up-to-date.ts';
import { renderMessage, renderPrivate } from './views/render-view.ts';
import { makeWatch } from './watch.ts';

export type LifeOptions = {
  readonly token: string;
  readonly guildId?: string | undefined;
  readonly apiUrl?: string | undefined;
  readonly limits: BudgetLimits;
  readonly log: Logger;
  readonly clock: Clock;
};

export type Life = Pick<Chat, 'answer' | 'post' | 'update' | 'bringUpToDate'> & {
  readonly end: () => Promise<void>;
};

const goodbyeMs = 3_000;
const rememberedAtMost = 10_000;

export async function beginLife(options: LifeOptions, handlers: ChatHandlers): Promise<Life> {
  const { token, guildId, log, clock } = options;
  const nowMs = (): number => clock.now().getTime();
  // Before anything is heard: what is said to them at once may be a secret.
  const open = await recallOpenQuestions(handlers.memory);
  const queue = makeSendQueue({ limits: options.limits, nowMs: () => performance.now(), wake, judge });
  const rest = makeRest(options);
  const api = makeApi({ rest, queue, token });
  const early: Heard[] = [];
  let hear = (event: Heard): void => void early.push(event);
  const gateway = await openGateway({ ...options, hear: (event) => hear(event) });
  const self = (): string => gateway.self;
  const { client } = gateway;

  const places = makePlaces({ api, self });
  const threads = makeThreads({ api, places, log });
  const roots = makeRoots({ api });
  const questions = makeQuestions(open);
  const used = makeRecent<true>(rememberedAtMost);
  const cards = makeRecent<ConversationId>(rememberedAtMost);
  const renderOptions = (channel: string) => ({
    uploadBytesAtMost: uploadBytesAtMost(client, channel),
    now: clock.now(),
  });
  const render = (view: View, channel: string) => renderMessage(view, renderOptions(channel));
  const shown = (conversation: ConversationId, reference: string, view: View, root: string | null): void => {
    cards.set(reference, conversation);
    roots.shown(reference, root);
    const noted = open.shown(roots.of(reference), view);
    noted.catch((error: unknown) => log.warn({ err: error }, 'a question could not be kept'));
  };
  const show = makeShow({
    ...{ api, threads, render, shown, nowMs, log },
    postOnce: makePostOnce({ api, self, nowMs }),
    missing: (channel) => lackingIn(client, channel),
  });
  const bringUpToDate = makeUpToDate({
    ...{ api, render, update: show.update, log },
    known: ({ conversation, reference, view }, root) => shown(conversation, reference, view, root),
  });
  const answers = makeAnswers({
    ...{ api, nowMs, log, renderPublic: render },
    renderPrivate: (view, channel) => renderPrivate(view, renderOptions(channel)),
  });

  const busy = new Set<Promise<unknown>>();
  const handle = oneAtATime(handlers.handle);
  const admission = makeAdmission({
    ...{ api, nowMs, onlyGuild: guildId ?? null },
    isIn: (guild) => client.guilds.cache.has(guild),
  });
  const onInteraction = makeInteractions({
    ...{ rest, places, answers, handle, admission, nowMs, log, suggest: handlers.suggest },
  });
  const onMessage = makeMentions({ api, self, places, answers, questions, roots, handle, admission, log });
  const look = makeLookSoon({ lookAgain: handlers.lookAgain, wake });
  const watch = makeWatch({
    ...{ threads, self, lookAgain: (conversation) => look.soon(conversation) },
    shownAt: cards.get,
    isUsed: used.has,
    ownRoles: (guild) => ownRoles(client, guild),
  });

  const doing = (work: Promise<unknown>): void => {
    // An error of the library holds the request: the token that answers with, and what was to be shown.
    const done = work.catch((error: unknown) =>
      log.error({ err: toChiffonError(error) }, 'what came from Discord could not be taken'),
    );
    busy.add(done);
    void done.finally(() => busy.delete(done));
  };
  hear = (event) => {
    if (event.name === 'missed') return look.soon(null);
    if ('why' in event) return handlers.lost(event.why);
    if (!('data' in event)) return;
    if (event.name === 'INTERACTION_CREATE') return doing(onInteraction(event.data));
    if (event.name === 'MESSAGE_CREATE') return doing(onMessage(event.data));
    watch(event.name, event.data);
  };
  doing(
    registerCommands(api, gateway.application, guildId).catch((error: unknown) => {
      log.warn({ err: toChiffonError(error) }, 'Discord was not told of the slash commands; mentions work');
    }),
  );

  for (const event of early) hear(event);

  return {
    answer: (incoming, view) => answers.answer(incoming, view),
    async post(conversation, key, view, root = null) {
      used.set(channelOf(conversation), true);
      // It can be answered as soon as it is there, and this life may be over by then.
      if (root) await open.shown(root, view);
      const reference = await show.post(conversation, key, view, root || null);
      await open.shown(roots.of(reference), view);
      return reference;
    },
    update: show.update,
    async bringUpToDate(messages) {
      for (const { conversation } of messages) used.set(channelOf(conversation), true);
      try {
        const { gone, isWhole } = await bringUpToDate(messages);
        if (!isWhole) look.later();
        return gone;
      } catch (error) {
        look.later();
        throw error;
      }
    },
    async end() {
      hear = () => {};
      look.stop();
      const enough = new AbortController();
      await Promise.race([
        Promise.all(busy).then(() => queue.flush(goodbyeMs)),
        sleep(goodbyeMs, undefined, { signal: enough.signal }).catch(() => {}),
      ]);
      enough.abort();
      queue.close(new ChiffonError('CHAT_FAILED', 'Chiffon is not connected to Discord.'));
      await gateway.close();
      rest.clearHandlerSweeper();
      rest.clearHashSweeper();
    },
  };
}

function wake(ms: number, call: () => void): () => void {
  const timer = setTimeout(call, ms);
  return () => clearTimeout(timer);
}
