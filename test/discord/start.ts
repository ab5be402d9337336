// `startDiscord()`: Discord for the tests, on loopback. The real client is pointed at it with `{ rest: { api: apiUrl } }`. It
// keeps Discord's rules and writes down who breaks them.
import { ApplicationFlags } from 'discord-api-types/v10';
import type { Clock } from './clock.ts';
import { type CannedAnswer, type ForcedLimit, type Hold, type Matcher, makeFaults } from './faults.ts';
import { type Gateway, makeGateway } from './gateway.ts';
import { type ChannelHandle, handleChannel, handlePerson, type PersonHandle } from './handles.ts';
import { makeListener } from './listen.ts';
import { makeOwner, type Owner } from './owner.ts';
import { makeRateLimits, type Scope } from './rate-limits.ts';
import { makeRest, type SeenRequest } from './rest.ts';
import type { Route } from './route.ts';
import { addChannel, addGuild, addUser, type PermissionName, setMember } from './scene.ts';
import { archiveIdle } from './threads.ts';
import { type Application, type Guild, makeWorld, type Violation, type World } from './world.ts';

export type DiscordOptions = {
  readonly port?: number;
  readonly token?: string;
  /** `generous` for tests that are about something else: no request is refused for its number. */
  readonly limits?: 'real' | 'generous';
  /** What the application is allowed; members' and presence intents and message content are not, unless told. */
  readonly flags?: number;
  readonly heartbeatIntervalMs?: number;
  readonly uploadLimitBytes?: number;
  readonly botPermissions?: readonly PermissionName[];
};

export type DiscordServer = {
  /** For `new Client({ rest: { api } })`. */
  readonly apiUrl: string;
  readonly port: number;
  readonly token: string;
  readonly application: Application;
  /** The guild that is there from the start, with the channels `general` and `ops`. */
  readonly guild: Guild;
  readonly clock: Clock;
  readonly world: World;
  readonly gateway: Gateway;
  /** Every REST request, in order. */
  readonly requests: readonly SeenRequest[];
  /** How many 429 were answered. */
  readonly refusals: Readonly<Record<Scope, number>>;
  /** 401, 403 and 429 in the last ten minutes; at 10,000 Discord closes the door. */
  invalidRequests(): number;
  readonly violations: readonly Violation[];
  /** Throws with what was broken; codes in `except` are expected. */
  assertNoViolations(except?: readonly number[]): void;
  /** Who joins the guild with these roles' ids, when new. */
  person(name: string, roles?: readonly string[]): PersonHandle;
  channel(which: string): ChannelHandle;
  /** Who changes the guild's settings. */
  readonly owner: Owner;
  until<T>(look: () => T, what: string, timeoutMs?: number): Promise<Exclude<T, false | null | undefined>>;
  /** The gateway's connections are cut, or closed with a code. */
  dropConnections(code?: number): void;
  answerNext(matcher: Matcher, answer: CannedAnswer): void;
  limitNext(matcher: Matcher, limit: ForcedLimit): void;
  holdRequests(matcher: Matcher): Hold;
  /** The port is closed, what was known stays. */
  stop(): Promise<void>;
  start(): Promise<void>;
  [Symbol.asyncDispose](): Promise<void>;
};

/** What an invitation of the bot asks for. */
const usualPermissions: readonly PermissionName[] = [
  'ViewChannel',
  'SendMessages',
  'SendMessagesInThreads',
  'CreatePublicThreads',
  'ManageThreads',
  'EmbedLinks',
  'AttachFiles',
  'ReadMessageHistory',
];

export async function startDiscord(options: DiscordOptions = {}): Promise<DiscordServer> {
  const generous = options.limits === 'generous';
  const world = makeWorld({
    token: options.token ?? 'MTA.test.token-of-the-bot',
    flags: options.flags ?? ApplicationFlags.ApplicationCommandBadge,
    uploadLimitBytes: options.uploadLimitBytes ?? 10 * 1024 * 1024,
  });
  const guild = addGuild(world, 'Home');
  addChannel(world, guild, 'general');
  addChannel(world, guild, 'ops');
  const owner = makeOwner(world, guild);
  owner.setBotPermissions(options.botPermissions ?? usualPermissions);

  const limits = makeRateLimits(world.clock, generous, (reason) => world.blame(429, 'rate limit', reason));
  const faults = makeFaults(world.signal);
  const seen: SeenRequest[] = [];
  const gateway = makeGateway(
    world,
    { heartbeatIntervalMs: options.heartbeatIntervalMs ?? 41_250, identifyIntervalMs: generous ? 0 : 5_000 },
    () => gatewayUrl(),
  );
  const rest = makeRest({ world, limits, faults, seen, extraRoutes: gatewayRoutes(gateway, () => gatewayUrl()) });
  const listener = makeListener({ world, rest, upgrade: gateway.upgrade });
  const gatewayUrl = () => `ws://127.0.0.1:${listener.port}/gateway`;
  await listener.start(options.port ?? 0);

  const stop = async () => {
    faults.endHolds();
    gateway.terminate();
    await listener.stop();
  };
  return {
    get apiUrl() {
      return `${world.origin}/api`;
    },
    get port() {
      return listener.port;
    },
    token: world.application.token,
    application: world.application,
    guild,
    clock: {
      now: world.clock.now,
      advance: (ms) => {
        world.clock.advance(ms);
        archiveIdle(world);
      },
    },
    world,
    gateway,
    requests: seen,
    refusals: limits.given,
    invalidRequests: limits.invalidRequests,
    violations: world.violations,
    assertNoViolations: (except = []) => {
      const broken = world.violations.filter(({ code }) => !except.includes(code));
      if (broken.length > 0)
        throw new Error(broken.map(({ code, request, reason }) => `${request}: ${reason} (${code})`).join('\n'));
    },
    person: (name, roles = []) => {
      const known = [...world.users.values()].find((user) => user.name === name);
      const user = known ?? addUser(world, name);
      if (!known) setMember(world, guild, user.id, roles);
      return handlePerson(world, user);
    },
    channel: (which) => handleChannel(world, which),
    owner,
    until: world.signal.until,
    dropConnections: gateway.drop,
    answerNext: faults.answerNext,
    limitNext: faults.limitNext,
    holdRequests: faults.holdRequests,
    stop,
    start: () => listener.start(),
    [Symbol.asyncDispose]: stop,
  };
}

function gatewayRoutes(gateway: Gateway, url: () => string): readonly Route[] {
  return [
    {
      method: 'GET',
      path: '/gateway/bot',
      limit: { name: 'gateway', limit: 5, perMs: 5_000 },
      handle: () => ({ status: 200, body: { url: url(), shards: 1, session_start_limit: gateway.starts.report() } }),
    },
  ];
}
