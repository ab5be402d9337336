// A throw-away PostgreSQL server for the tests: its own folder, its own port, nothing synced to disk. It is gone when the
// process that started it is, however that ended: a small shell stands between, and stops the server when our pipe closes.
import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { chown, mkdtemp, readdir, readFile, realpath, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { execa } from 'execa';
import { canInstallDebianPackages, installDebianPackage } from '../../scripts/debian.mjs';
import { engineAnswers } from './containers.ts';
import { freePort } from './free-port.ts';
import { startPostgresContainer } from './postgres-container.ts';
import type { PostgresServer } from './postgres-kind.ts';

/**
 * In a container where an engine answers; else a process of its own, of Debian's package, which root may install here. A durable one keeps what it acknowledges
 * through a power cut, as a real one does; tests do without.
 */
export async function startPostgres({ durable = false } = {}): Promise<PostgresServer> {
  if (await engineAnswers()) return await startPostgresContainer(durable);
  const binaries = (await findBinaries()) ?? (await installBinaries());
  const account = await unprivilegedAccount();
  for (let tries = 1; ; tries += 1) {
    try {
      return await start(binaries, account, durable);
    } catch (error) {
      // Between finding a free port and taking it, another process may have taken it.
      if (tries === 3) throw error;
    }
  }
}

async function start(binaries: string, account: Account, durable: boolean): Promise<PostgresServer> {
  const folder = await mkdtemp(path.join(tmpdir(), 'chiffon-test-postgres-'));
  await chown(folder, account.uid, account.gid);
  try {
    const password = randomBytes(16).toString('hex');
    await makeCluster(binaries, folder, password, account);
    const port = await freePort();
    const server = await serve(binaries, folder, { ...settings, ...(durable ? {} : forgetful), port }, account);
    return { url: `postgres://chiffon:${password}@127.0.0.1:${port}/postgres`, ...server };
  } catch (error) {
    await rm(folder, { recursive: true, force: true });
    throw error;
  }
}

type Account = { readonly uid: number; readonly gid: number };

async function makeCluster(binaries: string, folder: string, password: string, account: Account): Promise<void> {
  const passwordFile = path.join(folder, 'password');
  await writeFile(passwordFile, password);
  await chown(passwordFile, account.uid, account.gid);
  const options = ['--username=chiffon', '--auth=scram-sha-256', `--pwfile=${passwordFile}`];
  options.push('--encoding=UTF8', '--locale=C', '--no-sync', '--no-instructions', `--pgdata=${folder}/data`);
  await execa(path.join(binaries, 'initdb'), options, { ...account, cwd: folder, timeout: 60_000 });
}

const settings = {
  listen_addresses: '127.0.0.1',
  unix_socket_directories: '',
  shared_buffers: '64MB',
  max_connections: '200',
  log_min_messages: 'log',
  lc_messages: 'C',
};
const forgetful = { fsync: 'off', synchronous_commit: 'off', full_page_writes: 'off' };

const guard = `
  folder=$1; shift
  up() { "$@" </dev/null & server=$!; }
  up "$@"
  while read -r order; do
    case $order in
      down) kill -INT $server; wait $server; echo 'the server is down' >&2 ;;
      up) up "$@" ;;
    esac
  done
  kill -QUIT $server
  wait
  rm -rf "$folder"`;

async function serve(
  binaries: string,
  folder: string,
  given: Readonly<Record<string, string | number>>,
  account: Account,
): Promise<Pick<PostgresServer, 'stop' | 'restart'>> {
  const options = Object.entries(given).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
  const server = [path.join(binaries, 'postgres'), '-D', `${folder}/data`, ...options];
  const shell = spawn('/bin/sh', ['-c', guard, 'sh', folder, ...server], {
    ...account,
    cwd: folder,
    // A session of its own, or Ctrl-C on the terminal would end the shell before it has cleaned up.
    detached: true,
    stdio: ['pipe', 'ignore', 'pipe'],
  });
  const gone = once(shell, 'exit');
  let said = '';
  let onSaid = () => {};
  shell.stderr.on('data', (chunk: Buffer) => {
    said = (said + chunk.toString()).slice(-10_000);
    onSaid();
  });
  /** False when it says one of the others first, or nothing of it in time. */
  const says = (words: string, never: string[] = []) => {
    const outcome = Promise.withResolvers<boolean>();
    const timer = setTimeout(() => outcome.resolve(false), 60_000);
    onSaid = () => {
      if (said.includes(words)) outcome.resolve(true);
      if (never.some((other) => said.includes(other))) outcome.resolve(false);
    };
    onSaid();
    return outcome.promise.finally(() => clearTimeout(timer));
  };
  const order = async (given: 'down' | 'up', answer: string) => {
    said = '';
    shell.stdin.write(`${given}\n`);
    if (!(await says(answer))) throw new Error(`PostgreSQL for the tests did not go ${given}:\n${said}`);
  };
  const stop = async () => {
    shell.stdin.end();
    await gone;
  };
  const ready = 'ready to accept connections';
  const restart = async (meanwhile = async () => {}) => {
    await order('down', 'the server is down');
    await meanwhile();
    await order('up', ready);
  };
  // Before anybody can have connected, only the server's own end is fatal.
  if (await says(ready, ['FATAL:', 'PANIC:'])) return { stop, restart };
  await stop();
  throw new Error(`PostgreSQL for the tests did not start:\n${said}`);
}

/** The folder of the newest `initdb` and `postgres`: Debian keeps them off the PATH. */
async function findBinaries(): Promise<string | undefined> {
  const debian = '/usr/lib/postgresql';
  const versions = await readdir(debian).catch(() => []);
  const newestFirst = versions
    .sort((a, b) => Number(b) - Number(a))
    .map((version) => path.join(debian, version, 'bin'));
  const onPath = (process.env.PATH ?? '')
    .split(path.delimiter)
    .filter((folder) => existsSync(path.join(folder, 'initdb')));
  for (const folder of [...newestFirst, ...onPath]) {
    if (!existsSync(path.join(folder, 'postgres'))) continue;
    // PostgreSQL finds its libraries from where its program really lies.
    return path.dirname(await realpath(path.join(folder, 'initdb')));
  }
  return undefined;
}

async function installBinaries(): Promise<string> {
  if (canInstallDebianPackages()) {
    installDebianPackage('postgresql', 'for the tests');
    const binaries = await findBinaries();
    if (binaries) return binaries;
  }
  throw new Error(
    'The tests need PostgreSQL: install it (on Debian: apt-get install postgresql), or set DATABASE_URL to a server on which the tests may create databases.',
  );
}

/** PostgreSQL refuses to run as root. */
async function unprivilegedAccount(): Promise<Account> {
  const uid = process.getuid?.() ?? 0;
  if (uid !== 0) return { uid, gid: process.getgid?.() ?? 0 };
  const accounts = (await readFile('/etc/passwd', 'utf8')).split('\n').map((line) => line.split(':'));
  for (const name of ['postgres', 'nobody']) {
    const found = accounts.find((account) => account[0] === name);
    if (found) return { uid: Number(found[2]), gid: Number(found[3]) };
  }
  throw new Error('The tests run PostgreSQL as the user postgres or nobody, and neither is there.');
}
