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

export type Button = 'approve' | 'reject' | 'change' | 'cancel' | 'resume' | 'retry';

export type Incoming = {
  readonly conversation: ConversationId;
  readonly person: Person;
  /** The platform's immutable id of the message or tap; the same one twice has the effect of once, in every life of the bot. */
  readonly messageId: string;
  /** When it was sent, by the platform's clock; UTC ISO-8601. A plan or question that was made later is not the one that was meant. */
  readonly sentAt?: string;
  /** The reference of the message that it was a reply to, or that its thread hangs on: then it is about that message's task. */
  readonly thread?: string;
  /** The plan on whose card it was a reply, as that card named it: whoever says yes to a card means no other. */
  readonly plan?: { readonly task: TaskId; readonly revision: number; readonly hashPrefix: string };
  readonly content: /** A command, an answer or a request, as `parseCommand` reads it. */
    | { readonly type: 'text'; readonly text: string }
    /** A request, whatever its words. */
    | { readonly type: 'request'; readonly text: string }
    | {
        readonly type: 'button';
        readonly button: Button;
        readonly task: TaskId;
        /** Of the plan on whose card it stood; 0 where there is none. */
        readonly revision: number;
        readonly hashPrefix: string;
        readonly text?: string;
      }
    /** Of a person's own approval of that plan. */
    | {
        readonly type: 'take-back';
        readonly task: TaskId;
        readonly revision: number;
        readonly hashPrefix: string;
      }
    /** To the question of that number, and to no later one. */
    | { readonly type: 'answer'; readonly task: TaskId; readonly question: number; readonly text: string }
    /** All that a plan's card has no room for: the diff, the files read. */
    | { readonly type: 'details'; readonly task: TaskId; readonly revision: number };
};

/**
 * What came of it: the task that it was about, if any, and whether a rule said no (which has been answered then). For what is handed
 * over again after its effect was stored, the same as the first time.
 */
export type HandledIncoming = { readonly task: TaskId | null; readonly refused: boolean };

/** What a chat wants to know in its next life, whichever bot has it then. Only the bot that shows its conversations may write. */
export type ChatMemory = {
  readonly recall: (key: string) => Promise<string | undefined>;
  readonly keep: (key: string, value: string) => Promise<void>;
  /** What nobody else may read: all whose key begins so. */
  readonly recallSealed: (prefix: string) => Promise<ReadonlyMap<string, string>>;
  /** All of it or nothing; null forgets. */
  readonly keepSealed: (changes: ReadonlyMap<string, string | null>) => Promise<void>;
};

/** What a chat hands over, and what it may ask for. */
export type ChatHandlers = {
  /**
   * One at a time for a conversation; resolves when its effect is stored. Rejects with a fault of the store where the chat
   * `handsOverAgain`.
   */
  readonly handle: (incoming: Incoming) => Promise<HandledIncoming>;
  /** What could be typed next, best first: `label` is shown, `value` is taken. Quick, and from memory only. */
  readonly suggest: (
    about: 'request' | 'open-task' | 'any-task',
    typed: string,
  ) => Promise<readonly { readonly label: string; readonly value: string }[]>;
  /** Messages there may be gone, or be possible again: what people have to see is looked at again. Null: everywhere. */
  readonly lookAgain: (conversation: ConversationId | null) => void;
  readonly memory: ChatMemory;
  /** It is cut off for good, as when its token is taken back: it has to be started anew, by this bot or another. */
  readonly lost: (why: Error) => void;
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

/** `open` can be decided; the others say why it cannot any more, or how its run stands. */
export type PlanStanding =
  | 'open'
  | 'approved'
  | 'running'
  | 'rejected'
  | 'expired'
  | 'superseded'
  | 'withdrawn'
  | 'succeeded'
  | 'failed'
  | 'cancelled'
  | 'unknown';

export type PlanView = {
  readonly type: 'plan';
  readonly task: TaskId;
  readonly revision: number;
  readonly request: string;
  readonly requester: ActorId;
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
  readonly standing: PlanStanding;
  readonly notes: readonly string[];
};

/** A plan with all its diffs and files, for the one who asked to see them. */
export type DetailsView = { readonly type: 'details'; readonly plan: PlanView };

export type QuestionView = {
  readonly type: 'question';
  readonly task: TaskId;
  readonly request: string;
  readonly requester: ActorId;
  /** 1 for a task's first question. */
  readonly number: number;
  /** Null while it waits; else what came of it, e.g. who answered what. */
  readonly closed: string | null;
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
/** One live message for each step; each newer state replaces the one before. */
export type ProgressView = {
  readonly type: 'progress';
  readonly task: TaskId;
  /** The step that the message is about; `steps` has all of them, for those who show them together. */
  readonly step: number;
  readonly steps: readonly StepProgress[];
  readonly cancelling: boolean;
};

export type ResultView = {
  readonly type: 'result';
  readonly task: TaskId;
  readonly request: string;
  readonly requester: ActorId;
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
  /** The step from which it can be tried again, as a plan of its own; null where it cannot. */
  readonly retryFrom: number | null;
};

export type NoticeView = {
  readonly type: 'notice';
  readonly task: TaskId | null;
  readonly tone: Tone;
  readonly text: string;
  readonly code: string | null;
  /** Who has to see it, because it waits for them. */
  readonly calls?: ActorId;
  /** What can be done about it at once. */
  readonly buttons?: readonly Button[];
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

/** A short list: agents, costs, what the catalogue offers. */
export type ListView = {
  readonly type: 'list';
  readonly title: string;
  readonly rows: readonly { readonly text: string; readonly aside: string }[];
  /** How many more there are than `rows`. */
  readonly more: number;
  /** A sentence under it. */
  readonly note: string;
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
  | ListView
  | DetailsView
  | DetailView;

/** What a chat shows of a conversation at one time: messages by their references, and what each has to say. */
export type ShownMessage = { readonly conversation: ConversationId; readonly reference: string; readonly view: View };

export interface Chat {
  /** The first part of its conversations' and persons' ids: `terminal`, `discord`, `matrix`. */
  readonly platform: string;
  /** Names it among all bots: the platform, or a terminal's own conversation. One bot at a time shows what the log says there. */
  readonly name: string;
  /** A terminal is heard by its own session. A platform is heard by the one bot that shows its conversations. */
  readonly heardBy: 'session' | 'leader';
  /**
   * What the bot's own store could not take (DATABASE_FAILED, DISK_FULL) is handed over again until it can: nobody is told of a fault
   * then, for it is done after all. Where nothing comes again, the person is told at once.
   */
  readonly handsOverAgain?: boolean;
  /** Tasks have threads, so that an answer is given in one, and what is said outside is a request. */
  readonly threads: boolean;
  /** A run's whole output is posted as a file at its end. */
  readonly logFiles: boolean;
  /** Whether a conversation is one of its own. */
  readonly serves: (conversation: ConversationId) => boolean;
  /** Connects and begins to hand over what people send. Throws a ChiffonError, retryable unless a person has to mend it. */
  start(handlers: ChatHandlers): Promise<void>;
  /**
   * Hands over nothing more and disconnects; it may be started again. What was posted is brought out first, within a few seconds.
   * A session goes on: it ends with `close`, which does the same for good.
   */
  stop(): Promise<void>;
  /** Shows a view to the one who sent this: to them alone where the platform can. */
  answer(incoming: Incoming, view: View): Promise<void>;
  /**
   * Shows a view as a new message. `key` names it for ever: the same key posts once, a session's in each of its lives. `root`: the
   * reference of its task's first message, whose thread it may go into; none for the first. Resolves to a reference for update.
   * CHAT_UNREACHABLE when the conversation is gone or may not be written to: trying again at once does not help. CHAT_FAILED while it
   * is not connected.
   */
  post(conversation: ConversationId, key: string, view: View, root?: string | null): Promise<string>;
  /**
   * Shows a newer state of a posted message; of progress it may be shown later, in a newer state still. `gone`: the message is
   * not there any more.
   */
  update(conversation: ConversationId, reference: string, view: View): Promise<'shown' | 'gone'>;
  /** Brings messages of an earlier life to these views, with as few requests as possible. Resolves to the references of those that are gone. */
  bringUpToDate(messages: readonly ShownMessage[]): Promise<readonly string[]>;
  close(): Promise<void>;
}
