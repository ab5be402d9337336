import { describe, expect, it } from 'vitest';
import { diagnoseFailures, diagnoseOutput } from './diagnose.ts';

const checkout = '/data/run/abc';
const failed = (message: string, hosts = ['nas']) =>
  diagnoseFailures(
    hosts.map((host) => ({ host, task: 'Install', message, unreachable: false })),
    checkout,
  );

describe('a failed task', () => {
  it.each([
    [
      "The module interpreter '/usr/bin/python3.13' was not found.",
      'INTERPRETER_MISSING',
      /it tried \/usr\/bin\/python3\.13/,
    ],
    [
      'The module failed to execute correctly\n/bin/sh: 1: /usr/bin/python: not found',
      'INTERPRETER_MISSING',
      /\/usr\/bin\/python\)/,
    ],
    [
      'Module result deserialization failed\npyenv: python3.13: command not found',
      'INTERPRETER_MISSING',
      /python3\.13\)/,
    ],
    ['Missing sudo password', 'STEP_FAILED', /sudo asks for a password on nas/],
    [
      'Task failed: Premature end of stream waiting for become success.\n/bin/sh: 1: sudo: not found',
      'STEP_FAILED',
      /sudo is not installed on nas/,
    ],
    ['[Errno 28] No space left on device', 'DISK_FULL', /no space left on the disk on nas/],
    [
      "The task includes an option with an undefined variable.. 'port' is undefined",
      'STEP_FAILED',
      /“port” has no value on nas/,
    ],
    ['Attempting to decrypt but no vault secrets found', 'STEP_FAILED', /Ansible Vault/],
    ['Action failed: something else', 'STEP_FAILED', /^Task “Install” failed on nas: something else\.$/],
    ['', 'STEP_FAILED', /it did not say why/],
  ] as const)('is told: %s', (message, kind, says) => {
    expect(failed(message)).toEqual({ kind, message: expect.stringMatching(says) });
  });

  it('names its hosts, the first four of many', () => {
    expect(failed('no', ['a', 'b', 'c', 'd', 'e', 'f']).message).toContain('on a, b, c, d and 2 more');
  });

  it('has paths of the repository, not of the agent', () => {
    expect(failed(`${checkout}/roles/x/files/y is missing`).message).toContain(': roles/x/files/y is missing.');
  });
});

describe('an end before any task', () => {
  it.each([
    // ansible-core 2.19
    [
      `[ERROR]: YAML parsing failed: Mapping values are not allowed in this context.\nOrigin: ${checkout}/site.yml:6:9\n`,
      4,
      'PLAYBOOK_INVALID',
      /^site\.yml:6: YAML parsing failed/,
    ],
    [
      `[ERROR]: couldn't resolve module/action 'a.b.c'. This often indicates\nOrigin: ${checkout}/site.yml:4:5\n`,
      4,
      'PLAYBOOK_INVALID',
      /^site\.yml:4: .*ansible-galaxy collection install a\.b/,
    ],
    // ansible-core 2.15
    [
      `ERROR! Syntax Error while loading YAML.\n  mapping values are not allowed here\n\nThe error appears to be in '${checkout}/site.yml': line 5, column 9, but may\n`,
      4,
      'PLAYBOOK_INVALID',
      /^site\.yml:5: /,
    ],
    [
      `ERROR! the role 'nope' was not found in ${checkout}/roles\n\nThe error appears to be in '${checkout}/site.yml': line 2, column 5`,
      1,
      'PLAYBOOK_INVALID',
      /^site\.yml:2: There is no role “nope”/,
    ],
    ['ERROR! Specified hosts and/or --limit does not match any hosts\n', 1, 'NO_HOSTS', /no host that the plan names/],
    [
      '[WARNING]: Unable to parse /x/hosts as an inventory source\n[WARNING]: No inventory was parsed\n[ERROR]: Specified inventory, host pattern and/or --limit leaves us with no hosts to target.\n',
      1,
      'NO_INVENTORY',
      /could not read the inventory/,
    ],
    ['[ERROR]: The vault password file /x/pw was not found\n', 1, 'STEP_FAILED', /vault password file \/x\/pw/],
    ['guard: cannot start /x/ansible-playbook: Permission denied\n', 127, 'STEP_FAILED', /cannot start/],
    ['', 5, 'STEP_FAILED', /code 5/],
  ] as const)('is told: %s', (output, exitCode, kind, says) => {
    expect(diagnoseOutput(output, exitCode, checkout)).toEqual({ kind, message: expect.stringMatching(says) });
  });
});
