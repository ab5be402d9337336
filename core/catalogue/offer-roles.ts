// The roles that an offer is about.
import type { Offer } from './offer.ts';
import type { Role } from './role.ts';
import { isTool, topRoles } from './top-roles.ts';

/** The one role that an offer is about, in the repository. */
export function loneRole(offer: Offer): Role | undefined {
  if (offer.about.length === 0 && isTool(offer.selected)) return undefined;
  const roles = rolesOf(offer);
  const named = topRoles(offer.about.length > 0 ? offer.about : offer.selected);
  return roles.length === 1 && named.length <= 1 ? roles[0] : undefined;
}

/** The roles that an offer names itself. */
export function rolesOf(offer: Offer): readonly Role[] {
  const visits =
    offer.about.length > 0
      ? offer.about.filter((visit) => visit.item.type === 'role')
      : offer.selected.filter(
          (visit) => visit.item.type === 'role' && visit.within === undefined && !visit.tags.has('always'),
        );
  const named = [...new Set(visits.flatMap((visit) => visit.role ?? []))];
  return named.length > 0 ? named : [...new Set(offer.about.flatMap((visit) => visit.within ?? []))];
}
