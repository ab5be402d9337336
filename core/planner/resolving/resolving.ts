// What is known while a request's clauses are resolved: the steps so far, and what waits for the end of the request.

import type { Action } from '../../catalogue/model.ts';
import type { JsonValue } from '../../json.ts';
import type { SecretRef } from '../../plan/plan.ts';
import type { Answers } from '../dialogue.ts';
import type { Draft } from '../draft.ts';
import type { ReadWish } from '../editing/config-wish.ts';
import type { ExplainContext, Fit } from '../matching/fit.ts';
import type { Clause } from '../reading/clause.ts';

export type ResolveContext = ExplainContext & { readonly answers: Answers; readonly why: string[] };

/** A step with the clause that asked for it. */
export type Placed = { readonly draft: Draft; readonly clause: Clause };

export type Resolving = {
  readonly context: ResolveContext;
  /** Steps that stand already, when this is an amendment. */
  readonly earlier: readonly Draft[];
  placed: Placed[];
  readonly notes: string[];
  readonly wishes: { readonly wish: ReadWish; readonly clause: Clause }[];
  readonly negated: Clause[];
  readonly conditions: string[];
};

/** The action that a person chose for these words when asked. */
export function pickedAction(run: Resolving, about: string): Action | null {
  const id = run.context.answers.actions.get(about);
  return id === undefined ? null : (run.context.lexicon.catalogue.actions.find((action) => action.id === id) ?? null);
}

/** Every value of the first is the second's too. */
export function sameValues(
  a: ReadonlyMap<string, JsonValue | SecretRef>,
  b: ReadonlyMap<string, JsonValue | SecretRef>,
): boolean {
  return [...a].every(([name, value]) => JSON.stringify(b.get(name)) === JSON.stringify(value));
}

/** An input that it must have was not given. */
export function lacksInput(fit: Fit): boolean {
  return fit.entry.action.inputs.some(
    (input) => input.required && input.default === undefined && !fit.values.has(input.name),
  );
}
