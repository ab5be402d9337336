// Discord's gateway: hello, identify or resume, heartbeats, and events to the sessions that asked for them.
// https://docs.discord.com/developers/events/gateway
import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { ApplicationFlags, GatewayCloseCodes, GatewayIntentBits, GatewayOpcodes } from 'discord-api-types/v10';
import { type RawData, type WebSocket, WebSocketServer } from 'ws';
import { z } from 'zod';
import { apiGuildCreate, apiMember, apiUser } from './api-objects.ts';
import { makeGatewayLimits } from './gateway-limits.ts';
import { dispatch, makeSession, replay, type Session } from './gateway-session.ts';
import type { World, WorldEvent } from './world.ts';

export type GatewayOptions = {
  readonly heartbeatIntervalMs: number;
  /** Identifies nearer to each other than this get an invalid session. */
  readonly identifyIntervalMs: number;
};

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

const everyIntent = Object.values(GatewayIntentBits).reduce<number>(
  (all, bit) => (typeof bit === 'number' ? all | bit : all),
  0,
);
const privileged = [
  [GatewayIntentBits.MessageContent, ApplicationFlags.GatewayMessageContentLimited],
  [GatewayIntentBits.GuildMembers, ApplicationFlags.GatewayGuildMembersLimited],
  [GatewayIntentBits.GuildPresences, ApplicationFlags.GatewayPresenceLimited],
] as const;

export function makeGateway(world: World, options: GatewayOptions, address: () => string) {
  const server = new WebSocketServer({ noServer: true });
  const sessions = new Map<string, Session>();
  const starts = makeGatewayLimits(world.clock, options.identifyIntervalMs);
  world.hear((event: WorldEvent) => {
    for (const session of sessions.values())
      if (event.intents === 0 || (session.intents & event.intents) !== 0)
        dispatch(session, event.name, event.data(session));
  });

  const close = (socket: WebSocket, code: number, reason: string) => {
    world.blame(code, 'gateway', reason);
    socket.close(code, reason);
  };

  const start = (socket: WebSocket, d: z.infer<typeof identify>): Session | undefined => {
    const refuse = (code: number, reason: string) => void close(socket, code, reason);
    if (d.token !== world.application.token)
      return refuse(GatewayCloseCodes.AuthenticationFailed, 'Authentication failed.');
    if (d.shard && d.shard[0] >= d.shard[1]) return refuse(GatewayCloseCodes.InvalidShard, 'Invalid shard.');
    if ((d.intents & ~everyIntent) !== 0) return refuse(GatewayCloseCodes.InvalidIntents, 'Invalid intent(s).');
    if (
      privileged.some(
        ([intent, flag]) => (d.intents & intent) !== 0 && (world.application.flags & (flag | (flag >> 1))) === 0,
      )
    )
      return refuse(GatewayCloseCodes.DisallowedIntents, 'Disallowed intent(s).');
    const verdict = starts.identify();
    if (verdict === 'too soon')
      return void socket.send(JSON.stringify({ op: GatewayOpcodes.InvalidSession, d: false }));
    if (verdict === 'used up') return refuse(GatewayCloseCodes.AuthenticationFailed, 'No session starts are left.');
    const session = makeSession(d.intents, socket);
    sessions.set(session.id, session);
    const guilds = [...world.guilds.values()].filter(({ members }) => members.has(world.application.bot.id));
    dispatch(session, 'READY', {
      v: 10,
      user: apiUser(world.application.bot),
      guilds: guilds.map(({ id }) => ({ id, unavailable: true })),
      session_id: session.id,
      resume_gateway_url: address(),
      application: { id: world.application.id, flags: world.application.flags },
      ...(d.shard && { shard: d.shard }),
    });
    if ((d.intents & GatewayIntentBits.Guilds) !== 0)
      for (const guild of guilds) dispatch(session, 'GUILD_CREATE', apiGuildCreate(world, guild));
    return session;
  };

  const goOn = (socket: WebSocket, d: z.infer<typeof resume>): Session | undefined => {
    const session = sessions.get(d.session_id);
    if (d.token !== world.application.token)
      return void close(socket, GatewayCloseCodes.AuthenticationFailed, 'Authentication failed.');
    if (!session) return void socket.send(JSON.stringify({ op: GatewayOpcodes.InvalidSession, d: false }));
    if (d.seq > session.sent.length) return void close(socket, GatewayCloseCodes.InvalidSeq, 'Invalid seq.');
    session.socket?.terminate();
    replay(session, d.seq, socket);
    return session;
  };

  const sendMembers = (session: Session, d: z.infer<typeof memberRequest>) => {
    const guild = world.guilds.get(d.guild_id);
    if (!guild) return;
    const wanted = d.user_ids === undefined ? undefined : [d.user_ids].flat();
    const found = [...guild.members.keys()].filter(
      (id) => wanted?.includes(id) ?? world.users.get(id)?.name.startsWith(d.query ?? ''),
    );
    const members = found.slice(0, d.limit || found.length).map((id) => apiMember(world, guild, id));
    const not_found = (wanted ?? []).filter((id) => !found.includes(id));
    dispatch(session, 'GUILD_MEMBERS_CHUNK', {
      guild_id: guild.id,
      members,
      chunk_index: 0,
      chunk_count: 1,
      not_found,
      nonce: d.nonce,
    });
  };

  server.on('connection', (socket: WebSocket) => {
    let session: Session | undefined;
    let heardAt = Date.now();
    const send = (op: GatewayOpcodes, d?: unknown) => socket.send(JSON.stringify({ op, d }));
    const counted = starts.countSends();
    // A beat that is late by half an interval is missed.
    const watch = setInterval(() => {
      if (Date.now() - heardAt > options.heartbeatIntervalMs * 1.5)
        close(socket, GatewayCloseCodes.SessionTimedOut, 'Session timed out: a heartbeat is missing.');
    }, options.heartbeatIntervalMs / 4).unref();
    socket.on('error', () => socket.terminate());
    socket.on('close', (code) => {
      clearInterval(watch);
      if (!session || session.socket !== socket) return;
      session.socket = undefined;
      // A client that says goodbye ends its session; any other end leaves it to be resumed.
      if (code === 1000 || code === 1001) sessions.delete(session.id);
      world.signal.tell();
    });
    socket.on('message', (raw: RawData) => {
      if (!counted()) return close(socket, GatewayCloseCodes.RateLimited, 'More than 120 payloads in a minute.');
      const message = payload.safeParse(parse(raw));
      if (!message.success) return close(socket, GatewayCloseCodes.DecodeError, 'Error while decoding payload.');
      const { op, d } = message.data;
      if (!session && ![GatewayOpcodes.Heartbeat, GatewayOpcodes.Identify, GatewayOpcodes.Resume].includes(op))
        return close(socket, GatewayCloseCodes.NotAuthenticated, 'Not authenticated.');
      const read = <T>(schema: z.ZodType<T>, use: (value: T) => void) => {
        const parsed = schema.safeParse(d);
        if (parsed.success) use(parsed.data);
        else close(socket, GatewayCloseCodes.DecodeError, `Error while decoding payload: ${parsed.error.message}`);
      };
      switch (op) {
        case GatewayOpcodes.Heartbeat:
          heardAt = Date.now();
          return send(GatewayOpcodes.HeartbeatAck);
        case GatewayOpcodes.Identify:
          if (session) return close(socket, GatewayCloseCodes.AlreadyAuthenticated, 'Already authenticated.');
          read(identify, (value) => {
            session = start(socket, value);
          });
          break;
        case GatewayOpcodes.Resume:
          read(resume, (value) => {
            session = goOn(socket, value);
          });
          break;
        case GatewayOpcodes.RequestGuildMembers:
          return read(memberRequest, (value) => session && sendMembers(session, value));
        case GatewayOpcodes.PresenceUpdate:
        case GatewayOpcodes.VoiceStateUpdate:
          return;
        default:
          return close(socket, GatewayCloseCodes.UnknownOpcode, `Unknown opcode ${op}.`);
      }
      world.signal.tell();
    });
    send(GatewayOpcodes.Hello, { heartbeat_interval: options.heartbeatIntervalMs });
  });

  const connected = () => [...sessions.values()].filter(({ socket }) => socket !== undefined);
  return {
    upgrade: (request: IncomingMessage, socket: Duplex, head: Buffer) =>
      server.handleUpgrade(request, socket, head, (client) => {
        const version = new URL(request.url ?? '/', 'ws://discord.test').searchParams.get('v');
        if (version === '10') server.emit('connection', client, request);
        else close(client, GatewayCloseCodes.InvalidAPIVersion, `Version ${version} is not spoken here.`);
      }),
    starts,
    connected: () => connected().length,
    /** Cut without a word, or closed with a code. */
    drop: (code?: number) => {
      for (const { socket } of connected()) {
        if (code === undefined) socket?.terminate();
        else socket?.close(code);
      }
    },
    /** Opcode 7. */
    askToReconnect: () => {
      for (const { socket } of connected()) socket?.send(JSON.stringify({ op: GatewayOpcodes.Reconnect, d: null }));
    },
    /** Opcode 9; not resumable: what the session was sent is forgotten. */
    invalidate: (resumable: boolean) => {
      for (const session of [...sessions.values()]) {
        session.socket?.send(JSON.stringify({ op: GatewayOpcodes.InvalidSession, d: resumable }));
        if (!resumable) sessions.delete(session.id);
      }
    },
    /** Clients that are away can no longer resume, as after a longer time. */
    forgetAway: () => {
      for (const session of [...sessions.values()]) if (!session.socket) sessions.delete(session.id);
    },
    terminate: () => {
      for (const client of server.clients) client.terminate();
    },
  };
}

export type Gateway = ReturnType<typeof makeGateway>;

function parse(raw: RawData): unknown {
  const text = raw.toString();
  if (text.length > 4096) return undefined;
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
