// The commit of an approved plan, to the agent that is to run it: exactly that commit, as a Git pack in parts.
import type { Logger } from 'pino';
import type { AgentMessage } from '../../core/contracts/messages.ts';
import { ChiffonError } from '../../core/error.ts';
import type { EventLog } from '../../core/ports/event-log.ts';
import type { InfrastructureRepository } from '../../core/ports/repository.ts';
import { replay } from '../../core/task/evolve.ts';
import { liveAttempt, poolOf } from '../../core/task/state.ts';
import type { AgentRegistry } from './agent-registry.ts';
import type { CoreVoice } from './core-voice.ts';

const partBytes = 512 * 1024;

type Wanted = Extract<AgentMessage, { type: 'commit.wanted' }>;
type Parts = {
  readonly store: EventLog;
  readonly repository: InfrastructureRepository;
  readonly voice: CoreVoice;
  readonly registry: AgentRegistry;
  readonly log: Logger;
};

/** Packs take memory and time: so many are on their way at once, and one to each agent. Others ask again. */
const underwayAtMost = 2;

/** Begins to send, and does not wait: a large commit must not hold up what others say. */
export function commitSender(parts: Parts): (wanted: Wanted) => void {
  const underway = new Set<string>();
  return (wanted) => {
    const { sender, task } = wanted;
    if (underway.has(sender) || underway.size >= underwayAtMost) return;
    underway.add(sender);
    sendCommit(parts, wanted)
      .catch((error: unknown) => parts.log.error({ err: error, task }, 'a commit could not be sent to an agent'))
      .finally(() => underway.delete(sender));
  };
}

async function sendCommit(parts: Parts, wanted: Wanted): Promise<void> {
  const { task, run, step, attempt, token, sender, commit } = wanted;
  const about = { task, run, step, attempt, token };
  const tell = (part: number, of: number, data: Uint8Array, failure: string | null) =>
    parts.voice.tell(sender, about, {
      type: 'commit.pack',
      ...{ commit, part, parts: of, failure, data: Buffer.from(data).toString('base64') },
    });
  const state = replay(task, await parts.store.readTask(task));
  const live = liveAttempt(state);
  // No agent reads what it was not given to run. Its claim may come after this, where a message was lost.
  const isIts = (live?.holder?.agent ?? sender) === sender && parts.registry.agent(sender)?.pool === poolOf(state);
  if (live?.token !== token || !isIts || state.proposal?.plan.commit !== commit)
    return tell(0, 0, new Uint8Array(), 'That commit is not what the attempt is to run from.');
  try {
    const pack = await parts.repository.pack(commit, wanted.have);
    const count = Math.max(1, Math.ceil(pack.length / partBytes));
    for (let part = 1; part <= count; part += 1)
      await tell(part, count, pack.subarray((part - 1) * partBytes, part * partBytes), null);
  } catch (error) {
    if (!(error instanceof ChiffonError)) throw error;
    await tell(0, 0, new Uint8Array(), error.message);
  }
}
