// A room's events put together as a client shows them: messages in their order, edits applied, with their thread and reactions.
import type { RoomEvent, TextContent } from './room-event.ts';

export type Message = {
  readonly eventId: string;
  readonly sender: string;
  /** `m.text`, `m.notice`, `m.file`, ... */
  readonly msgtype: string;
  /** As it reads now, with the last edit. Empty when it was redacted. */
  readonly body: string;
  readonly html: string | undefined;
  /** User ids of `m.mentions` as it was first sent: these phones ring. An edit's do not. */
  readonly mentions: readonly string[];
  readonly mentionsRoom: boolean;
  /** The thread's first message, when it is in one. */
  readonly thread: string | undefined;
  /** What it answers; in a thread without a real answer, what clients without threads show it as an answer to. */
  readonly replyTo: string | undefined;
  /** `replyTo` is only for clients without threads. */
  readonly replyIsFallback: boolean;
  /** Everything it ever said, oldest first; the last is what it says now. */
  readonly versions: readonly TextContent[];
  /** Those that were not taken back. */
  readonly reactions: readonly { readonly eventId: string; readonly key: string; readonly sender: string }[];
  readonly redacted: boolean;
  /** Of an uploaded file: `mxc://...`. */
  readonly file: string | undefined;
  readonly event: RoomEvent;
};

/** @param events of one room, oldest first */
export function readMessages(events: readonly RoomEvent[]): readonly Message[] {
  const edits = Map.groupBy(related(events, 'm.room.message', 'm.replace'), targetOf);
  const reactions = Map.groupBy(related(events, 'm.reaction', 'm.annotation'), targetOf);
  return events
    .filter(({ type, content }) => type === 'm.room.message' && content['m.relates_to']?.rel_type !== 'm.replace')
    .map((event): Message => {
      const { event_id: eventId, sender, content } = event;
      const redacted = event.unsigned?.redacted_because !== undefined;
      // Clients ignore an edit by somebody else, and all edits of what was taken back.
      const own = redacted ? [] : (edits.get(eventId) ?? []).filter((edit) => edit.sender === sender);
      const edited = own.map((edit) => edit.content['m.new_content']).filter((text) => text !== undefined);
      const versions: readonly TextContent[] = [content, ...edited];
      const now = versions.at(-1) ?? content;
      const relation = content['m.relates_to'];
      const inThread = relation?.rel_type === 'm.thread';
      return {
        eventId,
        sender,
        msgtype: now.msgtype ?? '',
        body: now.body ?? '',
        html: now.formatted_body,
        mentions: content['m.mentions']?.user_ids ?? [],
        mentionsRoom: content['m.mentions']?.room ?? false,
        thread: inThread ? relation.event_id : undefined,
        replyTo: relation?.['m.in_reply_to']?.event_id,
        replyIsFallback: inThread && relation.is_falling_back === true,
        versions,
        reactions: (reactions.get(eventId) ?? []).map((reaction) => ({
          eventId: reaction.event_id,
          key: reaction.content['m.relates_to']?.key ?? '',
          sender: reaction.sender,
        })),
        redacted,
        file: now.url,
        event,
      };
    });
}

/** A redacted event has no content, and so relates to nothing. */
function related(events: readonly RoomEvent[], type: string, relation: string): readonly RoomEvent[] {
  return events.filter((event) => event.type === type && event.content['m.relates_to']?.rel_type === relation);
}

function targetOf(event: RoomEvent): string | undefined {
  return event.content['m.relates_to']?.event_id;
}
