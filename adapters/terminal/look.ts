// How cards are drawn: a quiet frame on the left, a title, sections with a hanging indent. Every line fits the width.
import { styleText } from 'node:util';
import { clip, safeLine, widthOf, wrap } from './safe-text.ts';

export type Colour = Parameters<typeof styleText>[0];

export type Look = {
  /** Columns; Infinity where nothing is to be wrapped. */
  readonly width: number;
  readonly colours: boolean;
  /** Lines that hold a card together; without them indentation does. */
  readonly frame: boolean;
  readonly now: Date;
};

/** Colours are an addition only: symbols and words carry the meaning. */
export function paint(look: Pick<Look, 'colours'>, colour: Colour, text: string): string {
  return look.colours && text !== '' ? styleText(colour, text, { validateStream: false }) : text;
}

export type Card = {
  /** Adds a line that is already wrapped; `inner` columns are there. */
  readonly line: (text?: string) => void;
  /** Adds harmless text, wrapped, with an indent that its further lines share. */
  readonly text: (
    text: string,
    options?: { readonly colour?: Colour; readonly indent?: number; readonly mark?: string },
  ) => void;
  readonly heading: (text: string, aside?: string) => void;
  /** `label  value`, the value wrapped under itself. */
  readonly field: (label: string, value: string, labelWidth: number, colour?: Colour) => void;
  readonly inner: number;
  readonly close: (footer?: readonly string[]) => string[];
};

/** A card with a title line; `aside` stands at its right end where there is room, else on a line of its own. */
export function makeCard(look: Look, title: string, aside: string, colour: Colour): Card {
  const bar = look.frame ? '│ ' : '  ';
  const inner = look.width - bar.length;
  const lines = titleLines(look, title, aside, colour);
  const add = (text: string): void => {
    lines.push(text === '' ? paint(look, colour, bar.trimEnd()) : `${paint(look, colour, bar)}${text}`);
  };
  const card: Card = {
    inner,
    line: (text = '') => add(text),
    text: (text, { colour: ink, indent = 0, mark = '' } = {}) => {
      const lead = ' '.repeat(indent);
      const hang = ' '.repeat(widthOf(mark));
      for (const [index, part] of wrap(safeLine(text), inner - indent - hang.length).entries()) {
        add(`${lead}${index === 0 ? mark : hang}${ink === undefined ? part : paint(look, ink, part)}`);
      }
    },
    heading: (text, extra = '') => {
      add('');
      const shown = clip(text, inner);
      const room = inner - widthOf(shown) - 3;
      if (extra !== '' && widthOf(extra) <= room) add(`${paint(look, 'bold', shown)}   ${extra}`);
      else {
        add(paint(look, 'bold', shown));
        if (extra !== '') card.text(extra, { indent: 2 });
      }
    },
    field: (label, value, labelWidth, ink) => {
      card.text(value, {
        mark: paint(look, 'dim', label.padEnd(labelWidth)),
        ...(ink === undefined ? {} : { colour: ink }),
      });
    },
    close: (footer = []) => {
      for (const [index, text] of footer.entries()) {
        const corner = look.frame ? (index === footer.length - 1 ? '╰ ' : '│ ') : '  ';
        const parts = wrap(text, inner);
        for (const [place, part] of parts.entries()) {
          const last = place === parts.length - 1;
          lines.push(`${paint(look, colour, last ? corner : bar)}${part}`);
        }
      }
      return lines;
    },
  };
  return card;
}

function titleLines(look: Look, title: string, aside: string, colour: Colour): string[] {
  const heading = paint(look, [colour, 'bold'].flat() as Colour, title);
  if (!look.frame) return [aside === '' ? heading : `${heading} · ${aside}`];
  const shown = clip(title, look.width - 3);
  const start = `${paint(look, colour, '╭─')} ${paint(look, [colour, 'bold'].flat() as Colour, shown)}`;
  const used = 3 + widthOf(shown);
  const right = aside === '' ? 0 : widthOf(aside) + 1;
  const rule = look.width - used - 1 - right;
  if (aside !== '' && rule >= 2)
    return [`${start} ${paint(look, colour, '─'.repeat(rule))} ${paint(look, 'dim', aside)}`];
  const first = rule + right >= 1 ? `${start} ${paint(look, colour, '─'.repeat(rule + right))}` : start;
  const below =
    aside === ''
      ? []
      : wrap(aside, look.width - 2).map((part) => `${paint(look, colour, '│ ')}${paint(look, 'dim', part)}`);
  return [first, ...below];
}
