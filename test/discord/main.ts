// The server as a process of its own, for benchmarks and crashes of the bot: `node test/discord/main.ts '{"limits":"real"}'`. It
// prints where it is in one line of JSON, and ends when its input is closed, so that it never outlives who started it.
import { z } from 'zod';
import { openControl } from './control.ts';
import { startDiscord } from './start.ts';

const settings = z.object({
  port: z.int().default(0),
  controlPort: z.int().default(0),
  token: z.string().default('MTA.test.token-of-the-bot'),
  limits: z.literal(['real', 'generous']).default('real'),
  heartbeatIntervalMs: z.int().default(41_250),
  uploadLimitBytes: z.int().default(10 * 1024 * 1024),
});

const { controlPort, ...options } = settings.parse(JSON.parse(process.argv[2] ?? '{}'));
const server = await startDiscord(options);
const control = await openControl(server, controlPort);
process.stdout.write(`${JSON.stringify({ controlUrl: control.url, apiUrl: server.apiUrl })}\n`);
process.stdin.resume().on('end', () => {
  control.close();
  void server.stop().then(() => process.exit(0));
});
