// What went wrong, as one sentence for people that says what to do; from the failures in the events, else from what Ansible printed.
import type { ErrorName } from '../../core/error.ts';
import type { Failure } from './run-facts.ts';

export type Diagnosis = { readonly kind: ErrorName; readonly message: string };

type Cause = {
  readonly pattern: RegExp;
  readonly kind: ErrorName;
  readonly say: (found: RegExpExecArray, where: string) => string;
};

/** The first that fits counts; `where` is ` on <hosts>` or empty. */
const causes: readonly Cause[] = [
  {
    pattern: /No space left on device|Disk quota exceeded/,
    kind: 'DISK_FULL',
    say: (_found, where) => `There is no space left on the disk${where}. Free some, then ask again.`,
  },
  {
    pattern:
      /The module interpreter '([^']+)' was not found|(\S*python[\d.]*): (?:command )?not found|(\S*python[\d.]*): No such file or directory|No python interpreters found/,
    kind: 'INTERPRETER_MISSING',
    say: (found, where) => {
      const tried = found[1] ?? found[2] ?? found[3];
      return `Ansible found no Python that works${where}${tried === undefined ? '' : ` (it tried ${tried})`}. Set ansible_python_interpreter for the host in the inventory, for example to /usr/bin/python3.`;
    },
  },
  {
    pattern: /sudo: (?:command )?not found/,
    kind: 'STEP_FAILED',
    say: (_found, where) =>
      `The task needs another user’s rights, and sudo is not installed${where}. Install sudo, or set ansible_become_method.`,
  },
  {
    pattern:
      /Missing sudo password|[Ii]ncorrect sudo password|sudo: a password is required|Premature end of stream waiting for become success|Timed out waiting for become success/,
    kind: 'STEP_FAILED',
    say: (_found, where) =>
      `sudo asks for a password${where}. Allow Ansible’s user to use sudo without one, or set ansible_become_password in a vaulted variable.`,
  },
  {
    pattern: /no vault secrets (?:were )?found|vault password must be specified|Decryption failed/i,
    kind: 'STEP_FAILED',
    say: () =>
      'A value is encrypted with Ansible Vault and its password is not there, or not the right one. Set vault_password_file in ansible.cfg or ANSIBLE_VAULT_PASSWORD_FILE.',
  },
  {
    pattern: /vault password file (\S+)|The vault password (?:client )?script (\S+)/i,
    kind: 'STEP_FAILED',
    say: (found) =>
      `The vault password file ${found[1] ?? found[2]} cannot be used. Mend vault_password_file in ansible.cfg or ANSIBLE_VAULT_PASSWORD_FILE.`,
  },
  {
    pattern: /couldn't resolve module\/action '([^']+)'/,
    kind: 'PLAYBOOK_INVALID',
    say: (found) => {
      const collection = /^(\w+\.\w+)\.\w+/.exec(found[1] ?? '')?.[1];
      const advice =
        collection === undefined
          ? 'Check its spelling.'
          : `Install its collection (ansible-galaxy collection install ${collection}), or check its spelling.`;
      return `Ansible does not know the module ${found[1]}. ${advice}`;
    },
  },
  {
    pattern: /the role '([^']+)' was not found/,
    kind: 'PLAYBOOK_INVALID',
    say: (found) => `There is no role “${found[1]}”. Check its spelling, or add it to the repository.`,
  },
  {
    pattern: /leaves us with no hosts to target|does not match any hosts/,
    kind: 'NO_HOSTS',
    say: () => 'The inventory has no host that the plan names. Nothing was done.',
  },
  {
    pattern: /'([^']+)' is undefined/,
    kind: 'STEP_FAILED',
    say: (found, where) =>
      `The variable “${found[1]}” has no value${where}. Give it one in the inventory, the role’s defaults or as an input.`,
  },
  {
    pattern:
      /YAML parsing failed|Syntax Error while loading YAML|could not be found|conflicting action statements|is not a valid attribute for|no module\/action detected|A (?:playbook|malformed)|must be (?:a|specified)|is not a legal parameter|but got/,
    kind: 'PLAYBOOK_INVALID',
    say: (found) => firstLine(found.input),
  },
];

/** Why tasks failed. `failures` is not empty. */
export function diagnoseFailures(failures: readonly Failure[], checkout: string): Diagnosis {
  const [first] = failures;
  if (first === undefined) return { kind: 'STEP_FAILED', message: 'Ansible reported a failure.' };
  const alike = failures.filter((failure) => failure.task === first.task);
  const hosts = alike.map(({ host }) => host);
  const where =
    hosts.length === 0
      ? ''
      : ` on ${hosts.length > 4 ? `${hosts.slice(0, 4).join(', ')} and ${hosts.length - 4} more` : hosts.join(', ')}`;
  const cause = findCause(first.message);
  if (cause !== undefined && cause.kind !== 'PLAYBOOK_INVALID')
    return { kind: cause.kind, message: tidy(`Task “${first.task}”: ${cause.say(where)}`, checkout) };
  if (first.unreachable) {
    const why = firstLine(first.message.replace(/^(?:Task failed: )?(?:Failed to connect to the host via ssh: )?/, ''));
    return { kind: 'HOST_UNREACHABLE', message: tidy(`Ansible could not reach ${hosts.join(', ')}: ${why}`, checkout) };
  }
  const message = first.message.replace(/^(?:Task failed: |Action failed: |Module failed: )+/, '');
  return { kind: 'STEP_FAILED', message: tidy(`Task “${first.task}” failed${where}: ${sentence(message)}`, checkout) };
}

/** Why Ansible ended before a task failed, from the end of what it printed. */
export function diagnoseOutput(tail: string, exitCode: number | null, checkout: string): Diagnosis {
  const error = /(?:^|\n)(?:\[ERROR\]: |ERROR! |guard: |fatal: )([\s\S]*)$/.exec(tail)?.[1] ?? '';
  if (
    /No inventory was parsed|Unable to parse \S+ as an inventory source/.test(tail) &&
    !/YAML parsing failed/.test(error)
  )
    return {
      kind: 'NO_INVENTORY',
      message: 'Ansible could not read the inventory. Check the file that the log names, and commit.',
    };
  if (error === '')
    return {
      kind: 'STEP_FAILED',
      message: `Ansible ended with code ${exitCode ?? 'none'} and did not say why; the log may tell.`,
    };
  const place = placeIn(error, checkout);
  const cause = findCause(error);
  const message = cause === undefined ? firstLine(error) : cause.say('');
  const invalid = cause?.kind === 'PLAYBOOK_INVALID' || (cause === undefined && place !== null);
  return {
    kind: invalid ? 'PLAYBOOK_INVALID' : (cause?.kind ?? 'STEP_FAILED'),
    message: tidy(place === null ? message : `${place}: ${message}`, checkout),
  };
}

function findCause(text: string): { readonly kind: ErrorName; readonly say: (where: string) => string } | undefined {
  for (const { pattern, kind, say } of causes) {
    const found = pattern.exec(text);
    if (found !== null) return { kind, say: (where) => say(found, where) };
  }
  return undefined;
}

/** `<path>:<line>`, as Ansible since 2.19 and before it names the place. */
function placeIn(error: string, checkout: string): string | null {
  const found = /Origin: (\/\S+?):(\d+)/.exec(error) ?? /error appears to be in '([^']+)': line (\d+)/.exec(error);
  if (found === null) return null;
  const path = found[1] ?? '';
  return `${path.startsWith(`${checkout}/`) ? path.slice(checkout.length + 1) : path}:${found[2]}`;
}

function firstLine(text: string): string {
  const line =
    text
      .split('\n')
      .find((part) => part.trim() !== '')
      ?.trim() ?? '';
  return line.length > 400 ? `${line.slice(0, 400)} …` : line;
}

/** A failure's message and the end of what the command said, in one line. */
function sentence(text: string): string {
  const lines = text
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '');
  const [head = 'it did not say why', ...rest] = lines;
  const last = rest.at(-1);
  return [firstLine(head), ...(last === undefined ? [] : [firstLine(last)])].join(' · ');
}

function tidy(text: string, checkout: string): string {
  const short = text.replaceAll(`${checkout}/`, '');
  return short.endsWith('.') || short.endsWith('…') ? short : `${short}.`;
}
