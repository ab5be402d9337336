// Signs and colours that mean the same on every card; the sign alone is enough where there are no colours.
import type { ResultView, StepProgress, WhyView } from '../../../core/ports/chat.ts';
import type { Colour } from '../look.ts';

type State = StepProgress['state'] | ResultView['steps'][number]['state'];

export const stateMarks: Readonly<Record<State, { readonly mark: string; readonly colour: Colour }>> = {
  waiting: { mark: '·', colour: 'gray' },
  starting: { mark: '▸', colour: 'cyan' },
  running: { mark: '▸', colour: 'cyan' },
  succeeded: { mark: '✓', colour: 'green' },
  failed: { mark: '✗', colour: 'red' },
  cancelled: { mark: '■', colour: 'yellow' },
  unknown: { mark: '?', colour: 'magenta' },
  'not started': { mark: '-', colour: 'gray' },
};

export const plannedBy: Readonly<Record<WhyView['tier'], string>> = {
  rules: 'planned by rules',
  'local-model': 'planned by the local model',
  claude: 'planned by Claude',
};
