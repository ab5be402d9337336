// How playbooks use role folders and task files: on which hosts, and whether only behind a switch that is off.
import type { Lab } from './lab.ts';
import type { PlaybookReading } from './plays.ts';
import { isSwitchedOff } from './switches.ts';

export type Usage = {
  /** Used, but only behind a switch that is off everywhere: it serves nothing. */
  isOff(path: string): boolean;
  /** The hosts of all plays that use it; undefined where no play does. */
  hosts(path: string): readonly string[] | undefined;
};

export function usageOf(lab: Lab, readings: readonly PlaybookReading[]): Usage {
  const on = new Map<string, boolean>();
  const hosts = new Map<string, Set<string>>();
  for (const play of readings.flatMap((reading) => reading.plays)) {
    for (const visit of play.visits) {
      if (visit.role === undefined && visit.files.length === 0) continue;
      const off = isSwitchedOff(lab, play, visit);
      for (const path of visit.role === undefined ? visit.files : [visit.role.folder]) {
        on.set(path, on.get(path) === true || !off);
        const known = hosts.get(path) ?? new Set();
        for (const host of play.hosts) known.add(host);
        hosts.set(path, known);
      }
    }
  }
  return {
    isOff: (path) => on.get(path) === false,
    hosts: (path) => (hosts.has(path) ? lab.sameHosts([...(hosts.get(path) ?? [])]) : undefined),
  };
}
