// What Chiffon knows of its own messages: which plan one is the card of, and in which task's thread it belongs. What this life did
// not post is read from the homeserver, where it stands in the message itself.
import { makeRecent } from '../../core/chat/recent.ts';
import type { ConversationId } from '../../core/ids.ts';
import type { View } from '../../core/ports/chat.ts';
import type { Api } from './api.ts';
import type { Mark } from './content.ts';
import { markOf } from './content.ts';
import { isRedacted } from './event.ts';
import type { Place } from './reference.ts';
import { referenceOf } from './reference.ts';

export type OwnMessages = ReturnType<typeof makeOwnMessages>;

const rememberedAtMost = 10_000;

export function makeOwnMessages({ api, self }: { readonly api: Pick<Api, 'event'>; readonly self: string }) {
  const marks = makeRecent<Promise<Mark | null>>(rememberedAtMost);
  const shown = makeRecent<{ readonly conversation: ConversationId; readonly view: View }>(rememberedAtMost);
  const gone = makeRecent<true>(rememberedAtMost);
  /** By task: the newest revision of its plan that was shown. */
  const revisions = makeRecent<number>(rememberedAtMost);

  return {
    /** Null for messages that are not the bot's own. */
    of(place: Place): Promise<Mark | null> {
      const reference = referenceOf(place);
      const known = marks.get(reference);
      if (known !== undefined) return known;
      const asked = api.event(place.room, place.event).then((event) => {
        if (event === null || event.sender !== self || event.type !== 'm.room.message' || isRedacted(event))
          return null;
        return markOf(event.content);
      });
      marks.set(reference, asked);
      asked.catch(() => marks.delete(reference));
      return asked;
    },

    posted: (reference: string, mark: Mark): void => marks.set(reference, Promise.resolve(mark)),

    /** What people see there by now. */
    shown(reference: string, conversation: ConversationId, view: View): void {
      shown.set(reference, { conversation, view });
      if (view.type !== 'plan') return;
      const task = String(view.task);
      revisions.set(task, Math.max(view.revision, revisions.get(task) ?? 0));
    },
    revisionOf: (task: number): number | undefined => revisions.get(String(task)),
    viewAt: (reference: string) => shown.get(reference),

    lost(reference: string): void {
      gone.set(reference, true);
      marks.set(reference, Promise.resolve(null));
    },
    isGone: (reference: string): boolean => gone.has(reference),
  };
}
