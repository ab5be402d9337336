// `npm start -- doctor`: looks at everything that Chiffon needs and says what to do about each problem. It changes nothing.
import { ChiffonError } from '../../core/error.ts';
import {
  checkBroker,
  checkDatabase,
  openRepository,
  openSettingsStore,
  readSettingsPolicy,
  wantsColours,
} from '../compose.ts';
import { checkPlatforms } from '../compose-platforms.ts';
import type { Finding } from '../doctor/finding.ts';
import { broken, note } from '../doctor/finding.ts';
import { checkDataFolder, checkPolicy, checkRepository, checkSigningKey, checkTools } from '../doctor/local-checks.ts';
import { platformFindings } from '../doctor/platform-checks.ts';
import type { LogKnows } from '../doctor/service-checks.ts';
import { brokerFindings, databaseFindings, queuesOf, whatTheLogKnows } from '../doctor/service-checks.ts';
import type { Settings } from '../settings.ts';

/** Exit code 1 when something is broken. */
export async function doctorCommand(settings: Settings, options: { readonly json: boolean }): Promise<number> {
  const findings: Finding[] = [];
  const tell = (found: readonly Finding[]): void => {
    findings.push(...found);
    if (!options.json) for (const each of found) process.stdout.write(`${line(each)}\n`);
  };
  tell(await checkDataFolder(settings));
  tell(await checkTools(settings));
  tell(await checkRepository(settings, () => openRepository(settings)));
  tell(await checkPolicy(settings, () => readSettingsPolicy(settings)));
  await checkServices(settings, tell);
  tell(platformFindings(await checkPlatforms(settings)));
  if (options.json) process.stdout.write(`${JSON.stringify(findings)}\n`);
  const bad = findings.filter(({ standing }) => standing === 'broken').length;
  if (!options.json) process.stdout.write(bad === 0 ? '\nNothing is broken.\n' : `\n${bad} of these must be mended.\n`);
  return bad === 0 ? 0 : 1;
}

async function checkServices(settings: Settings, tell: (found: readonly Finding[]) => void): Promise<void> {
  const { databaseUrl, rabbitmqUrl } = settings;
  if (databaseUrl === undefined) return;
  const database = await checkDatabase('DATABASE_URL', databaseUrl);
  tell(databaseFindings(database));
  const knows = database.type === 'ready' ? await askLog(settings, tell) : nothing;
  if (rabbitmqUrl === undefined) return;
  tell(await checkSigningKey(settings, knows.coreKey));
  if (settings.secretKey === undefined)
    tell([
      note(
        'secret key',
        'CHIFFON_SECRET_KEY is not set: secrets are sealed with a key of this data folder, which no other bot has.',
        'Set the same one on every bot; `openssl rand -base64 32` makes one.',
      ),
    ]);
  tell(brokerFindings(await checkBroker(rabbitmqUrl, queuesOf(knows.agents)), knows.agents));
}

const nothing: LogKnows = { agents: [], coreKey: undefined };

async function askLog(settings: Settings, tell: (found: readonly Finding[]) => void): Promise<LogKnows> {
  try {
    const store = await openSettingsStore(settings);
    try {
      return await whatTheLogKnows(store);
    } finally {
      await store.close();
    }
  } catch (error) {
    const sentence = error instanceof ChiffonError ? error.message : String(error);
    tell([broken('database', sentence, 'Mend this first.')]);
    return nothing;
  }
}

const marks = { well: ['✓', 32], note: ['!', 33], broken: ['✗', 31] } as const;

function line({ standing, about, sentence, advice }: Finding): string {
  const [mark, colour] = marks[standing];
  const shown = wantsColours(process.stdout, process.env) ? `\u001b[${colour}m${mark}\u001b[0m` : mark;
  return `${shown} ${about}: ${sentence}${advice === undefined ? '' : `\n    → ${advice}`}`;
}
