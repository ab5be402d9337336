// What could be typed next: requests from the catalogue, and the tasks that a command can be about.
import type { ChatHandlers } from '../../core/ports/chat.ts';
import type { Store } from '../../core/ports/event-log.ts';
import type { ReadRepository } from '../planning/read-repository.ts';

export function makeSuggest(_: {
  readonly store: Store;
  readonly readRepository: ReadRepository;
}): ChatHandlers['suggest'] {
  return async () => [];
}
