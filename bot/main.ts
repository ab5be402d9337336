// The program's front door: reads the arguments and the environment, and hands over to the command that was meant.
import { fstatSync } from 'node:fs';
import { createRequire } from 'node:module';
import { Command, InvalidArgumentError } from 'commander';
import { ChiffonError } from '../core/error.ts';
import { toTaskId } from '../core/ids.ts';
import { enrollCommand, listAgentsCommand, rekeyCommand, revokeCommand } from './commands/agents.ts';
import { auditVerifyCommand } from './commands/audit-verify.ts';
import { catalogueCommand } from './commands/catalogue.ts';
import { chatCommand } from './commands/chat.ts';
import { doctorCommand } from './commands/doctor.ts';
import { logCommand } from './commands/log.ts';
import { planCommand } from './commands/plan.ts';
import { serveCommand } from './commands/serve.ts';
import { hasPlatform, readSettings } from './settings.ts';

const { version } = createRequire(import.meta.url)('../package.json') as { version: string };

const program = new Command('chiffon')
  .description('Ask for an infrastructure change in your own words; approve exactly the plan that comes back.')
  .version(version)
  .option('--json', 'print one JSON object a line instead of cards')
  .showHelpAfterError('(npm start -- --help lists the commands)')
  .configureHelp({ showGlobalOptions: true })
  .action(async () => {
    const settings = readSettings(process.env, process.cwd());
    const { json, terminal } = program.opts<{ json?: boolean; terminal?: boolean }>();
    const isService = hasPlatform(settings) || (settings.rabbitmqUrl !== undefined && nobodyTypes());
    process.exitCode =
      isService && terminal !== true
        ? await serveCommand(settings)
        : await chatCommand(settings, { json: json === true });
  });

program
  .command('serve')
  .description('run as a service, without a terminal, until a signal')
  .action(async () => {
    process.exitCode = await serveCommand(readSettings(process.env, process.cwd()));
  });

program
  .command('doctor')
  .description('look at every service, key, repository and tool, and say what to do about each problem')
  .option('--terminal', 'open the terminal chat beside the chat platforms that are set up')
  .option('--json', 'print JSON')
  .action(async () => {
    process.exitCode = await doctorCommand(readSettings(process.env, process.cwd()), {
      json: program.opts().json === true,
    });
  });

const agents = program.command('agents').description('who may do steps: agents on other machines');
agents
  .command('enroll')
  .description('enrol an agent and write its identity to a file')
  .argument('<name>', 'lower-case letters, digits and dashes')
  .option('--pool <pool>', 'the kind of steps it does', 'ansible')
  .option('--output <file>', 'where the identity goes; default: <name>.agent-identity.json here')
  .action(async (name: string, options: { pool: string; output?: string }) => {
    process.exitCode = await enrollCommand(readSettings(process.env, process.cwd()), name, options);
  });
agents
  .command('list')
  .description('the agents that are enrolled')
  .action(async () => {
    process.exitCode = await listAgentsCommand(readSettings(process.env, process.cwd()));
  });
agents
  .command('revoke')
  .description('trust an agent no more')
  .argument('<name>')
  .option('--reason <text>', 'for the record', '')
  .action(async (name: string, options: { reason: string }) => {
    process.exitCode = await revokeCommand(readSettings(process.env, process.cwd()), name, options.reason);
  });
agents
  .command('rekey')
  .description('make the signing key that is there now the one that counts, and revoke every agent')
  .action(async () => {
    process.exitCode = await rekeyCommand(readSettings(process.env, process.cwd()));
  });

program
  .command('plan')
  .description('only plan: print one JSON object a request, run nothing')
  .argument('[request]', 'what you want, in your own words')
  .option('--stdin', 'read requests from standard input, one a line')
  .option('--json', 'print JSON (the only format there is)')
  .action(async (request: string | undefined, options: { stdin?: boolean }) => {
    if (request === undefined && options.stdin !== true) throw new InvalidArgumentError('Give a request, or --stdin.');
    process.exitCode = await planCommand(
      readSettings(process.env, process.cwd()),
      options.stdin === true ? null : (request ?? ''),
    );
  });

program
  .command('catalogue')
  .description('print all actions of the infrastructure repository with their inputs, aliases, selection and sources')
  .option('--json', 'print JSON (the only format there is)')
  .action(async () => {
    process.exitCode = await catalogueCommand(readSettings(process.env, process.cwd()));
  });

program
  .command('log')
  .description('print all that a task printed, in every attempt of every step')
  .argument('<task>', 'its number', wholeNumber)
  .option('--step <n>', 'of this step alone', wholeNumber)
  .action(async (task: number, options: { step?: number }) => {
    process.exitCode = await logCommand(readSettings(process.env, process.cwd()), toTaskId(task), options.step ?? null);
  });

program
  .command('audit')
  .description('the tamper-evident record')
  .command('verify')
  .description('recompute the chain, compare it with the audit commits, name the first bad event')
  .action(async () => {
    process.exitCode = await auditVerifyCommand(readSettings(process.env, process.cwd()));
  });

/** `7` or `#7`, 1 and upwards. */
function wholeNumber(text: string): number {
  const number = Number(/^#?(\d{1,9})$/.exec(text)?.[1]);
  if (!Number.isSafeInteger(number) || number < 1) throw new InvalidArgumentError('Give a number, such as 7.');
  return number;
}

/** Standard input that is closed or /dev/null, as under a service manager or in a container. */
function nobodyTypes(): boolean {
  if (process.stdin.isTTY) return false;
  try {
    return fstatSync(0).isCharacterDevice();
  } catch {
    return true;
  }
}

// A reader that goes away, as `| head` does, has read what it wanted.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') throw error;
});

try {
  await program.parseAsync();
} catch (error) {
  const known = error instanceof ChiffonError || error instanceof InvalidArgumentError;
  const code = error instanceof ChiffonError ? `${error.code}: ` : '';
  process.stderr.write(
    known
      ? `chiffon: ${code}${error.message}\n`
      : `chiffon: CHF-999: something broke that should not have: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`,
  );
  process.exitCode = 1;
}
