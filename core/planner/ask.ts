// The questions that the first tier asks: which action, which list, which address, which value, which hosts, when.

import type { Action, ConfigTarget, Input, Portal } from '../catalogue/model.ts';
import { jsonText } from '../json.ts';
import type { Stop } from './draft.ts';
import type { Fit, Target } from './matching/fit.ts';
import { describeKind } from './matching/read-value.ts';
import type { Candidate } from './planner.ts';
import { compact, editDistance } from './words/nearness.ts';

/** Which of these actions is meant. */
export function askForAction(
  text: string | null,
  fits: readonly Fit[],
  about: string,
  confidence: number,
  target?: Target,
): Stop {
  const actions = unique(fits.map((fit) => fit.entry.action)).slice(0, 5);
  const left = target === undefined ? [] : (fits[0]?.unexplained ?? []).map((token) => token.text);
  const doubt = left.length > 0 ? ` I do not know what “${left.join(' ')}” means here.` : '';
  const said =
    target?.object.length === 0 && target.verb !== null
      ? `What shall I ${target.verb.text}?`
      : actions.length === 1
        ? `Do you mean “${actions[0]?.title ?? ''}” by “${about}”?`
        : `Which of these do you mean by “${about}”?`;
  return {
    type: 'ask',
    confidence: Math.min(confidence, 0.73),
    question: {
      text: text ?? `${said}${doubt}`,
      candidates: actions.map((action) => actionCandidate(action, actions)),
      decides: 'action',
      about,
    },
  };
}

function unique(actions: readonly Action[]): readonly Action[] {
  return actions.filter((action, index) => actions.findIndex((other) => other.id === action.id) === index);
}

function actionCandidate(action: Action, all: readonly Action[]): Candidate {
  const twin = all.some((other) => other !== action && other.title === action.title);
  const selection = action.tags.length > 0 ? `, tags ${action.tags.join(',')}` : '';
  return {
    label: `${action.title} (${action.playbook}${selection})`,
    value: twin ? `${action.title} (${action.playbook}${selection})` : action.title,
    action: action.id,
  };
}

/** Which list of the repository is meant. */
export function askForList(about: string, targets: readonly ConfigTarget[]): Stop {
  return {
    type: 'ask',
    confidence: 0.5,
    question: {
      text: `Which list is meant by “${about}”?`,
      candidates: targets.slice(0, 8).map((target) => ({
        label: `${target.name} (${target.path})`,
        value: targets.some((other) => other !== target && other.name === target.name) ? target.path : target.name,
      })),
      decides: 'config',
      about: `list: ${about}`,
    },
  };
}

/** What address a name has that no portal of the repository bears. */
export function askUnknownPortal(name: string, portals: readonly Portal[], _about: string): Stop {
  const near = [...portals]
    .map((portal) => ({ portal, distance: editDistance(compact(name), compact(portal.name), 40) }))
    .sort((a, b) => a.distance - b.distance)
    .slice(0, 5);
  return {
    type: 'ask',
    confidence: 0.4,
    question: {
      text: `The repository has no portal called “${name}”. What is its address, or which of these is meant?`,
      candidates: near.map(({ portal }) => ({ label: `${portal.name} (${portal.url})`, value: portal.name })),
      decides: 'config',
      about: `portal: ${name}`,
    },
  };
}

/** A required input that was not given. */
export function askForInput(action: Action, input: Input, why: string | null): Stop {
  const description = input.description === '' ? '' : ` (${input.description.replace(/[.\s]+$/, '')})`;
  const candidates =
    input.type === 'bool'
      ? [
          { label: 'yes', value: 'yes' },
          { label: 'no', value: 'no' },
        ]
      : (input.choices ?? []).slice(0, 25).map((choice) => ({ label: jsonText(choice), value: jsonText(choice) }));
  return {
    type: 'ask',
    confidence: 0.6,
    question: {
      text: `${why === null ? '' : `${why} `}${action.title} needs \`${input.name}\`${description}: ${describeKind(input)}. What shall it be?`,
      candidates,
      decides: 'input',
      about: input.name,
      action: action.id,
    },
  };
}

/** On which hosts, where the request leaves it open and it matters. */
export function askForHosts(
  action: Action,
  hosts: readonly string[],
  text: string,
  about: string,
  extra: readonly Candidate[] = [],
): Stop {
  return {
    type: 'ask',
    confidence: 0.6,
    question: {
      text,
      candidates: [
        ...extra,
        ...hosts.slice(0, 12).map((host) => ({ label: host, value: host })),
        ...(hosts.length > 1 ? [{ label: `all ${hosts.length} hosts`, value: 'all' }] : []),
      ],
      decides: 'host',
      about,
      action: action.id,
    },
  };
}

/** A condition was said, and nobody can look it up while planning. */
export function askRegardless(condition: string, actions: readonly Action[]): Stop {
  const [first] = actions;
  const titles = actions.map((action) => `“${action.title}”`).join(', ');
  return {
    type: 'ask',
    confidence: 0.5,
    question: {
      text: `A plan has no conditions, so “${condition}” cannot be looked up first. Shall I plan ${titles} all the same?`,
      candidates: [{ label: `Yes: ${titles}`, value: 'yes', action: first?.id }],
      decides: 'action',
      about: `when: ${condition}`,
    },
  };
}

/** A time was said, and a plan is run when it is approved. */
export function askWhen(target: Target, time: string, fits: readonly Fit[]): Stop {
  const [best] = fits;
  if (best === undefined)
    return {
      type: 'refuse',
      kind: 'NOTHING_FITS',
      reason: `A plan is run when it is approved; “${time}” cannot be waited for.`,
      nearest: [],
      confidence: 0.3,
    };
  return {
    type: 'ask',
    confidence: 0.5,
    question: {
      text: `A plan is run as soon as it is approved, so I cannot wait for “${time}”. Shall I plan “${best.entry.action.title}” for now?`,
      candidates: [{ label: `Now: ${best.entry.action.title}`, value: 'now', action: best.entry.action.id }],
      decides: 'action',
      about: target.about,
    },
  };
}
