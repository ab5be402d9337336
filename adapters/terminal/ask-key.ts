// A question that one key answers, such as what Ctrl-C means while a step runs. What was being typed waits meanwhile.

import { safeLine } from '../../core/chat/safe-text.ts';
import type { Look } from './look.ts';
import { paint } from './look.ts';
import { promptMark } from './prompt-rows.ts';
import type { Frame } from './screen.ts';
import { clip, widthOf, wrap } from './width.ts';

export type KeyQuestion = {
  /** Resolves to one of the choices, or to null when it is given up. A newer question gives up the older one. */
  readonly ask: (text: string, choices: readonly string[]) => Promise<string | null>;
  readonly isOpen: () => boolean;
  /** The key that was pressed: the first letter of a choice answers. */
  readonly press: (key: string) => void;
  readonly giveUp: () => void;
  /** The question in the place of the prompt; null when none is open. */
  readonly rows: (look: Look) => Frame | null;
};

type Open = {
  readonly text: string;
  readonly choices: readonly string[];
  readonly resolve: (choice: string | null) => void;
};

/** `keep` puts the question and its answer above the prompt for good. */
export function makeKeyQuestion(look: () => Look, keep: (lines: readonly string[]) => void): KeyQuestion {
  let open: Open | null = null;

  const answer = (choice: string | null): void => {
    if (open === null) return;
    const { text, resolve } = open;
    open = null;
    keep(['', ...textRows(look(), text), `${paint(look(), 'yellow', promptMark)}${choice ?? '(no answer)'}`]);
    resolve(choice);
  };

  return {
    ask: (text, choices) => {
      answer(null);
      const { promise, resolve } = Promise.withResolvers<string | null>();
      open = { text, choices, resolve };
      return promise;
    },
    isOpen: () => open !== null,
    press: (key) => {
      const choice = key === '' ? undefined : open?.choices.find((word) => word.startsWith(key.toLowerCase()));
      if (choice !== undefined) answer(choice);
    },
    giveUp: () => answer(null),
    rows: (shown) => (open === null ? null : questionRows(shown, open)),
  };
}

function questionRows(look: Look, { text, choices }: Open): Frame {
  const keys = choices.map((choice) => `${choice.slice(0, 1)} ${choice}`).join(' · ');
  const shown = clip(`${keys} `, look.width - promptMark.length - 1);
  const lines = textRows(look, text);
  return {
    rows: [...lines, `${paint(look, 'yellow', promptMark)}${shown}`],
    cursor: { row: lines.length, column: promptMark.length + widthOf(shown) },
  };
}

function textRows(look: Look, text: string): string[] {
  return wrap(safeLine(text), look.width - 2).map(
    (part, index) => `${paint(look, 'yellow', index === 0 ? '?' : ' ')} ${paint(look, 'bold', part)}`,
  );
}
