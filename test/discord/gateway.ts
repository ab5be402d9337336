// Discord's gateway: who may start or resume a session, and events to the sessions that asked for them.
// https://docs.discord.com/developers/events/gateway
import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { ApplicationFlags, GatewayCloseCodes, GatewayIntentBits, GatewayOpcodes } from 'discord-api-types/v10';
import { type WebSocket, WebSocketServer } from 'ws';
import { apiGuildCreate, apiMember, apiUser } from './api-objects.ts';
import { type Identify, type MemberRequest, type Resume, serveConnection } from './gateway-connection.ts';
import { makeGatewayLimits } from './gateway-limits.ts';
import { dispatch, makeSession, replay, type Session } from './gateway-session.ts';
import type { World, WorldEvent } from './world.ts';

export type GatewayOptions = {
  readonly heartbeatIntervalMs: number;
  /** Identifies nearer to each other than this get an invalid session. */
  readonly identifyIntervalMs: number;
};

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
    // A frame that closes has no room for more.
    socket.close(code, reason.slice(0, 120));
  };

  const refuse = (socket: WebSocket, code: number, reason: string): undefined => {
    close(socket, code, reason);
    return undefined;
  };
  const startAnew = (socket: WebSocket): undefined => {
    socket.send(JSON.stringify({ op: GatewayOpcodes.InvalidSession, d: false }));
    return undefined;
  };

  const start = (socket: WebSocket, d: Identify): Session | undefined => {
    if (d.token !== world.application.token)
      return refuse(socket, GatewayCloseCodes.AuthenticationFailed, 'Authentication failed.');
    if (d.shard && d.shard[0] >= d.shard[1]) return refuse(socket, GatewayCloseCodes.InvalidShard, 'Invalid shard.');
    if ((d.intents & ~everyIntent) !== 0) return refuse(socket, GatewayCloseCodes.InvalidIntents, 'Invalid intent(s).');
    if (
      privileged.some(
        ([intent, flag]) => (d.intents & intent) !== 0 && (world.application.flags & (flag | (flag >> 1))) === 0,
      )
    )
      return refuse(socket, GatewayCloseCodes.DisallowedIntents, 'Disallowed intent(s).');
    const verdict = starts.identify();
    if (verdict === 'too soon') return startAnew(socket);
    if (verdict === 'used up')
      return refuse(socket, GatewayCloseCodes.AuthenticationFailed, 'No session starts are left.');
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

  const goOn = (socket: WebSocket, d: Resume): Session | undefined => {
    const session = sessions.get(d.session_id);
    if (d.token !== world.application.token)
      return refuse(socket, GatewayCloseCodes.AuthenticationFailed, 'Authentication failed.');
    if (!session) return startAnew(socket);
    if (d.seq > session.sent.length) return refuse(socket, GatewayCloseCodes.InvalidSeq, 'Invalid seq.');
    session.socket?.terminate();
    replay(session, d.seq, socket);
    return session;
  };

  const sendMembers = (session: Session, d: MemberRequest) => {
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

  server.on('connection', (socket: WebSocket) =>
    serveConnection(socket, {
      heartbeatIntervalMs: options.heartbeatIntervalMs,
      maySend: starts.countSends(),
      close: (code, reason) => close(socket, code, reason),
      start: (d) => start(socket, d),
      goOn: (d) => goOn(socket, d),
      sendMembers,
      changed: world.signal.tell,
      ended: (session) => void sessions.delete(session.id),
    }),
  );

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
