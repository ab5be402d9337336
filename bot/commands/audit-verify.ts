// `npm start -- audit verify`: is the record what it was?
import { verifyAudit } from '../../core/audit/verify.ts';
import { errorCode } from '../../core/error.ts';
import { openAudit, openDataFolder, openSettingsStore } from '../compose.ts';
import type { Settings } from '../settings.ts';

/** Exit code 0 when chain and commits agree, 1 with the first bad event named. */
export async function auditVerifyCommand(settings: Settings): Promise<number> {
  await openDataFolder(settings);
  const store = await openSettingsStore(settings);
  try {
    const audit = await openAudit(settings);
    const verdict = await verifyAudit(store, audit, {
      signed: settings.auditSigningKey !== undefined,
      recorded: await store.checkpoint(`audit:${audit.id}`),
    });
    if (verdict.ok) {
      process.stdout.write(
        `The record holds: ${verdict.events} events and ${verdict.entries} audit commits agree; the chain’s head is ${verdict.head}.${verdict.waiting === 0 ? '' : ` ${verdict.waiting} events still wait for their commit; the next start makes them.`}\n`,
      );
      return 0;
    }
    process.stdout.write(`${errorCode(verdict.kind)}: event ${verdict.seq}: ${verdict.message}\n`);
    return 1;
  } finally {
    await store.close();
  }
}
