// Stands between a client and a homeserver: passes everything on, and keeps what was asked and how it was answered.
import { once } from 'node:events';
import { Agent, request as ask, createServer } from 'node:http';

export type Asked = {
  /** `GET /rooms/:room/messages`: without versions and ids. */
  readonly route: string;
  readonly status: number;
};

export type Observer = {
  readonly url: string;
  /** Those that were answered, in the order of the answers. */
  readonly requests: readonly Asked[];
  /** How many of those after the first so many have a route that begins so. */
  readonly count: (route: string, from?: number) => number;
  /** From now on these are answered with M_FORBIDDEN, and the homeserver hears nothing of them. */
  forbid(route: RegExp): void;
  [Symbol.asyncDispose](): Promise<void>;
};

export async function openObserver(homeserver: string): Promise<Observer> {
  const { hostname, port } = new URL(homeserver);
  const agent = new Agent({ keepAlive: true });
  const requests: Asked[] = [];
  let forbidden: RegExp | null = null;
  const server = createServer((request, response) => {
    const { method = 'GET', url = '/', headers } = request;
    const route = `${method} ${routeOf(url)}`;
    if (forbidden?.test(route)) {
      requests.push({ route, status: 403 });
      response.writeHead(403, { 'content-type': 'application/json' });
      response.end(JSON.stringify({ errcode: 'M_FORBIDDEN', error: 'not now' }));
      return;
    }
    const passed = ask({ hostname, port, path: url, method, headers, agent }, (answer) => {
      requests.push({ route, status: answer.statusCode ?? 0 });
      response.writeHead(answer.statusCode ?? 502, answer.headers);
      answer.pipe(response);
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
