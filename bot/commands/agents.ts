// `npm start -- agents …`: who may do steps. An enrolment stands in the log; the identity goes to the agent's machine.
import { constants } from 'node:fs';
import { open, rm } from 'node:fs/promises';
import { basename, resolve } from 'node:path';
import { nameSchema } from '../../core/contracts/envelope.ts';
import { newIdentity } from '../../core/contracts/identity.ts';
import { publicKeyText } from '../../core/contracts/signature.ts';
import { ChiffonError } from '../../core/error.ts';
import { toActorId } from '../../core/ids.ts';
import type { Store } from '../../core/ports/event-log.ts';
import { appendToSystem } from '../append-to-system.ts';
import { clock, openDataFolder, openSettingsStore } from '../compose.ts';
import { openAgentRegistry } from '../dispatch/agent-registry.ts';
import type { Settings } from '../settings.ts';
import { claimSigningKey, openSigningKey } from '../signing-key.ts';

const say = (text: string): void => void process.stdout.write(`${text}\n`);

export async function enrollCommand(
  settings: Settings,
  name: string,
  options: { readonly pool: string; readonly output?: string | undefined },
): Promise<number> {
  checkName('An agent', name);
  checkName('A pool', options.pool);
  return withStore(settings, async (store) => {
    const signingKey = await openSigningKey(settings.signingKeyFile);
    await claimSigningKey(signingKey, { log: store, clock, path: settings.signingKeyFile });
    const path = resolve(settings.startedIn, options.output ?? `${name}.agent-identity.json`);
    const { file, publicKey } = newIdentity(name, options.pool, signingKey);
    // The file first: an enrolment that nobody holds the key of would be of no use, and the name might be taken by it.
    await writeNew(path, `${JSON.stringify(file, null, 2)}\n`);
    const isNew = (await openAgentRegistry(store)).agent(name) === undefined;
    const enrolled = { type: 'agent.enrolled', name, pool: options.pool, publicKey } as const;
    try {
      await appendToSystem({ log: store, clock }, actorOf(settings), enrolled);
    } catch (error) {
      await rm(path, { force: true });
      throw error;
    }
    say(
      `✓ ${name} is enrolled for the pool ${options.pool}. Its identity is in ${path}; whoever has it can act as ${name}.`,
    );
    if (!isNew)
      say(`  Its earlier identity counts no more: an agent that runs with it has to be started anew with this one.`);
    say(`  Take it to the agent's machine and start the agent there:`);
    say(`  RABBITMQ_URL=… CHIFFON_AGENT_IDENTITY=${basename(path)} npm run agent -- --pool ${options.pool}`);
  });
}

export async function listAgentsCommand(settings: Settings): Promise<number> {
  return withStore(settings, async (store) => {
    const agents = (await openAgentRegistry(store)).agents();
    if (agents.length === 0) say('No agent is enrolled: npm start -- agents enroll <name>');
    for (const { name, pool, since } of agents) say(`${name}  pool ${pool}  enrolled ${since}`);
  });
}

export async function revokeCommand(settings: Settings, name: string, reason: string): Promise<number> {
  return withStore(settings, async (store) => {
    if ((await openAgentRegistry(store)).agent(name) === undefined)
      throw new ChiffonError(
        'NOT_ENROLLED',
        `No agent of the name ${name} is enrolled; \`npm start -- agents list\` names them.`,
      );
    await appendToSystem({ log: store, clock }, actorOf(settings), { type: 'agent.revoked', name, reason });
    say(`✓ ${name} is revoked: what it says from now on is put aside, and it gets no step.`);
    say('  What it was given to know it still knows: the key of its pool. `agents rekey` gives out new ones.');
  });
}

/** After the signing key was lost or replaced: the one that is there now counts. */
export async function rekeyCommand(settings: Settings): Promise<number> {
  return withStore(settings, async (store) => {
    const key = await openSigningKey(settings.signingKeyFile);
    await appendToSystem({ log: store, clock }, actorOf(settings), {
      type: 'core.key',
      publicKey: publicKeyText(key),
    });
    for (const { name } of (await openAgentRegistry(store)).agents())
      await appendToSystem({ log: store, clock }, actorOf(settings), {
        type: 'agent.revoked',
        name,
        reason: 'Core signs with another key.',
      });
    say(
      `✓ ${settings.signingKeyFile} counts from now on. Copy it to every bot and restart them; enrol every agent again.`,
    );
  });
}

async function withStore(settings: Settings, work: (store: Store) => Promise<void>): Promise<number> {
  if (settings.rabbitmqUrl === undefined)
    throw new ChiffonError(
      'BAD_SETTING',
      'Agents are processes of their own only with DATABASE_URL and RABBITMQ_URL; without them Chiffon has one inside.',
    );
  await openDataFolder(settings);
  const store = await openSettingsStore(settings);
  try {
    await work(store);
    return 0;
  } finally {
    await store.close();
  }
}

function checkName(what: string, name: string): void {
  const parsed = nameSchema.safeParse(name);
  if (!parsed.success)
    throw new ChiffonError('BAD_SETTING', `${what} cannot be called “${name}”: ${parsed.error.issues[0]?.message}.`);
}

function actorOf(settings: Settings) {
  return toActorId(`terminal:${settings.terminalName}`);
}

async function writeNew(path: string, text: string): Promise<void> {
  try {
    const file = await open(path, constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL, 0o600);
    await file.writeFile(text);
    await file.sync();
    await file.close();
  } catch (error) {
    const there = error instanceof Error && 'code' in error && error.code === 'EEXIST';
    throw new ChiffonError(
      'BAD_SETTING',
      there ? `${path} is there already; give another one with --output.` : `${path} cannot be written.`,
      { cause: error },
    );
  }
}
