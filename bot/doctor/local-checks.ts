// What can be looked at on this machine alone: the data folder, keys, tools, the policy, the repository.
import { constants } from 'node:fs';
import { access, mkdir, statfs } from 'node:fs/promises';
import { execa } from 'execa';
import { publicKeyText } from '../../core/contracts/signature.ts';
import { ChiffonError, errorTable } from '../../core/error.ts';
import type { InfrastructureRepository } from '../../core/ports/repository.ts';
import { makeReadRepository } from '../planning/read-repository.ts';
import type { ReadPolicy } from '../policy-file.ts';
import type { Settings } from '../settings.ts';
import { openSigningKey } from '../signing-key.ts';
import type { Finding } from './finding.ts';
import { broken, note, well } from './finding.ts';

const enoughBytes = 512 * 1024 * 1024;
const toolMs = 15_000;

export async function checkDataFolder({ dataFolder }: Settings): Promise<readonly Finding[]> {
  const about = 'data folder';
  try {
    await mkdir(dataFolder, { recursive: true, mode: 0o700 });
    await access(dataFolder, constants.W_OK);
    const { bavail, bsize } = await statfs(dataFolder);
    const free = `${Math.floor((bavail * bsize) / 1024 / 1024)} MB are free`;
    return bavail * bsize < enoughBytes
      ? [note(about, `Only ${free} in ${dataFolder}.`, 'Free some space: a full disk pauses runs.')]
      : [well(about, `${dataFolder} can be written, ${free}.`)];
  } catch (error) {
    return [broken(about, `${dataFolder} cannot be written: ${reason(error)}.`, 'Mend its owner and permissions.')];
  }
}

/** `known`: the public key that the log remembers. */
export async function checkSigningKey(settings: Settings, known: string | undefined): Promise<readonly Finding[]> {
  const about = 'signing key';
  const path = settings.signingKeyFile;
  const { advice } = errorTable.SIGNING_KEY;
  const isThere = await access(path).then(
    () => true,
    () => false,
  );
  if (!isThere)
    return known === undefined
      ? [note(about, `${path} is not there yet.`, 'The first start makes it. Copy it to every other bot; back it up.')]
      : [broken(about, `${path} is not there, and the database knows another bot’s.`, advice)];
  try {
    const key = await openSigningKey(path);
    return known !== undefined && known !== publicKeyText(key)
      ? [broken(about, `${path} is not the one that this database knows.`, advice)]
      : [well(about, `${path} is there.`)];
  } catch (error) {
    return [broken(about, reason(error), advice)];
  }
}

export async function checkTools(settings: Settings): Promise<readonly Finding[]> {
  const tools = ['git'];
  if (settings.auditSigningKey !== undefined) tools.push('ssh-keygen');
  // With services it is the agents that run playbooks.
  if (settings.rabbitmqUrl === undefined) tools.push(settings.ansiblePlaybook);
  return Promise.all(tools.map(checkTool));
}

async function checkTool(file: string): Promise<Finding> {
  const { failed, code, stdout } = await execa(file, ['--version'], { reject: false, timeout: toolMs });
  if (code === 'ENOENT') return broken(file, `${file} is not on the PATH.`, `Install ${file}.`);
  // ssh-keygen has no way to be asked for its version and to succeed.
  if (failed && file !== 'ssh-keygen')
    return broken(file, `${file} --version fails.`, 'Run it by hand and read what it says.');
  const [version = ''] = stdout.split('\n');
  return well(file, failed || version === '' ? `${file} is there.` : version);
}

export async function checkPolicy(settings: Settings, open: () => Promise<ReadPolicy>): Promise<readonly Finding[]> {
  const about = 'policy';
  try {
    const { approvers } = await (await open())();
    const who = [...new Set(approvers.flatMap((rule) => rule.who))];
    return who.length === 0
      ? [note(about, `By ${settings.policyFile} nobody may approve anything.`, 'Add a rule; docs/policy.md shows how.')]
      : [well(about, `By ${settings.policyFile} ${who.join(', ')} may approve.`)];
  } catch (error) {
    return [broken(about, reason(error), 'Until it is mended nothing can be approved.')];
  }
}

export async function checkRepository(
  settings: Settings,
  open: () => Promise<InfrastructureRepository>,
): Promise<readonly Finding[]> {
  const about = 'repository';
  try {
    const reading = await makeReadRepository(await open())();
    if (reading.type === 'refusal') return [broken(about, reading.message, errorTable[reading.kind].advice)];
    const { state, catalogue } = reading;
    const offers = `${catalogue.actions.length} actions on ${catalogue.hosts.length} hosts`;
    const found = [well(about, `${state.name} at ${state.commit.slice(0, 8)} (${state.branch}): ${offers}.`)];
    if (state.note !== undefined) found.push(note(about, state.note, 'Check the remote and its credentials.'));
    const unread = catalogue.findings.length;
    if (unread > 0)
      found.push(note(about, `${unread} places in it could not be read.`, '`npm start -- catalogue` names them.'));
    if (settings.rabbitmqUrl !== undefined && settings.infraRepo === undefined)
      found.push(
        note(
          about,
          'It is the sample homelab, in this data folder.',
          'Set INFRA_REPO to a URL that every bot can reach.',
        ),
      );
    return found;
  } catch (error) {
    return [broken(about, reason(error), errorTable.NO_REPOSITORY.advice)];
  }
}

function reason(error: unknown): string {
  if (error instanceof ChiffonError) return error.message;
  return error instanceof Error && 'code' in error ? String(error.code) : String(error);
}
