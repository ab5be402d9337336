// `npm run setup`: everything that docker-compose.yml needs and nobody else may have: keys, passwords, the repository's address.
// It runs on the machine's own Node with nothing installed, completes what is missing, and changes nothing that is there.
import { chmodSync, existsSync, mkdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { createInterface } from 'node:readline/promises';
import { parseArgs } from 'node:util';
import { SetupFailure } from './failure.mjs';
import { completeEnvFile, readEnvFile } from './setup/env-file.mjs';
import { makePrivateFile, refuseFilesOfGit } from './setup/private-file.mjs';
import { secretFiles } from './setup/secret-files.mjs';

const usage = `npm run setup [-- --yes] [-- --infra-repo URL]
  Makes .env and the folder secrets/ for docker compose. What is there stays as it is.
  --infra-repo URL  your infrastructure repository; "sample" for the bundled sample homelab
  --yes             ask nothing; without --infra-repo that is INFRA_REPO of the environment, or the sample`;

const root = path.dirname(import.meta.dirname);
/** Others cannot enter the folder, so that the files in it can be read by whichever user a container runs as. */
const folderMode = 0o700;
const fileMode = 0o444;

try {
  const { values } = parseArgs({
    options: { yes: { type: 'boolean' }, 'infra-repo': { type: 'string' }, help: { type: 'boolean', short: 'h' } },
  });
  if (values.help) console.log(usage);
  else await setUp({ asks: values.yes !== true && process.stdin.isTTY === true, infraRepo: values['infra-repo'] });
} catch (error) {
  const known = error instanceof SetupFailure ? error.report : wrongArgument(error);
  if (known === undefined) throw error;
  console.error(known);
  process.exitCode = 1;
}

/** @param {{ asks: boolean, infraRepo: string | undefined }} options */
async function setUp({ asks, infraRepo }) {
  const secrets = path.join(root, 'secrets');
  const envFile = path.join(root, '.env');
  refuseFilesOfGit(root, ['.env', ...secretFiles.map(({ name }) => `secrets/${name}`)]);
  const given = infraRepo ?? (readEnvFile(envFile).INFRA_REPO === undefined ? await askForRepository(asks) : undefined);
  const repository = given === undefined ? undefined : checkRepository(given);

  mkdirSync(secrets, { recursive: true, mode: folderMode });
  chmodSync(secrets, folderMode);
  const made = makeSecrets(secrets);
  const added = completeEnvFile(envFile, repository === undefined ? {} : { INFRA_REPO: repository });
  chmodSync(envFile, 0o600);
  const kept = secretFiles.length - made.length;
  for (const { name, what } of made) console.log(`made  secrets/${name}: ${what}`);
  if (kept > 0) console.log(`kept  ${kept} of ${secretFiles.length} files in secrets/`);
  console.log(added.length > 0 ? `made  ${added.join(', ')} in .env` : 'kept  .env');
  sayNextSteps(readEnvFile(envFile).INFRA_REPO ?? '', secrets);
}

/** @param {string} folder */
function makeSecrets(folder) {
  const at = (/** @type {string} */ name) => path.join(folder, name);
  const read = (/** @type {string} */ name) => readFileSync(at(name), 'utf8').trim();
  const made = [];
  for (const secret of secretFiles) {
    if (!existsSync(at(secret.name)) && makePrivateFile(at(secret.name), secret.make(read), fileMode))
      made.push(secret);
    else if (secret.fits && !secret.fits(read(secret.name), read))
      throw new SetupFailure(
        `secrets/${secret.name} does not fit the files that it is made of: delete it and run setup again (docs/deployment.md, "Changing a password").`,
      );
  }
  return made;
}

/** @param {boolean} asks */
async function askForRepository(asks) {
  if (!asks) return process.env.INFRA_REPO ?? 'sample';
  const lines = createInterface({ input: process.stdin, output: process.stdout });
  try {
    const answer = await lines.question('Git URL of your infrastructure repository (Enter: the sample homelab): ');
    return answer.trim() || 'sample';
  } finally {
    lines.close();
  }
}

/** @param {string} given */
function checkRepository(given) {
  if (given === 'sample' || given === '') return '';
  if (/['\s\p{Cc}]/u.test(given))
    throw new SetupFailure('The address of the repository has a space or a quote in it: give a Git URL.');
  // As adapters/git/repository-url.ts tells a URL from a path.
  if (!/^(?:[a-z][a-z0-9+.-]*:\/\/|(?:[^\s/@:]+@)?[^\s/@:]+:[^\s])/i.test(given) || given.startsWith('file:'))
    throw new SetupFailure(
      `${given} is a path of this machine, which a container cannot see: give a Git URL, such as git@git.example.org:me/infra.git.`,
    );
  return given;
}

/** @param {string} repository @param {string} secrets */
function sayNextSteps(repository, secrets) {
  const publicKey = (/** @type {string} */ name) => readFileSync(path.join(secrets, `${name}.pub`), 'utf8').trim();
  const steps = repository
    ? [
        `Give this key write access to ${repository.replace(/\/\/[^@/]*@/, '//…@')}, if it is reached by SSH:\n     ${publicKey('git_ssh_key')}`,
        `Put this key into authorized_keys on your hosts:\n     ${publicKey('hosts_ssh_key')}`,
        'Put the lines of known_hosts for your Git server and your hosts into secrets/known_hosts',
      ]
    : [];
  steps.push(
    'docker compose build',
    'docker compose run --rm enroll      # gives the agent its identity',
    'docker compose up --detach --wait',
    'docker compose exec bot npm start   # a chat with it',
  );
  console.log(
    `\nNext, as docs/deployment.md tells:\n${steps.map((step, index) => `  ${index + 1}. ${step}`).join('\n')}`,
  );
}

/** @param {unknown} error */
function wrongArgument(error) {
  const isOurs = error instanceof Error && 'code' in error && String(error.code).startsWith('ERR_PARSE_ARGS');
  return isOurs ? `${error.message}\n${usage}` : undefined;
}
