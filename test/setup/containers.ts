// Throw-away servers in containers, where an engine answers. Each is gone when the process that started it is: a small shell waits
// for our pipe to close. No engine runs where this was written: what is tried by a test is how the engine is asked
// (containers.test.ts, with a stand-in on the PATH), not the images.
import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { setTimeout as wait } from 'node:timers/promises';
import { execa } from 'execa';
import { freePort } from './free-port.ts';

export type Container = {
  /** Where a port of the container can be reached on this machine. */
  readonly port: (inside: number) => number;
  readonly engine: (...args: readonly string[]) => Promise<string>;
  readonly name: string;
  readonly end: () => Promise<void>;
};

const readyMs = 120_000;

/** Whether Docker, or what answers to its name, can start containers here. */
export async function engineAnswers(): Promise<boolean> {
  const { failed } = await execa('docker', ['info'], { reject: false, timeout: 10_000 });
  return !failed;
}

/** `ports` are published on the loopback address; `isReady` is asked again until it does not throw. */
export async function startContainer(options: {
  readonly image: string;
  readonly env: Readonly<Record<string, string>>;
  readonly ports: readonly number[];
  readonly args?: readonly string[];
  readonly isReady: (container: Container) => Promise<unknown>;
}): Promise<Container> {
  const name = `chiffon-test-${randomBytes(6).toString('hex')}`;
  const env = Object.entries(options.env).flatMap(([key, value]) => ['--env', `${key}=${value}`]);
  // Chosen here: a port that the engine chose would be another one after a restart.
  const published = new Map<number, number>();
  for (const inside of options.ports) published.set(inside, await freePort());
  const ports = [...published].flatMap(([inside, outside]) => ['--publish', `127.0.0.1:${outside}:${inside}`]);
  const guard = spawn('/bin/sh', ['-c', `while read -r _; do :; done; docker rm --force --volumes ${name}`], {
    detached: true,
    stdio: ['pipe', 'ignore', 'ignore'],
  });
  const end = async (): Promise<void> => {
    const gone = once(guard, 'exit');
    guard.stdin.end();
    await gone;
  };
  const engine = async (...args: readonly string[]): Promise<string> =>
    (await execa('docker', args, { timeout: 600_000 })).stdout;
  const container: Container = {
    name,
    engine,
    end,
    port: (inside) => published.get(inside) ?? 0,
  };
  try {
    await engine('run', '--detach', '--name', name, ...env, ...ports, options.image, ...(options.args ?? []));
    const over = performance.now() + readyMs;
    for (;;) {
      const notYet = await options.isReady(container).then(
        () => null,
        (error: unknown) => error,
      );
      if (notYet === null) return container;
      if (performance.now() > over)
        throw new Error(`${options.image} did not become ready:\n${await engine('logs', '--tail', '40', name)}`, {
          cause: notYet,
        });
      await wait(250);
    }
  } catch (error) {
    await end();
    throw error;
  }
}
