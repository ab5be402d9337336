// The work on tasks, by one bot at a time: planning, dispatch, what agents say, leases, expiry, the table of tasks.

import type { TaskId } from '../../core/ids.ts';
import type { BotParts } from '../bot-parts.ts';
import { listenToAgents } from '../dispatch/agent-events.ts';
import { openAgentRegistry } from '../dispatch/agent-registry.ts';
import { makeContenders } from '../dispatch/contenders.ts';
import { makeCoreVoice } from '../dispatch/core-voice.ts';
import { watchLeases } from '../dispatch/leases.ts';
import { resumeAttempts } from '../dispatch/resume-attempts.ts';
import { watchExpiry } from '../expiry.ts';
import { makePlanTask } from '../planning/plan-task.ts';
import type { ReadRepository } from '../planning/read-repository.ts';
import { makeDispatchHandler } from '../projectors/dispatcher.ts';
import { makePlanningHandler } from '../projectors/planning.ts';
import { makeTaskTableHandler } from '../projectors/task-table.ts';
import { makeSubmit } from '../submit.ts';
import type { Progressed } from './progressed.ts';
import { projectorRunner } from './run-projectors.ts';
import { busWhileItLasts, startedWhileItLasts } from './while-it-lasts.ts';
import type { LedWork } from './while-leading.ts';
import { whileLeading } from './while-leading.ts';

const expiryLookMs = 30_000;

export function leadWork(
  parts: BotParts & { readonly readRepository: ReadRepository; readonly progressed: Progressed },
): LedWork {
  const { store, repository, readPolicy, readRepository, planner, clock, newId, log, progressed } = parts;
  return whileLeading({
    name: 'work',
    store,
    log,
    begin: async (fence, over) => {
      const bus = busWhileItLasts(over, parts.bus);
      const submit = makeSubmit({ log: store, clock, fence });
      const voice = makeCoreVoice({ bus, signingKey: parts.signingKey, clock, newId, leaseMs: parts.leaseMs });
      const { run, stop } = projectorRunner({ store, log, fence, progressed });
      const leases = watchLeases({ store, submit, bus, newId, log, leaseMs: parts.leaseMs });
      const stops: (() => Promise<void>)[] = [stop, async () => leases.stop()];
      const end = async (): Promise<void> => {
        // All of them, whatever one says: nothing may go on without the leadership.
        const ended = [];
        for (const each of stops.splice(0).toReversed()) ended.push(...(await Promise.allSettled([each()])));
        const failed = ended.find(({ status }) => status === 'rejected');
        if (failed?.status === 'rejected') throw failed.reason;
      };
      try {
        const registry = await openAgentRegistry(store, parts.ownAgents);
        run('task-table', makeTaskTableHandler(store, fence));
        const tasksAreCurrent = () => progressed.caughtUp(['task-table'], over);
        const dispatch = { store, submit, voice, leases, repository, readPolicy, clock, newId, log, tasksAreCurrent };
        const contenders = makeContenders(store);
        const moving = {
          ...dispatch,
          sent: new Set<string>(),
          broken: new Map<TaskId, number>(),
          contenders,
          registry,
        };
        stops.push(await startedWhileItLasts(over, listenToAgents({ ...dispatch, bus, registry })));
        await resumeAttempts(moving);
        const planTask = makePlanTask({ store, readRepository, repository, planner, readPolicy, clock });
        run('planning', makePlanningHandler({ store, submit, planTask, log }));
        run('dispatch', makeDispatchHandler(moving));
        const stopExpiry = await watchExpiry({ store, submit, clock, log, everyMs: expiryLookMs });
        stops.push(async () => stopExpiry());
        return end;
      } catch (error) {
        await end();
        throw error;
      }
    },
  });
}
