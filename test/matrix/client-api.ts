// Calls to Matrix's client-server API with fetch: what the tests' people are made of. The library under test has no part in it.
import { z } from 'zod';

export type Call = {
  readonly method?: 'GET' | 'POST' | 'PUT' | 'DELETE';
  /** After the server's address; its changing parts percent-encoded (see `url`). */
  readonly path: string;
  readonly query?: Readonly<Record<string, string | number | undefined>>;
  /** Sent as JSON, or as it is when it is bytes. */
  readonly body?: unknown;
  readonly contentType?: string;
  readonly timeoutMs?: number;
};

export type ClientApi = {
  /** The answer's JSON, which the caller parses. Rejects with `MatrixRefusal` when the server says no. */
  call(call: Call): Promise<unknown>;
  bytes(call: Call): Promise<Uint8Array>;
};

/** What the server said no with. */
export class MatrixRefusal extends Error {
  readonly status: number;
  /** E.g. `M_FORBIDDEN`, `M_LIMIT_EXCEEDED`. */
  readonly errcode: string;
  readonly retryAfterMs: number | undefined;

  constructor(call: Call, status: number, body: string) {
    const { errcode, error, retry_after_ms } = refusalSchema.parse(body);
    super(`${call.method ?? 'GET'} ${call.path}: ${status} ${errcode} ${error}`);
    this.name = 'MatrixRefusal';
    this.status = status;
    this.errcode = errcode;
    this.retryAfterMs = retry_after_ms;
  }
}

export function openClientApi(server: string, accessToken?: string): ClientApi {
  const ask = async (call: Call): Promise<Response> => {
    const { method = 'GET', path, query = {}, body, contentType = 'application/json', timeoutMs = 60_000 } = call;
    const address = new URL(path, server);
    for (const [name, value] of Object.entries(query))
      if (value !== undefined) address.searchParams.set(name, String(value));
    const response = await fetch(address, {
      method,
      headers: {
        ...(accessToken === undefined ? {} : { authorization: `Bearer ${accessToken}` }),
        ...(body === undefined ? {} : { 'content-type': contentType }),
      },
      body: body === undefined ? null : body instanceof Uint8Array ? new Uint8Array(body) : JSON.stringify(body),
      signal: AbortSignal.timeout(timeoutMs),
    });
    if (!response.ok) throw new MatrixRefusal(call, response.status, await response.text());
    return response;
  };
  return {
    call: async (call) => await (await ask(call)).json(),
    bytes: async (call) => new Uint8Array(await (await ask(call)).arrayBuffer()),
  };
}

/** A path with its changing parts encoded: they hold `!`, `#`, `/` and whatever else people write. */
export function url(parts: TemplateStringsArray, ...values: readonly string[]): string {
  return String.raw({ raw: parts }, ...values.map(encodeURIComponent));
}

const refusalSchema = z
  .string()
  .transform((text): unknown => {
    try {
      return JSON.parse(text);
    } catch {
      return { error: text.slice(0, 200) };
    }
  })
  .pipe(
    z.object({
      errcode: z.string().default('no errcode'),
      error: z.string().default(''),
      retry_after_ms: z.number().optional(),
    }),
  );
