// The forms that buttons open: what to change of a plan, an answer in one's own words.
import type { APIModalInteractionResponseCallbackData } from 'discord.js';
import { ComponentType, TextInputStyle } from 'discord.js';
import type { CustomId } from './custom-id.ts';
import { encodeCustomId } from './custom-id.ts';
import { label } from './views/markup.ts';

const changeAtMost = 2_000;
const answerAtMost = 1_000;
const placeholderAtMost = 100;

/** Null for a button that opens none. `about`: the words of the message that it stands on. */
export function formOf(id: CustomId, about: string): APIModalInteractionResponseCallbackData | null {
  switch (id.what) {
    case 'change':
      return form(id, `Change #${id.task}`, {
        label: 'What should be different?',
        placeholder: 'e.g. on nas instead, with port 3002',
        ...{ style: TextInputStyle.Paragraph, max_length: changeAtMost },
      });
    case 'other':
      return form(id, `Answer for #${id.task}`, {
        label: 'Your answer',
        placeholder: firstLine(about),
        ...{ style: TextInputStyle.Short, max_length: answerAtMost },
      });
    default:
      return null;
  }
}

type Field = {
  readonly label: string;
  readonly placeholder: string;
  readonly style: TextInputStyle;
  readonly max_length: number;
};

function form(id: CustomId, title: string, field: Field): APIModalInteractionResponseCallbackData {
  const { label, placeholder, style, max_length } = field;
  return {
    custom_id: encodeCustomId(id),
    title,
    components: [
      {
        type: ComponentType.Label,
        label,
        component: {
          ...{ type: ComponentType.TextInput, custom_id: 'text', style, max_length, min_length: 1, required: true },
          ...(placeholder === '' ? {} : { placeholder }),
        },
      },
    ],
  };
}

function firstLine(text: string): string {
  const line = text.split('\n').find((each) => each.trim() !== '') ?? '';
  return label(line.replace(/[*_`~|\\]/g, ''), placeholderAtMost);
}
