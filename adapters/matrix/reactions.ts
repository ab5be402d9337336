// A reaction under a plan's card is a button. It counts when somebody who is in the room gives it to the card itself; on anything
// else, on an edit, in another room, by the bot, or taken back before it was read, it decides nothing.

import { z } from 'zod';
import { toTaskId } from '../../core/ids.ts';
import type { HandledIncoming, Incoming } from '../../core/ports/chat.ts';
import type { Answers, Asked } from './answers.ts';
import { planNamed } from './content.ts';
import type { Removal, Tap } from './event.ts';
import type { OwnMessages } from './own-messages.ts';
import type { Places } from './places.ts';
import { parseReference, referenceOf } from './reference.ts';
import { meaningOf } from './seeds.ts';
import { isOpenPlan } from './show.ts';
import { ownSentence } from './views/markup.ts';

type Parts = {
  readonly self: string;
  readonly places: Pick<Places, 'personIn' | 'conversationOf'>;
  readonly own: OwnMessages;
  readonly answers: Pick<Answers, 'asked' | 'say'>;
  readonly handle: (incoming: Incoming) => Promise<HandledIncoming>;
};

/** A tap that was taken as an approval, as it is kept: so that it can be taken back, also in another life. */
const approvedSchema = z.object({
  by: z.string(),
  task: z.number().int().transform(toTaskId),
  revision: z.number().int(),
  hashPrefix: z.string(),
  root: z.string(),
});

/**
 * A ✅ that its person removes takes their approval back. One that did not count, or that somebody else removed, takes nothing back.
 * @param kept what `makeReactions` gave for the tap
 */
export function makeTakingBack({ self, places, answers, handle }: Omit<Parts, 'own'>) {
  return async (room: string, removal: Removal, kept: string): Promise<void> => {
    const parsed = approvedSchema.safeParse(jsonOf(kept));
    if (!parsed.success || removal.sender === self || removal.sender !== parsed.data.by) return;
    const { root, by: _by, ...plan } = parsed.data;
    const person = await places.personIn(room, removal.sender);
    if (person === null) return;
    const { id, sender, sentAt } = removal;
    answers.asked(id, askedIn(room, root, sender));
    const conversation = await places.conversationOf(room);
    await handle({
      ...{ conversation, person, messageId: id, sentAt, thread: root },
      content: { type: 'take-back', ...plan },
    });
  };
}

function askedIn(room: string, root: string, calls: string): Asked {
  const at = parseReference(root);
  const isThere = at.room === room;
  return { room, replyTo: null, calls, thread: isThere ? at.event : null, ofTask: isThere };
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** Resolves to what is to be kept of the tap. */
export function makeReactions({ self, places, own, answers, handle }: Parts) {
  return async (room: string, tap: Tap): Promise<string | undefined> => {
    const button = meaningOf(tap.key);
    if (button === null || tap.sender === self) return undefined;
    const card = { room, event: tap.target };
    const mark = await own.of(card);
    if (mark?.plan === undefined) return undefined;
    const person = await places.personIn(room, tap.sender);
    if (person === null) return undefined;
    const root = mark.root ?? referenceOf(card);
    answers.asked(tap.id, askedIn(room, root, tap.sender));
    const shown = own.viewAt(referenceOf(card));
    if (button === 'change' && shown !== undefined && isOpenPlan(shown.view)) {
      await answers.say(
        tap.id,
        ownSentence(
          `What should change in the plan of #${mark.plan.task}? Say it in this thread; your words become the next revision.`,
        ),
      );
      return undefined;
    }
    const plan = planNamed(mark.plan);
    const conversation = await places.conversationOf(room);
    const { refused } = await handle({
      ...{ conversation, person, messageId: tap.id, sentAt: tap.sentAt, thread: root },
      content: { type: 'button', button, ...plan },
    });
    return button === 'approve' && !refused ? JSON.stringify({ by: tap.sender, ...plan, root }) : undefined;
  };
}
