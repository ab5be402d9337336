// What a playbook offers: itself as a whole, what its tags select, what its variables enable. Each offer becomes an action.
import type { Lab } from './lab.ts';
import type { Offer } from './offer.ts';
import type { PlaybookReading } from './plays.ts';
import { runWith, topVisits } from './selection.ts';
import { taggedOffers } from './tag-offers.ts';
import { variableOffers } from './variable-offers.ts';

export function offersOf(lab: Lab, reading: PlaybookReading): readonly Offer[] {
  const whole: Offer = {
    kind: 'playbook',
    tags: [],
    enables: {},
    about: [],
    aboutPlays: [],
    plays: reading.plays,
    selected: reading.plays.flatMap((play) => runWith(play, undefined)),
    otherTags: [],
  };
  const tagged = taggedOffers(lab, reading);
  const specific = tagged.filter((offer) => !coversAll(offer, reading));
  const covering = tagged.filter((offer) => coversAll(offer, reading));
  const enabled = variableOffers(lab, reading, specific);
  return [
    { ...whole, otherTags: covering.flatMap((offer) => [...offer.tags, ...offer.otherTags]) },
    ...specific,
    ...enabled,
  ];
}

/** The tag selects all that the playbook does. */
function coversAll(offer: Offer, reading: PlaybookReading): boolean {
  if (Object.keys(offer.enables).length > 0) return false;
  const [tag = ''] = offer.tags;
  return reading.plays.every((play) =>
    topVisits(play).every((visit) => visit.tags.has(tag) || visit.tags.has('always')),
  );
}
