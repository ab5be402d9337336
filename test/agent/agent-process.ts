// An agent in a process of its own, for tests that kill it: opens a laboratory in the folder of argument 1, starts the order
// of argument 2 (JSON, with core's signing key), and prints a line for each message of the agent.
import { readFile } from 'node:fs/promises';
import { z } from 'zod';
import { startStepSchema } from '../../core/contracts/messages.ts';
import { toPrivateKey } from '../../core/contracts/signature.ts';
import { openLab } from './lab.ts';

const [folder = '', orderFile = '', playbook = ''] = process.argv.slice(2);
const inputSchema = z.object({ order: startStepSchema, signingKey: z.string() });
const { order, signingKey } = inputSchema.parse(JSON.parse(await readFile(orderFile, 'utf8')));
const lab = await openLab(
  { 'play.yml': await readFile(playbook, 'utf8') },
  {
    folder,
    core: { signingKey: toPrivateKey(signingKey) },
    ansible: { graceMs: 1_000 },
    onEvent: async (event) => void process.stdout.write(`${event.type}\n`),
  },
);
await lab.start(order);
