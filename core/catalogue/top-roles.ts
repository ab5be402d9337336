// Which roles a run is about, as its plays name them.
import type { Visit } from './visit.ts';
import { unique } from './words.ts';

const known = new WeakMap<readonly Visit[], readonly string[]>();

/** The roles that plays name themselves, those for every run left out. */
export function topRoles(visits: readonly Visit[]): readonly string[] {
  const before = known.get(visits);
  if (before !== undefined) return before;
  const roles = unique(
    visits.flatMap((visit) =>
      visit.item.type === 'role' && visit.within === undefined && !visit.tags.has('always') ? visit.target : [],
    ),
  );
  known.set(visits, roles);
  return roles;
}

/** Modules that only look, wait or tell. */
const preparing =
  /^(assert|debug|fail|set_fact|meta|include_vars|setup|pause|wait_for|wait_for_connection|stat|slurp)$/;

/** The only role is a tool that the playbook's own tasks use: it names one of its task files, and acts itself as well. */
export function isTool(visits: readonly Visit[]): boolean {
  const own = visits.filter((visit) => visit.within === undefined);
  return (
    own.some(({ item }) => item.type === 'role' && item.tasksFrom !== '') &&
    !own.some(({ item }) => item.type === 'role' && item.tasksFrom === '') &&
    own.some(({ item }) => item.type === 'task' && !preparing.test(item.module))
  );
}
