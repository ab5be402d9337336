// The chat of one person at a terminal, or of a script on standard input: one adapter with three faces.
// Interactive where a person types; plain lines or JSON lines (`lines-face.ts`) everywhere else.
import { randomUUID } from 'node:crypto';
import { ChiffonError } from '../../core/error.ts';
import type { ConversationId } from '../../core/ids.ts';
import { toActorId, toConversationId } from '../../core/ids.ts';
import type { Chat, Incoming, Person } from '../../core/ports/chat.ts';
import type { TerminalInput, TerminalOutput } from './face.ts';
import { makeInteractiveFace } from './interactive-face.ts';
import { makeInterrupts } from './interrupts.ts';
import { makeLinesFace } from './lines-face.ts';
import type { Look } from './look.ts';
import { makeRecent } from './recent.ts';
import { wantsColours } from './wants-colours.ts';

export type TerminalOptions = {
  /** What this terminal and its person go by: `local`, or a name of its own where several share a database. */
  readonly name?: string;
  readonly input: TerminalInput;
  readonly output: TerminalOutput;
  /** A person sits at both ends; otherwise lines in are messages. */
  readonly interactive: boolean;
  readonly json: boolean;
  /** Where typed lines are kept between starts; null keeps them for this one only. */
  readonly historyFile: string | null;
  /** Where a log too long for the screen is written whole; null leaves it out. */
  readonly logFolder?: string | null;
  readonly now: () => Date;
  /** For each Ctrl-C that means more than clearing what was typed. */
  readonly onInterrupt: () => void;
  readonly colours?: boolean;
  /** Columns; asked before each drawing. */
  readonly width?: () => number;
  /** Where SIGINT, SIGCONT and the exit are heard; the process by default. */
  readonly signals?: Pick<NodeJS.EventEmitter, 'on' | 'off'>;
};

export type TerminalChat = Omit<Chat, 'start'> & {
  start(handlers: { readonly handle: (incoming: Incoming) => Promise<unknown> }): Promise<void>;
  readonly person: Person;
  readonly conversation: ConversationId;
  /** Resolves when the person leaves with Ctrl-D, or standard input has ended and its last line has been handled. */
  readonly ended: Promise<void>;
  /** Asks for one of the choices; null when nobody can answer, or it is closed before an answer. */
  ask(text: string, choices: readonly string[]): Promise<string | null>;
};

const shownAtMost = 10_000;

export function makeTerminalChat(options: TerminalOptions): TerminalChat {
  const { input, output, interactive, json, now } = options;
  const id = `terminal:${options.name ?? 'local'}`;
  const conversation = toConversationId(id);
  const person: Person = { id: toActorId(id), name: 'you', roles: [] };
  const signals = options.signals ?? process;
  const colours = options.colours ?? wantsColours(output, process.env);
  const interrupt = makeInterrupts(options.onInterrupt, now);
  const look = (): Look => ({
    width: interactive ? Math.max(20, options.width?.() ?? output.columns ?? 80) : Number.POSITIVE_INFINITY,
    colours,
    frame: interactive,
    now: now(),
  });
  const incoming = (text: string): Incoming => ({
    conversation,
    person,
    messageId: randomUUID(),
    // Lines that were written beforehand answer what nobody has seen, in their order.
    ...(interactive && { sentAt: now().toISOString() }),
    content: { type: 'text', text },
  });
  const face = interactive
    ? makeInteractiveFace({ ...options, logFolder: options.logFolder ?? null, signals, look, incoming, interrupt })
    : makeLinesFace({ input, output, json, look, incoming });
  const posted = makeRecent<string>(shownAtMost);
  const standings = makeRecent<string>(shownAtMost);
  signals.on('SIGINT', interrupt);
  let closed = false;
  /** What nobody can read any more was not shown: the next start shows it. */
  const open = (): void => {
    if (closed) throw new ChiffonError('CHAT_FAILED', 'The terminal is closed.');
  };

  return {
    platform: 'terminal',
    name: id,
    heardBy: 'session',
    threads: false,
    logFiles: false,
    serves: (other) => other === conversation,
    person,
    conversation,
    ended: face.ended,
    start: ({ handle }) => face.start(handle),
    // Its session ends it.
    stop: async () => {},
    answer: async ({ conversation: where }, view) => {
      await face.post(where, view);
    },
    post: async (where, key, view) => {
      open();
      if (posted.add(key)) await face.post(where, view);
      return key;
    },
    update: async (where, _reference, view) => {
      // A card that cannot be drawn over says only what is new about it.
      const isNews =
        view.type === 'plan'
          ? standings.add([view.task, view.revision, view.standing, view.given.length].join())
          : view.type !== 'question';
      open();
      if (isNews) await face.update(where, view);
      return 'shown';
    },
    // What an earlier life wrote is out of reach; what waits is offered again.
    bringUpToDate: async () => [],
    ask: (text, choices) => face.ask(text, choices),
    close: async () => {
      closed = true;
      signals.off('SIGINT', interrupt);
      await face.close();
    },
  };
}
