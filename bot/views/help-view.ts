// What can be typed, in every conversation alike.
import type { HelpView } from '../../core/ports/chat.ts';

export const helpView: HelpView = {
  type: 'help',
  commands: [
    {
      usage: '<request>',
      meaning: 'ask for a change in your own words; a plan comes back and nothing runs before it is approved',
    },
    {
      usage: 'approve [#n] [hash]',
      meaning: 'run exactly the plan that stands there; the beginning of its hash makes sure which',
    },
    { usage: 'reject [#n] [reason]', meaning: 'end the task; nothing ran' },
    { usage: 'change [#n] <what>', meaning: 'ask for another revision of the plan, e.g. change on nas instead' },
    { usage: 'cancel [#n] [reason]', meaning: 'stop a run, or drop a request' },
    { usage: 'resume [#n]', meaning: 'go on with a run that paused' },
    { usage: 'retry [#n]', meaning: 'plan what is left of a failed run again, from the step that failed' },
    { usage: 'details [#n]', meaning: 'all of a plan: the diff, the files read' },
    { usage: 'status', meaning: 'what is open' },
    { usage: 'history', meaning: 'what there was' },
    { usage: 'log [#n] [step]', meaning: 'the full output of a run' },
    { usage: 'why [#n]', meaning: 'how the planner chose' },
    { usage: 'catalogue [words]', meaning: 'what can be asked for, or what of it has to do with the words' },
    { usage: 'agents', meaning: 'who does the steps, and what each does now' },
    { usage: 'cost', meaning: 'what models cost' },
    { usage: 'help', meaning: 'this list' },
    { usage: 'quit', meaning: 'leave the terminal; what waits stays parked' },
  ],
  examples: ['deploy uptime kuma to homelab and add existing portals to config', 'restart grafana', 'back up nas'],
};
