// The short answers: a question, a refusal, a notice, how the planner chose, the list of commands.

import { percent } from '../../../core/chat/format.ts';
import { safeLine } from '../../../core/chat/safe-text.ts';
import type { HelpView, NoticeView, QuestionView, RefusalView, WhyView } from '../../../core/ports/chat.ts';
import type { Colour, Look } from '../look.ts';
import { makeCard, paint } from '../look.ts';
import { widthOf, wrap } from '../width.ts';
import { plannedBy } from './marks.ts';

export function questionCard(view: QuestionView, look: Look): string[] {
  const card = makeCard(look, `? #${view.task} asks`, '', 'yellow');
  card.text(view.request, { colour: 'dim' });
  card.text(view.text, { colour: 'bold' });
  for (const [index, { label, value }] of view.candidates.entries()) {
    card.text(label === value ? label : `${label}  (${value})`, {
      indent: 1,
      mark: `${String(index + 1).padStart(String(view.candidates.length).length)}. `,
    });
  }
  const how = view.candidates.length === 0 ? 'Type the answer' : 'Type a number or the answer';
  return card.close(`${how}, or ${paint(look, 'bold', `cancel #${view.task}`)}`);
}

export function refusalCard(view: RefusalView, look: Look): string[] {
  const card = makeCard(
    look,
    view.task === null ? '✗ Refused' : `✗ #${view.task} refused`,
    safeLine(view.code, 40),
    'red',
  );
  card.text(view.text, { colour: 'bold' });
  if (view.nearest.length > 0) {
    card.heading('What would work');
    for (const request of view.nearest) card.text(request, { mark: '• ' });
  }
  return card.close(safeLine(view.advice));
}

const tones: Record<NoticeView['tone'], { readonly mark: string; readonly colour: Colour }> = {
  good: { mark: '✓', colour: 'green' },
  bad: { mark: '✗', colour: 'red' },
  warning: { mark: '!', colour: 'yellow' },
  neutral: { mark: '•', colour: 'cyan' },
};

export function noticeLines(view: NoticeView, look: Look): string[] {
  const { mark, colour } = tones[view.tone];
  const text = safeLine(view.code === null ? view.text : `${view.text} (${view.code})`);
  return wrap(text, look.width - 2).map((part, index) => `${index === 0 ? paint(look, colour, mark) : ' '} ${part}`);
}

export function whyCard(view: WhyView, look: Look): string[] {
  const card = makeCard(look, `Why #${view.task}`, `${plannedBy[view.tier]}, ${percent(view.confidence)} sure`, 'cyan');
  for (const line of view.lines) card.text(line, { mark: '• ' });
  return card.close();
}

export function helpCard(view: HelpView, look: Look): string[] {
  const card = makeCard(look, 'What you can type', '', 'cyan');
  const usages = view.commands.map(({ usage }) => safeLine(usage, 200));
  const longest = Math.max(0, ...usages.map(widthOf));
  const beside = card.inner - longest - 2 >= 24;
  for (const [index, { meaning }] of view.commands.entries()) {
    const usage = usages[index] ?? '';
    if (beside)
      card.text(meaning, { mark: `${paint(look, 'bold', usage)}${' '.repeat(longest - widthOf(usage) + 2)}` });
    else {
      card.text(usage, { colour: 'bold' });
      card.text(meaning, { indent: 2 });
    }
  }
  if (view.examples.length > 0) {
    card.heading('For example');
    for (const example of view.examples) card.text(example, { mark: '› ' });
  }
  return card.close();
}
