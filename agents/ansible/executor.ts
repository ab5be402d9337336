// Does a step with ansible-playbook: prepares files and environment, runs it under the guard, and tells how it ended.
import { randomUUID } from 'node:crypto';
import { mkdir, rm, statfs, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import type { Logger } from 'pino';
import type { Refusal } from '../../core/error.ts';
import { refusal } from '../../core/error.ts';
import type { JsonValue } from '../../core/json.ts';
import type { Step } from '../../core/plan/plan.ts';
import type { Execution, Executor, ProcessMark, StepOrder } from '../runtime/executor.ts';
import { commandLine } from './command-line.ts';
import { runEnvironment } from './environment.ts';
import { findAnsible } from './find-ansible.ts';
import { spawnGuarded } from './guarded-process.ts';
import { inputFile } from './input-file.ts';
import { isAlive, kill, killTagged, markOf } from './processes.ts';
import { followRun } from './run.ts';
import { unsafeInput } from './unsafe-input.ts';

export type AnsibleOptions = {
  /** A path, or a name to look for on the PATH. */
  readonly ansiblePlaybook: string;
  /** For this executor alone; what a run needs lies in it while it runs. */
  readonly workFolder: string;
  /** Where the sample homelab keeps what its hosts would hold; handed to playbooks as CHIFFON_HOMELAB_STATE. */
  readonly homelabState: string;
  /** The agent's own environment, of which a run gets little. */
  readonly environment?: Readonly<Record<string, string | undefined>>;
  readonly log: Logger;
  /** Between SIGINT and SIGKILL. */
  readonly graceMs?: number;
  /** With less free space, in bytes, nothing is started. */
  readonly minFreeBytes?: number;
};

const ansibleFolder = resolve(import.meta.dirname, '..', '..', 'ansible');
const guard = join(ansibleFolder, 'guard', 'guard.py');
const callbacks = join(ansibleFolder, 'plugins', 'callback');
/** After its grace a guard needs moments; one that takes longer is ended. */
const guardSlackMs = 5_000;

export function makeAnsibleExecutor(options: AnsibleOptions): Executor {
  const { graceMs = 10_000, minFreeBytes = 64 * 1024 * 1024, environment = process.env, log } = options;
  const runs = resolve(options.workFolder);

  async function prepare(order: StepOrder): Promise<Execution | Refusal> {
    const inputs = inputsOf(order.step, order.secrets);
    if ('kind' in inputs) return inputs;
    const folder = join(runs, order.attempt);
    const file = join(folder, 'inputs.yml');
    const [full, ansible, words] = await Promise.all([
      lackOfSpace(),
      findAnsible(options.ansiblePlaybook, environment.PATH ?? ''),
      commandLine(order.step, order.checkout, file),
    ]);
    if (full !== null) return full;
    if (ansible === undefined)
      return refusal(
        'ANSIBLE_MISSING',
        `There is no ${options.ansiblePlaybook} that can be run. Set CHIFFON_ANSIBLE_PLAYBOOK to its path. Nothing was done.`,
      );
    if ('kind' in words) return words;
    const tag = randomUUID();
    try {
      await makePrivateFolder(folder);
      await writeFile(file, inputFile(inputs.values), { mode: 0o600, flag: 'wx' });
      const env = await runEnvironment({
        own: environment,
        ...{
          checkout: order.checkout,
          config: order.step.ansibleConfig ?? 'ansible.cfg',
          temporary: join(folder, 'tmp'),
          callbacks,
          homelabState: options.homelabState,
          tag,
        },
      });
      return await ready(order, folder, tag, [ansible.playbook, ...words], ansible.python, env);
    } catch (error) {
      await remove(folder);
      if (error instanceof Error && 'code' in error && error.code === 'ENOSPC')
        return refusal('DISK_FULL', `The disk of ${runs} is full. Free some space. Nothing was done.`);
      throw error;
    }
  }

  async function ready(
    order: StepOrder,
    folder: string,
    tag: string,
    command: readonly string[],
    python: string,
    env: Record<string, string>,
  ): Promise<Execution> {
    const run = followRun({ step: order.step, checkout: order.checkout, log });
    const guarded = await spawnGuarded({
      ...{ python, guard, command, env, graceMs, cwd: order.checkout, onEvents: run.events },
      onComplaint: (text) => log.warn({ text }, 'the guard complained'),
    });
    let stopped = false;
    const end = async (): Promise<void> => {
      await guarded.ended;
      // A guard that was killed has not ended what it watched.
      if (!run.guardReported()) await killTagged(tag, graceMs);
      await remove(folder);
    };
    return {
      mark: await markOf(guarded.pid, tag),
      stop: () => {
        stopped = true;
        guarded.stop();
      },
      discard: async () => {
        guarded.stop();
        await end();
      },
      run: async (report) => {
        run.reportTo(report);
        guarded.go();
        try {
          for await (const bytes of guarded.output) await run.output(bytes);
        } catch (error) {
          guarded.stop();
          throw error;
        } finally {
          await end();
        }
        return run.result(stopped);
      },
    };
  }

  /** The data folder takes the inputs, the temporary folder what Ansible itself needs. */
  async function lackOfSpace(): Promise<Refusal | null> {
    await mkdir(runs, { recursive: true, mode: 0o700 });
    for (const folder of [runs, environment.TMPDIR ?? tmpdir()]) {
      const { bavail, bsize } = await statfs(folder);
      const free = bavail * bsize;
      if (free < minFreeBytes)
        return refusal(
          'DISK_FULL',
          `Only ${Math.floor(free / 1024 / 1024)} MB are free in ${folder}; a run needs ${Math.ceil(minFreeBytes / 1024 / 1024)} MB. Nothing was done.`,
        );
    }
    return null;
  }

  async function remove(folder: string): Promise<void> {
    await rm(folder, { recursive: true, force: true }).catch((error: unknown) =>
      log.error({ err: error, folder }, 'the files of a run could not be removed'),
    );
  }

  return {
    prepare,
    async endLeftover(mark: ProcessMark) {
      // The guard noticed the agent's death and is ending the run; it gets its time.
      const end = performance.now() + graceMs + guardSlackMs;
      while ((await isAlive(mark)) && performance.now() < end) await wait(50);
      if (await isAlive(mark)) kill(mark.pid);
      const alive = await killTagged(mark.tag, graceMs);
      if (alive.length > 0) log.error({ alive }, 'processes of an earlier run could not be ended');
    },
    removeLeftoverFiles: () => remove(runs),
  };
}

async function makePrivateFolder(folder: string): Promise<void> {
  await rm(folder, { recursive: true, force: true });
  await mkdir(folder, { recursive: true, mode: 0o700 });
  await mkdir(join(folder, 'tmp'), { mode: 0o700 });
}

/** The plan's variables with secrets put in; each has to be safe to give to Ansible. */
function inputsOf(
  step: Step,
  secrets: { readonly [reference: string]: string },
): { readonly values: { readonly [name: string]: JsonValue } } | Refusal {
  const values: Record<string, JsonValue> = {};
  for (const [name, given] of Object.entries(step.vars)) {
    const value = isSecret(given) ? secrets[given.$secret] : given;
    if (value === undefined)
      return refusal('PLAN_CHANGED', `The secret value of “${name}” did not reach the agent. Nothing was done.`);
    const unsafe = unsafeInput(name, value);
    if (unsafe !== null) return unsafe;
    values[name] = value;
  }
  return { values };
}

function isSecret(value: Step['vars'][string]): value is { readonly $secret: string; readonly digest: string } {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && '$secret' in value;
}
