// Conversations as core sees them, whatever the platform: what people send, and what is shown to them.
// A view is data; each adapter decides how it looks, and none of them adds or leaves out a fact.
import type { Risk } from '../catalogue/model.ts';
import type { ActorId, ConversationId, PlanHash, TaskId } from '../ids.ts';
import type { JsonValue } from '../json.ts';
import type { Tier } from '../plan/plan.ts';

export type Person = {
  readonly id: ActorId;
  /** For showing only; never for deciding. */
  readonly name: string;
  /** What the platform says they belong to, e.g. `discord-role:<id>`. */
  readonly roles: readonly string[];
};

export type Button = 'approve' | 'reject' | 'change' | 'cancel';

export type Incoming = {
  readonly conversation: ConversationId;
  readonly person: Person;
  /** The platform's immutable id of the message or tap; the same one twice has the effect of once. */
  readonly messageId: string;
  readonly content:
    | { readonly type: 'text'; readonly text: string }
    | {
        readonly type: 'button';
        readonly button: Button;
        readonly task: TaskId;
        readonly revision: number;
        readonly hashPrefix: string;
        readonly text?: string;
      };
};

export type Tone = 'good' | 'bad' | 'warning' | 'neutral';

export type PlanStepView = {
  readonly number: number;
  readonly title: string;
  readonly playbook: string;
  /** How it is selected, e.g. `tags uptime_kuma`, `limit homelab`. */
  readonly selection: readonly string[];
  readonly hosts: readonly string[];
  /** Input name and its value as text; a secret as `(secret)`. */
  readonly inputs: readonly { readonly name: string; readonly value: string }[];
  readonly risk: Risk;
  readonly estimatedMs: number;
};

export type PlanView = {
  readonly type: 'plan';
  readonly task: TaskId;
  readonly revision: number;
  readonly request: string;
  readonly understood: readonly string[];
  readonly steps: readonly PlanStepView[];
  /** Files found and read, with what they gave, e.g. `portals found: 4, in config/traefik/portals.yml`. */
  readonly findings: readonly string[];
  readonly files: readonly { readonly path: string; readonly line: number }[];
  readonly config: readonly { readonly path: string; readonly diff: string }[];
  readonly differences: readonly string[];
  readonly estimatedMs: number;
  readonly costMicroUsd: number;
  readonly tier: Tier;
  readonly confidence: number;
  readonly risk: Risk;
  readonly approvers: readonly string[];
  readonly needs: number;
  readonly given: readonly string[];
  readonly planHash: PlanHash;
  readonly commit: string;
  readonly branch: string | null;
  readonly repository: string;
  readonly expiresAt: string;
  /** `open` can be decided; the others say why it cannot any more. */
  readonly standing: 'open' | 'approved' | 'rejected' | 'expired' | 'superseded' | 'withdrawn' | 'cancelled';
  readonly notes: readonly string[];
};

export type QuestionView = {
  readonly type: 'question';
  readonly task: TaskId;
  readonly request: string;
  readonly text: string;
  /** Numbered from 1 in this order; the number, the value or free text is an answer. */
  readonly candidates: readonly { readonly label: string; readonly value: string }[];
  /** The answer is a secret: it is not shown while it is typed, and no adapter keeps it. */
  readonly secret?: boolean;
};

export type RefusalView = {
  readonly type: 'refusal';
  /** Null when no task came of it. */
  readonly task: TaskId | null;
  readonly code: string;
  readonly text: string;
  readonly advice: string;
  /** Requests that would work, nearest first. */
  readonly nearest: readonly string[];
};

export type StepProgress = {
  readonly number: number;
  readonly title: string;
  /** `starting`: handed out. It waits for an agent of `pool` until `agent` names the one that took it. */
  readonly state: 'waiting' | 'starting' | 'running' | 'succeeded' | 'failed' | 'cancelled' | 'unknown';
  readonly pool: string;
  readonly agent: string | null;
  /** The newest thing Ansible did: task name and host. */
  readonly now: string;
  /** When Ansible did it, by its own clock; UTC ISO-8601. */
  readonly nowAt: string | null;
  readonly ok: number;
  readonly changed: number;
  readonly failed: number;
  readonly lines: number;
  readonly startedAt: string | null;
  readonly elapsedMs: number;
  readonly estimatedMs: number;
};
/** One live message a run; each newer one replaces the one before. */
export type ProgressView = {
  readonly type: 'progress';
  readonly task: TaskId;
  readonly steps: readonly StepProgress[];
  readonly cancelling: boolean;
};

export type ResultView = {
  readonly type: 'result';
  readonly task: TaskId;
  readonly request: string;
  readonly state: 'succeeded' | 'failed' | 'cancelled' | 'unknown';
  /** One sentence: how it ended. `Nothing had to change.` when that is so. */
  readonly text: string;
  readonly code: string | null;
  readonly advice: string | null;
  readonly steps: readonly {
    readonly number: number;
    readonly title: string;
    readonly state: 'succeeded' | 'failed' | 'cancelled' | 'unknown' | 'not started';
    readonly durationMs: number;
    /** What changed on which host. */
    readonly hosts: readonly {
      readonly host: string;
      readonly ok: number;
      readonly changed: number;
      readonly failed: number;
      readonly unreachable: number;
      readonly changes: readonly string[];
    }[];
    /** What the playbook itself said to people. */
    readonly notes: readonly string[];
    readonly lines: number;
  }[];
  readonly durationMs: number;
  readonly costMicroUsd: number;
  readonly commit: {
    readonly sha: string;
    readonly link: string | null;
    readonly repository: string;
    readonly branch: string;
    readonly pushed: boolean;
  } | null;
  /** How to undo it, a line each. */
  readonly undo: readonly string[];
  readonly approvedBy: readonly string[];
};

export type NoticeView = {
  readonly type: 'notice';
  readonly task: TaskId | null;
  readonly tone: Tone;
  readonly text: string;
  readonly code: string | null;
};

export type TasksView = {
  readonly type: 'tasks';
  /** `status` lists the open ones, `history` the newest. */
  readonly list: 'status' | 'history';
  readonly tasks: readonly {
    readonly task: TaskId;
    readonly state: string;
    readonly request: string;
    readonly requester: string;
    readonly at: string;
    readonly summary: string;
  }[];
  readonly more: boolean;
};

export type LogView = {
  readonly type: 'log';
  readonly task: TaskId;
  readonly step: number;
  readonly attempt: number;
  readonly text: string;
  /** Lines shown before this view, and in all. */
  readonly from: number;
  readonly lines: number;
  readonly complete: boolean;
};

export type WhyView = {
  readonly type: 'why';
  readonly task: TaskId;
  readonly tier: Tier;
  readonly confidence: number;
  readonly lines: readonly string[];
};

export type HelpView = {
  readonly type: 'help';
  readonly commands: readonly { readonly usage: string; readonly meaning: string }[];
  readonly examples: readonly string[];
};

export type DetailView = { readonly type: 'detail'; readonly title: string; readonly data: JsonValue };

export type View =
  | PlanView
  | QuestionView
  | RefusalView
  | ProgressView
  | ResultView
  | NoticeView
  | TasksView
  | LogView
  | WhyView
  | HelpView
  | DetailView;

export interface Chat {
  /** The first part of its conversations' and persons' ids: `terminal`, `discord`, `matrix`. */
  readonly platform: string;
  /** Names it among all bots: the platform, or a terminal's own conversation. One bot at a time shows what the log says there. */
  readonly name: string;
  /** Whether a conversation is one of its own. */
  readonly serves: (conversation: ConversationId) => boolean;
  /** Begins to hand over what people send, one at a time for a conversation; the handler resolves when it is stored. */
  start(handle: (incoming: Incoming) => Promise<void>): Promise<void>;
  /** Shows a view as a new message. `key` names it for ever: the same key posts once. Resolves to a reference for update. */
  post(conversation: ConversationId, key: string, view: View): Promise<string>;
  /** Shows a newer state of a posted message. */
  update(conversation: ConversationId, reference: string, view: View): Promise<void>;
  close(): Promise<void>;
}
