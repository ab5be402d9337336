// `npm start -- serve`: the bot as a service, with no terminal; until a signal.

import type { BotSeams } from '../compose.ts';
import { keepHealthy, openDataFolder, openLog, startProgram } from '../compose.ts';
import { openPlatforms } from '../compose-platforms.ts';
import type { Settings } from '../settings.ts';

export async function serveCommand(settings: Settings, seams?: BotSeams): Promise<number> {
  const say = (text: string): void => void process.stdout.write(`${text}\n`);
  let isUp = false;
  const ending = new Promise<number>((resolve) => {
    // To the end: npm passes on what a service manager sends to all, and a second one must not cut the stop short.
    for (const [signal, code] of [
      ['SIGINT', 130],
      ['SIGTERM', 0],
      ['SIGHUP', 0],
    ] as const)
      process.on(signal, () => {
        // A start that waits for a service has nothing to put in order: whatever it began is taken up after any end.
        if (!isUp) process.exit(code);
        resolve(code);
      });
  });
  await openDataFolder(settings);
  const log = openLog(settings, 'stderr');
  const platforms = await openPlatforms(settings, log);
  const running = await startProgram(settings, platforms, log, seams).catch((error: unknown) => {
    log.error({ err: error }, 'the start failed');
    throw error;
  });
  isUp = true;
  try {
    for (const note of running.notes) say(`! ${note}`);
    const reading = await running.bot.readRepository();
    say(
      reading.type === 'read'
        ? `✓ serving ${reading.state.name} at ${reading.state.commit.slice(0, 8)}: ${reading.catalogue.actions.length} actions on ${reading.catalogue.hosts.length} hosts`
        : `! ${reading.message}`,
    );
    say(running.hasServices ? '✓ connected to the database and the broker' : '✓ everything in this process');
    const stopHealth = keepHealthy(settings.dataFolder, async () => {
      await running.store.head();
      return running.connected();
    });
    const code = await ending;
    say('… stopping');
    stopHealth();
    return code;
  } finally {
    await running.close();
  }
}
