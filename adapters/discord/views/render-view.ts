// Any view as Discord messages: the one place that knows which message shows what. Plain content and buttons only, for the
// notification of a message of embeds or components is empty.
import type { View } from '../../../core/ports/chat.ts';
import type { Message, RenderOptions } from '../message.ts';
import { noticeMessage, questionMessage, refusalMessage, whyMessage } from './answers.ts';
import { detailsMessages } from './details.ts';
import { logMessages } from './log.ts';
import { planMessage } from './plan.ts';
import { progressMessage } from './progress.ts';
import { detailMessages, helpMessages, listMessages, tasksMessages } from './reports.ts';
import { resultMessage } from './result.ts';

/** For a conversation. The first is the message; there are further ones only of what is read once: a log, a report. */
export function renderMessage(view: View, options: RenderOptions): readonly Message[] {
  switch (view.type) {
    case 'plan':
      return [planMessage(view)];
    case 'question':
      return [questionMessage(view)];
    case 'refusal':
      return [refusalMessage(view)];
    case 'progress':
      return [progressMessage(view, options.now)];
    case 'result':
      return [resultMessage(view)];
    case 'notice':
      return [noticeMessage(view)];
    case 'why':
      return [whyMessage(view)];
    case 'tasks':
      return tasksMessages(view, options);
    case 'log':
      return logMessages(view, options, false);
    case 'help':
      return helpMessages(view, options);
    case 'list':
      return listMessages(view, options);
    case 'details':
      return detailsMessages(view.plan, options);
    case 'detail':
      return detailMessages(view, options);
  }
}

/** For the one who asked, alone: nobody has to be called, and a log's newest lines can be read at once. */
export function renderPrivate(view: View, options: RenderOptions): readonly Message[] {
  if (view.type === 'log') return logMessages(view, options, true);
  if (view.type === 'notice') {
    const { calls: _, ...alone } = view;
    return [noticeMessage(alone)];
  }
  return renderMessage(view, options);
}
