// What a button, a menu or a form means in a conversation.
import type { Incoming } from '../../core/ports/chat.ts';
import type { CustomId } from './custom-id.ts';
import { encodeCustomId } from './custom-id.ts';
import type { Interaction } from './read-interaction.ts';
import { contentOf } from './slash-commands.ts';

/** Null for what this version does not know. */
export function contentOfAct(act: Interaction['act']): Incoming['content'] | null {
  switch (act.type) {
    case 'command':
      return contentOf(act.name, act.options);
    case 'typing':
      return null;
    case 'component':
      return act.id === null ? null : ofComponent(act.id, act);
    case 'form':
      return act.id === null ? null : ofForm(act.id, act.text);
  }
}

function ofComponent(
  id: CustomId,
  { choices, labels }: Extract<Interaction['act'], { type: 'component' }>,
): Incoming['content'] | null {
  const answer = (question: number, choice: number, label: string | undefined): Incoming['content'] => ({
    ...{ type: 'answer', task: id.task, question, text: answerText(choice, label) },
  });
  switch (id.what) {
    case 'details':
      return { type: 'details', task: id.task, revision: id.revision };
    case 'choice':
      return answer(id.question, id.choice, labels.get(encodeCustomId(id)));
    case 'choose': {
      const [value = ''] = choices;
      return /^\d{1,3}$/.test(value) ? answer(id.question, Number(value), labels.get(value)) : null;
    }
    case 'other':
      return null;
    default:
      return {
        ...{ type: 'button', button: id.what, task: id.task },
        revision: id.revision,
        hashPrefix: id.hashPrefix,
      };
  }
}

function ofForm(id: CustomId, text: string): Incoming['content'] | null {
  if (id.what === 'other') return { type: 'answer', task: id.task, question: id.question, text };
  if (id.what !== 'change') return null;
  return {
    ...{ type: 'button', button: 'change', task: id.task, text },
    revision: id.revision,
    hashPrefix: id.hashPrefix,
  };
}

/** The label as it stands there; where it was cut short, the candidate's number, counted from 1. */
function answerText(choice: number, label: string | undefined): string {
  return label === undefined || label === '' || label.endsWith('…') ? String(choice + 1) : label;
}
