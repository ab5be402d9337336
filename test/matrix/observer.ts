// Stands between a client and a homeserver: passes everything on, and keeps what was asked and how it was answered.
import { once } from 'node:events';
import { Agent, request as ask, createServer } from 'node:http';

export type Asked = {
  /** `GET /rooms/:room/messages`: without versions and ids. */
  readonly route: string;
  readonly status: number;
};

export type Refusal = { readonly status: number; readonly errcode?: string };

export type Observer = {
  readonly url: string;
  /** Those that were answered, in the order of the answers. */
  readonly requests: readonly Asked[];
  /** How many of those after the first so many have a route that begins so. */
  readonly count: (route: string, from?: number) => number;
  /** From now on these are answered with M_FORBIDDEN, and the homeserver hears nothing of them. Null: no more. */
  forbid(route: RegExp | null): void;
  /** The next of these are answered so, one each, and the homeserver hears nothing of them. */
  refuse(route: RegExp, ...answers: readonly Refusal[]): void;
  /** The answer of one of these, after so many that are passed on, lies here until `release`; `held` resolves when it does. */
  hold(route: RegExp, after?: number): { readonly held: Promise<void>; readonly release: () => void };
  [Symbol.asyncDispose](): Promise<void>;
};

export async function openObserver(homeserver: string): Promise<Observer> {
  const { hostname, port } = new URL(homeserver);
  const agent = new Agent({ keepAlive: true });
  const requests: Asked[] = [];
  let forbidden: RegExp | null = null;
  let refusing: { readonly route: RegExp; readonly answers: Refusal[] } | undefined;
  let holding:
    | { readonly route: RegExp; after: number; readonly held: () => void; readonly over: Promise<void> }
    | undefined;

  function refusalOf(route: string): Refusal | undefined {
    if (forbidden?.test(route)) return { status: 403, errcode: 'M_FORBIDDEN' };
    return refusing?.route.test(route) ? refusing.answers.shift() : undefined;
  }

  async function inTime(route: string): Promise<void> {
    if (holding?.route.test(route) !== true) return;
    holding.after -= 1;
    if (holding.after >= 0) return;
    const { held, over } = holding;
    holding = undefined;
    held();
    await over;
  }

  const server = createServer((request, response) => {
    const { method = 'GET', url = '/', headers } = request;
    const route = `${method} ${routeOf(url)}`;
    const refusal = refusalOf(route);
    if (refusal !== undefined) {
      requests.push({ route, status: refusal.status });
      response.writeHead(refusal.status, { 'content-type': 'application/json' });
      response.end(JSON.stringify({ errcode: refusal.errcode, error: 'not now' }));
      return;
    }
    const passed = ask({ hostname, port, path: url, method, headers, agent }, (answer) => {
      const passOn = (): void => {
        requests.push({ route, status: answer.statusCode ?? 0 });
        response.writeHead(answer.statusCode ?? 502, answer.headers);
        answer.pipe(response);
      };
      inTime(route).then(passOn, () => response.destroy());
    });
    passed.on('error', () => response.destroy());
    response.on('close', () => passed.destroy());
    request.pipe(passed);
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  return {
    url: `http://127.0.0.1:${address.port}`,
    requests,
    count: (start, from = 0) => requests.slice(from).filter(({ route }) => route.startsWith(start)).length,
    forbid: (route) => {
      forbidden = route;
    },
    refuse: (route, ...answers) => {
      refusing = { route, answers: [...answers] };
    },
    hold: (route, after = 0) => {
      const [waiting, over] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
      holding = { route, after, held: waiting.resolve, over: over.promise };
      return { held: waiting.promise, release: over.resolve };
    },
    [Symbol.asyncDispose]: async () => {
      server.close();
      server.closeAllConnections();
      agent.destroy();
      await once(server, 'close');
    },
  };
}

const names: Readonly<Record<string, string>> = { '!': ':room', $: ':event', '@': ':user' };

function routeOf(url: string): string {
  const { pathname } = new URL(url, 'http://homeserver.invalid');
  const words = pathname.replace(/^\/_matrix\/(client|media)\/v\d+/, '').split('/');
  const route = words.map((word) => names[decodeURIComponent(word).slice(0, 1)] ?? word);
  return (route[3] === 'send' ? [...route.slice(0, 5), ':transaction'] : route).join('/');
}
