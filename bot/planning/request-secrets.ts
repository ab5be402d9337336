// Takes secret values out of what people type before anything is stored, and binds them by a keyed digest.
import { createHmac, randomBytes } from 'node:crypto';
import type { Catalogue } from '../../core/catalogue/model.ts';
import type { TaskId } from '../../core/ids.ts';
import type { SecretRef } from '../../core/plan/plan.ts';
import { isSecretRef } from '../../core/plan/plan-differences.ts';
import { extractSecrets } from '../../core/planner/extract-secrets.ts';
import type { Question } from '../../core/planner/planner.ts';
import type { SecretStore } from '../../core/ports/event-log.ts';

/** What stands in a stored text for a secret: `‹secret:<reference>›`. */
const placeholderPattern = /‹secret:([\w.-]+):([0-9a-f]{64})›/g;

export type HiddenText = {
  readonly text: string;
  readonly secrets: readonly { readonly reference: string; readonly sealed: string }[];
};

/** The text with each secret value replaced by a placeholder that carries its reference and digest. */
export function hideSecrets(text: string, secretNames: readonly string[], newId: () => string): HiddenText {
  const found = extractSecrets(text, secretNames);
  return found.secrets.reduce<HiddenText>(
    (hidden, secret) => {
      const sealed = seal(secret.value, newId());
      return {
        text: hidden.text.replace(secret.placeholder, () => sealed.placeholder),
        secrets: [...hidden.secrets, sealed],
      };
    },
    { text: found.text, secrets: [] },
  );
}

/** An answer to a question for a secret input is a secret as a whole. */
export function hideAnswer(answer: string, newId: () => string): HiddenText {
  const sealed = seal(answer.trim(), newId());
  return { text: sealed.placeholder, secrets: [sealed] };
}

function seal(value: string, reference: string) {
  const key = randomBytes(32).toString('hex');
  return { placeholder: `‹secret:${reference}:${digestOf(key, value)}›`, reference, sealed: `${key}.${value}` };
}

function digestOf(key: string, value: string): string {
  return createHmac('sha256', key).update(value).digest('hex');
}

export async function keepSecrets(store: SecretStore, task: TaskId, hidden: HiddenText): Promise<void> {
  for (const { reference, sealed } of hidden.secrets) await store.putSecret(task, reference, sealed);
}

/** The placeholders of a task's texts, for the planner. */
export function secretRefs(texts: readonly string[]): ReadonlyMap<string, SecretRef> {
  const matches = texts.flatMap((text) => [...text.matchAll(placeholderPattern)]);
  return new Map(
    matches.map(([placeholder, reference = '', digest = '']) => [placeholder, { $secret: reference, digest }]),
  );
}

/** A text for people: each placeholder as `(secret)`. */
export function withoutPlaceholders(text: string): string {
  return text.replace(placeholderPattern, '(secret)');
}

/** The values that a step's vars stand for; undefined when one is gone or is not the one that was approved. */
export async function openSecrets(
  store: SecretStore,
  vars: Readonly<Record<string, unknown>>,
): Promise<Record<string, string> | undefined> {
  const values: Record<string, string> = {};
  for (const value of Object.values(vars)) {
    if (!isSecretRef(value)) continue;
    const sealed = await store.secret(value.$secret);
    const [, key, secret] = /^([0-9a-f]{64})\.([\s\S]*)$/.exec(sealed ?? '') ?? [];
    if (key === undefined || secret === undefined || digestOf(key, secret) !== value.digest) return undefined;
    values[value.$secret] = secret;
  }
  return values;
}

export function secretInputNames(catalogue: Catalogue): readonly string[] {
  return [
    ...new Set(
      catalogue.actions.flatMap((action) =>
        action.inputs.filter((input) => input.secret).flatMap((input) => [input.name, ...input.aliases]),
      ),
    ),
  ];
}

export function asksForSecret(catalogue: Catalogue, question: Question): boolean {
  if (question.decides !== 'input') return false;
  const inputs = catalogue.actions
    .filter((action) => question.action === undefined || action.id === question.action)
    .flatMap((action) => action.inputs);
  return inputs.some((input) => input.name === question.about && input.secret);
}
