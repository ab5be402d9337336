// Any view as Matrix messages: the one place that knows which message shows what. What waits for a person, and how something ended,
// is `m.text`, which phones ring for; what moves, and what somebody asked for and reads anyway, is `m.notice`, which they do not.
import type { View } from '../../../core/ports/chat.ts';
import type { Message, RenderOptions } from '../message.ts';
import { noticeMessage, questionMessage, refusalMessage, whyMessage } from './answers.ts';
import { detailsMessage } from './details.ts';
import { logMessages } from './log.ts';
import { planMessage } from './plan.ts';
import { progressMessage } from './progress.ts';
import { detailMessage, helpMessage, listMessage, tasksMessage } from './reports.ts';
import { resultMessage } from './result.ts';

/** The first is the message; there are further ones only of a log. */
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
      return [tasksMessage(view, options)];
    case 'log':
      return logMessages(view, options);
    case 'help':
      return [helpMessage(view, options)];
    case 'list':
      return [listMessage(view, options)];
    case 'details':
      return [detailsMessage(view.plan, options)];
    case 'detail':
      return [detailMessage(view, options)];
  }
}
