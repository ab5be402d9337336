// The names of things as branded types, so that a run's id cannot be handed over where a task's is meant.

declare const brand: unique symbol;
type Branded<Base, Name extends string> = Base & { readonly [brand]: Name };

/** A task's short number, 1 and upwards; people write it `#142`. 0 is the system's own stream. */
export type TaskId = Branded<number, 'TaskId'>;
/** One execution of an approved plan. A UUID. */
export type RunId = Branded<string, 'RunId'>;
/** An action of the catalogue, stable across commits while its playbook and selection stay the same. */
export type ActionId = Branded<string, 'ActionId'>;
/** SHA-256 in lower-case hex over all that an approval depends on. */
export type PlanHash = Branded<string, 'PlanHash'>;
/** A person or a part of the program: `terminal:local`, `discord:<snowflake>`, `matrix:<user id>`, `system:<part>`. */
export type ActorId = Branded<string, 'ActorId'>;
/** A conversation on a platform, e.g. `terminal:local` or `matrix:<room id>`. */
export type ConversationId = Branded<string, 'ConversationId'>;
/** A git commit's full SHA in lower-case hex. */
export type CommitSha = Branded<string, 'CommitSha'>;

/** The stream for what belongs to no task, such as a message that was refused before it became one. */
export const systemTask = toTaskId(0);

export function toTaskId(value: number): TaskId {
  if (!Number.isSafeInteger(value) || value < 0) throw new TypeError(`not a task number: ${value}`);
  return value as TaskId;
}

export function toRunId(value: string): RunId {
  if (!/^[0-9a-f-]{36}$/.test(value)) throw new TypeError(`not a run id: ${value}`);
  return value as RunId;
}

export function toActionId(value: string): ActionId {
  if (value.length === 0) throw new TypeError('an action id is empty');
  return value as ActionId;
}

export function toPlanHash(value: string): PlanHash {
  if (!/^[0-9a-f]{64}$/.test(value)) throw new TypeError(`not a plan hash: ${value}`);
  return value as PlanHash;
}

export function toActorId(value: string): ActorId {
  if (!/^[a-z][a-z-]*:\S+$/.test(value)) throw new TypeError(`not an actor id: ${value}`);
  return value as ActorId;
}

export function toConversationId(value: string): ConversationId {
  if (!/^[a-z][a-z-]*:\S+$/.test(value)) throw new TypeError(`not a conversation id: ${value}`);
  return value as ConversationId;
}

export function toCommitSha(value: string): CommitSha {
  if (!/^[0-9a-f]{40}([0-9a-f]{24})?$/.test(value)) throw new TypeError(`not a commit SHA: ${value}`);
  return value as CommitSha;
}
