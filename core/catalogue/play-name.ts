// The name that speaks for a playbook, where its plays have one.
import { isTemplated } from './jinja.ts';
import type { PlaybookReading } from './plays.ts';

export type PlayName = {
  readonly text: string;
  /** Stands in the playbook itself, not in one that it imports. */
  readonly own: boolean;
};

const localhost = /^(localhost|127\.0\.0\.1)$/;
const separator = /\s+[|:–—-]\s+/;

/** The only play's name, or the one of several that is not a preparation; empty where several say different things. */
export function mainName(reading: PlaybookReading): PlayName {
  const named = reading.plays.filter(
    ({ play, tags }) => play.name !== '' && !isTemplated(play.name) && !tags.includes('always'),
  );
  const away = named.filter(({ play }) => !localhost.test(play.hosts));
  const candidates = away.length > 0 ? away : named;
  const [first] = candidates;
  if (first === undefined) return { text: '', own: reading.plays.some((play) => !play.imported) };
  const own = !first.imported;
  // `Uptime Kuma | Provision`, `Uptime Kuma | Deploy`: what they share.
  const shared = new Set(named.map(({ play }) => play.name.split(separator)[0] ?? ''));
  if (named.length > 1 && shared.size === 1) return { text: [...shared][0] ?? '', own };
  const names = new Set(candidates.map(({ play }) => play.name));
  return names.size === 1 ? { text: first.play.name, own } : { text: '', own: false };
}
