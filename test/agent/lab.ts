// A laboratory for agents: a checkout with the files of a test, a bus, an agent with the real Ansible, and what it told core.
import { createHash, randomUUID } from 'node:crypto';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import pino from 'pino';
import type { MemoryBus, MemoryBusOptions } from '../../adapters/memory-bus/memory-bus.ts';
import { makeMemoryBus } from '../../adapters/memory-bus/memory-bus.ts';
import type { AnsibleOptions } from '../../agents/ansible/executor.ts';
import { makeAnsibleExecutor } from '../../agents/ansible/executor.ts';
import type { Agent, AgentOptions } from '../../agents/runtime/start-agent.ts';
import { startAgent } from '../../agents/runtime/start-agent.ts';
import type { AgentMessage, AttemptOutcome, Progress, StartStep } from '../../core/contracts/messages.ts';
import { toCommitSha } from '../../core/ids.ts';
import type { Plan, Step } from '../../core/plan/plan.ts';
import { aPlan, aStep } from '../builders/plan.ts';
import type { CoreSide, CoreSideOptions } from '../fakes/core-side.ts';
import { coreSide } from '../fakes/core-side.ts';
import { ansiblePlaybook } from '../setup/ansible.ts';

/** An inventory of local hosts. */
const inventory = `all:
  vars: { ansible_connection: local, ansible_python_interpreter: /usr/bin/python3 }
  hosts: { one: , two: }
`;

export function play(tasks: string, more = ''): string {
  return `- hosts: one\n  gather_facts: false\n${more}  tasks:\n${tasks.replace(/^/gm, '    ')}\n`;
}

export type Told = { readonly at: number; readonly event: AgentMessage };

export type Lab = {
  readonly folder: string;
  readonly checkout: string;
  readonly bus: MemoryBus;
  readonly core: CoreSide;
  readonly agent: Agent;
  /** Every message of the agent, in the order in which the bus delivered them. */
  readonly told: readonly Told[];
  readonly order: (change?: {
    readonly step?: Partial<Step>;
    readonly plan?: Partial<Plan>;
    readonly secrets?: Record<string, string>;
  }) => StartStep;
  readonly start: (order?: StartStep) => Promise<StartStep>;
  readonly cancel: (order: StartStep) => Promise<void>;
  /** Starts a step and waits for its last word. */
  readonly run: (order?: StartStep) => Promise<Ran>;
  readonly lastWord: (order: StartStep) => Promise<Ran>;
  readonly textOf: (order: StartStep) => string;
  readonly dispose: () => Promise<void>;
};

export type Ran = {
  readonly order: StartStep;
  readonly last: AgentMessage;
  /** Of a finished attempt. */
  readonly finished: Extract<AgentMessage, { type: 'attempt.finished' }>;
  readonly result: AttemptOutcome;
  readonly text: string;
  readonly progress: readonly Progress[];
};

export async function openLab(
  files: Readonly<Record<string, string>>,
  options: {
    readonly ansible?: Partial<AnsibleOptions>;
    readonly agent?: Partial<AgentOptions>;
    readonly folder?: string;
    readonly bus?: MemoryBusOptions;
    readonly core?: CoreSideOptions;
    readonly onEvent?: (event: AgentMessage) => Promise<void>;
  } = {},
): Promise<Lab> {
  const folder = options.folder ?? (await mkdtemp(join(tmpdir(), 'chiffon-agent-')));
  const checkout = join(folder, 'checkout');
  await writeFiles(checkout, { 'inventory.yml': inventory, ...files });
  const bus = makeMemoryBus(options.bus);
  const told: Told[] = [];
  /** Called after each message until they have found what they wait for. */
  const looking = new Set<() => boolean>();
  const core = coreSide(bus, { agent: 'lab', ...options.core });
  await core.listen(async (event) => {
    told.push({ at: Date.now(), event });
    for (const look of looking) if (look()) looking.delete(look);
    await options.onEvent?.(event);
  });
  const log = pino({ level: process.env.LOG_LEVEL ?? 'silent' });
  const agent = await startAgent({
    bus,
    identity: core.identity,
    executor: makeAnsibleExecutor({
      ansiblePlaybook: await ansiblePlaybook(),
      workFolder: join(folder, 'agent', 'work'),
      homelabState: join(folder, 'state'),
      log,
      ...options.ansible,
    }),
    repository: { checkout: async () => ({ path: checkout, leftOut: [], release: async () => {} }) },
    folder: join(folder, 'agent'),
    clock: { now: () => new Date() },
    newId: randomUUID,
    log,
    ...options.agent,
  });
  await agent.ready;

  const order: Lab['order'] = (change = {}) => {
    const playbook = change.step?.playbook ?? 'play.yml';
    const content = files[playbook] ?? '';
    const digests =
      content === '' ? [] : [{ path: playbook, sha256: createHash('sha256').update(content).digest('hex') }];
    const step = aStep({ playbook, inventories: ['inventory.yml'], tags: [], hosts: ['one'], digests, ...change.step });
    const plan = aPlan({ steps: [step], commit: toCommitSha('a'.repeat(40)), ...change.plan });
    return core.order(plan, { secrets: change.secrets ?? {} });
  };
  const of = (wanted: StartStep) =>
    told.map(({ event }) => event).filter(({ run, token }) => run === wanted.run && token === wanted.token);
  const textOf = (wanted: StartStep) =>
    of(wanted)
      .flatMap((event) => (event.type === 'attempt.output' ? event.chunks : []))
      .map(({ text }) => text)
      .join('');
  const lastWord: Lab['lastWord'] = async (wanted) => {
    const last = await new Promise<AgentMessage>((resolve) => {
      const look = () => {
        const found = of(wanted).find(({ type }) => type === 'attempt.finished' || type === 'attempt.refused');
        if (found !== undefined) resolve(found);
        return found !== undefined;
      };
      if (!look()) looking.add(look);
    });
    const finished = () => {
      if (last.type !== 'attempt.finished') throw new Error(`the attempt was refused: ${JSON.stringify(last)}`);
      return last;
    };
    return {
      order: wanted,
      last,
      get finished() {
        return finished();
      },
      get result() {
        return finished().result;
      },
      text: textOf(wanted),
      progress: of(wanted).flatMap((event) => (event.type === 'attempt.progress' ? event.progress : [])),
    };
  };
  const start: Lab['start'] = async (wanted = order()) => {
    await core.start(wanted);
    return wanted;
  };
  return {
    ...{ folder, checkout, bus, core, agent, told, order, start, lastWord, textOf },
    run: async (wanted) => lastWord(await start(wanted)),
    cancel: core.cancel,
    dispose: async () => {
      await agent.close();
      await bus.close();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

async function writeFiles(folder: string, files: Readonly<Record<string, string>>): Promise<void> {
  for (const [path, content] of Object.entries(files)) {
    await mkdir(dirname(join(folder, path)), { recursive: true });
    await writeFile(join(folder, path), content);
  }
}
