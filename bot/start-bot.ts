// The bot with everything that it needs handed in: the same for a terminal, for services, and for tests.
import type { Logger } from 'pino';
import type { ConversationId } from '../core/ids.ts';
import type { Planner } from '../core/planner/planner.ts';
import type { Bus } from '../core/ports/bus.ts';
import type { Chat } from '../core/ports/chat.ts';
import type { Clock, NewId } from '../core/ports/clock.ts';
import type { Store } from '../core/ports/event-log.ts';
import type { AuditRepository, InfrastructureRepository } from '../core/ports/repository.ts';
import { replay } from '../core/task/evolve.ts';
import type { HandleIncoming } from './conversation/handle-incoming.ts';
import { makeHandleIncoming } from './conversation/handle-incoming.ts';
import { makeShowReport } from './conversation/show-report.ts';
import { listenToAgents } from './dispatch/agent-events.ts';
import { watchLeases } from './dispatch/leases.ts';
import { resumeAttempts } from './dispatch/resume-attempts.ts';
import { watchExpiry } from './expiry.ts';
import { makeLiveProgress } from './live-progress.ts';
import { makePlanTask } from './planning/plan-task.ts';
import type { ReadRepository } from './planning/read-repository.ts';
import { makeReadRepository } from './planning/read-repository.ts';
import type { ReadPolicy } from './policy-file.ts';
import { pumpProgress } from './progress-pump.ts';
import { makeAuditHandler } from './projectors/audit.ts';
import { makeConversationHandler, offerAgain, updateProgress } from './projectors/conversation.ts';
import { makeDispatchHandler } from './projectors/dispatcher.ts';
import { makePlanningHandler } from './projectors/planning.ts';
import { startProjector } from './projectors/projector.ts';
import { makeTaskTableHandler } from './projectors/task-table.ts';
import { makeSubmit } from './submit.ts';

export type BotParts = {
  readonly store: Store;
  readonly bus: Bus;
  readonly chats: readonly Chat[];
  readonly repository: InfrastructureRepository;
  readonly audit: AuditRepository;
  readonly planner: Planner;
  readonly readPolicy: ReadPolicy;
  readonly clock: Clock;
  readonly newId: NewId;
  readonly log: Logger;
  /** How long an agent may be silent before its attempt ends as unknown. */
  readonly leaseMs: number;
};

export type Bot = {
  readonly handleIncoming: HandleIncoming;
  readonly readRepository: ReadRepository;
  /** Shows again what waits for a decision in a chat; resolves to how many. */
  readonly offerAgain: (chat: Chat) => Promise<number>;
  /** Resolves when everything that the log says has been brought outside. */
  readonly caughtUp: () => Promise<void>;
  readonly stop: () => Promise<void>;
};

const paceMs = { progress: 50, expiry: 30_000 };

export async function startBot(parts: BotParts): Promise<Bot> {
  const { store, bus, repository, readPolicy, clock, newId, log } = parts;
  const submit = makeSubmit({ log: store, clock });
  const progress = makeLiveProgress(clock);
  const readRepository = makeReadRepository(repository);
  const name = { repository: (await repository.refresh()).name };
  const chatOf = (conversation: ConversationId) =>
    parts.chats.find((chat) => conversation.startsWith(`${chat.platform}:`));
  const conversationParts = { store, chatOf, progress, repository: () => name.repository, log };
  const planTask = makePlanTask({ readRepository, repository, planner: parts.planner, readPolicy, clock });

  const table = startProjector({ name: 'task-table', store, log, handle: makeTaskTableHandler(store) });
  const leases = watchLeases({ store, submit, clock, log, leaseMs: parts.leaseMs });
  const stopListening = await listenToAgents({ bus, store, submit, progress, leases, log });
  const stopPump = pumpProgress({
    progress,
    paceMs: paceMs.progress,
    log,
    show: async (task) => {
      const { conversation } = replay(task, await store.readTask(task));
      const chat = conversation === null ? undefined : chatOf(conversation);
      if (chat !== undefined && conversation !== null)
        await updateProgress({ store, progress }, chat, conversation, task);
    },
  });
  await table.caughtUp();
  const dispatch = { store, submit, bus, repository, readPolicy, clock, newId, log };
  await resumeAttempts({ dispatch, leases, progress });
  const projectors = [
    table,
    startProjector({ name: 'planning', store, log, handle: makePlanningHandler({ store, submit, planTask, log }) }),
    startProjector({ name: 'dispatch', store, log, handle: makeDispatchHandler(dispatch) }),
    startProjector({ name: 'conversation', store, log, handle: makeConversationHandler(conversationParts) }),
    startProjector({ name: 'audit', store, log, handle: makeAuditHandler({ store, audit: parts.audit }) }),
  ];
  const stopExpiry = await watchExpiry({ store, submit, clock, log, everyMs: paceMs.expiry });

  return {
    handleIncoming: makeHandleIncoming({
      store,
      submit,
      readPolicy,
      readRepository,
      showReport: makeShowReport({ store }),
      tasksAreCurrent: table.caughtUp,
      clock,
      newId,
    }),
    readRepository,
    offerAgain: (chat) => offerAgain(conversationParts, chat, newId()),
    caughtUp: async () => {
      await Promise.all(projectors.map((projector) => projector.caughtUp()));
    },
    stop: async () => {
      stopExpiry();
      leases.stop();
      stopPump();
      await stopListening();
      await Promise.all(projectors.map((projector) => projector.stop()));
    },
  };
}
