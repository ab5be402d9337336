// Starts projectors under a leadership and tells how far they come; ends them together.
import type { Logger } from 'pino';
import type { Fence, Store } from '../../core/ports/event-log.ts';
import type { StoredEvent } from '../../core/task/event.ts';
import type { Projector } from '../projectors/projector.ts';
import { startProjector } from '../projectors/projector.ts';
import type { Progressed } from './progressed.ts';

export type RunProjector = (
  name: string,
  handle: (stored: StoredEvent) => Promise<void>,
  options?: { readonly calmMs: number },
) => Projector;

export function projectorRunner(parts: {
  readonly store: Store;
  readonly log: Logger;
  readonly fence: Fence;
  readonly progressed: Progressed;
}): { readonly run: RunProjector; readonly stop: () => Promise<void> } {
  const running: { readonly projector: Projector; readonly gone: () => void }[] = [];
  return {
    run: (name, handle, options) => {
      const { store, log, fence } = parts;
      const projector = startProjector({ ...{ name, store, log, fence, handle }, ...options });
      running.push({ projector, gone: parts.progressed.runs(name, projector) });
      return projector;
    },
    stop: async () => {
      for (const { gone } of running) gone();
      await Promise.all(running.map(({ projector }) => projector.stop()));
    },
  };
}
