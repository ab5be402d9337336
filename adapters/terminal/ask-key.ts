// A question that one key answers, such as what Ctrl-C means while a step runs. What was being typed waits meanwhile.
import type { Look } from './look.ts';
import { paint } from './look.ts';
import { promptMark } from './prompt-rows.ts';
import { clip, safeLine, widthOf, wrap } from './safe-text.ts';
import type { Frame } from './screen.ts';

export type KeyQuestion = { readonly text: string; readonly choices: readonly string[] };

/** The choice that begins with this key. */
export function choiceOf({ choices }: KeyQuestion, key: string): string | undefined {
  return key === '' ? undefined : choices.find((choice) => choice.startsWith(key.toLowerCase()));
}

export function questionRows(look: Look, question: KeyQuestion): Frame {
  const choices = question.choices.map((choice) => `${choice.slice(0, 1)} ${choice}`).join(' · ');
  const keys = clip(`${choices} `, look.width - promptMark.length - 1);
  const lines = textRows(look, question);
  return {
    rows: [...lines, `${paint(look, 'yellow', promptMark)}${keys}`],
    cursor: { row: lines.length, column: promptMark.length + widthOf(keys) },
  };
}

/** What stays on the screen of it. */
export function answeredRows(look: Look, question: KeyQuestion, choice: string | null): string[] {
  return ['', ...textRows(look, question), `${paint(look, 'yellow', promptMark)}${choice ?? '(no answer)'}`];
}

function textRows(look: Look, { text }: KeyQuestion): string[] {
  return wrap(safeLine(text), look.width - 2).map(
    (part, index) => `${paint(look, 'yellow', index === 0 ? '?' : ' ')} ${paint(look, 'bold', part)}`,
  );
}
