// Tells agents things while their words are taken in, without waiting: an agent that does not read its queue holds up nobody. What
// is lost here is asked for again: a claim is repeated, and so is a last word that was not settled.
import type { Logger } from 'pino';
import type { AttemptAbout } from '../../core/contracts/envelope.ts';
import type { CoreVoice, Speech } from './core-voice.ts';

export type Tell = (agent: string, about: AttemptAbout, speech: Speech) => void;

const waitingAtMost = 100;

export function makeTell(voice: CoreVoice, log: Logger): Tell {
  const waiting = new Map<string, number>();
  return (agent, about, speech) => {
    const before = waiting.get(agent) ?? 0;
    if (before >= waitingAtMost) {
      log.warn(
        { agent, task: about.task, type: speech.type },
        'an agent does not read what it is told; this is dropped',
      );
      return;
    }
    waiting.set(agent, before + 1);
    voice
      .tell(agent, about, speech)
      .catch((error: unknown) =>
        log.warn({ err: error, agent, task: about.task, type: speech.type }, 'an agent could not be told'),
      )
      .finally(() => {
        const left = (waiting.get(agent) ?? 1) - 1;
        if (left === 0) waiting.delete(agent);
        else waiting.set(agent, left);
      });
  };
}
