// The short messages: a question, a refusal, a notice, how the planner chose.
import { percent } from '../../../core/chat/format.ts';
import { plannedBy, toneMarks } from '../../../core/chat/marks.ts';
import type { NoticeView, QuestionView, RefusalView, WhyView } from '../../../core/ports/chat.ts';
import type { Message } from '../message.ts';
import { isCut, questionRows, taskRows } from './buttons.ts';
import { layOut, section } from './layout.ts';
import { fence, label, pingOf, plain, sentence } from './markup.ts';

const nothingMore = '…';

/** The question is what a notification shows; the one who asked is called while it waits. */
export function questionMessage(view: QuestionView): Message {
  const pings = view.closed === null ? pingOf(view.requester) : [];
  const open = view.closed === null;
  const text = plain(view.text, 600);
  const called = [...pings.map((id) => `<@${id}>`), `you asked: ${plain(view.request, 300)}`].join(' ');
  const candidates = open && isCut(view) ? view.candidates : [];
  const how =
    view.secret === true
      ? 'Your answer is shown to nobody.'
      : view.candidates.length === 0
        ? 'Tap Answer, or reply in the thread.'
        : 'Tap an answer, or reply in the thread.';
  const content = layOut(
    [
      section(0, [`#${view.task} ${open ? 'asks' : 'asked'}: ${text}`]),
      section(0, view.closed === null ? [called] : [`→ ${sentence(view.closed, 400)}`]),
      section(
        1,
        candidates.map((candidate, index) => `${index + 1}. ${plain(candidate.label || candidate.value, 160)}`),
      ),
      section(0, open ? [`-# ${how}`] : []),
    ],
    nothingMore,
  );
  return { content, components: questionRows(view), files: [], pings };
}

const policyLine = /^(.*): (- \{who: .*\})$/s;

export function refusalMessage(view: RefusalView): Message {
  // A line for the policy file is there to be copied, so it stands apart and as it is.
  const found = policyLine.exec(view.text);
  const said = sentence(found?.[1] ?? view.text, 700) || 'Refused.';
  const line = found?.[2] === undefined ? '' : label(found[2], 800);
  const head = view.task === null ? '✖' : `✖ #${view.task} refused:`;
  const content = layOut(
    [
      section(0, [`${head} ${said}${line === '' ? '' : ':'}`]),
      section(1, line === '' ? [] : [fence('yaml', [line])]),
      section(
        0,
        [plain(view.advice, 400)].filter((text) => text !== ''),
      ),
      section(
        2,
        view.nearest.map((request) => `- ${plain(request, 150)}`),
        ['**What would work**'],
      ),
      section(0, view.code === '' ? [] : [`-# ${plain(view.code, 40)}`]),
    ],
    nothingMore,
  );
  return { content, components: [], files: [], pings: [] };
}

export function noticeMessage(view: NoticeView): Message {
  const pings = view.calls === undefined ? [] : pingOf(view.calls);
  const text = sentence(view.text, 1_500) || 'Nothing to say.';
  const called = pings.map((id) => ` <@${id}>`).join('');
  return {
    content: `${toneMarks[view.tone]}${text}${view.code === null ? '' : ` (${plain(view.code, 40)})`}${called}`,
    components: view.task === null ? [] : taskRows(view.task, view.buttons ?? []),
    files: [],
    pings,
  };
}

export function whyMessage(view: WhyView): Message {
  const content = layOut(
    [
      section(0, [`Why #${view.task}: ${plannedBy[view.tier]}, ${percent(view.confidence)} sure`]),
      section(
        1,
        view.lines.map((line) => `- ${plain(line, 300)}`),
      ),
    ],
    nothingMore,
  );
  return { content, components: [], files: [], pings: [] };
}
