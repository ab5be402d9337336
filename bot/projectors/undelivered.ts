// What could not be shown because its conversation may not be written to: kept by the events' numbers, for when it can be again.
import { z } from 'zod';
import type { Chat } from '../../core/ports/chat.ts';
import type { Fence, ProjectorStore } from '../../core/ports/event-log.ts';
import { projector } from './deliver.ts';

const keptAtMost = 500;
const seqs = z.array(z.number().int().positive());

export async function undelivered(store: ProjectorStore, chat: Chat): Promise<readonly number[]> {
  const text = await store.delivered(projector, keyOf(chat));
  return text === undefined ? [] : seqs.parse(JSON.parse(text));
}

/** The newest few are kept; older ones are what `status` and `history` are for. */
export async function saveUndelivered(
  store: ProjectorStore,
  chat: Chat,
  numbers: readonly number[],
  fence: Fence | undefined,
): Promise<void> {
  const kept = [...new Set(numbers)].toSorted((one, other) => one - other).slice(-keptAtMost);
  await store.saveDelivered(projector, keyOf(chat), JSON.stringify(kept), fence);
}

const keyOf = (chat: Chat): string => `undelivered:${chat.name}`;
