// The server from another process: each operation is a POST of JSON to a port of its own. remote.ts is its other end.
import { once } from 'node:events';
import { createServer } from 'node:http';
import { PermissionFlagsBits } from 'discord-api-types/v10';
import { z } from 'zod';
import type { Hold } from './faults.ts';
import type { InteractionHandle } from './handles.ts';
import type { PermissionName } from './scene.ts';
import type { DiscordServer } from './start.ts';

const route = z.object({ route: z.string(), channel: z.string().optional(), contentIncludes: z.string().optional() });
const matcher = route.transform(({ route: which, channel, contentIncludes }) => ({
  route: which,
  ...(channel !== undefined && { channel }),
  ...(contentIncludes !== undefined && { contentIncludes }),
}));
const optionValues = z.record(z.string(), z.union([z.string(), z.number(), z.boolean()]));
const where = { person: z.string(), in: z.string().default('general') };

const permission = z.custom<PermissionName>((value) => typeof value === 'string' && value in PermissionFlagsBits);
const threadChange = z
  .object({ archived: z.boolean(), locked: z.boolean(), name: z.string() })
  .partial()
  .transform(({ archived, locked, name }) => ({
    ...(archived !== undefined && { archived }),
    ...(locked !== undefined && { locked }),
    ...(name !== undefined && { name }),
  }));

type Operation = { readonly run: (body: unknown) => unknown };

function operation<T>(input: z.ZodType<T>, run: (value: T) => unknown): Operation {
  return { run: (body) => run(input.parse(body)) };
}

function makeOperations(server: DiscordServer): Readonly<Record<string, Operation>> {
  const interactions = new Map<string, InteractionHandle>();
  const holds: Hold[] = [];
  const keep = async (acted: Promise<InteractionHandle>) => {
    const handle = await acted;
    interactions.set(handle.id, handle);
    return { ...handle };
  };
  const none = z.unknown();
  return {
    about: operation(none, () => ({
      apiUrl: server.apiUrl,
      token: server.token,
      applicationId: server.application.id,
      guildId: server.guild.id,
      connected: server.gateway.connected(),
    })),
    command: operation(z.object({ ...where, name: z.string(), values: optionValues.default({}) }), (act) =>
      keep(server.person(act.person).command(act.name, act.values, { in: act.in })),
    ),
    autocomplete: operation(z.object({ ...where, name: z.string(), option: z.string(), typed: z.string() }), (act) =>
      keep(server.person(act.person).autocomplete(act.name, act.option, act.typed, { in: act.in })),
    ),
    press: operation(z.object({ person: z.string(), message: z.string(), button: z.string() }), (act) =>
      keep(server.person(act.person).press(act.message, act.button)),
    ),
    select: operation(
      z.object({ person: z.string(), message: z.string(), menu: z.string(), values: z.array(z.string()) }),
      (act) => keep(server.person(act.person).select(act.message, act.menu, act.values)),
    ),
    submitModal: operation(
      z.object({ person: z.string(), shownBy: z.string(), values: z.record(z.string(), z.string()) }),
      (act) => keep(server.person(act.person).submitModal(act.shownBy, act.values)),
    ),
    say: operation(
      z.object({
        ...where,
        text: z.string(),
        mention: z.boolean().default(false),
        replyTo: z.string().optional(),
        ping: z.boolean().default(true),
      }),
      (act) =>
        server.person(act.person).say(act.in, act.text, {
          mention: act.mention,
          ping: act.ping,
          ...(act.replyTo !== undefined && { replyTo: act.replyTo }),
        }),
    ),
    edit: operation(z.object({ person: z.string(), message: z.string(), text: z.string() }), (act) =>
      server.person(act.person).edit(act.message, act.text),
    ),
    remove: operation(z.object({ person: z.string(), message: z.string() }), (act) =>
      server.person(act.person).remove(act.message),
    ),
    openDirect: operation(z.object({ person: z.string() }), ({ person }) => server.person(person).openDirect()),
    person: operation(
      z.object({ person: z.string(), roles: z.array(z.string()).default([]) }),
      ({ person, roles }) => server.person(person, roles).id,
    ),
    interaction: operation(z.object({ id: z.string() }), ({ id }) => ({ ...interactions.get(id) })),
    channel: operation(z.object({ channel: z.string() }), ({ channel }) => server.channel(channel).id),
    messages: operation(z.object({ channel: z.string(), person: z.string().optional() }), ({ channel, person }) =>
      person === undefined ? server.channel(channel).messages() : server.person(person).messages(channel),
    ),
    everything: operation(z.object({ channel: z.string() }), ({ channel }) => server.channel(channel).everything()),
    /** Bodies are left out: a long run would make a long answer. */
    requests: operation(none, () =>
      server.requests.map(({ atMs, route: asked, path, status }) => ({ atMs, route: asked, path, status })),
    ),
    refusals: operation(none, () => server.refusals),
    violations: operation(none, () => server.violations),
    advance: operation(z.object({ ms: z.number() }), ({ ms }) => server.clock.advance(ms)),
    dropConnections: operation(z.object({ code: z.int().optional() }), ({ code }) => server.dropConnections(code)),
    askToReconnect: operation(none, () => server.gateway.askToReconnect()),
    invalidate: operation(z.object({ resumable: z.boolean() }), ({ resumable }) =>
      server.gateway.invalidate(resumable),
    ),
    forgetAway: operation(none, () => server.gateway.forgetAway()),
    answerNext: operation(
      z.object({
        matcher,
        status: z.int(),
        body: z.unknown().optional(),
        delayMs: z.number().default(0),
        times: z.int().default(1),
        applied: z.boolean().default(false),
      }),
      ({ matcher: which, status, body, delayMs, times, applied }) =>
        server.answerNext(which, { status, body, delayMs, times, ...(applied && { applied }) }),
    ),
    limitNext: operation(
      z.object({
        matcher,
        scope: z.literal(['user', 'shared', 'global']),
        retryAfterMs: z.number(),
        times: z.int().default(1),
      }),
      ({ matcher: which, ...limit }) => server.limitNext(which, limit),
    ),
    hold: operation(z.object({ matcher }), ({ matcher: which }) => holds.push(server.holdRequests(which)) - 1),
    held: operation(z.object({ hold: z.int() }), ({ hold }) => holds[hold]?.held),
    endHold: operation(z.object({ hold: z.int(), cut: z.boolean() }), ({ hold, cut }) =>
      cut ? holds[hold]?.cut() : holds[hold]?.release(),
    ),
    owner: operation(z.object({ act: z.string(), with: z.array(z.unknown()) }), ({ act, with: values }) =>
      ownerAct(server, act, values),
    ),
    stop: operation(none, () => server.stop()),
    start: operation(none, () => server.start()),
  };
}

/** The owner's acts that can be asked for from outside, with what they take. */
function ownerAct({ owner }: DiscordServer, act: string, values: readonly unknown[]): unknown {
  const [which, more, name] = values;
  const id = () => z.string().parse(which);
  switch (act) {
    case 'addChannel':
      return owner.addChannel(id());
    case 'deleteChannel':
      return owner.deleteChannel(id());
    case 'deleteMessage':
      return owner.deleteMessage(id());
    case 'startThread':
      return owner.startThread(id(), z.string().parse(more), z.string().parse(name));
    case 'changeThread':
      return owner.changeThread(id(), threadChange.parse(more));
    case 'setBotPermissions':
      return owner.setBotPermissions(z.array(permission).parse(which));
    case 'setInteractionsEndpointUrl':
      return owner.setInteractionsEndpointUrl(z.string().nullable().parse(which));
    default:
      throw new Error(`the owner has no act "${act}" from outside`);
  }
}

export async function openControl(server: DiscordServer, wantedPort = 0) {
  const operations = makeOperations(server);
  const desk = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => void chunks.push(chunk));
    request.on('end', () => {
      const name = request.url?.slice(1) ?? '';
      const work = async (): Promise<unknown> => {
        const found = operations[name];
        if (!found) throw new Error(`there is no operation "${name}"; there are ${Object.keys(operations).join(', ')}`);
        return await found.run(chunks.length === 0 ? {} : JSON.parse(Buffer.concat(chunks).toString('utf8')));
      };
      work().then(
        (value) => response.end(JSON.stringify({ value: value ?? null })),
        (error: unknown) =>
          response.end(JSON.stringify({ error: error instanceof Error ? error.message : String(error) })),
      );
    });
  }).listen(wantedPort, '127.0.0.1');
  await once(desk, 'listening');
  const address = desk.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  return {
    url: `http://127.0.0.1:${address.port}`,
    close: () => {
      desk.close();
      desk.closeAllConnections();
    },
  };
}
