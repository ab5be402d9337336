// Signs that mean the same on every message, and who planned it.
import type { NoticeView, PlanView, ResultView, StepProgress, WhyView } from '../ports/chat.ts';

type State = StepProgress['state'] | ResultView['steps'][number]['state'];

export const stateMarks: Readonly<Record<State, string>> = {
  waiting: '·',
  starting: '▶',
  running: '▶',
  succeeded: '✔',
  failed: '✖',
  cancelled: '■',
  unknown: '?',
  'not started': '·',
};

export const toneMarks: Readonly<Record<NoticeView['tone'], string>> = {
  good: '✔ ',
  bad: '✖ ',
  warning: '⚠ ',
  neutral: '',
};

export const plannedBy: Readonly<Record<WhyView['tier'], string>> = {
  rules: 'planned by rules',
  'local-model': 'planned by the local model',
  claude: 'planned by Claude',
};

/**
 * How a plan stands, as the first line says it at a glance. Null while it can be decided: then its request is what matters. `who`
 * makes harmless text of an actor.
 */
export function standingLine(view: PlanView, who: (actor: string) => string): string | null {
  const by = view.given.length === 0 ? '' : ` by ${listed(view.given.map(who))}`;
  switch (view.standing) {
    case 'open':
      return null;
    case 'approved':
      return `✅ approved${by}`;
    case 'running':
      return `▶ running${by === '' ? '' : `, approved${by}`}`;
    case 'succeeded':
      return '✔ succeeded';
    case 'failed':
      return '✖ failed';
    case 'unknown':
      return '? unknown: nobody can say whether it was done';
    case 'cancelled':
      return '■ cancelled';
    case 'rejected':
      return '✖ rejected: it will not run';
    case 'expired':
      return '✖ expired: nobody approved it in time';
    case 'superseded':
      return '✖ superseded: a newer revision stands below';
    case 'withdrawn':
      return '✖ withdrawn: it can no longer run as it stands here';
  }
}

const namesAtMost = 4;

/** `a, b and c`; of many the first. */
export function listed(names: readonly string[], atMost = namesAtMost): string {
  const shown = names.length > atMost ? [...names.slice(0, atMost - 1), `${names.length - atMost + 1} more`] : names;
  return shown.length < 2 ? shown.join('') : `${shown.slice(0, -1).join(', ')} and ${shown.at(-1) ?? ''}`;
}
