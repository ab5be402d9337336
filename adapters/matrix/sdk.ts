// Requests to a homeserver through matrix-bot-sdk's client. The library is loaded when it is first needed, says nothing on its own,
// and repeats nothing: what is sent when, and again, is decided in one place (core/chat/send-queue.ts).
import { AsyncLocalStorage } from 'node:async_hooks';
import { z } from 'zod';
import { MatrixRefusal } from './api-error.ts';

export type MatrixRequest = {
  readonly method?: 'GET' | 'POST' | 'PUT';
  /** After the homeserver's address; its changing parts percent-encoded (see `path`). */
  readonly path: string;
  readonly query?: Readonly<Record<string, string | number | undefined>>;
  readonly body?: unknown;
  readonly timeoutMs?: number;
  readonly signal?: AbortSignal | undefined;
};

export type Client = {
  /** The answer's JSON, for the caller to parse. Rejects with MatrixRefusal, or with an Error when nothing came through. */
  readonly request: (request: MatrixRequest) => Promise<unknown>;
  /** @returns its `mxc://` address */
  readonly upload: (bytes: Uint8Array, file: { readonly type: string; readonly name?: string }) => Promise<string>;
};

const timeoutMs = 20_000;
const uploadTimeoutMs = 120_000;

/** A path with its changing parts encoded: they hold `!`, `#`, `$`, `/`. */
export function path(parts: TemplateStringsArray, ...values: readonly string[]): string {
  return String.raw({ raw: parts }, ...values.map(encodeURIComponent));
}

/** @param accessToken undefined before the login */
export async function openClient(homeserverUrl: string, accessToken?: string): Promise<Client> {
  const { MatrixClient } = await loadSdk();
  const client = new MatrixClient(homeserverUrl, accessToken ?? '');
  const request: Client['request'] = async (asked) => {
    const { method = 'GET', path: endpoint, query = {}, body = null } = asked;
    const set = Object.fromEntries(Object.entries(query).filter(([, value]) => value !== undefined));
    asked.signal?.throwIfAborted();
    try {
      const answer: unknown = await signals.run(asked.signal, () =>
        client.doRequest(method, endpoint, set, body, asked.timeoutMs ?? timeoutMs),
      );
      return answer;
    } catch (error) {
      throw refusalOf(error);
    }
  };
  return {
    request,
    upload: async (bytes, { type, name }) => {
      const query = name === undefined ? {} : { filename: name };
      const answer: unknown = await client
        .doRequest('POST', '/_matrix/media/v3/upload', query, Buffer.from(bytes), uploadTimeoutMs, false, type)
        .catch((error: unknown) => {
          throw refusalOf(error);
        });
      return z.object({ content_uri: z.string() }).parse(answer).content_uri;
    },
  };
}

type Sdk = typeof import('matrix-bot-sdk');

let loading: Promise<Sdk> | undefined;
/** Which request is to be given up when, for the library has no word for it. */
const signals = new AsyncLocalStorage<AbortSignal | undefined>();

function loadSdk(): Promise<Sdk> {
  loading ??= load();
  return loading;
}

async function load(): Promise<Sdk> {
  const before = process.noDeprecation;
  // One of the libraries that it takes along uses what Node would complain of on standard error, where the log is.
  process.noDeprecation = true;
  try {
    const sdk = await import('matrix-bot-sdk');
    // It would write to the console, and with what people wrote; whoever asks says what failed.
    const nothing = (): void => {};
    sdk.LogService.setLogger({ trace: nothing, debug: nothing, info: nothing, warn: nothing, error: nothing });
    const original = requestFunction.parse(sdk.getRequestFn());
    sdk.setRequestFn((options: unknown, done: Done) => {
      const signal = signals.getStore();
      const giveUp = (): void => {
        sent.abort();
        done(new DOMException('given up', 'AbortError'));
      };
      const sent = original(options, (...result) => {
        signal?.removeEventListener('abort', giveUp);
        done(...result);
      });
      signal?.addEventListener('abort', giveUp, { once: true });
      return sent;
    });
    return sdk;
  } finally {
    process.noDeprecation = before ?? false;
  }
}

type Done = (error: unknown, response?: unknown, body?: unknown) => void;
type RequestFunction = (options: unknown, done: Done) => { readonly abort: () => void };

/** The library's types take it for its module. */
const requestFunction = z.custom<RequestFunction>((value) => typeof value === 'function');

const refusal = z.object({
  statusCode: z.number(),
  errcode: z.string().optional(),
  error: z.string().optional(),
  retryAfterMs: z.number().optional(),
});

/** The library throws an error of its own for a homeserver's no, and the bare response for anything else that is no yes. */
function refusalOf(error: unknown): unknown {
  const parsed = refusal.safeParse(error);
  if (!parsed.success) return error instanceof Error ? error : new Error('the request failed');
  const { statusCode: status, errcode = '', error: said = '', retryAfterMs } = parsed.data;
  return new MatrixRefusal({ status, errcode, error: said, retryAfterMs });
}
