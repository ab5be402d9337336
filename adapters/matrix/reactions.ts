// A reaction under a plan's card is a button. It counts when somebody who is in the room gives it to the card itself; on anything
// else, on an edit, in another room, by the bot, or taken back before it was read, it decides nothing.

import { toTaskId } from '../../core/ids.ts';
import type { HandledIncoming, Incoming } from '../../core/ports/chat.ts';
import type { Answers } from './answers.ts';
import type { Tap } from './event.ts';
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

/** Of the plan's hash, as much as a decision names it by. */
const hashPrefixLength = 12;

export function makeReactions({ self, places, own, answers, handle }: Parts) {
  return async (room: string, tap: Tap): Promise<void> => {
    const button = meaningOf(tap.key);
    if (button === null || tap.sender === self) return;
    const card = { room, event: tap.target };
    const mark = await own.of(card);
    if (mark?.plan === undefined) return;
    const person = await places.personIn(room, tap.sender);
    if (person === null) return;
    const root = mark.root ?? referenceOf(card);
    const { room: rootRoom, event: thread } = parseReference(root);
    answers.asked(tap.id, {
      ...{ room, replyTo: null, calls: tap.sender },
      ...{ thread: rootRoom === room ? thread : null, ofTask: rootRoom === room },
    });
    const shown = own.viewAt(referenceOf(card));
    if (button === 'change' && shown !== undefined && isOpenPlan(shown.view))
      return answers.say(
        tap.id,
        ownSentence(
          `What should change in the plan of #${mark.plan.task}? Say it in this thread; your words become the next revision.`,
        ),
      );
    const { task, revision, hash } = mark.plan;
    await handle({
      ...{
        conversation: await places.conversationOf(room),
        person,
        messageId: tap.id,
        sentAt: tap.sentAt,
        thread: root,
      },
      content: {
        ...{ type: 'button', button, task: toTaskId(task), revision },
        hashPrefix: hash.slice(0, hashPrefixLength),
      },
    });
  };
}
