// What a chat's contract needs of a platform, in the same words for all of them: a person's hands, what that person sees, and what
// others do to the place. Each platform's tests give it; the statements know nothing else of the platform.
import { afterEach, expect, vi } from 'vitest';
import type { ActorId, ConversationId } from '../../core/ids.ts';
import { toTaskId } from '../../core/ids.ts';
import type { Chat, ChatHandlers, Incoming, NoticeView, PlanView, QuestionView } from '../../core/ports/chat.ts';
import { samplePlan, sampleQuestion } from '../builders/views.ts';
import type { makeChatMemory } from '../fakes/chat-memory.ts';

/** A message of Chiffon's as the person sees it now, its newest edit applied. A terminal is one message, with all that stands there. */
export type Seen = {
  /** Null where nothing can be pointed at. */
  readonly reference: string | null;
  /** Its words, and those on its buttons. */
  readonly text: string;
  /** What can be read in the files that hang on it. */
  readonly file: string;
  /** What it offers to do with a plan. */
  readonly offers: readonly Decision[];
  /** Whose devices it rang. */
  readonly pings: readonly ActorId[];
  /** It rang everybody, or a group. */
  readonly pingsMany: boolean;
};

export type Decision = 'approve' | 'reject';

export type PersonHands = {
  readonly id: ActorId;
  /** Says it to Chiffon in the conversation. */
  readonly say: (text: string) => Promise<void>;
  /** Says it as a reply to that message; where there are no threads it is just said. */
  readonly reply: (reference: string, text: string) => Promise<void>;
  /** Taps it under that card, or types the word. Rejects where the platform does not let them. */
  readonly decide: (reference: string, decision: Decision) => Promise<void>;
  /** Oldest first. */
  readonly sees: () => Promise<readonly Seen[]>;
};

/** What happens on a platform that a session at a terminal does not know. */
export type PlatformHands = {
  /** Somebody deletes a message of Chiffon's. */
  readonly remove: (reference: string) => Promise<void>;
  /** The conversation is closed to Chiffon, or is opened to it again. */
  readonly shut: (closed: boolean) => Promise<void>;
  /** Begins a life, to which what was said before is said once more. */
  readonly redelivering: (start: () => Promise<Chat>) => Promise<Chat>;
};

/** What a session has that a platform does not. */
export type SessionHands = {
  /** Resolves when the newest life's person has left; rejects when it broke. */
  readonly ended: () => Promise<void>;
};

/** Of one test: a conversation in which nothing was said. */
export type ChatScene = {
  readonly conversation: ConversationId;
  readonly memory: ReturnType<typeof makeChatMemory>;
  /** The chat as a process has it; each is another life, with the same memory. */
  readonly makeChat: () => Chat;
  readonly person: PersonHands;
  /** One of these two. */
  readonly platform: PlatformHands | null;
  readonly session: SessionHands | null;
  /** How people call each other there, in words. */
  readonly calls: readonly string[];
  /** How many connections, or listeners, it has open now. */
  readonly open: () => number;
  readonly dispose: () => Promise<void>;
};

export type Begun = { readonly chat: Chat; readonly taken: Incoming[]; readonly looked: (ConversationId | null)[] };
export type Begin = (how?: {
  readonly chat?: Chat;
  readonly handle?: (incoming: Incoming) => Promise<void>;
}) => Promise<Begun>;

/** A scene for each test, and what ends it; to be called where tests are described. */
export function scenes(openScene: () => Promise<ChatScene>) {
  let ends: (() => Promise<unknown>)[] = [];
  afterEach(async () => {
    const last = ends.reverse();
    ends = [];
    for (const end of last) await end();
  });

  return async () => {
    const scene = await openScene();
    ends.push(scene.dispose);
    const make = (): Chat => {
      const chat = scene.makeChat();
      ends.push(() => chat.close());
      return chat;
    };
    const begin: Begin = async ({ chat = make(), handle } = {}) => {
      const taken: Incoming[] = [];
      const looked: (ConversationId | null)[] = [];
      const handlers: ChatHandlers = {
        handle: async (incoming) => {
          taken.push(incoming);
          await handle?.(incoming);
          return { task: null, refused: false };
        },
        suggest: async () => [],
        lookAgain: (conversation) => void looked.push(conversation),
        memory: scene.memory,
        lost: (why) => {
          throw why;
        },
      };
      await chat.start(handlers);
      return { chat, taken, looked };
    };
    /** All that the person sees, in one text. */
    const text = async (): Promise<string> => (await scene.person.sees()).map((seen) => seen.text).join('\n');
    return {
      ...scene,
      ...{ make, begin, text },
      /** What that message says now; all there is where messages cannot be pointed at. Null when it is not there. */
      textAt: async (reference: string): Promise<string | null> => {
        const all = await scene.person.sees();
        return all.find((seen) => seen.reference === reference || seen.reference === null)?.text ?? null;
      },
      countOf: async (words: string): Promise<number> => (await text()).split(words).length - 1,
      planOf: (task: number, changes: Partial<PlanView> = {}): PlanView => ({
        ...samplePlan,
        ...{ task: toTaskId(task), requester: scene.person.id },
        ...changes,
      }),
      questionOf: (task: number, changes: Partial<QuestionView> = {}): QuestionView => ({
        ...sampleQuestion,
        ...{ task: toTaskId(task), requester: scene.person.id },
        ...changes,
      }),
    };
  };
}

export type OpenScene = ReturnType<typeof scenes>;

export function noticeOf(task: number, text: string): NoticeView {
  return { type: 'notice', task: toTaskId(task), tone: 'neutral', text, code: null };
}

/** A condition, with time for a busy machine. */
export const eventually = (check: () => void | Promise<void>) => vi.waitFor(check, { timeout: 30_000, interval: 15 });

/** The words of what was handed over, in its order. */
export function wordsOf(taken: readonly Incoming[]): readonly string[] {
  return taken.map(({ content }) => ('text' in content ? (content.text ?? '') : content.type));
}

export async function untilTaken(taken: readonly Incoming[], count: number): Promise<void> {
  await eventually(() => expect(taken.length).toBeGreaterThanOrEqual(count));
}
