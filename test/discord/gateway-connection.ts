// One connection to the gateway: hello, heartbeats, and what the client says on it.
import { GatewayCloseCodes, GatewayOpcodes } from 'discord-api-types/v10';
import type { RawData, WebSocket } from 'ws';
import { z } from 'zod';
import type { Session } from './gateway-session.ts';

const payload = z.object({ op: z.int(), d: z.unknown().optional() });
const identify = z.object({
  token: z.string(),
  intents: z.int().min(0),
  properties: z.record(z.string(), z.unknown()),
  compress: z.boolean().optional(),
  shard: z.tuple([z.int().min(0), z.int().min(1)]).optional(),
});
const resume = z.object({ token: z.string(), session_id: z.string(), seq: z.int().min(0) });
const memberRequest = z.object({
  guild_id: z.string(),
  query: z.string().optional(),
  limit: z.int().optional(),
  user_ids: z.union([z.string(), z.array(z.string())]).optional(),
  nonce: z.string().max(32).optional(),
});
export type Identify = z.infer<typeof identify>;
export type Resume = z.infer<typeof resume>;
export type MemberRequest = z.infer<typeof memberRequest>;

type Parts = {
  readonly heartbeatIntervalMs: number;
  /** Counts what this connection sends. */
  maySend(): boolean;
  close(code: number, reason: string): void;
  /** Undefined when it is refused. */
  start(asked: Identify): Session | undefined;
  goOn(asked: Resume): Session | undefined;
  sendMembers(session: Session, asked: MemberRequest): void;
  changed(): void;
  ended(session: Session): void;
};

export function serveConnection(socket: WebSocket, parts: Parts): void {
  const { heartbeatIntervalMs, maySend, close, start, goOn, sendMembers, changed, ended } = parts;
  let session: Session | undefined;
  let heardAt = Date.now();
  const send = (op: GatewayOpcodes, d?: unknown) => socket.send(JSON.stringify({ op, d }));
  // A beat that is late by half an interval is missed.
  const watch = setInterval(() => {
    if (Date.now() - heardAt > heartbeatIntervalMs * 1.5)
      close(GatewayCloseCodes.SessionTimedOut, 'Session timed out: a heartbeat is missing.');
  }, heartbeatIntervalMs / 4).unref();
  socket.on('error', () => socket.terminate());
  socket.on('close', (code) => {
    clearInterval(watch);
    if (!session || session.socket !== socket) return;
    session.socket = undefined;
    // A client that says goodbye ends its session; any other end leaves it to be resumed.
    if (code === 1000 || code === 1001) ended(session);
    changed();
  });
  socket.on('message', (raw: RawData) => {
    if (socket.readyState !== socket.OPEN) return;
    if (!maySend()) return close(GatewayCloseCodes.RateLimited, 'More than 120 payloads in a minute.');
    const message = payload.safeParse(parse(raw));
    if (!message.success) return close(GatewayCloseCodes.DecodeError, 'Error while decoding payload.');
    const { op, d } = message.data;
    if (!session && ![GatewayOpcodes.Heartbeat, GatewayOpcodes.Identify, GatewayOpcodes.Resume].includes(op))
      return close(GatewayCloseCodes.NotAuthenticated, 'Not authenticated.');
    const read = <T>(schema: z.ZodType<T>, use: (value: T) => void) => {
      const parsed = schema.safeParse(d);
      if (parsed.success) use(parsed.data);
      else close(GatewayCloseCodes.DecodeError, `Error while decoding payload: ${parsed.error.message}`);
    };
    switch (op) {
      case GatewayOpcodes.Heartbeat:
        heardAt = Date.now();
        return send(GatewayOpcodes.HeartbeatAck);
      case GatewayOpcodes.Identify:
        if (session) return close(GatewayCloseCodes.AlreadyAuthenticated, 'Already authenticated.');
        read(identify, (value) => {
          session = start(value);
        });
        break;
      case GatewayOpcodes.Resume:
        read(resume, (value) => {
          session = goOn(value);
        });
        break;
      case GatewayOpcodes.RequestGuildMembers:
        return read(memberRequest, (value) => session && sendMembers(session, value));
      case GatewayOpcodes.PresenceUpdate:
      case GatewayOpcodes.VoiceStateUpdate:
        return;
      default:
        return close(GatewayCloseCodes.UnknownOpcode, `Unknown opcode ${op}.`);
    }
    changed();
  });
  send(GatewayOpcodes.Hello, { heartbeat_interval: heartbeatIntervalMs });
}

function parse(raw: RawData): unknown {
  const text = (Array.isArray(raw) ? Buffer.concat(raw) : Buffer.from(new Uint8Array(raw))).toString('utf8');
  if (text.length > 4096) return undefined;
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
