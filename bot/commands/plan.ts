// `npm start -- plan`: for scripts and for evaluation.
import { createInterface } from 'node:readline';
import type { Refusal } from '../../core/error.ts';
import { ChiffonError, errorCode } from '../../core/error.ts';
import { clock, newId, openDataFolder, openRepository, planner } from '../compose.ts';
import { planOnly } from '../plan-only.ts';
import { makeReadRepository } from '../planning/read-repository.ts';
import type { Settings } from '../settings.ts';

const lineAtMost = 1_000_000;

/** `request` null: one on each line of standard input. Exit code 0 when each request got its line. */
export async function planCommand(settings: Settings, request: string | null): Promise<number> {
  await openDataFolder(settings);
  const reading = await makeReadRepository(await openRepository(settings))();
  if (reading.type === 'refusal') throw asFault(reading);
  const parts = { planner, reading, policyVersion: 'none', now: clock.now, newId };
  const print = async (text: string): Promise<void> => {
    const line = `${JSON.stringify(await planOnly(parts, text))}\n`;
    if (!process.stdout.write(line)) await new Promise((resolve) => process.stdout.once('drain', resolve));
  };
  if (request !== null) await print(request);
  else
    for await (const line of createInterface({ input: process.stdin, crlfDelay: Number.POSITIVE_INFINITY }))
      if (line.trim() !== '') await print(line.slice(0, lineAtMost));
  return 0;
}

/** A repository that cannot be planned from at all is the command's failure, not one request's. */
function asFault(refusal: Refusal): ChiffonError {
  return new ChiffonError(refusal.kind, refusal.message.replace(`${errorCode(refusal.kind)}: `, ''));
}
