// A laboratory of real services: a database and a virtual host of its own, an infrastructure repository whose playbooks leave
// marks, and bots and agents as processes that a test starts, stops and kills.
import { randomBytes } from 'node:crypto';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { execa } from 'execa';
import { openServerStore } from '../../adapters/postgres/server-store.ts';
import type { View } from '../../core/ports/chat.ts';
import type { Store } from '../../core/ports/event-log.ts';
import type { StoredEvent } from '../../core/task/event.ts';
import { aliveWith } from '../agent/alive.ts';
import { git } from '../e2e/program.ts';
import { ansiblePlaybook } from '../setup/ansible.ts';
import { freshDatabase } from '../setup/postgres.ts';
import type { FreshBroker } from '../setup/rabbitmq.ts';
import { freshBroker } from '../setup/rabbitmq.ts';
import type { FaultPoint } from './fault-points.ts';
import { until } from './until.ts';

const root = resolve(import.meta.dirname, '../..');

export type LabProcess = {
  readonly pid: number;
  readonly output: () => string;
  /** A line on its standard input. */
  readonly say: (line: string) => void;
  /** Views that a bot has shown, in order. */
  readonly views: () => readonly View[];
  /** Resolves when its output holds this. */
  readonly shows: (test: RegExp, timeoutMs?: number) => Promise<void>;
  readonly signal: (signal: NodeJS.Signals) => void;
  /** Resolves when it stands still: a fault point, or the test, has stopped it. */
  readonly stopped: () => Promise<void>;
  /** Resolves to its exit code or the signal that ended it. */
  readonly ended: Promise<number | string>;
  readonly kill: () => Promise<void>;
};

export type Lab = {
  readonly folder: string;
  readonly store: Store;
  /** Every process of the lab has it in its environment. */
  readonly env: Readonly<Record<string, string>>;
  readonly bot: (options?: ProcessOptions) => LabProcess;
  /** Enrolled where it is not yet; resolves when it takes commands. */
  readonly agent: (name?: string, options?: ProcessOptions) => Promise<LabProcess>;
  /** Starts it and does not wait. */
  readonly startAgent: (name?: string, options?: ProcessOptions) => Promise<LabProcess>;
  readonly events: () => Promise<readonly StoredEvent[]>;
  /** Resolves when the log holds an event of this type, the n-th where n is given. */
  readonly happens: (type: StoredEvent['event']['type'], nth?: number, timeoutMs?: number) => Promise<void>;
  /** Lines that playbooks left in the file of marks. */
  readonly marks: () => Promise<readonly string[]>;
  /** Lets the playbook `wait` go on. */
  readonly release: () => Promise<void>;
  /** The next one waits again. */
  readonly holdAgain: () => Promise<void>;
  readonly program: (
    args: readonly string[],
    home?: string,
  ) => Promise<{ readonly exitCode: number | undefined; readonly stdout: string }>;
  /** Everything below the lab's folder or started by it that still lives. */
  readonly alive: () => Promise<readonly string[]>;
  /** Of those, what is no bot or agent of the test: what a step started. */
  readonly strays: () => Promise<readonly string[]>;
  /** What an agent has written down, line by line. */
  readonly journal: (name?: string) => Promise<readonly unknown[]>;
  /** RabbitMQ's management; `{vhost}` is the lab's own. */
  readonly manage: FreshBroker['manage'];
  readonly repository: string;
  readonly dispose: () => Promise<void>;
};

export type ProcessOptions = {
  readonly fault?: FaultPoint;
  readonly env?: Readonly<Record<string, string>>;
  /** A data folder's name; bots of one name share it. */
  readonly home?: string;
  readonly terminal?: string;
};

export type LabOptions = {
  /** More files of the infrastructure repository; a function is told the lab's folder. */
  readonly files?: Readonly<Record<string, string>> | ((folder: string) => Readonly<Record<string, string>>);
  readonly env?: Readonly<Record<string, string>>;
  /** In place of the shared servers. */
  readonly databaseUrl?: string;
  readonly rabbitmqUrl?: string;
};

const hosts = ['one', 'two', 'three'];
const inventory = `all:
  vars:
    ansible_connection: local
    ansible_python_interpreter: "{{ ansible_playbook_python }}"
  hosts: { ${hosts.map((host) => `${host}: `).join(', ')} }
`;

function playbooks(folder: string): Record<string, string> {
  const mark = (text: string) => `    - ansible.builtin.shell: echo ${text} >> ${folder}/marks`;
  const play = (title: string, host: string, tasks: readonly string[]) =>
    `# ${title}.\n- name: ${title}\n  hosts: ${host}\n  gather_facts: false\n  tasks:\n${tasks.join('\n')}\n`;
  const wait = [
    mark('wait-begins'),
    `    - ansible.builtin.shell: "until test -e ${folder}/go; do sleep 0.1; done"`,
    mark('wait-ends'),
  ];
  return {
    'leave-mark.yml': play('Leave a mark', 'one', [mark('mark')]),
    'mark-elsewhere.yml': play('Mark elsewhere', 'two', [mark('elsewhere')]),
    'hold-on.yml': play('Hold on', 'one', wait),
    'print-lines.yml': play('Print lines', 'three', [
      '    - ansible.builtin.shell: seq 1 20000',
      '    - ansible.builtin.debug: { msg: "{{ range(0, 20000) | list }}" }',
      mark('printed'),
    ]),
    'run-away.yml': play('Run away', 'one', [
      mark('away'),
      `    - ansible.builtin.shell: "trap '' INT TERM; setsid sh -c 'trap \\"\\" INT TERM; sleep 321' & sleep 322; true # ${folder}"`,
    ]),
  };
}

/** A template: migrations take longer than a copy. */
const migrated = {
  name: 'services',
  make: async (url: string) => {
    const folder = await mkdtemp(join(tmpdir(), 'chiffon-template-'));
    const store = await openStore(url, folder);
    await store.close();
    await rm(folder, { recursive: true, force: true });
  },
};

const secretKey = randomBytes(32).toString('base64');

function openStore(databaseUrl: string, dataFolder: string): Promise<Store> {
  return openServerStore({ databaseUrl, databaseMigrationUrl: undefined, secretKey, dataFolder });
}

export async function openLab(options: LabOptions = {}): Promise<Lab> {
  const folder = await mkdtemp(join(tmpdir(), 'chiffon-services-'));
  const database = options.databaseUrl === undefined ? await freshDatabase(migrated) : undefined;
  const broker = options.rabbitmqUrl === undefined ? await freshBroker() : undefined;
  const repository = join(folder, 'infrastructure');
  const files = typeof options.files === 'function' ? options.files(folder) : options.files;
  await writeRepository(repository, { ...playbooks(folder), ...files });
  await writeFile(
    join(folder, 'policy.yaml'),
    "approvers:\n  - who: [terminal:local, terminal:second, terminal:third]\n    actions: ['*']\n    hosts: ['*']\n",
  );
  const databaseUrl = options.databaseUrl ?? database?.url ?? '';
  const env = {
    DATABASE_URL: databaseUrl,
    RABBITMQ_URL: options.rabbitmqUrl ?? broker?.url ?? '',
    INFRA_REPO: repository,
    CHIFFON_SECRET_KEY: secretKey,
    CHIFFON_SIGNING_KEY: join(folder, 'core-signing.key'),
    CHIFFON_ANSIBLE_PLAYBOOK: await ansiblePlaybook(),
    CHIFFON_LEASE_SECONDS: '60',
    POLICY_FILE: join(folder, 'policy.yaml'),
    NO_COLOR: '1',
    // A process that is started over and over again need not be compiled each time.
    NODE_COMPILE_CACHE: join(tmpdir(), 'chiffon-test-compiled'),
    LOG_LEVEL: 'debug',
    ...options.env,
  };
  const store = await openStore(databaseUrl, folder);
  const processes = new Set<LabProcess>();

  function start(file: string, args: readonly string[], more: ProcessOptions, home: string): LabProcess {
    const child = execa(process.execPath, ['--disable-warning=ExperimentalWarning', join(root, file), ...args], {
      cwd: folder,
      env: {
        ...env,
        CHIFFON_HOME: join(folder, home),
        ...(more.fault === undefined ? {} : { FAULT_POINT: JSON.stringify(more.fault) }),
        ...more.env,
      },
      reject: false,
      cleanup: true,
      all: true,
      buffer: false,
    });
    let text = '';
    child.all.setEncoding('utf8').on('data', (part: string) => {
      text += part;
    });
    const ended = child.then(({ exitCode, signal }) => exitCode ?? signal ?? 'gone');
    const started: LabProcess = {
      pid: child.pid ?? 0,
      output: () => text,
      say: (line) => void child.stdin.write(`${line}\n`),
      views: () => text.split('\n').flatMap(viewOf),
      shows: async (test, timeoutMs = 60_000) => {
        let over = false;
        void ended.then(() => {
          over = true;
        });
        await until(() => test.test(text) || over, { timeoutMs, everyMs: 20 }).catch(() => {});
        if (!test.test(text)) throw new Error(`it does not show ${test}:\n${text.slice(-4_000)}`);
      },
      signal: (signal) => void child.kill(signal),
      stopped: async () => {
        const state = async () => (await readFile(`/proc/${child.pid}/stat`, 'utf8')).replace(/^.*\) /s, '')[0];
        await until(async () => (await state()) === 'T', { what: () => 'a stop' });
      },
      ended,
      kill: async () => {
        child.kill('SIGKILL');
        await ended;
      },
    };
    processes.add(started);
    return started;
  }

  const program: Lab['program'] = async (args, home = 'bot') => {
    const { exitCode, stdout, stderr } = await execa(process.execPath, [join(root, 'bot/main.ts'), ...args], {
      cwd: folder,
      env: { ...env, CHIFFON_HOME: join(folder, home), CHIFFON_TERMINAL: 'tool' },
      reject: false,
    });
    return { exitCode, stdout: `${stdout}\n${stderr}` };
  };
  const identityOf = async (name: string): Promise<string> => {
    const path = join(folder, `${name}.agent-identity.json`);
    const known = await readFile(path, 'utf8').catch(() => undefined);
    if (known !== undefined) return path;
    const { exitCode, stdout } = await program(['agents', 'enroll', name, '--output', path]);
    if (exitCode !== 0) throw new Error(`enrolling failed: ${stdout}`);
    return path;
  };
  const startAgent: Lab['startAgent'] = async (name = 'nas', more = {}) =>
    start(
      'test/services/agent-process.ts',
      [],
      { ...more, env: { CHIFFON_AGENT_IDENTITY: await identityOf(name), ...more.env } },
      more.home ?? `agent-${name}`,
    );
  const events: Lab['events'] = async () => {
    const all: StoredEvent[] = [];
    for (;;) {
      const page = await store.readAfter(all.at(-1)?.seq ?? 0, 1_000);
      if (page.length === 0) return all;
      all.push(...page);
    }
  };
  return {
    ...{ folder, store, env, repository, events, program, startAgent },
    bot: (more = {}) =>
      start(
        'test/services/bot-process.ts',
        [],
        { ...more, env: { CHIFFON_TERMINAL: more.terminal ?? 'local', ...more.env } },
        more.home ?? 'bot',
      ),
    agent: async (name, more) => {
      const agent = await startAgent(name, more);
      await agent.shows(/^ready$/m);
      return agent;
    },
    happens: async (type, nth = 1, timeoutMs = 60_000) => {
      let seen: readonly string[] = [];
      const what = () => `${type}, ${nth} times (${seen.join(' ')})`;
      await until(
        async () => {
          seen = (await events()).map(({ event }) => event.type);
          return seen.filter((each) => each === type).length >= nth;
        },
        { timeoutMs, what },
      );
    },
    marks: async () =>
      (await readFile(join(folder, 'marks'), 'utf8').catch(() => '')).split('\n').filter((line) => line !== ''),
    journal: async (name = 'nas') =>
      (await readFile(join(folder, `agent-${name}`, 'agent', 'attempts.jsonl'), 'utf8'))
        .split('\n')
        .flatMap((line): unknown[] => (line === '' ? [] : [JSON.parse(line)])),
    manage: (method, resource, body) => {
      if (broker === undefined) throw new Error('the lab has no broker of its own');
      return broker.manage(method, resource, body);
    },
    release: () => writeFile(join(folder, 'go'), ''),
    holdAgain: () => rm(join(folder, 'go'), { force: true }),
    alive: async () => (await aliveWith(folder)).map(({ pid, command }) => `${pid} ${command}`),
    strays: async () => {
      const own = new Set([...processes].map(({ pid }) => pid));
      return (await aliveWith(folder))
        .filter(({ pid }) => !own.has(pid))
        .map(({ pid, command }) => `${pid} ${command}`);
    },
    dispose: async () => {
      await Promise.all([...processes].map((each) => each.kill()));
      await store.close();
      await Promise.all([database?.drop(), broker?.drop()]);
      await rm(folder, { recursive: true, force: true });
    },
  };
}

function viewOf(line: string): readonly View[] {
  try {
    const view: unknown = JSON.parse(line);
    return typeof view === 'object' && view !== null && 'type' in view ? [view as View] : [];
  } catch {
    return [];
  }
}

async function writeRepository(folder: string, files: Readonly<Record<string, string>>): Promise<void> {
  const all = {
    'inventory/hosts.yml': inventory,
    'ansible.cfg': '[defaults]\ninventory = inventory/hosts.yml\n',
    ...files,
  };
  for (const [path, text] of Object.entries(all)) {
    await mkdir(dirname(join(folder, path)), { recursive: true });
    await writeFile(join(folder, path), text);
  }
  await git(folder, 'init', '-qb', 'main');
  await git(folder, 'add', '-A');
  await git(folder, 'commit', '-qm', 'A lab');
}
