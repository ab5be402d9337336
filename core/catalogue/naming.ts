// What an action is called: title, subject, aliases and verbs, from the names that the repository gives its parts.
import type { Lab } from './lab.ts';
import { namePart } from './name-part.ts';
import { nameWhole } from './name-whole.ts';
import type { Naming } from './name-words.ts';
import type { Offer } from './offer.ts';
import type { PlaybookReading } from './plays.ts';

export function nameOffer(lab: Lab, offer: Offer, reading: PlaybookReading): Naming {
  return offer.kind === 'playbook' ? nameWhole(lab, offer, reading) : namePart(lab, offer, reading);
}
