// An agent's log: a file in its data folder, for its user alone.
import { join } from 'node:path';
import type { Logger } from 'pino';
import pino from 'pino';
import type { AgentSettings } from './settings.ts';

export function openAgentLog({ logLevel, dataFolder, identity }: AgentSettings): Logger {
  return pino(
    { level: logLevel, base: { pid: process.pid, agent: identity.name } },
    pino.destination({ dest: join(dataFolder, 'agent.log'), mkdir: true, sync: true, mode: 0o600 }),
  );
}
