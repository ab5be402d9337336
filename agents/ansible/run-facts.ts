// Gathers from the events what a result is made of: the recap, what changed, notes for people, failures.
import type { ExecutionFacts } from '../runtime/executor.ts';
import type { RunEvent } from './run-events.ts';

export type Failure = {
  readonly host: string;
  readonly task: string;
  readonly message: string;
  readonly unreachable: boolean;
};

export type RunFacts = {
  readonly add: (event: RunEvent) => void;
  readonly facts: () => Omit<ExecutionFacts, 'exitCode'>;
  /** For each host that the recap counts as failed or unreachable, the failure that ended it. */
  readonly failures: () => readonly Failure[];
  /** Ansible came to its end and said so. */
  readonly complete: () => boolean;
  /** Names of plays for which there was no host. */
  readonly playsWithoutHosts: () => readonly string[];
};

const changedPerHost = 50;
const notesKept = 20;
const longestNote = 1_000;

export function makeRunFacts(): RunFacts {
  const recap: Record<string, ExecutionFacts['recap'][string]> = {};
  const changed = new Map<string, string[]>();
  const notes: string[] = [];
  const failures = new Map<string, Failure>();
  const withoutHosts: string[] = [];
  let complete = false;

  function add(event: RunEvent): void {
    const { host = '', name = '' } = event;
    switch (event.kind) {
      case 'changed': {
        const names = changed.get(host) ?? [];
        if (names.length < changedPerHost && !names.includes(name)) names.push(name);
        changed.set(host, names);
        break;
      }
      case 'failed':
      case 'unreachable':
        if (event.ignored !== true)
          failures.set(host, { host, task: name, message: event.msg ?? '', unreachable: event.kind === 'unreachable' });
        break;
      case 'recap': {
        const { ok = 0, changed: changes = 0, failed = 0, unreachable = 0, skipped = 0, rescued = 0 } = event;
        const ignored = typeof event.ignored === 'number' ? event.ignored : 0;
        recap[host] = { ok, changed: changes, failed, unreachable, skipped, ignored, rescued };
        break;
      }
      case 'no-hosts':
        withoutHosts.push(name);
        break;
      case 'end':
        complete = true;
        break;
      default:
        break;
    }
    if (event.note === true && event.msg !== undefined) addNote(event.msg.slice(0, longestNote));
  }

  function addNote(text: string): void {
    if (notes.length < notesKept && !notes.includes(text)) notes.push(text);
  }

  return {
    add,
    facts: () => ({ recap, changed: Object.fromEntries(changed), notes }),
    failures: () =>
      [...failures.values()].filter(
        ({ host }) => !complete || (recap[host]?.failed ?? 0) > 0 || (recap[host]?.unreachable ?? 0) > 0,
      ),
    complete: () => complete,
    playsWithoutHosts: () => withoutHosts,
  };
}
