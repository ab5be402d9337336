// Which variables the repository settles, and which are a person's to choose.
import type { Lab } from './lab.ts';
import type { Visit } from './visit.ts';

/** Whether the repository itself says what a variable is, so that it is no choice of the person's. */
export function isSettled(lab: Lab, visit: Visit, defined: ReadonlySet<string>, name: string): boolean {
  return (
    defined.has(name) ||
    lab.variables.definitions(name).length > 0 ||
    (visit.within !== undefined &&
      [...visit.within.defaults, ...visit.within.vars].some((variable) => variable.name === name))
  );
}
