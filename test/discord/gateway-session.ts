// A session on the gateway: what it asked for, and everything it was sent, so that it can be resumed.
import { randomBytes } from 'node:crypto';
import type { WebSocket } from 'ws';

export type Session = {
  readonly id: string;
  readonly intents: number;
  /** Numbered from 1; the place is the number less one. */
  readonly sent: string[];
  /** None while the client is away. */
  socket: WebSocket | undefined;
};

export function makeSession(intents: number, socket: WebSocket): Session {
  return { id: randomBytes(16).toString('hex'), intents, sent: [], socket };
}

export function dispatch(session: Session, name: string, data: unknown): void {
  const text = JSON.stringify({ op: 0, t: name, s: session.sent.length + 1, d: data });
  session.sent.push(text);
  session.socket?.send(text);
}

/** What was missed since that number. */
export function replay(session: Session, after: number, socket: WebSocket): void {
  session.socket = socket;
  for (const text of session.sent.slice(after)) socket.send(text);
  dispatch(session, 'RESUMED', {});
}
