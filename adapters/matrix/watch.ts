// What is said of rooms, members and messages that concerns what Chiffon shows there: it is looked at again.
import type { Logger } from 'pino';
import { z } from 'zod';
import type { ConversationId } from '../../core/ids.ts';
import type { RoomEvent } from './event.ts';
import { isJoinOf, readRemoval } from './event.ts';
import type { OwnMessages } from './own-messages.ts';
import type { Places } from './places.ts';
import { referenceOf } from './reference.ts';
import type { Rooms } from './rooms.ts';

type Parts = {
  readonly self: string;
  readonly places: Places;
  readonly rooms: Pick<Rooms, 'upgraded'>;
  readonly own: OwnMessages;
  readonly lookAgain: (conversation: ConversationId | null) => void;
  readonly log: Logger;
};

const tombstoneSchema = z.object({ replacement_room: z.string().min(1) });

export function makeWatch({ self, places, rooms, own, lookAgain, log }: Parts) {
  const look = async (room: string): Promise<void> => lookAgain(await places.conversationOf(room));

  return async (room: string, event: RoomEvent): Promise<void> => {
    switch (event.type) {
      case 'm.room.redaction': {
        const removal = readRemoval(event);
        if (removal === null) return;
        const reference = referenceOf({ room, event: removal.target });
        const shown = own.viewAt(reference);
        if (shown === undefined) return;
        own.lost(reference);
        lookAgain(shown.conversation);
        return;
      }
      case 'm.room.member':
        places.forget(room, 'members');
        return isJoinOf(event, self) ? look(room) : undefined;
      case 'm.room.power_levels':
        return look(room);
      case 'm.room.encryption':
        places.forget(room, 'encryption');
        return look(room);
      case 'm.room.tombstone': {
        const stone = tombstoneSchema.safeParse(event.content);
        if (!stone.success) return;
        if (await rooms.upgraded(room, stone.data.replacement_room, event.sender)) await look(room);
        else log.info({ room }, 'a Matrix room was upgraded: Chiffon waits for the invitation to the new one');
        return;
      }
    }
  };
}
