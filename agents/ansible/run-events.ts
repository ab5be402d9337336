// What the callback plugin tells on file descriptor 3: numbered events, secrets to hide, and the guard's last word.
import { z } from 'zod';
import type { Progress } from '../../core/contracts/messages.ts';

const eventSchema = z.object({
  n: z.number().int(),
  at: z.number(),
  kind: z.enum([
    'play',
    'task',
    'handler',
    'no-hosts',
    'ok',
    'changed',
    'failed',
    'skipped',
    'unreachable',
    'item',
    'retry',
    'recap',
    'end',
  ]),
  host: z.string().optional(),
  name: z.string().optional(),
  item: z.string().optional(),
  msg: z.string().optional(),
  status: z.string().optional(),
  note: z.boolean().optional(),
  ignored: z.union([z.boolean(), z.number()]).optional(),
  ok: z.number().optional(),
  changed: z.number().optional(),
  failed: z.number().optional(),
  unreachable: z.number().optional(),
  skipped: z.number().optional(),
  rescued: z.number().optional(),
});
export type RunEvent = z.infer<typeof eventSchema>;

const guardSchema = z.object({
  exit: z.number().int().nullable(),
  signal: z.number().int().nullable(),
  /** Why it stopped the command; null when the command ended by itself. */
  stopped: z.string().nullable(),
  killed: z.number().int(),
  alive: z.array(z.number().int()),
});
export type GuardReport = z.infer<typeof guardSchema>;

const lineSchema = z.union([z.object({ guard: guardSchema }), z.object({ secret: z.array(z.string()) }), eventSchema]);

export type EventReader = {
  readonly push: (bytes: Uint8Array) => void;
  /** Undefined while the guard has not had its last word. */
  readonly guard: () => GuardReport | undefined;
  /** True when numbers are missing or a line could not be read. */
  readonly gap: () => boolean;
};

const longestLine = 64 * 1024;

export function makeEventReader(to: {
  readonly event: (event: RunEvent) => void;
  readonly secrets: (values: readonly string[]) => void;
}): EventReader {
  const decoder = new TextDecoder();
  let held = '';
  let last = 0;
  let broken = false;
  let guard: GuardReport | undefined;

  function takeLine(line: string): void {
    const parsed = lineSchema.safeParse(parseJson(line));
    if (!parsed.success) {
      broken = true;
      return;
    }
    const { data } = parsed;
    if ('guard' in data) guard = data.guard;
    else if ('secret' in data) to.secrets(data.secret);
    else {
      if (data.n !== last + 1) broken = true;
      last = data.n;
      to.event(data);
    }
  }

  return {
    push(bytes) {
      const lines = (held + decoder.decode(bytes, { stream: true })).split('\n');
      held = lines.pop() ?? '';
      for (const line of lines) if (line !== '') takeLine(line);
      if (held.length > longestLine) {
        held = '';
        broken = true;
      }
    },
    guard: () => guard,
    gap: () => broken,
  };
}

/** The event for the live line; null for what is not shown there. A failure that the playbook ignores is none. */
export function progressOf(event: RunEvent): Progress | null {
  if (event.kind === 'no-hosts' || event.kind === 'end') return null;
  const kind = event.ignored === true && (event.kind === 'failed' || event.kind === 'unreachable') ? 'ok' : event.kind;
  const name = event.item === undefined ? (event.name ?? '') : `${event.name ?? ''}: ${event.item}`;
  return { number: event.n, at: new Date(event.at).toISOString(), kind, host: event.host ?? null, name };
}

function parseJson(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
}
