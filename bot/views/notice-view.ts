// One sentence about a task, for its conversation.
import type { TaskId } from '../../core/ids.ts';
import type { NoticeView, Tone } from '../../core/ports/chat.ts';
import type { TaskState } from '../../core/task/state.ts';
import { withoutPlaceholders } from '../planning/request-secrets.ts';

export function notice(
  task: TaskId,
  tone: Tone,
  text: string,
  more: Pick<NoticeView, 'calls' | 'buttons'> = {},
): NoticeView {
  return { type: 'notice', task, tone, text: withoutPlaceholders(text), code: null, ...more };
}

/** A run that waits for a person to say how it goes on. */
export function pausedNotice({ task, requester }: TaskState, reason: string): NoticeView {
  const text = `#${task} is paused: ${reason} Type \`resume #${task}\` to go on, or \`cancel #${task}\`.`;
  return notice(task, 'warning', text, {
    ...(requester === null ? {} : { calls: requester }),
    buttons: ['resume', 'cancel'],
  });
}
