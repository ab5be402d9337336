// The short messages: a question, a refusal, a notice, how the planner chose.
import { percent } from '../../../core/chat/format.ts';
import { plannedBy, toneMarks } from '../../../core/chat/marks.ts';
import type { NoticeView, QuestionView, RefusalView, WhyView } from '../../../core/ports/chat.ts';
import type { Message } from '../message.ts';
import { callOf } from '../person.ts';
import { layOut, section } from './layout.ts';
import { code, line, messageOf, nothing, plain, preformatted, sentence, strong, who } from './markup.ts';

const more = line`…`;
const candidatesAtMost = 50;

/** The question is what a notification shows; the one who asked is called while it waits. */
export function questionMessage(view: QuestionView): Message {
  const open = view.closed === null;
  const candidates = open ? view.candidates.slice(0, candidatesAtMost) : [];
  const how =
    view.secret === true
      ? line`It is a secret: tell me in a room of the two of us, ${code(`answer #${view.task} <secret>`, 60)}.`
      : candidates.length === 0
        ? line`Reply in the thread.`
        : line`Reply in the thread with a number or in your own words.`;
  const lines = layOut(
    [
      section(0, [strong(line`#${view.task} ${open ? 'asks' : 'asked'}: ${plain(view.text, 1_000)}`)]),
      section(
        1,
        candidates.map(({ label, value }, index) => line`${index + 1}. ${plain(label || value, 200)}`),
      ),
      section(0, view.closed === null ? [how] : [line`→ ${sentence(view.closed, 400)}`]),
      section(0, [line`${who(view.requester)} asked: ${plain(view.request, 400)}`]),
    ],
    more,
  );
  return messageOf(lines, { quiet: false, mentions: open ? callOf(view.requester) : [] });
}

const policyLine = /^(.*): (- \{who: .*\})$/s;

export function refusalMessage(view: RefusalView): Message {
  // A line for the policy file is there to be copied, so it stands apart and as it is.
  const found = policyLine.exec(view.text);
  const said = sentence(found?.[1] ?? view.text, 1_000);
  const copied = found?.[2] === undefined ? '' : code(found[2], 1_000).text;
  const head = view.task === null ? '✖' : `✖ #${view.task} refused:`;
  const lines = layOut(
    [
      section(0, [line`${head} ${said.text === '' ? 'Refused.' : said}${copied === '' ? '' : ':'}`]),
      section(1, copied === '' ? [] : [preformatted('yaml', [copied])]),
      section(
        0,
        [line`${plain(view.advice, 500)}`].filter(({ text }) => text !== ''),
      ),
      section(
        2,
        view.nearest.map((request) => line`• ${plain(request, 200)}`),
        [strong('What would work')],
      ),
      section(0, view.code === '' ? [] : [line`${plain(view.code, 40)}`]),
    ],
    more,
  );
  return messageOf(lines, { quiet: false });
}

export function noticeMessage(view: NoticeView): Message {
  const mentions = view.calls === undefined ? [] : callOf(view.calls);
  const said = sentence(view.text, 2_000);
  const buttons = (view.buttons ?? []).map((button) => code(button, 20));
  const first = line`${toneMarks[view.tone]}${said.text === '' ? 'Nothing to say.' : said}${view.code === null ? '' : ` (${plain(view.code, 40)})`}`;
  const called = mentions.map((id) => line`${id}`);
  const lines = [
    first,
    ...(view.task === null || buttons.length === 0 ? [] : [line`Say in this thread: ${orList(buttons)}`]),
    ...called,
  ];
  return messageOf(
    lines.filter(({ text }) => text !== ''),
    { quiet: mentions.length === 0, mentions },
  );
}

export function whyMessage(view: WhyView): Message {
  const lines = layOut(
    [
      section(0, [strong(`Why #${view.task}: ${plannedBy[view.tier]}, ${percent(view.confidence)} sure`)]),
      section(
        1,
        view.lines.map((text) => line`• ${plain(text, 400)}`),
      ),
    ],
    more,
  );
  return messageOf(lines);
}

function orList(parts: readonly ReturnType<typeof code>[]) {
  return parts.slice(1).reduce((all, part) => line`${all} or ${part}`, parts[0] ?? nothing);
}
