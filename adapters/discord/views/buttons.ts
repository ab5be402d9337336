// What can be tapped under a message. Each button says in its id what it is about, so that an old one can be refused.
import { ButtonStyle, ComponentType } from 'discord.js';
import type { TaskId } from '../../../core/ids.ts';
import type { Button, PlanStanding, PlanView, QuestionView } from '../../../core/ports/chat.ts';
import type { CustomId } from '../custom-id.ts';
import { encodeCustomId, hashPrefixOf } from '../custom-id.ts';
import type { Row } from '../message.ts';
import { label } from './markup.ts';

const labelCharactersAtMost = 80;
const optionCharactersAtMost = 100;
const buttonsInRow = 5;
const optionsAtMost = 25;

const faces: Readonly<Record<Button, { readonly text: string; readonly style: Style }>> = {
  approve: { text: 'Approve', style: ButtonStyle.Success },
  reject: { text: 'Reject', style: ButtonStyle.Danger },
  change: { text: 'Request changes', style: ButtonStyle.Secondary },
  cancel: { text: 'Cancel', style: ButtonStyle.Danger },
  resume: { text: 'Resume', style: ButtonStyle.Primary },
  retry: { text: 'Retry', style: ButtonStyle.Primary },
};

type Style = ButtonStyle.Primary | ButtonStyle.Secondary | ButtonStyle.Success | ButtonStyle.Danger;
type Tap = { readonly id: CustomId; readonly text: string; readonly style: Style; readonly disabled?: boolean };

/**
 * A plan that can be decided has all four. One that was not decided, and cannot be any more, keeps them greyed out: under a thumb
 * that is about to tap nothing moves, and it is seen that there was a choice.
 */
export function planRows(view: PlanView): readonly Row[] {
  const { task, revision } = view;
  const details: Tap = { id: { what: 'details', task, revision }, text: 'Details', style: ButtonStyle.Secondary };
  const about = (what: Button, disabled: boolean): Tap => ({
    id: { what, task, revision, hashPrefix: hashPrefixOf(view.planHash) },
    ...faces[what],
    disabled,
  });
  const deciding = (disabled: boolean): readonly Tap[] =>
    (['approve', 'reject', 'change'] as const).map((what) => about(what, disabled));
  if (view.standing === 'open') return rows([...deciding(false), details]);
  if (undecided.has(view.standing)) return rows([...deciding(true), details]);
  const runs = view.standing === 'approved' || view.standing === 'running';
  return rows(runs ? [about('cancel', false), details] : [details]);
}

const undecided: ReadonlySet<PlanStanding> = new Set(['superseded', 'withdrawn', 'rejected', 'expired']);

/** Buttons about a task whose plan is shown elsewhere, each once; none that decides on a plan, for that is to be seen above it. */
export function taskRows(
  task: TaskId,
  buttons: readonly Button[],
  texts: Partial<Record<Button, string>> = {},
): readonly Row[] {
  return rows(
    [...new Set(buttons)].filter(isOnTask).map((what) => ({
      id: { what, task, revision: 0, hashPrefix: '' },
      text: texts[what] ?? faces[what].text,
      style: faces[what].style,
    })),
  );
}

function isOnTask(what: Button): boolean {
  return what !== 'approve' && what !== 'reject' && what !== 'change';
}

/** Few candidates are buttons, more a menu, which holds 25; whatever is not among them is typed. */
export function questionRows(view: QuestionView): readonly Row[] {
  const { task, number: question, candidates } = view;
  if (view.closed !== null) return [];
  const other: CustomId = { what: 'other', task, question };
  if (view.secret === true) return rows([{ id: other, text: 'Answer privately', style: ButtonStyle.Primary }]);
  const typed: Tap = {
    id: other,
    text: candidates.length === 0 ? 'Answer' : 'Other…',
    style: candidates.length === 0 ? ButtonStyle.Primary : ButtonStyle.Secondary,
  };
  if (candidates.length <= buttonsInRow) {
    const chosen = candidates.map(
      (candidate, choice): Tap => ({
        id: { what: 'choice', task, question, choice },
        text: nameOf(candidate, choice, labelCharactersAtMost),
        style: ButtonStyle.Primary,
      }),
    );
    return [...rows(chosen), ...rows([typed])];
  }
  return [menu({ what: 'choose', task, question }, candidates), ...rows([typed])];
}

/** What is not shown whole on its button or in the menu, so that the text has to. */
export function isCut({ candidates }: Pick<QuestionView, 'candidates'>): boolean {
  const atMost = candidates.length <= buttonsInRow ? labelCharactersAtMost : optionCharactersAtMost;
  return (
    candidates.length > optionsAtMost || candidates.some(({ label: text }) => label(text, Infinity).length > atMost)
  );
}

function menu(id: CustomId, candidates: QuestionView['candidates']): Row {
  const options = candidates.slice(0, optionsAtMost).map((candidate, choice) => {
    const name = nameOf(candidate, choice, optionCharactersAtMost);
    const value = label(candidate.value, optionCharactersAtMost);
    return { label: name, value: String(choice), ...(value === '' || value === name ? {} : { description: value }) };
  });
  return {
    type: ComponentType.ActionRow,
    components: [
      { type: ComponentType.StringSelect, custom_id: encodeCustomId(id), placeholder: 'Choose one', options },
    ],
  };
}

function nameOf(candidate: { readonly label: string; readonly value: string }, choice: number, atMost: number): string {
  return label(candidate.label, atMost) || label(candidate.value, atMost) || `Choice ${choice + 1}`;
}

function rows(taps: readonly Tap[]): readonly Row[] {
  if (taps.length === 0) return [];
  const row: Row = {
    type: ComponentType.ActionRow,
    components: taps.slice(0, buttonsInRow).map(({ id, text, style, disabled }) => ({
      type: ComponentType.Button,
      custom_id: encodeCustomId(id),
      label: text,
      style,
      ...(disabled === true ? { disabled } : {}),
    })),
  };
  return [row, ...rows(taps.slice(buttonsInRow))];
}
