// Stands between the program and its homeserver: passes everything on, remembers what was asked and what came of it, and lets a
// test act while something is on its way.
import { once } from 'node:events';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer } from 'node:http';
import { z } from 'zod';

export type Asked = { readonly method: string; readonly path: string };

export type Passed = Asked & {
  readonly status: number;
  readonly answer: string;
  /** Milliseconds of `performance.now()`. */
  readonly askedMs: number;
  readonly answeredMs: number;
};

export type InBetween = {
  readonly url: string;
  /** What was answered, in that order. */
  readonly passed: readonly Passed[];
  /** How long a homeserver wanted no more, where it said so. */
  readonly refused: () => readonly (Passed & { readonly retryAfterMs: number })[];
  /**
   * The next such request is on its way: `act` is called, and the homeserver gets it afterwards, whoever waits for its answer by then.
   * Resolves when the homeserver has answered.
   */
  readonly atNext: (fits: (asked: Asked) => boolean, act: () => Promise<void>) => Promise<void>;
  readonly [Symbol.asyncDispose]: () => Promise<void>;
};

type Waiting = {
  readonly fits: (asked: Asked) => boolean;
  readonly act: () => Promise<void>;
  readonly done: PromiseWithResolvers<void>;
};

const limited = z
  .string()
  .transform((text): unknown => JSON.parse(text))
  .pipe(z.object({ retry_after_ms: z.number() }));

export async function openInBetween(homeserverUrl: string): Promise<InBetween> {
  const passed: Passed[] = [];
  const waiting: Waiting[] = [];
  const ending = new AbortController();

  async function pass(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const asked = { method: request.method ?? 'GET', path: request.url ?? '/' };
    const body = await bodyOf(request);
    const askedMs = performance.now();
    const at = waiting.findIndex(({ fits }) => fits(asked));
    const [awaited] = at < 0 ? [] : waiting.splice(at, 1);
    const gone = new AbortController();
    // A long poll of a program that has ended is not to take what the next one waits for.
    if (awaited === undefined) response.on('close', () => gone.abort());
    try {
      await awaited?.act();
      const answer = await fetch(new URL(asked.path, homeserverUrl), {
        method: asked.method,
        headers: kept(request),
        body: body.length === 0 ? null : new Uint8Array(body),
        signal: AbortSignal.any([gone.signal, ending.signal]),
      });
      const bytes = Buffer.from(await answer.arrayBuffer());
      const { status } = answer;
      passed.push({ ...asked, status, answer: bytes.toString(), askedMs, answeredMs: performance.now() });
      const type = answer.headers.get('content-type') ?? 'application/octet-stream';
      response.writeHead(status, { 'content-type': type, ...retryHeader(answer) }).end(bytes);
      awaited?.done.resolve();
    } catch (error) {
      response.destroy();
      awaited?.done.reject(error);
    }
  }

  const server = createServer((request, response) => void pass(request, response));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = z.object({ port: z.number() }).parse(server.address());
  return {
    url: `http://127.0.0.1:${port}`,
    passed,
    refused: () =>
      passed
        .filter(({ status }) => status === 429)
        .map((each) => ({ ...each, retryAfterMs: limited.parse(each.answer).retry_after_ms })),
    atNext: (fits, act) => {
      const done = Promise.withResolvers<void>();
      waiting.push({ fits, act, done });
      return done.promise;
    },
    [Symbol.asyncDispose]: async () => {
      ending.abort();
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

async function bodyOf(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(z.instanceof(Buffer).parse(chunk));
  return Buffer.concat(chunks);
}

function kept({ headers }: IncomingMessage): Record<string, string> {
  const { authorization, 'content-type': type } = headers;
  return {
    ...(authorization === undefined ? {} : { authorization }),
    ...(type === undefined ? {} : { 'content-type': type }),
  };
}

function retryHeader({ headers }: Response): Record<string, string> {
  const after = headers.get('retry-after');
  return after === null ? {} : { 'retry-after': after };
}
