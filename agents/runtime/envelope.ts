// What every message of an agent carries.
import { protocolVersion } from '../../core/contracts/messages.ts';
import type { Clock, NewId } from '../../core/ports/clock.ts';
import type { AttemptAbout } from './journal.ts';

export type Speaker = { readonly name: string; readonly clock: Clock; readonly newId: NewId };

export function envelopeOf(speaker: Speaker, about: AttemptAbout) {
  const { task, run, step, attempt, token } = about;
  return {
    protocol: protocolVersion,
    id: speaker.newId(),
    sentAt: speaker.clock.now().toISOString(),
    sender: speaker.name,
    ...{ task, run, step, attempt, token },
  } as const;
}
