// What a button, a menu or a form says about itself when it is used, in the 100 characters that Discord gives it:
// `c1:<what>:<task>:<revision or question>:<hash prefix or choice>`. It comes back from outside, and is parsed as such.
import { z } from 'zod';
import type { PlanHash, TaskId } from '../../core/ids.ts';
import { toTaskId } from '../../core/ids.ts';

/** On exactly one plan: an id that names none would mean whichever stands when it comes. */
const onPlan = ['approve', 'reject', 'change'] as const;
const onTask = ['cancel', 'resume', 'retry'] as const;
const hashPrefixLength = 12;

export type CustomId =
  /** `change` on a button opens the form, on a form it is what was typed. `revision` 0, and no hash, where there is no plan. */
  | {
      readonly what: (typeof onPlan)[number] | (typeof onTask)[number];
      readonly task: TaskId;
      readonly revision: number;
      readonly hashPrefix: string;
    }
  | { readonly what: 'details'; readonly task: TaskId; readonly revision: number }
  /** A button for one of a question's candidates; `choice` counts from 0. */
  | { readonly what: 'choice'; readonly task: TaskId; readonly question: number; readonly choice: number }
  /** `choose`: a select menu, whose options' values are choices from 0. `other`: opens the form for a typed answer, and is that form. */
  | { readonly what: 'choose' | 'other'; readonly task: TaskId; readonly question: number };

const count = z
  .string()
  .regex(/^\d{1,9}$/)
  .transform(Number);
const task = count.refine((value) => value > 0).transform(toTaskId);
const version = z.literal('c1');

const schema = z.union([
  z
    .tuple([
      ...([version, z.enum(onPlan), task] as const),
      count.refine((value) => value > 0),
      z.string().regex(new RegExp(`^[0-9a-f]{${hashPrefixLength}}$`)),
    ])
    .transform(([, what, of, revision, hashPrefix]): CustomId => ({ what, task: of, revision, hashPrefix })),
  z
    .tuple([version, z.enum(onTask), task, count, z.string().regex(/^[0-9a-f]{0,64}$/)])
    .transform(([, what, of, revision, hashPrefix]): CustomId => ({ what, task: of, revision, hashPrefix })),
  z
    .tuple([version, z.literal('details'), task, count, z.literal('')])
    .transform(([, what, of, revision]): CustomId => ({ what, task: of, revision })),
  z
    .tuple([version, z.literal('choice'), task, count, count])
    .transform(([, what, of, question, choice]): CustomId => ({ what, task: of, question, choice })),
  z
    .tuple([version, z.enum(['choose', 'other']), task, count, z.literal('')])
    .transform(([, what, of, question]): CustomId => ({ what, task: of, question })),
]);

export function encodeCustomId(id: CustomId): string {
  const [second, last] =
    'question' in id
      ? [id.question, id.what === 'choice' ? id.choice : '']
      : [id.revision, id.what === 'details' ? '' : id.hashPrefix];
  return ['c1', id.what, id.task, second, last].join(':');
}

/** Null for what Chiffon never made, or no longer makes. */
export function parseCustomId(text: string): CustomId | null {
  if (text.length > 100) return null;
  const parsed = schema.safeParse(text.split(':'));
  return parsed.success ? parsed.data : null;
}

/** Long enough that no other plan of a task has it by chance. */
export function hashPrefixOf(hash: PlanHash): string {
  return hash.slice(0, hashPrefixLength);
}
