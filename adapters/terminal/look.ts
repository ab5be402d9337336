// How cards are drawn: a quiet frame on the left, a title, sections with a hanging indent. Every line fits the width.
import { styleText } from 'node:util';
import { safeLine } from '../../core/chat/safe-text.ts';
import { clip, widthOf, wrap } from './width.ts';

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
  /** Adds a line that is harmless, and fits into `inner` columns, already. */
  readonly line: (text?: string) => void;
  /** Adds text, made harmless and wrapped; `mark` stands before its first line, the others hang under it. */
  readonly text: (
    text: string,
    options?: { readonly colour?: Colour; readonly indent?: number; readonly mark?: string },
  ) => void;
  readonly heading: (text: string, aside?: string) => void;
  /** `label  value`, the value wrapped under itself. */
  readonly field: (label: string, value: string, labelWidth: number, colour?: Colour) => void;
  readonly inner: number;
  /** The whole card; `footer` says what can be done next. */
  readonly close: (footer?: string) => string[];
};

/** A card with a title line; `aside` stands at its right end where there is room, else on a line of its own. */
export function makeCard(look: Look, title: string, aside: string, colour: Colour): Card {
  const sides = look.frame ? { bar: '│ ', corner: '╰ ' } : { bar: '  ', corner: '  ' };
  const inner = look.width - sides.bar.length;
  const body: string[] = [];
  const card: Card = {
    inner,
    line: (text = '') => {
      body.push(text);
    },
    text: (text, { colour: ink, indent = 0, mark = '' } = {}) => {
      const hang = ' '.repeat(widthOf(mark));
      for (const [index, part] of wrap(safeLine(text), inner - indent - hang.length).entries()) {
        body.push(
          `${' '.repeat(indent)}${index === 0 ? mark : hang}${ink === undefined ? part : paint(look, ink, part)}`,
        );
      }
    },
    heading: (text, extra = '') => {
      const parts = wrap(text, inner);
      const beside = extra !== '' && parts.length === 1 && widthOf(text) + 3 + widthOf(extra) <= inner;
      body.push(
        '',
        ...parts.map((part) => paint(look, 'bold', part) + (beside ? `   ${paint(look, 'dim', extra)}` : '')),
      );
      if (extra !== '' && !beside) body.push(`  ${paint(look, 'dim', clip(extra, inner - 2))}`);
    },
    field: (label, value, labelWidth, ink) => {
      const style = ink === undefined ? {} : { colour: ink };
      const padded = label + ' '.repeat(Math.max(0, labelWidth - widthOf(label)));
      if (widthOf(padded) <= inner / 2) return card.text(value, { ...style, mark: paint(look, 'dim', padded) });
      body.push(paint(look, 'dim', clip(label.trimEnd(), inner)));
      card.text(value, { ...style, indent: Math.min(4, inner / 4) });
    },
    close: (footer = '') => {
      if (footer !== '') body.push(...wrap(footer, inner));
      const lines = body.map((text, index) => {
        const side = index === body.length - 1 ? sides.corner : sides.bar;
        return `${paint(look, colour, text === '' ? side.trimEnd() : side)}${text}`;
      });
      return [...titleLines(look, title, aside, colour), ...lines];
    },
  };
  return card;
}

function titleLines(look: Look, title: string, aside: string, colour: Colour): string[] {
  const bold = (text: string): string => paint(look, colour, paint(look, 'bold', text));
  if (!look.frame) return [`${bold(title)}${aside === '' ? '' : ` · ${aside}`}`];
  const [first = '', ...rest] = wrap(title, look.width - 4);
  const room = look.width - 4 - widthOf(first);
  const beside = aside !== '' && rest.length === 0 && widthOf(aside) + 3 <= room;
  const rule = paint(look, colour, '─'.repeat(Math.max(0, beside ? room - widthOf(aside) - 1 : room)));
  const below = beside || aside === '' ? [] : wrap(aside, look.width - 2);
  return [
    `${paint(look, colour, '╭─')} ${bold(first)} ${rule}${beside ? ` ${paint(look, 'dim', aside)}` : ''}`,
    ...rest.map((part) => `${paint(look, colour, '│ ')}${bold(part)}`),
    ...below.map((part) => `${paint(look, colour, '│ ')}${paint(look, 'dim', part)}`),
  ];
}
