// What could be typed next: requests from the catalogue, and the tasks that a command can be about. Asked at each key that is
// pressed, so it answers from memory and from the table of tasks, and lets git be asked in the background now and then.
import type { Logger } from 'pino';
import type { ChatHandlers } from '../../core/ports/chat.ts';
import type { Clock } from '../../core/ports/clock.ts';
import type { Store } from '../../core/ports/event-log.ts';
import type { ReadRepository } from '../planning/read-repository.ts';
import { suggestRequests } from './suggest-requests.ts';
import { suggestTasks } from './suggest-tasks.ts';

/** As old as what is suggested may be before the repository is read again. */
const readAgainMs = 60_000;

export function makeSuggest(parts: {
  readonly store: Pick<Store, 'listTasks'>;
  readonly readRepository: ReadRepository;
  readonly clock: Clock;
  readonly log: Logger;
}): ChatHandlers['suggest'] {
  const { store, readRepository, clock, log } = parts;
  let readAt = Number.NEGATIVE_INFINITY;
  const readNowAndThen = (): void => {
    const now = clock.now().getTime();
    if (now - readAt < readAgainMs) return;
    readAt = now;
    readRepository().catch((error: unknown) => log.warn({ err: error }, 'the repository could not be read'));
  };
  return async (about, typed) => {
    if (about !== 'request') return suggestTasks(store, about === 'open-task', typed);
    readNowAndThen();
    const reading = readRepository.current();
    return reading === null
      ? []
      : suggestRequests(reading.catalogue, typed).map((text) => ({ label: text, value: text }));
  };
}
