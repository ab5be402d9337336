// The server in a process of its own, as a test holds it: the same acts as in the process, each asked for over the control port.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { z } from 'zod';
import type { ForcedLimit, Matcher } from './faults.ts';
import type { ChannelHandle, InteractionHandle, PersonHandle } from './handles.ts';
import type { SeenMessage } from './seen.ts';
import type { Violation } from './world.ts';

const answer = z.union([z.object({ error: z.string() }), z.object({ value: z.unknown() })]);
const text = z.string();
// Both ends are this folder's code: that it is an object is all there is to check.
const seenMessages = z.array(z.custom<SeenMessage>((value) => typeof value === 'object'));
const seenInteraction = z.custom<Omit<InteractionHandle, 'until'>>((value) => typeof value === 'object');
const violations = z.array(z.custom<Violation>((value) => typeof value === 'object'));
const about = z.object({ apiUrl: text, token: text, applicationId: text, guildId: text, connected: z.number() });
const requests = z.array(z.object({ atMs: z.number(), route: text, path: text, status: z.number().optional() }));
const refusals = z.object({ user: z.number(), shared: z.number(), global: z.number() });

export async function connectDiscord(controlUrl: string) {
  const call = async <T>(name: string, input: object, output: z.ZodType<T>): Promise<T> => {
    const response = await fetch(`${controlUrl}/${name}`, { method: 'POST', body: JSON.stringify(input) });
    const said = answer.parse(await response.json());
    if ('error' in said) throw new Error(said.error);
    return output.parse(said.value);
  };
  const order = async (name: string, input: object = {}): Promise<void> => void (await call(name, input, z.unknown()));

  /** Asked again until it is so: what changes there is not told here. */
  const until = async <T>(look: () => Promise<T | undefined>, what: string, timeoutMs = 10_000): Promise<T> => {
    for (const end = Date.now() + timeoutMs; Date.now() < end; await new Promise((go) => setTimeout(go, 20))) {
      const found = await look();
      if (found !== undefined) return found;
    }
    throw new Error(`waited ${timeoutMs} ms in vain for ${what}`);
  };

  const act = async (name: string, input: object): Promise<InteractionHandle> =>
    handleOf(await call(name, input, seenInteraction));
  const handleOf = (seen: Omit<InteractionHandle, 'until'>): InteractionHandle => ({
    ...seen,
    until: (condition, what = 'what an interaction brings', timeoutMs) =>
      until(
        async () => {
          const now = handleOf(await call('interaction', { id: seen.id }, seenInteraction));
          return condition(now) ? now : undefined;
        },
        what,
        timeoutMs,
      ),
  });

  const messages = (channel: string, person?: string) => call('messages', { channel, person }, seenMessages);
  return {
    ...(await call('about', {}, about)),
    connected: async () => (await call('about', {}, about)).connected,
    person: async (name: string, roles: readonly string[] = []): Promise<PersonHandle> => ({
      id: await call('person', { person: name, roles }, text),
      name,
      command: (command, values = {}, where = {}) => act('command', { person: name, name: command, values, ...where }),
      autocomplete: (command, option, typed, where = {}) =>
        act('autocomplete', { person: name, name: command, option, typed, ...where }),
      press: (message, button) => act('press', { person: name, message, button }),
      select: (message, menu, values) => act('select', { person: name, message, menu, values }),
      submitModal: (shownBy, values) => act('submitModal', { person: name, shownBy, values }),
      say: (channel, words, how = {}) => call('say', { person: name, in: channel, text: words, ...how }, text),
      edit: (message, words) => order('edit', { person: name, message, text: words }),
      remove: (message) => order('remove', { person: name, message }),
      openDirect: () => call('openDirect', { person: name }, text),
      messages: (channel) => messages(channel, name),
    }),
    channel: async (which: string): Promise<ChannelHandle> => ({
      id: await call('channel', { channel: which }, text),
      messages: () => messages(which),
      everything: () => call('everything', { channel: which }, seenMessages),
      until: (fits, what = `a message in ${which}`, timeoutMs) =>
        until(async () => (await messages(which)).find(fits), what, timeoutMs),
    }),
    requests: () => call('requests', {}, requests),
    /** How many 429 were answered. */
    refusals: () => call('refusals', {}, refusals),
    violations: () => call('violations', {}, violations),
    advance: (ms: number) => order('advance', { ms }),
    dropConnections: (code?: number) => order('dropConnections', { code }),
    askToReconnect: () => order('askToReconnect'),
    invalidate: (resumable: boolean) => order('invalidate', { resumable }),
    forgetAway: () => order('forgetAway'),
    answerNext: (
      matcher: Matcher,
      canned: { status: number; body?: unknown; delayMs?: number; times?: number; applied?: boolean },
    ) => order('answerNext', { matcher, ...canned }),
    limitNext: (matcher: Matcher, limit: ForcedLimit) => order('limitNext', { matcher, ...limit }),
    holdRequests: async (matcher: Matcher) => {
      const hold = await call('hold', { matcher }, z.number());
      return {
        held: () => call('held', { hold }, z.number()),
        release: () => order('endHold', { hold, cut: false }),
        cut: () => order('endHold', { hold, cut: true }),
      };
    },
    /** The owner's acts, by name; see control.ts for those there are. */
    owner: (act: string, ...values: readonly unknown[]) => call('owner', { act, with: values }, z.unknown()),
    stop: () => order('stop'),
    start: () => order('start'),
  };
}

export type RemoteDiscord = Awaited<ReturnType<typeof connectDiscord>>;

/** In a process of its own, with main.ts's settings; it is gone when this process is. */
export async function spawnDiscord(settings: object = {}): Promise<RemoteDiscord & AsyncDisposable> {
  const child = spawn(process.execPath, [path.join(import.meta.dirname, 'main.ts'), JSON.stringify(settings)], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const gone = once(child, 'exit');
  const lines = createInterface({ input: child.stdout });
  const first = await Promise.race([
    once(lines, 'line'),
    gone.then(() => Promise.reject(new Error('the Discord of the tests did not start'))),
  ]);
  const { controlUrl } = z.object({ controlUrl: text }).parse(JSON.parse(String(first[0])));
  return {
    ...(await connectDiscord(controlUrl)),
    [Symbol.asyncDispose]: async () => {
      child.stdin.end();
      await gone;
    },
  };
}
