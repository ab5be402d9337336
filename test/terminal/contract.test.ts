// The terminal does what every chat must do, with a person before it and with lines alone.
import { EventEmitter } from 'node:events';
import { PassThrough, Writable } from 'node:stream';
import type { TerminalChat } from '../../adapters/terminal/terminal-chat.ts';
import { makeTerminalChat } from '../../adapters/terminal/terminal-chat.ts';
import { toActorId, toConversationId } from '../../core/ids.ts';
import { chatContract } from '../contracts/chat.ts';
import type { ChatScene } from '../contracts/chat-scene.ts';
import { makeChatMemory } from '../fakes/chat-memory.ts';
import type { Emulator } from './emulator.ts';
import { makeEmulator } from './emulator.ts';

chatContract('of a person at a terminal', {
  heardBy: 'session',
  shows: 'text',
  openScene: () => openScene(() => makeScreen(makeEmulator(160, 40))),
});

chatContract('of lines in and out', {
  heardBy: 'session',
  shows: 'text',
  openScene: () =>
    openScene(() => {
      const taken: string[] = [];
      const output = new Writable({
        write: (chunk: Buffer, _encoding, done) => {
          taken.push(chunk.toString());
          done();
        },
      });
      return { output, interactive: false, enter: '\n', shown: () => taken.join('') };
    }),
});

type Screen = {
  readonly output: Writable;
  readonly interactive: boolean;
  /** What ends a line that is typed. */
  readonly enter: string;
  readonly shown: () => string;
};

/** What was said, and what moves below it; without the frames of cards, and the line that is being typed. */
function makeScreen(emulator: Emulator): Screen {
  return {
    output: emulator.output,
    interactive: true,
    enter: '\r',
    shown: () => {
      const lines = emulator.lines();
      const prompt = lines.findLastIndex((line) => line.startsWith('›'));
      return lines
        .filter((_, row) => row !== prompt)
        .map((line) => line.replace(/^[│╭╰][─ ]?/, ''))
        .join('\n');
    },
  };
}

/** Each life is a session of its own: other streams, another screen. */
async function openScene(makeSession: () => Screen): Promise<ChatScene> {
  const signals = new EventEmitter();
  const inputs: (PassThrough & { raw: boolean })[] = [];
  let session: Screen | undefined;
  let last: TerminalChat | undefined;
  const makeChat = (): TerminalChat => {
    const input = Object.assign(new PassThrough(), {
      isTTY: true,
      raw: false,
      setRawMode: (raw: boolean) => {
        input.raw = raw;
      },
    });
    inputs.push(input);
    session = makeSession();
    const { output, interactive } = session;
    last = makeTerminalChat({
      ...{ input, output, interactive, json: false, historyFile: null, colours: false, signals },
      ...{ now: () => new Date(), onInterrupt: () => {} },
    });
    return last;
  };
  const type = async (text: string): Promise<void> => {
    // A closed session's keyboard says nothing to anybody.
    const input = inputs.at(-1);
    if (input?.writable === true) input.write(`${text}${session?.enter ?? ''}`);
  };
  return {
    conversation: toConversationId('terminal:local'),
    memory: makeChatMemory(),
    makeChat,
    person: {
      id: toActorId('terminal:local'),
      say: type,
      reply: (_reference, text) => type(text),
      decide: (_reference, decision) => type(decision),
      sees: async () => [
        {
          ...{ reference: null, text: session?.shown() ?? '', file: '' },
          ...{ offers: [], pings: [], pingsMany: false },
        },
      ],
    },
    platform: null,
    session: { ended: async () => last?.ended },
    calls: ['@everyone', '\u001b]0;title\u0007', '\u001b]8;;https://evil.example\u0007'],
    open: () =>
      signals.eventNames().reduce((sum, name) => sum + signals.listenerCount(name), 0) +
      inputs.filter(({ raw }) => raw).length,
    dispose: async () => {},
  };
}
