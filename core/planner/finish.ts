// From drafts to steps: the hosts and Ansible's limit, inputs that are still missing, edits of configuration files, and
// the sentences for the card. What is in doubt is asked, what cannot be is refused.
import type { Action } from '../catalogue/model.ts';
import type { JsonValue } from '../json.ts';
import type { SecretRef } from '../plan/plan.ts';
import { askForHosts, askForInput } from './ask.ts';
import { type Answers, inputKey } from './dialogue.ts';
import { type Draft, refuse, type Stop } from './draft.ts';
import { diffOf } from './editing/edit-yaml-list.ts';
import { makeEdit } from './editing/make-edit.ts';
import type { Lexicon } from './matching/lexicon.ts';
import { readValue } from './matching/read-value.ts';
import type { FileEdit, PlannedStep, PlanningInput } from './planner.ts';
import type { NamedPlace } from './reading/clause.ts';
import { placesIn } from './reading/place-phrase.ts';
import { normalise, tokenise } from './reading/tokens.ts';

export type Finished = {
  readonly type: 'steps';
  readonly steps: readonly PlannedStep[];
  readonly understood: readonly string[];
};

export type FinishContext = { readonly input: PlanningInput; readonly lexicon: Lexicon; readonly answers: Answers };

/** The steps of a plan, or what has to be asked or refused first. */
export function finish(drafts: readonly Draft[], context: FinishContext): Finished | Stop {
  const steps: PlannedStep[] = [];
  const understood: string[] = [];
  const files = new Map<string, string>();
  for (const draft of drafts) {
    const target = hostsOf(draft, context);
    if (target.type !== 'hosts') return target;
    const values = completeInputs(draft, context);
    if (!(values instanceof Map)) return values;
    const sentences = [describeStep(draft, target, values)];
    const edited = editFiles(draft, files, context, sentences);
    if (!Array.isArray(edited)) return edited;
    steps.push({
      action: draft.action,
      limit: target.limit ?? draft.action.limit ?? null,
      hosts: target.hosts,
      vars: {
        ...draft.action.enables,
        ...Object.fromEntries(
          draft.action.inputs.flatMap((input) => {
            const value = values.get(input.name);
            return value === undefined ? [] : [[input.name, value]];
          }),
        ),
      },
      files: [...placeOf(draft.action), ...edited.flatMap((edit) => edit.places)],
      edits: edited.flatMap((edit) => (edit.edit === null ? [] : [edit.edit])),
    });
    understood.push(...sentences);
  }
  return { type: 'steps', steps, understood };
}

function placeOf(action: Action): readonly { path: string; line: number }[] {
  const [first] = action.sources;
  return [first === undefined ? { path: action.playbook, line: 1 } : { path: first.path, line: first.line }];
}

type Hosts = { readonly type: 'hosts'; readonly limit: string | null; readonly hosts: readonly string[] };

/** Verbs that hurt when they reach a machine that nobody meant. */
const drastic = new Set(['reboot', 'shut down', 'restore', 'reset', 'drain', 'roll back']);

/** What the places named mean for this action. */
function hostsOf(draft: Draft, context: FinishContext): Hosts | Stop {
  const { action } = draft;
  const key = hostKey(draft);
  const answered = context.answers.hosts.get(key);
  let places = draft.places;
  if (answered !== undefined) {
    const read = placesIn(tokenise(normalise(answered)), context.lexicon);
    if (read.unknown.length > 0 || read.places.length === 0) {
      if (!/^(as usual|unchanged|default|usual|no limit|leave it|whole play|everywhere it runs)$/i.test(answered)) {
        return askForHosts(
          action,
          action.hosts,
          `I know no host or group called “${answered}”. On which hosts shall “${action.title}” run?`,
          key,
        );
      }
    } else places = read.places;
  }
  const named = places.filter((place) => !place.excluded && place.text !== '');
  const out = places.filter((place) => place.excluded && place.text !== '');
  const dynamic = action.hosts.length === 0 && /\{\{/.test(action.pattern);
  const play = dynamic ? [...new Set(named.flatMap((place) => place.place.hosts))] : action.hosts;
  const asked = named.length === 0 ? null : new Set(named.flatMap((place) => place.place.hosts));
  const without = new Set(out.flatMap((place) => place.place.hosts));
  const hosts = play.filter((host) => (asked === null || asked.has(host)) && !without.has(host)).sort();
  const beyond = named.find((place) => place.place.kind === 'host' && !play.includes(place.place.name));
  if (beyond !== undefined && !(draft.configs.length > 0 && hosts.length > 0)) {
    return refuse(
      'NO_HOSTS',
      `“${action.title}” does not run on ${beyond.place.name}; it can run on ${listed(action.hosts)}.`,
      [action],
      draft.score,
    );
  }
  if (hosts.length === 0) {
    if (named.length === 0 && out.length === 0)
      return refuse(
        'NO_HOSTS',
        `“${action.title}” has no hosts: its pattern \`${action.pattern}\` matches nothing in the inventory.`,
        [action],
        draft.score,
      );
    const said =
      named.length > 0
        ? named.map((place) => place.place.name).join(', ')
        : `all but ${out.map((place) => place.place.name).join(', ')}`;
    return refuse(
      'NO_HOSTS',
      `“${action.title}” does not run on ${said}; it can run on ${listed(action.hosts)}.`,
      [action],
      draft.score,
    );
  }
  if (answered === undefined && named.length === 0 && hosts.length > 1) {
    if (draft.perhaps.length > 0) {
      const maybe = new Set(draft.perhaps.flatMap((place) => place.place.hosts));
      const some = hosts.filter((host) => maybe.has(host));
      const text = draft.perhaps.map((place) => place.place.name).join(', ');
      if (some.length > 0 && some.length < hosts.length) {
        return askForHosts(
          action,
          [],
          `Shall “${action.title}” run only on ${text} as well, or on ${listed(hosts)}?`,
          key,
          [
            { label: `only on ${text}`, value: text },
            { label: `on all of its ${hosts.length} hosts`, value: 'all' },
          ],
        );
      }
    }
    if (action.verbs.some((verb) => drastic.has(verb)) && out.length === 0 && !draft.whole && !draft.named) {
      return askForHosts(
        action,
        hosts,
        `On which hosts shall “${action.title}” run? It could reach ${listed(hosts)}.`,
        key,
      );
    }
  }
  return { type: 'hosts', limit: limitOf(named, out), hosts };
}

/** Ansible's --limit as the person said it. Exclusions come after; a comma list stays a comma list. */
function limitOf(named: readonly NamedPlace[], out: readonly NamedPlace[]): string | null {
  if (named.length === 0 && out.length === 0) return null;
  const names = [...new Set(named.map((place) => place.place.name))];
  const excluded = [...new Set(out.map((place) => `!${place.place.name}`))];
  if (names.length === 0) return ['all', ...excluded].join(':');
  return names.length === 1 ? [...names, ...excluded].join(':') : [...names, ...excluded].join(',');
}

function hostKey(draft: Draft): string {
  return `${draft.action.id}: ${draft.about}`;
}

/** The values given, the answers to questions, and nothing that is required left open. */
function completeInputs(draft: Draft, context: FinishContext): Map<string, JsonValue | SecretRef> | Stop {
  const { action } = draft;
  const values = new Map(draft.values);
  for (const input of action.inputs) {
    const answer = context.answers.inputs.get(inputKey(action.id, input.name));
    if (answer !== undefined && !values.has(input.name)) {
      const text = normalise(answer);
      const tokens = tokenise(
        text
          .replace(/^(?:it'?s|it is|use|make it|set it to|to|just|please)\s+/i, '')
          .replace(/\s+(?:please|thanks|thank you)$/i, ''),
      );
      const plain = normalise(answer)
        .replace(/^(?:it'?s|it is|use|make it|set it to|to|just|please)\s+/i, '')
        .replace(/\s+(?:please|thanks|thank you)$/i, '');
      const read = readValue(input, tokens, { text: plain, secrets: context.input.secrets, endsAt: () => false });
      if (read.type === 'problem') {
        if (read.problem.kind === 'UNSAFE_INPUT')
          return refuse('UNSAFE_INPUT', read.problem.message, [action], draft.score);
        return askForInput(action, input, read.problem.message);
      }
      values.set(input.name, read.value);
    }
    if (values.has(input.name) || !input.required || input.default !== undefined) continue;
    const hosts = draft.places.filter((place) => !place.excluded && place.text !== '');
    if (
      /^(target|host|hosts|target_hosts?|hostname|limit|node|server)$/.test(input.name) &&
      hosts.length > 0 &&
      input.choices === undefined
    ) {
      values.set(input.name, hosts.map((place) => place.place.name).join(','));
      continue;
    }
    if (Object.hasOwn(action.enables, input.name)) continue;
    return askForInput(action, input, null);
  }
  return values;
}

type Edited = { readonly edit: FileEdit | null; readonly places: readonly { path: string; line: number }[] };

/** The edits that the draft's wishes ask for. Files edited by an earlier step go on from there. */
function editFiles(
  draft: Draft,
  files: Map<string, string>,
  context: FinishContext,
  sentences: string[],
): Edited[] | Stop {
  const edited: Edited[] = [];
  for (const wish of draft.configs) {
    const { path, name } = wish.target;
    const before = files.get(path) ?? context.input.snapshot.files.get(path);
    const portals = wish.items.flatMap((item) => (item.portal === null ? [] : [item.portal.source]));
    if (before === undefined)
      return refuse(
        'FILE_UNREADABLE',
        `${path} holds the list ${name}, and it is not in the repository at this commit.`,
        [draft.action],
        draft.score,
      );
    const made = makeEdit(before, wish);
    if (made.type === 'impossible')
      return refuse('FILE_UNREADABLE', `${path} cannot be edited: ${made.why}.`, [draft.action], draft.score);
    const places = [{ path, line: made.line }, ...uniquePlaces(portals)];
    if (wish.items.length === 0) {
      sentences.push('No portals were found in the repository, so nothing is added.');
      edited.push({ edit: null, places });
      continue;
    }
    const sources = uniquePlaces(portals);
    if (wish.items.some((item) => item.portal !== null) && wish.items.length > 1)
      sentences.push(
        `Portals found: ${wish.items.length}, in ${[...new Set(sources.map((source) => source.path))].join(', ')}.`,
      );
    if (made.type === 'nothing' && wish.remove)
      return refuse(
        'NOTHING_TO_CHANGE',
        `${listed(made.there)} ${made.there.length === 1 ? 'is' : 'are'} not in ${path}, so there is nothing to remove.`,
        [draft.action],
        draft.score,
      );
    if (made.type === 'nothing') {
      sentences.push(
        wish.remove
          ? `Nothing to remove from ${path}: ${listed(made.there)} is not there.`
          : `Nothing to add to ${path}: ${listed(made.there)} ${made.there.length === 1 ? 'is' : 'are'} there already.`,
      );
      edited.push({ edit: null, places });
      continue;
    }
    const there = made.there.length === 0 ? '' : ` Already there: ${listed(made.there)}.`;
    const word = name.replace(/s$/, '');
    sentences.push(
      `${wish.remove ? 'Remove' : 'Add'} ${made.changed.length} ${made.changed.length === 1 ? word : `${word}s`} ${wish.remove ? 'from' : 'to'} ${path}: ${listed(made.changed)}.${there}`,
    );
    files.set(path, made.after);
    const diff = diffOf(path, before, made.after);
    edited.push({ edit: { path, before, after: made.after, diff }, places });
  }
  return edited;
}

function uniquePlaces(
  places: readonly { readonly path: string; readonly line: number }[],
): readonly { path: string; line: number }[] {
  const seen = new Set<string>();
  return places.flatMap(({ path, line }) => {
    const key = `${path}:${line}`;
    if (seen.has(key)) return [];
    seen.add(key);
    return [{ path, line }];
  });
}

/** One sentence for the card: "Deploy Uptime Kuma on pi (group homelab), port 3002." */
function describeStep(draft: Draft, target: Hosts, values: ReadonlyMap<string, JsonValue | SecretRef>): string {
  const where =
    target.limit === null || target.limit === target.hosts.join(',')
      ? listed(target.hosts)
      : `${listed(target.hosts)} (limit ${target.limit})`;
  const given = [...values].map(
    ([name, value]) =>
      `${name} = ${typeof value === 'object' && value !== null && '$secret' in value ? 'a secret' : JSON.stringify(value)}`,
  );
  const skipped = draft.action.skipTags.length > 0 ? ` without ${listed(draft.action.skipTags)}` : '';
  return `${draft.action.title}${skipped} on ${where}${given.length > 0 ? ` with ${given.join(', ')}` : ''}.`;
}

function listed(names: readonly string[]): string {
  if (names.length === 0) return 'no host';
  if (names.length > 12) return `${names.slice(0, 10).join(', ')} and ${names.length - 10} more`;
  return names.length === 1 ? (names[0] ?? '') : `${names.slice(0, -1).join(', ')} and ${names.at(-1) ?? ''}`;
}
