// The reactions that stand under a plan's card as its buttons, and what a person's reaction means. Clients add a variation selector
// or a skin tone to what is tapped; the sign is the same.
import type { Button } from '../../core/ports/chat.ts';
import type { Api } from './api.ts';
import { keyOf } from './post-once.ts';
import type { Place } from './reference.ts';

/** As Element sends them. */
export const seeds = ['✅', '❌', '✏️'] as const;

/** What looks the same in one font or another. A thumb up is no approval: people give it to what they like. */
const meanings: ReadonlyMap<string, Extract<Button, 'approve' | 'reject' | 'change'>> = new Map([
  ['✅', 'approve'],
  ['✔', 'approve'],
  ['☑', 'approve'],
  ['❌', 'reject'],
  ['❎', 'reject'],
  ['✖', 'reject'],
  ['✏', 'change'],
  ['✍', 'change'],
  ['📝', 'change'],
]);

const decoration = /\p{Variation_Selector}|\p{Emoji_Modifier}/gu;

/** Null for a reaction that decides nothing. */
export function meaningOf(key: string): Extract<Button, 'approve' | 'reject' | 'change'> | null {
  return meanings.get(key.replace(decoration, '').trim()) ?? null;
}

/**
 * Sends those that are not there yet; the same ones twice are there once. Where a homeserver takes little at a time, cards go before
 * the reactions of others: what they say can be typed.
 */
export async function seed(api: Api, { room, event }: Place, there: readonly string[] = []): Promise<void> {
  for (const key of seeds) {
    if (there.includes(key)) continue;
    const content = { 'm.relates_to': { rel_type: 'm.annotation', event_id: event, key } };
    await api.send(room, 'm.reaction', content, keyOf(`seed ${event} ${key}`), { urgency: 'milestone' });
  }
}
