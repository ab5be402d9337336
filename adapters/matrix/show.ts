// Shows views as messages: a new one in its place, a newer state of one that is there.
import type { Logger } from 'pino';
import type { Urgency } from '../../core/chat/channel-budget.ts';
import { ChiffonError } from '../../core/error.ts';
import type { ConversationId } from '../../core/ids.ts';
import type { View } from '../../core/ports/chat.ts';
import type { Api } from './api.ts';
import { isForbidden, isNotFound, toChiffonError } from './api-error.ts';
import { editOf } from './content.ts';
import type { Message } from './message.ts';
import type { OwnMessages } from './own-messages.ts';
import type { Places } from './places.ts';
import type { makePostOnce } from './post-once.ts';
import { parseReference, referenceOf } from './reference.ts';
import { seed } from './seeds.ts';
import type { Threads } from './threads.ts';

export type ShowParts = {
  readonly api: Api;
  readonly places: Places;
  readonly threads: Threads;
  readonly own: OwnMessages;
  readonly postOnce: ReturnType<typeof makePostOnce>;
  readonly render: (view: View) => readonly Message[];
  /** Why nothing can be said in an encrypted room; null where it can. */
  readonly encryptedRooms: string | null;
  /** How often a live message is edited, at most. */
  readonly everyMs: () => number;
  readonly log: Logger;
};

export function makeShow(parts: ShowParts) {
  const { api, places, threads, own, log } = parts;

  async function post(conversation: ConversationId, key: string, view: View, root: string | null): Promise<string> {
    const room = await places.currentRoomOf(conversation);
    await mayBeSpokenIn(room);
    try {
      const { event, mark } = await parts.postOnce({
        ...{ room, key, root, urgency: urgencyOf(view), parts: parts.render(view) },
        relation: () => threads.relationOf(room, view, root),
      });
      const reference = referenceOf({ room, event });
      own.posted(reference, mark);
      own.shown(reference, conversation, view);
      if (root !== null && threads.relationOf(room, view, root)?.rel_type === 'm.thread')
        threads.heard(parseReference(root).event, event);
      if (isOpenPlan(view))
        seed(api, { room, event }).catch((error: unknown) =>
          log.warn({ err: toChiffonError(error) }, 'a card has not all of its reactions; typing works'),
        );
      return reference;
    } catch (error) {
      throw await explained(room, error);
    }
  }

  async function update(conversation: ConversationId, reference: string, view: View): Promise<'shown' | 'gone'> {
    const [message] = parts.render(view);
    if (message === undefined) return 'shown';
    if (own.isGone(reference)) return 'gone';
    const { room, event } = parseReference(reference);
    own.shown(reference, conversation, view);
    const edit = async (urgency: Urgency, everyMs = 0): Promise<void> =>
      api.edit(room, editOf(message, event, await own.of({ room, event })), { urgency, slot: reference, everyMs });
    if (view.type === 'progress') {
      edit(urgencyOfProgress(view), parts.everyMs()).catch((error: unknown) => {
        // Who may not write for a while may do so again before the step ends.
        if (isNotFound(error)) own.lost(reference);
        else log.info({ err: toChiffonError(error) }, 'a live message was not brought up to date');
      });
      return 'shown';
    }
    try {
      await mayBeSpokenIn(room);
      await edit('decisive');
      return 'shown';
    } catch (error) {
      // In a room that was upgraded nobody may write: the card goes on in the new one.
      if (isForbidden(error) && room !== (await places.currentRoomOf(conversation))) return 'gone';
      throw await explained(room, error);
    }
  }

  async function mayBeSpokenIn(room: string): Promise<void> {
    const { encryptedRooms } = parts;
    if (encryptedRooms !== null && (await places.isEncrypted(room)))
      throw new ChiffonError('CHAT_UNREACHABLE', 'The Matrix room is encrypted, and encryption is off.');
  }

  async function explained(room: string, error: unknown): Promise<Error> {
    if (!isForbidden(error) && !isNotFound(error)) return toChiffonError(error);
    const inIt = await places.isJoined(room).catch(() => false);
    return toChiffonError(
      error,
      inIt
        ? 'Chiffon may not write in the Matrix room: its power level there is too low.'
        : 'Chiffon is not in the Matrix room (any more): invite it again.',
    );
  }

  return { post, update };
}

export function isOpenPlan(view: View): boolean {
  return view.type === 'plan' && view.standing === 'open';
}

function urgencyOf(view: View): Urgency {
  return view.type === 'progress' || view.type === 'log' || view.type === 'notice' ? 'milestone' : 'decisive';
}

function urgencyOfProgress({ step, steps }: Extract<View, { type: 'progress' }>): Urgency {
  const state = steps.find(({ number }) => number === step)?.state;
  return state === 'waiting' || state === 'starting' || state === 'running' ? 'progress' : 'milestone';
}
