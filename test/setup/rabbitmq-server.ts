// A throw-away RabbitMQ broker for the tests: its own node name, ports, folder, Erlang cookie and epmd. It is gone when the
// process that started it is, however that ended (see guard.ts).
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { execa } from 'execa';
import { canInstallDebianPackages, installDebianPackage } from '../../scripts/debian.mjs';
import { engineAnswers } from './containers.ts';
import { openGuard } from './guard.ts';
import { startRabbitContainer } from './rabbitmq-container.ts';
import type { RabbitServer } from './rabbitmq-kind.ts';

/** In a container where an engine answers; else a process of its own, of Debian's package, which root may install here. */
export async function startRabbit(): Promise<RabbitServer> {
  if (await engineAnswers()) return await startRabbitContainer();
  const binaries = provideBinaries();
  for (let tries = 1; ; tries += 1) {
    const folder = await mkdtemp(path.join(tmpdir(), 'chiffon-test-rabbitmq-'));
    try {
      return await start(binaries, folder);
    } catch (error) {
      await rm(folder, { recursive: true, force: true });
      // Between finding a free port and taking it, another process may have taken it.
      if (tries === 3) throw error;
    }
  }
}

async function start(binaries: string, folder: string): Promise<RabbitServer> {
  const password = randomBytes(16).toString('hex');
  const [amqp, http, distribution, epmd] = await freePorts();
  const settings = [
    `listeners.tcp.1 = 127.0.0.1:${amqp}`,
    'management.tcp.ip = 127.0.0.1',
    `management.tcp.port = ${http}`,
    'default_user = chiffon',
    `default_pass = ${password}`,
    'log.file = false',
    'log.console = true',
    'log.console.level = info',
    'collect_statistics_interval = 1000',
    'vm_memory_high_watermark.absolute = 1GB',
    'disk_free_limit.absolute = 10MB',
  ];
  await mkdir(path.join(folder, 'data'));
  await writeFile(path.join(folder, 'rabbitmq.conf'), settings.join('\n'));
  await writeFile(path.join(folder, 'plugins'), '[rabbitmq_management].');
  await writeFile(path.join(folder, 'none'), '');
  await writeFile(path.join(folder, '.erlang.cookie'), randomBytes(16).toString('hex'), { mode: 0o400 });
  const env = {
    PATH: process.env.PATH,
    LANG: 'C.UTF-8',
    HOME: folder,
    ERL_EPMD_PORT: String(epmd),
    ERL_EPMD_ADDRESS: '127.0.0.1',
    RABBITMQ_CONF_ENV_FILE: path.join(folder, 'none'),
    RABBITMQ_CONFIG_FILE: path.join(folder, 'rabbitmq'),
    RABBITMQ_ENABLED_PLUGINS_FILE: path.join(folder, 'plugins'),
    RABBITMQ_MNESIA_BASE: path.join(folder, 'data'),
    RABBITMQ_LOG_BASE: folder,
    RABBITMQ_PID_FILE: path.join(folder, 'pid'),
    RABBITMQ_NODENAME: `chiffon-test-${randomBytes(4).toString('hex')}@localhost`,
    RABBITMQ_DIST_PORT: String(distribution),
    // Makes the script become the server, so that what the shell signals is the server itself.
    RABBITMQ_ALLOW_INPUT: 'true',
  };
  const guard = openGuard({
    name: 'RabbitMQ',
    server: [path.join(binaries, 'rabbitmq-server'), '-noinput'],
    // Started here, because the server would start one that outlives it.
    companion: 'epmd',
    folder,
    env,
    signs: { started: /Server startup complete/, failed: /BOOT FAILED|Kernel pid terminated|ERROR: / },
  });
  try {
    await guard.start();
  } catch (error) {
    await guard.end();
    throw error;
  }
  return {
    url: `amqp://chiffon:${password}@127.0.0.1:${amqp}`,
    managementUrl: `http://chiffon:${password}@127.0.0.1:${http}`,
    ...guard,
    rabbitmqctl: async (...args) =>
      (await execa(path.join(binaries, 'rabbitmqctl'), args, { env, extendEnv: false, timeout: 60_000 })).stdout,
  };
}

/** Debian's own wrapper on the PATH would change to the user `rabbitmq` and its folders. */
function findBinaries(): string | undefined {
  const places = ['/usr/lib/rabbitmq/bin', ...(process.env.PATH ?? '').split(path.delimiter)];
  return places.find((folder) => existsSync(path.join(folder, 'rabbitmq-server')));
}

function provideBinaries(): string {
  const found = findBinaries();
  if (found) return found;
  if (canInstallDebianPackages()) {
    installDebianPackage('rabbitmq-server', 'for the tests');
    const binaries = findBinaries();
    if (binaries) return binaries;
  }
  throw new Error(
    'The tests need RabbitMQ 3.10 or later: install it (on Debian: apt-get install rabbitmq-server), or set RABBITMQ_URL to a broker on which the tests may make virtual hosts.',
  );
}

/** All held at once, so that they differ. */
async function freePorts(): Promise<readonly [number, number, number, number]> {
  const one = async () => {
    const probe = createServer().listen(0, '127.0.0.1');
    await once(probe, 'listening');
    const address = probe.address();
    if (address === null || typeof address === 'string') throw new Error('no port');
    return { port: address.port, probe };
  };
  const [a, b, c, d] = [await one(), await one(), await one(), await one()];
  for (const { probe } of [a, b, c, d]) probe.close();
  return [a.port, b.port, c.port, d.port];
}
