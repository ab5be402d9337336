// The terminal without a person before it: lines in are messages; plain text or JSON lines come out, without a cursor.
import type { Readable, Writable } from 'node:stream';
import type { ConversationId } from '../../core/ids.ts';
import type { Incoming, View } from '../../core/ports/chat.ts';
import type { Face } from './face.ts';
import { jsonLine } from './json-line.ts';
import type { Look } from './look.ts';
import { readLines } from './read-lines.ts';
import { makeSink } from './sink.ts';
import { planStanding } from './views/plan-card.ts';
import { plainProgress } from './views/progress-lines.ts';
import { renderView } from './views/render-view.ts';
import { makeWorthTelling } from './worth-telling.ts';

type Parts = {
  readonly input: Readable;
  readonly output: Writable;
  readonly json: boolean;
  readonly look: () => Look;
  readonly incoming: (text: string) => Incoming;
};

export function makeLinesFace({ input, output, json, look, incoming }: Parts): Face {
  const sink = makeSink(output, (error) => process.stderr.write(`chiffon: standard output failed: ${error.message}\n`));
  const worth = makeWorthTelling();
  const { promise: ended, resolve: end, reject: fail } = Promise.withResolvers<void>();
  let closed = false;

  const show = async (_conversation: ConversationId, view: View): Promise<void> => {
    if (view.type === 'progress') {
      const news = worth.newsOf(view);
      if (json && news.length > 0) sink.offer(`${view.task}`, jsonLine(view));
      if (!json) for (const step of news) sink.offer(`${view.task}.${step.number}`, `${plainProgress(view, step)}\n`);
      return;
    }
    if (view.type === 'result') worth.finish(view.task);
    if (json) return sink.write(jsonLine(view));
    const lines = renderView(view, look(), { linesAtMost: Number.POSITIVE_INFINITY, file: null });
    await sink.write(`${lines.length > 1 ? '\n' : ''}${lines.join('\n')}\n${lines.length > 1 ? '\n' : ''}`);
  };

  return {
    start: async (handle) => {
      const read = async (): Promise<void> => {
        for await (const line of readLines(untilBroken(input))) {
          if (closed) return;
          if (line.trim() !== '') await handle(incoming(line));
        }
      };
      read().then(end, fail);
    },
    post: show,
    update: async (conversation, view) => {
      if (view.type !== 'plan' || json) return show(conversation, view);
      const standing = planStanding(view, look());
      if (standing.length > 0) await sink.write(`${standing.join('\n')}\n`);
    },
    // Nobody is there to answer.
    ask: async () => null,
    ended,
    close: async () => {
      closed = true;
      input.destroy();
      await sink.flush();
      end();
    },
  };
}

/** A standard input that breaks off is one that has ended. */
async function* untilBroken(input: Readable): AsyncGenerator<Uint8Array | string> {
  try {
    yield* input;
  } catch {
    // what came before it broke has been handed over
  }
}
