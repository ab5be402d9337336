// The server's one port on loopback: REST, the gateway and the files of messages. It can go away and come back there.
import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';
import type { World } from './world.ts';

type Parts = {
  readonly world: World;
  readonly rest: (request: IncomingMessage, response: ServerResponse) => Promise<void>;
  readonly upgrade: (request: IncomingMessage, socket: Duplex, head: Buffer) => void;
};

export function makeListener({ world, rest, upgrade }: Parts) {
  let server: Server | undefined;
  let port = 0;
  const answer = (request: IncomingMessage, response: ServerResponse) => {
    if (request.url?.startsWith('/attachments/')) return sendFile(world, request.url, response);
    rest(request, response).catch((error: unknown) => {
      // The server's own fault must fail the test, and never look like Discord's.
      world.blame(
        500,
        `${request.method} ${request.url}`,
        `this server broke: ${error instanceof Error ? error.stack : String(error)}`,
      );
      if (!response.headersSent) response.writeHead(500).end();
      else response.destroy();
    });
  };
  return {
    get port() {
      return port;
    },
    start: async (wanted = port): Promise<void> => {
      if (server) return;
      server = createServer(answer).on('upgrade', upgrade).listen(wanted, '127.0.0.1');
      await once(server, 'listening');
      const address = server.address();
      if (address === null || typeof address === 'string') throw new Error('no port');
      port = address.port;
      world.origin = `http://127.0.0.1:${port}`;
    },
    stop: async (): Promise<void> => {
      const running = server;
      if (!running) return;
      server = undefined;
      const closed = once(running, 'close');
      running.close();
      running.closeAllConnections();
      await closed;
    },
  };
}

function sendFile(world: World, url: string, response: ServerResponse): void {
  const [, , channelId, id] = url.split('/');
  const messages = world.channels.get(channelId ?? '')?.messages ?? [];
  const file = messages.flatMap(({ attachments }) => attachments).find((one) => one.id === id);
  if (!file) response.writeHead(404).end();
  else response.writeHead(200, { 'content-type': file.contentType }).end(file.bytes);
}
