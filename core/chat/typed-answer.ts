// What people type while a question waits, where a secret may be in it.
import type { TaskId } from '../ids.ts';
import { toTaskId } from '../ids.ts';

const numbered = /^[/!]?answer:?\s+#?(\d{1,9})(?:[:,]\s*|\s+)([\s\S]+)$/i;
const bareCommand = /^[/!]?(cancel|status|history|help|why|agents|cost|catalogue)(\s+#\d{1,9})?$/i;

/** `answer #9 nas`: the answer to what a task asks, and never a request. */
export function numberedAnswer(text: string): { readonly task: TaskId; readonly text: string } | null {
  const [, task, answer] = numbered.exec(text) ?? [];
  return task === undefined || answer === undefined ? null : { task: toTaskId(Number(task)), text: answer };
}

/** What may be said while a secret is asked for: no secret reads like that. */
export function isBareCommand(text: string): boolean {
  return bareCommand.test(text);
}
