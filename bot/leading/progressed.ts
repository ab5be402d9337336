// How far the projectors have come: those of this bot are asked, those that another bot runs are known by their checkpoints.
import { setTimeout as wait } from 'node:timers/promises';
import type { EventLog, ProjectorStore } from '../../core/ports/event-log.ts';
import type { Projector } from '../projectors/projector.ts';
import { whileItLasts } from './while-it-lasts.ts';

export type Progressed = {
  /** A projector runs here from now on; returns how to say that it does not any more. */
  readonly runs: (name: string, projector: Projector) => () => void;
  /** Resolves when each of them has handled all that is in the log now. Throws FENCED when `over` is aborted before. */
  readonly caughtUp: (names: readonly string[], over?: AbortSignal) => Promise<void>;
};

const lookMs = 25;

export function makeProgressed(store: EventLog & ProjectorStore): Progressed {
  const here = new Map<string, Projector>();

  async function reaches(name: string, seq: number, over: AbortSignal | undefined): Promise<void> {
    while (over?.aborted !== true) {
      const projector = here.get(name);
      // A projector that stops here answers, too; then another bot's checkpoint counts.
      await projector?.caughtUp();
      if (projector !== undefined && here.get(name) === projector) return;
      if ((await store.checkpoint(name)) >= seq) return;
      await wait(lookMs);
    }
  }

  return {
    runs: (name, projector) => {
      here.set(name, projector);
      return () => {
        if (here.get(name) === projector) here.delete(name);
      };
    },
    caughtUp: async (names, over) => {
      const { seq } = await store.head();
      const all = Promise.all(names.map((name) => reaches(name, seq, over)));
      await (over === undefined ? all : whileItLasts(over, all));
    },
  };
}
