// A throw-away Synapse, the real Matrix homeserver, for the tests: its own port and folder. It is gone when the process that
// started it is, however that ended (see guard.ts).
import { randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { SetupFailure } from '../../scripts/failure.mjs';
import { openProgress } from '../../scripts/progress.mjs';
import { provideSynapse } from '../../scripts/synapse.mjs';
import { freePort } from '../setup/free-port.ts';
import { type Guarded, openGuard } from '../setup/guard.ts';
import { type RateLimits, writeConfig } from './synapse-config.ts';

export type SynapseAddress = {
  readonly url: string;
  readonly serverName: string;
  /** With it accounts are made (Synapse's registration by shared secret). */
  readonly registrationSecret: string;
  readonly rateLimits: RateLimits;
};

/** It stays on its port when it is stopped and started. */
export type SynapseServer = SynapseAddress & Guarded;

export async function startSynapse({ rateLimits }: { readonly rateLimits: RateLimits }): Promise<SynapseServer> {
  const python = await installed();
  for (let tries = 1; ; tries += 1) {
    const folder = await mkdtemp(path.join(tmpdir(), 'chiffon-test-synapse-'));
    try {
      return await start(python, folder, rateLimits);
    } catch (error) {
      await rm(folder, { recursive: true, force: true });
      // Between finding a free port and taking it, another process may have taken it.
      if (tries === 3) throw error;
    }
  }
}

async function installed(): Promise<string> {
  const progress = openProgress();
  try {
    return await provideSynapse(progress);
  } catch (error) {
    throw error instanceof SetupFailure ? new Error(error.report) : error;
  } finally {
    progress.close();
  }
}

async function start(python: string, folder: string, rateLimits: RateLimits): Promise<SynapseServer> {
  const port = await freePort();
  const address = { serverName: 'chiffon.test', registrationSecret: randomBytes(16).toString('hex'), rateLimits };
  const config = await writeConfig(folder, { port, ...address });
  // The shell becomes Python, so that what the guard signals is the server itself; what Python says when it cannot start is
  // on standard error.
  const run = 'exec "$0" -I -m synapse.app.homeserver --config-path "$1" 2>&1';
  const guard = openGuard({
    name: 'Synapse',
    server: ['/bin/sh', '-c', run, python, config],
    folder,
    env: { PATH: process.env.PATH, LANG: 'C.UTF-8', HOME: folder, TMPDIR: folder },
    signs: {
      started: new RegExp(`now listening on TCP port ${port}$`),
      failed: /^Traceback|Error in configuration|Config.*Error|CannotListenError/,
    },
  });
  try {
    await guard.start();
  } catch (error) {
    await guard.end();
    throw error;
  }
  return { url: `http://127.0.0.1:${port}`, ...address, ...guard };
}
