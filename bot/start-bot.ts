// The bot with everything that it needs handed in: the same for a terminal, for services, and for tests. What must not be done
// twice is done while leading: the work on tasks, each chat's conversations, each audit repository.

import type { Chat } from '../core/ports/chat.ts';
import type { BotParts } from './bot-parts.ts';
import type { HandleIncoming } from './conversation/handle-incoming.ts';
import { makeHandleIncoming } from './conversation/handle-incoming.ts';
import { makeShowReport } from './conversation/show-report.ts';
import { makeSuggest } from './conversation/suggest.ts';
import { leadAudit } from './leading/lead-audit.ts';
import { leadConversation } from './leading/lead-conversation.ts';
import { leadWork } from './leading/lead-work.ts';
import { makeProgressed } from './leading/progressed.ts';
import type { ReadRepository } from './planning/read-repository.ts';
import { makeReadRepository } from './planning/read-repository.ts';
import { offerAgain } from './projectors/offer-again.ts';
import { makeSubmit } from './submit.ts';

export type Bot = {
  readonly handleIncoming: HandleIncoming;
  readonly readRepository: ReadRepository;
  /** Shows again what waits for a decision in a chat; resolves to how many. */
  readonly offerAgain: (chat: Chat) => Promise<number>;
  /** Resolves when everything that the log says has been brought outside, by this bot or another. */
  readonly caughtUp: () => Promise<void>;
  /** Resolves when this bot shows that chat's conversations. */
  readonly shows: (chat: Chat) => Promise<void>;
  readonly stop: () => Promise<void>;
};

/** Another bot may be doing the work: this one is ready all the same. */
const readyMs = 2_000;

export async function startBot(parts: BotParts): Promise<Bot> {
  const { store, repository, readPolicy, clock, newId } = parts;
  const readRepository = makeReadRepository(repository);
  const progressed = makeProgressed(store);
  const { name } = await repository.refresh();
  const work = leadWork({ ...parts, readRepository, progressed });
  const audit = leadAudit({ ...parts, progressed });
  const handleIncoming = makeHandleIncoming({
    store,
    submit: makeSubmit({ log: store, clock }),
    readPolicy,
    readRepository,
    showReport: makeShowReport({
      store,
      readRepository,
      repositoryName: name,
      ownAgents: parts.ownAgents ?? [],
      clock,
    }),
    tasksAreCurrent: () => progressed.caughtUp(['task-table']),
    clock,
    newId,
  });
  const suggest = makeSuggest({ store, readRepository, clock, log: parts.log });
  const conversations = await Promise.all(
    parts.chats.map(async (chat) => ({
      chat,
      led: await leadConversation({
        ...parts,
        ...{ chat, progressed, repositoryName: name },
        handlers: { handle: (incoming) => handleIncoming(chat, incoming), suggest },
      }),
    })),
  );
  const all = [work, audit, ...conversations.map(({ led }) => led)];
  await Promise.race([
    Promise.all(all.map(({ begun }) => begun)),
    new Promise((resolve) => setTimeout(resolve, readyMs).unref()),
  ]);
  return {
    handleIncoming,
    readRepository,
    offerAgain: (chat) => offerAgain({ store, repository: () => name }, chat, newId()),
    caughtUp: () =>
      progressed.caughtUp([
        ...['task-table', 'planning', 'dispatch', `audit:${parts.audit.id}`],
        ...parts.chats.map((chat) => `conversation:${chat.name}`),
      ]),
    shows: (chat) => conversations.find((each) => each.chat === chat)?.led.begun ?? Promise.resolve(),
    stop: async () => {
      await Promise.all(all.map((led) => led.stop()));
    },
  };
}
