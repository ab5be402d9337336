// A wire that a test can harm: a TCP proxy in front of a server, which cuts its connections or swallows what goes through
// them, as a dead router does. What is swallowed is gone for good, so a connection that was stalled does not heal.
import { once } from 'node:events';
import { connect as connectSocket, createServer, type Socket } from 'node:net';

export type TcpProxy = {
  readonly port: number;
  /** The URL of the server, as it is reached through the proxy. */
  readonly url: string;
  /** Resets all connections; new ones are let through. */
  cut(): void;
  /** Swallows what goes in that direction from now on, on connections there are and new ones; nobody is told. */
  stall(direction?: 'to server' | 'to client' | 'both'): void;
  /** Lets everything through again. Connections that lost bytes are reset, as both ends would by their own deadlines. */
  resume(): void;
  /** Ends what is open, and refuses new connections until `resume`. */
  refuse(): void;
  /** How many clients are connected. */
  readonly connections: () => number;
  close(): Promise<void>;
  [Symbol.asyncDispose](): Promise<void>;
};

type Wire = { readonly client: Socket; readonly server: Socket; lost: boolean };

export async function openTcpProxy(target: string): Promise<TcpProxy> {
  const to = new URL(target);
  const wires = new Set<Wire>();
  const swallowed = { 'to server': false, 'to client': false };
  let refusing = false;

  const proxy = createServer({ allowHalfOpen: true, noDelay: true }, (client) => {
    if (refusing) return void client.resetAndDestroy();
    const server = connectSocket({ host: to.hostname, port: Number(to.port), noDelay: true, allowHalfOpen: true });
    const wire = { client, server, lost: false };
    wires.add(wire);
    const pass = (from: Socket, onward: Socket, direction: keyof typeof swallowed): void => {
      from.on('data', (chunk) => {
        if (swallowed[direction]) wire.lost = true;
        else if (onward.writable && !onward.write(chunk)) {
          from.pause();
          onward.once('drain', () => from.resume());
        }
      });
      // The end of a connection does not get through a dead router either.
      from.on('end', () => !swallowed[direction] && onward.end());
      from.on('error', () => {});
      from.on('close', () => {
        if (!swallowed[direction]) drop(wire);
        else if (client.destroyed && server.destroyed) wires.delete(wire);
      });
    };
    pass(client, server, 'to server');
    pass(server, client, 'to client');
  }).listen(0, '127.0.0.1');
  await once(proxy, 'listening');
  const address = proxy.address();
  if (address === null || typeof address === 'string') throw new Error('no port');

  function drop(wire: Wire): void {
    wires.delete(wire);
    wire.client.resetAndDestroy();
    wire.server.resetAndDestroy();
  }
  const cut = (): void => {
    for (const wire of wires) drop(wire);
  };
  const close = async (): Promise<void> => {
    proxy.close();
    cut();
  };

  const url = new URL(target);
  url.hostname = '127.0.0.1';
  url.port = String(address.port);
  return {
    port: address.port,
    url: url.href,
    cut,
    stall(direction = 'both') {
      if (direction !== 'to client') swallowed['to server'] = true;
      if (direction !== 'to server') swallowed['to client'] = true;
    },
    resume() {
      refusing = false;
      swallowed['to server'] = false;
      swallowed['to client'] = false;
      for (const wire of wires) if (wire.lost) drop(wire);
    },
    refuse() {
      refusing = true;
      cut();
    },
    connections: () => [...wires].filter(({ client }) => !client.destroyed).length,
    close,
    [Symbol.asyncDispose]: close,
  };
}
