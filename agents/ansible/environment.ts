// The environment of a run: little of the agent's own, the repository's ansible.cfg in force, the event callback switched on.
import { constants } from 'node:fs';
import { access, readFile } from 'node:fs/promises';
import { dirname, isAbsolute, join, resolve } from 'node:path';
import { parse } from 'ini';

/** What a run needs of the agent's environment. Tokens, database addresses and the like stay out. */
const passedOn = [
  'PATH',
  'HOME',
  'USER',
  'LOGNAME',
  'SHELL',
  'TMPDIR',
  'TZ',
  'SSH_AUTH_SOCK',
  'XDG_RUNTIME_DIR',
  'DOCKER_HOST',
  'KUBECONFIG',
];
const proxies = ['http_proxy', 'https_proxy', 'no_proxy', 'HTTP_PROXY', 'HTTPS_PROXY', 'NO_PROXY'];
/** Settings of the user's that would take the run out of our hands: other output, prompts, files with secrets left behind. */
const ours =
  /^ANSIBLE_(?:STDOUT_CALLBACK|CALLBACK_PLUGINS|FORCE_COLOR|NOCOLOR|LOCAL_TEMP|CONFIG|LOAD_CALLBACK_PLUGINS|ENABLE_TASK_DEBUGGER|KEEP_REMOTE_FILES|DEBUG|VERBOSITY|ASK_PASS|BECOME_ASK_PASS|ASK_VAULT_PASS|LOG_PATH)$/;

export async function runEnvironment(options: {
  readonly own: Readonly<Record<string, string | undefined>>;
  readonly checkout: string;
  /** The repository's ansible.cfg that holds, from the checkout's root. */
  readonly config: string;
  /** For Ansible's own temporary files; removed after the run. */
  readonly temporary: string;
  readonly callbacks: string;
  /** Where the sample homelab keeps what its hosts would hold. */
  readonly homelabState: string;
  /** Marks every process of the run, for finding what is left after a crash. */
  readonly tag: string;
}): Promise<Record<string, string>> {
  const { own, checkout } = options;
  const environment: Record<string, string> = {};
  for (const [name, value] of Object.entries(own)) {
    if (value === undefined) continue;
    const wanted =
      passedOn.includes(name) || proxies.includes(name) || (name.startsWith('ANSIBLE_') && !ours.test(name));
    if (wanted) environment[name] = value;
  }
  const repositoryPath = join(checkout, options.config);
  const config = await read(repositoryPath);
  const configPath = config === undefined ? own.ANSIBLE_CONFIG : repositoryPath;
  if (configPath !== undefined) environment.ANSIBLE_CONFIG = configPath;
  // A service's user may have no home of its own; Ansible needs a folder for its sockets and caches.
  if (!(await isWritable(own.HOME))) environment.ANSIBLE_HOME ??= join(options.temporary, 'home');
  // The variable replaces what ansible.cfg says, so what it says is repeated here.
  const theirs = own.ANSIBLE_CALLBACK_PLUGINS ?? callbackFolders(config, dirname(repositoryPath));
  return {
    ...environment,
    LANG: 'C.UTF-8',
    LC_ALL: 'C.UTF-8',
    ANSIBLE_CALLBACK_PLUGINS: [options.callbacks, theirs].filter(Boolean).join(':'),
    ANSIBLE_STDOUT_CALLBACK: 'chiffon_events',
    ANSIBLE_LOCAL_TEMP: options.temporary,
    ANSIBLE_NOCOLOR: '1',
    ANSIBLE_FORCE_COLOR: '0',
    CHIFFON_EVENTS_FD: '3',
    CHIFFON_HOMELAB_STATE: options.homelabState,
    CHIFFON_ATTEMPT: options.tag,
  };
}

async function isWritable(folder: string | undefined): Promise<boolean> {
  if (folder === undefined) return false;
  return access(folder, constants.W_OK).then(
    () => true,
    () => false,
  );
}

async function read(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, 'utf8');
  } catch {
    return undefined;
  }
}

function callbackFolders(config: string | undefined, base: string): string {
  const defaults: unknown = config === undefined ? undefined : parse(config).defaults;
  const value =
    typeof defaults === 'object' && defaults !== null && 'callback_plugins' in defaults
      ? defaults.callback_plugins
      : undefined;
  if (typeof value !== 'string') return '~/.ansible/plugins/callback:/usr/share/ansible/plugins/callback';
  return value
    .split(':')
    .filter(Boolean)
    .map((folder) => (isAbsolute(folder) || folder.startsWith('~') ? folder : resolve(base, folder)))
    .join(':');
}
