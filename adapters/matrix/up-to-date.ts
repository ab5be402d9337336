// Brings messages of an earlier life to what they should say, and hears what was tapped under open cards meanwhile.
import type { Logger } from 'pino';
import type { ConversationId } from '../../core/ids.ts';
import type { ShownMessage, View } from '../../core/ports/chat.ts';
import type { Api } from './api.ts';
import { toChiffonError } from './api-error.ts';
import { looksSame, markOf } from './content.ts';
import type { RoomEvent, Tap } from './event.ts';
import { isRedacted, readTap } from './event.ts';
import type { History } from './history.ts';
import { noHistory, readHistory } from './history.ts';
import type { Message } from './message.ts';
import type { OwnMessages } from './own-messages.ts';
import type { Places } from './places.ts';
import { keyOf } from './post-once.ts';
import type { Place } from './reference.ts';
import { parseReference } from './reference.ts';
import { seed } from './seeds.ts';
import { isOpenPlan } from './show.ts';

type Parts = {
  readonly api: Api;
  readonly self: string;
  readonly places: Places;
  readonly own: OwnMessages;
  readonly render: (view: View) => readonly Message[];
  readonly update: (conversation: ConversationId, reference: string, view: View) => Promise<'shown' | 'gone'>;
  /** Something was tapped under an open card: once for each, however often it is said. */
  readonly tapped: (room: string, tap: Tap) => Promise<void>;
  /** `root`: the reference of its task's first message. */
  readonly known: (root: string, view: View) => void;
  /** It is looked at again in a while. */
  readonly later: () => void;
  readonly log: Logger;
};

const atOnce = 8;

export function makeUpToDate(parts: Parts) {
  const { api, self, places, own, log } = parts;

  return async (messages: readonly ShownMessage[]): Promise<readonly string[]> => {
    for (const { conversation, reference, view } of messages) own.shown(reference, conversation, view);
    const historyOf = histories(messages);
    const gone: string[] = [];
    const left = [...messages];
    const worker = async (): Promise<void> => {
      for (let next = left.shift(); next !== undefined; next = left.shift())
        try {
          if ((await bring(next, historyOf)) === 'gone') gone.push(next.reference);
        } catch (error) {
          log.warn({ err: toChiffonError(error) }, 'a message could not be brought up to date');
          parts.later();
        }
    };
    await Promise.all(Array.from({ length: atOnce }, worker));
    return gone;
  };

  /** Of each room, read once; a single message of a room is asked for by itself. */
  function histories(messages: readonly ShownMessage[]): (room: string) => Promise<History> {
    const looked = messages.filter(({ view }) => view.type !== 'progress');
    const rooms = Map.groupBy(looked, ({ reference }) => parseReference(reference).room);
    const read = new Map<string, Promise<History>>();
    return (room) => {
      const known = read.get(room);
      if (known !== undefined) return known;
      const shown = rooms.get(room) ?? [];
      const ids = shown.map(({ reference }) => parseReference(reference).event);
      const reactions = shown.some(({ view }) => isOpenPlan(view));
      const asked =
        ids.length < 2
          ? Promise.resolve(noHistory)
          : readHistory({ api, self, room, messages: ids, reactions }).catch((error: unknown) => {
              log.info({ err: toChiffonError(error), room }, 'the history of a Matrix room could not be read');
              return noHistory;
            });
      read.set(room, asked);
      return asked;
    };
  }

  async function bring(
    message: ShownMessage,
    historyOf: (room: string) => Promise<History>,
  ): Promise<'shown' | 'gone'> {
    const { conversation, reference, view } = message;
    // What moves is edited anyway, and nobody misses it when it is gone.
    if (view.type === 'progress') return parts.update(conversation, reference, view);
    const { room, event } = parseReference(reference);
    const current = await places.currentRoomOf(conversation);
    // A card that can still be decided goes along into the room that took the place of its own.
    if (room !== current && (isOpenPlan(view) || view.type === 'question')) return 'gone';
    const history = await historyOf(room);
    const met = history.event(event);
    const there = met === undefined ? await api.event(room, event) : await api.opened(room, met);
    if (there === null) return (await places.isJoined(room)) ? 'gone' : 'shown';
    if (isRedacted(there)) {
      own.lost(reference);
      return 'gone';
    }
    // Of a device whose keys are lost: nobody could say any more which plan was tapped there.
    if (there.type === 'm.room.encrypted' && (isOpenPlan(view) || view.type === 'question')) {
      own.lost(reference);
      await api.redact(room, event, keyOf(`redact ${event}`)).catch((error: unknown) => {
        log.info({ err: toChiffonError(error), room }, 'a card that cannot be read any more could not be taken away');
      });
      return 'gone';
    }
    const mark = markOf(there.content);
    if (mark !== null) {
      own.posted(reference, mark);
      parts.known(mark.root ?? reference, view);
    }
    const [rendered] = parts.render(view);
    if (rendered !== undefined && !looksSame(newestContent(there), rendered))
      if ((await parts.update(conversation, reference, view)) === 'gone') return 'gone';
    if (isOpenPlan(view)) await hearTaps({ room, event }, history.taps(event) ?? (await askTaps(room, event)));
    return 'shown';
  }

  async function askTaps(room: string, event: string): Promise<readonly Tap[]> {
    return (await api.reactions(room, event)).flatMap((reaction) => readTap(reaction) ?? []);
  }

  async function hearTaps(card: Place, taps: readonly Tap[]): Promise<void> {
    // Not waited for: what they lead to is shown by whoever waits for this.
    for (const tap of taps) if (tap.sender !== self) parts.tapped(card.room, tap).catch(() => parts.later());
    const seeded = taps.filter(({ sender }) => sender === self).map(({ key }) => key);
    await seed(api, card, seeded).catch((error: unknown) => {
      log.warn({ err: toChiffonError(error) }, 'a card has not all of its reactions; typing works');
    });
  }
}

/** As the last edit has it, which the homeserver sends along. */
function newestContent(event: RoomEvent): unknown {
  const relations = event.unsigned?.['m.relations'];
  const edit = at(relations, 'm.replace');
  return at(at(edit, 'content'), 'm.new_content') ?? event.content;
}

function at(value: unknown, key: string): unknown {
  if (typeof value !== 'object' || value === null) return undefined;
  return Object.entries(value).find(([name]) => name === key)?.[1];
}
