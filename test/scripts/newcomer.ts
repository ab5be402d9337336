// A newcomer's machine, small and fast: a checkout with the real scripts and a program that only tells how it was started,
// and a PATH on which npm and python3 are stand-ins that do what the real ones would, without a network.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmod, cp, mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { z } from 'zod';

export type Outcome = { readonly code: number | null; readonly stdout: string; readonly stderr: string };

export type Newcomer = {
  readonly checkout: string;
  /** Puts a shell script onto the PATH, in the place of what was there. */
  install(command: string, script: string): Promise<void>;
  remove(command: string): Promise<void>;
  start(args?: readonly string[], options?: StartOptions): Promise<Outcome>;
  spawn(args?: readonly string[], options?: StartOptions): Started;
  /** The stand-ins' calls so far, one line each. */
  calls(): Promise<readonly string[]>;
  [Symbol.asyncDispose](): Promise<void>;
};

export type StartOptions = {
  readonly env?: Readonly<Record<string, string>>;
  /** As the machine's own Node 20 does it, which cannot put the program in its own place. */
  readonly asChild?: boolean;
};

export type Started = {
  readonly pid: number;
  /** Resolves when the program has said how it was started. */
  readonly program: Promise<Told>;
  readonly outcome: Promise<Outcome>;
  kill(signal: NodeJS.Signals): void;
};

const toldSchema = z.object({
  args: z.array(z.string()),
  pid: z.number(),
  home: z.string(),
  ansible: z.string().optional(),
});
/** What the program says on its first line. */
export type Told = z.infer<typeof toldSchema>;

export function told(stdout: string): Told {
  return toldSchema.parse(JSON.parse(stdout.split('\n')[0] ?? ''));
}

const program = `
  const [command, value] = process.argv.slice(2);
  if (command === 'wait') {
    setInterval(() => {}, 1000);
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'])
      process.on(signal, () => { console.log(signal); process.exit(7); });
  }
  console.log(JSON.stringify({ args: process.argv.slice(2), pid: process.pid, home: process.env.CHIFFON_HOME,
    ansible: process.env.CHIFFON_ANSIBLE_PLAYBOOK }));
  if (command === 'exit') process.exit(Number(value));
  if (command === 'die') process.kill(process.pid, 'SIGKILL');`;

/** `npm ci` as far as a start can see it: a Node in node_modules, without the link that npm 10 forgets. */
export const npm = `
  echo "npm $*" >> "$CALLS"
  rm -rf node_modules && mkdir -p "$(dirname "$BUNDLED")" && ln -s "$NODE" "$BUNDLED"`;

/** A Python 3.11 whose virtual environments hold itself, and whose pip installs an ansible-playbook. */
export const python = `
  echo "python $*" >> "$CALLS"
  case "$*" in
    "-I -c"*) echo 3.11; echo venv ;;
    *"-m venv"*) for last; do :; done; mkdir -p "$last/bin"; cp "$0" "$last/bin/python" ;;
    *"-m pip"*) printf '#!/bin/sh\\necho "ansible-playbook [core 2.19.1]"\\n' > "$(dirname "$0")/ansible-playbook"
      chmod +x "$(dirname "$0")/ansible-playbook" ;;
  esac`;

export async function makeNewcomer(): Promise<Newcomer> {
  const folder = await mkdtemp(path.join(tmpdir(), 'chiffon-newcomer-'));
  const checkout = path.join(folder, 'checkout');
  const bin = path.join(folder, 'bin');
  const calls = path.join(folder, 'calls');
  await mkdir(path.join(checkout, 'bot'), { recursive: true });
  await mkdir(bin);
  await cp(path.join(import.meta.dirname, '../../scripts'), path.join(checkout, 'scripts'), { recursive: true });
  await writeFile(path.join(checkout, 'bot', 'main.ts'), program);
  await writeFile(path.join(checkout, 'package.json'), '{ "type": "module" }');
  await writeFile(path.join(checkout, 'package-lock.json'), '{ "packages": {} }');
  await writeFile(calls, '');
  // What the stand-ins are made of, and nothing else of this machine.
  for (const tool of ['sh', 'echo', 'rm', 'mkdir', 'ln', 'cp', 'chmod', 'dirname', 'sleep', 'cat', 'mv'])
    await symlink(path.join('/bin', tool), path.join(bin, tool)).catch(() => {});

  const bundled = `node_modules/node-${process.platform}-${process.arch}/bin/node`;
  const env = { PATH: bin, HOME: folder, CALLS: calls, NODE: process.execPath, BUNDLED: bundled };
  const newcomer: Newcomer = {
    checkout,
    install: async (command, script) => {
      await writeFile(path.join(bin, command), `#!/bin/sh\n${script}\n`);
      await chmod(path.join(bin, command), 0o755);
    },
    remove: (command) => rm(path.join(bin, command), { force: true }),
    start: (args, options) => newcomer.spawn(args, options).outcome,
    spawn: (args = [], options = {}) => spawnStart(checkout, args, { ...options, env: { ...env, ...options.env } }),
    calls: async () => (await readFile(calls, 'utf8')).split('\n').filter(Boolean),
    [Symbol.asyncDispose]: () => rm(folder, { recursive: true, force: true }),
  };
  await newcomer.install('npm', npm);
  await newcomer.install('python3', python);
  return newcomer;
}

function spawnStart(checkout: string, args: readonly string[], { env, asChild }: StartOptions): Started {
  const asOlderNode = asChild ? ['--import', 'data:text/javascript,delete process.execve'] : [];
  const child = spawn(process.execPath, [...asOlderNode, 'scripts/start.mjs', ...args], {
    cwd: checkout,
    ...(env && { env }),
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let stdout = '';
  let stderr = '';
  child.stderr.on('data', (chunk: Buffer) => {
    stderr += chunk.toString();
  });
  const spoken = new Promise<Told>((resolve, reject) => {
    child.stdout.on('data', (chunk: Buffer) => {
      stdout += chunk.toString();
      if (stdout.includes('\n')) resolve(told(stdout));
    });
    child.on('close', () => reject(new Error(`the program said nothing; start said:\n${stderr}`)));
  });
  // Not every test waits for it.
  spoken.catch(() => {});
  return {
    pid: child.pid ?? 0,
    program: spoken,
    outcome: once(child, 'close').then(([code]: (number | null)[]) => ({ code: code ?? null, stdout, stderr })),
    kill: (signal) => child.kill(signal),
  };
}
