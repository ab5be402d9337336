// What a bot or an agent wrote into its log file: for what shows nowhere else, such as since when it leads.
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import type { Lab, LabProcess } from './lab.ts';
import { until } from './until.ts';

const lineSchema = z.looseObject({
  time: z.number(),
  pid: z.number(),
  msg: z.string().default(''),
  leads: z.string().optional(),
  kind: z.string().optional(),
  err: z.looseObject({ kind: z.string().optional() }).optional(),
});
export type LogLine = z.infer<typeof lineSchema>;

/** `home`: the data folder's name in the lab. */
export async function readLog(lab: Lab, home: string): Promise<readonly LogLine[]> {
  const file = home.startsWith('agent') ? 'agent.log' : 'chiffon.log';
  const text = await readFile(join(lab.folder, home, file), 'utf8').catch(() => '');
  return text.split('\n').flatMap((line) => {
    try {
      return [lineSchema.parse(JSON.parse(line))];
    } catch {
      // The last line of a killed process may be torn.
      return [];
    }
  });
}

export type LabBot = { readonly home: string; readonly process: LabProcess };

/** Which of these bots leads the work, and since when (ms since the epoch). Resolves when one of them does. */
export async function leaderOf(
  lab: Lab,
  bots: readonly LabBot[],
  options: { readonly name?: string; readonly timeoutMs?: number } = {},
): Promise<LabBot & { readonly sinceMs: number }> {
  const { name = 'work', timeoutMs } = options;
  return until(
    async () => {
      const begun = await Promise.all(
        bots.map(async (bot) => {
          const lines = await readLog(lab, bot.home);
          const line = lines.findLast(
            ({ pid, msg, leads }) => pid === bot.process.pid && msg === 'this bot leads' && leads === name,
          );
          return line === undefined ? [] : [{ ...bot, sinceMs: line.time }];
        }),
      );
      return begun.flat().toSorted((one, other) => other.sinceMs - one.sinceMs)[0];
    },
    { ...(timeoutMs !== undefined && { timeoutMs }), what: () => `a leader of ${name}` },
  );
}
