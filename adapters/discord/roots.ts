// Which task's first message a message belongs to: a later card replies to it.

import { makeRecent } from '../../core/chat/recent.ts';
import type { Api } from './api.ts';
import { isClosed, isGone } from './api-error.ts';
import { referenceOf } from './reference.ts';

export type Roots = ReturnType<typeof makeRoots>;

const rememberedAtMost = 10_000;

export function makeRoots({ api }: { api: Api }) {
  const known = makeRecent<string>(rememberedAtMost);

  return {
    shown: (reference: string, root: string | null): void => {
      if (root !== null || !known.has(reference)) known.set(reference, root ?? reference);
    },

    of: (reference: string): string => known.get(reference) ?? reference,

    /** Of one that an earlier life may have posted. */
    async find(channel: string, message: string): Promise<string> {
      const reference = referenceOf(channel, message);
      const there = known.get(reference);
      if (there !== undefined) return there;
      try {
        const replied = (await api.message(channel, message)).message_reference?.message_id;
        const root = replied === undefined ? reference : referenceOf(channel, replied);
        known.set(reference, root);
        return root;
      } catch (error) {
        if (isGone(error) || isClosed(error)) return reference;
        throw error;
      }
    },
  };
}
