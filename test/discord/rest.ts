// The way of a REST request: who asks, may it ask now, what is asked, and what is written down of it.
import type { IncomingMessage, ServerResponse } from 'node:http';
import { ApiError } from './api-error.ts';
import type { CannedAnswer, Faults, Incoming } from './faults.ts';
import { readBody } from './multipart.ts';
import { type Headers, type RateLimits, type TooMany, tooManyAnswer } from './rate-limits.ts';
import { applicationRoutes } from './rest-application.ts';
import { channelRoutes } from './rest-channels.ts';
import { interactionRoutes } from './rest-interactions.ts';
import { messageRoutes } from './rest-messages.ts';
import { type Answer, type Matched, matchRoute, type Route } from './route.ts';
import { TooManyRequests } from './too-many.ts';
import type { World } from './world.ts';

/** A request as it came and was answered, for counting. `status` is undefined while the answer is withheld, or was cut. */
export type SeenRequest = {
  readonly atMs: number;
  /** As the route is written, e.g. `PATCH /channels/:channel/messages/:message`. */
  readonly route: string;
  readonly path: string;
  readonly body: unknown;
  status: number | undefined;
};

type Parts = {
  readonly world: World;
  readonly limits: RateLimits;
  readonly faults: Faults;
  readonly extraRoutes: readonly Route[];
  readonly seen: SeenRequest[];
};

const prefix = '/api/v10';
type Reply = { readonly status: number; readonly headers: Headers; readonly body: unknown };

export function makeRest({ world, limits, faults, extraRoutes, seen }: Parts) {
  const routes = [...extraRoutes, ...applicationRoutes, ...channelRoutes, ...messageRoutes, ...interactionRoutes];

  const refuse = (tooMany: TooMany, headers: Headers = {}): Reply => {
    const answer = tooManyAnswer(tooMany);
    return { status: 429, headers: { ...headers, ...answer.headers }, body: answer.body };
  };

  const answerCall = (
    matched: Matched,
    url: URL,
    body: unknown,
    files: Awaited<ReturnType<typeof readBody>>['files'],
  ): Answer => matched.route.handle({ world, limits, params: matched.params, query: url.searchParams, body, files });

  return async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const url = new URL(request.url ?? '/', 'http://discord.test');
    const bytes = await collect(request);
    const pathname = url.pathname.slice(prefix.length);
    const matched = url.pathname.startsWith(`${prefix}/`)
      ? matchRoute(routes, request.method ?? '', pathname)
      : undefined;
    const route = matched ? `${matched.route.method} ${matched.route.path}` : `${request.method} ${url.pathname}`;
    const asked = `${request.method} ${pathname}`;
    const record: SeenRequest = { atMs: world.clock.now(), route, path: pathname, body: undefined, status: undefined };
    seen.push(record);

    const work = async (): Promise<{ reply: Reply; incoming: Incoming; delayMs: number }> => {
      let incoming: Incoming = { route, channel: matched?.params.channel, body: undefined };
      let headers: Headers = {};
      const done = (reply: Reply, delayMs = 0) => ({ reply, incoming, delayMs });
      try {
        if (limits.banned()) return done({ status: 429, headers: { 'Retry-After': '600' }, body: 'error code: 1015' });
        if (!matched) throw new ApiError(404, 0, '404: Not Found', { violation: 'there is no such route' });
        const { body, files } = await readBody(bytes, request.headers['content-type'] ?? '');
        incoming = { ...incoming, body };
        Object.assign(record, { body });
        const canned: CannedAnswer | undefined = faults.takeAnswer(incoming);
        if (canned) {
          if (canned.applied) answerCall(matched, url, body, files);
          return done({ status: canned.status, headers: canned.headers ?? {}, body: canned.body }, canned.delayMs);
        }
        const { byToken, limit } = matched.route;
        if (!byToken && request.headers.authorization !== `Bot ${world.application.token}`)
          throw new ApiError(401, 0, '401: Unauthorized');
        const forced = faults.takeLimit(incoming);
        if (forced) return done(refuse(limits.force(forced)));
        const verdict = limits.ask({ rule: limit, major: matched.major, countsGlobally: !byToken });
        headers = verdict.headers;
        if (verdict.tooMany) return done(refuse(verdict.tooMany, headers));
        const { status, body: answer } = answerCall(matched, url, body, files);
        return done({ status, headers, body: answer });
      } catch (error) {
        if (error instanceof TooManyRequests) return done(refuse(limits.force(error.tooMany), headers));
        if (!(error instanceof ApiError)) throw error;
        if (error.violation !== undefined) world.blame(error.code, asked, error.violation);
        return done({ status: error.status, headers, body: error.body });
      }
    };

    const { reply, incoming, delayMs } = await work();
    if (
      reply.status === 401 ||
      reply.status === 403 ||
      (reply.status === 429 && reply.headers['X-RateLimit-Scope'] !== 'shared')
    )
      limits.countInvalid();
    if ((await faults.fateOf(incoming)) === 'cut') {
      response.destroy();
      return;
    }
    const send = () => {
      record.status = reply.status;
      const text = typeof reply.body === 'string' ? reply.body : JSON.stringify(reply.body);
      response.writeHead(reply.status, {
        ...(text !== undefined && {
          'content-type': typeof reply.body === 'string' ? 'text/plain' : 'application/json',
        }),
        ...reply.headers,
      });
      response.end(text);
      world.signal.tell();
    };
    if (delayMs > 0) setTimeout(send, delayMs).unref();
    else send();
  };
}

async function collect(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) if (chunk instanceof Buffer) chunks.push(chunk);
  return Buffer.concat(chunks);
}
