// The bot as `npm start` runs it for a chat platform, with fault points.
import { serveCommand } from '../../bot/commands/serve.ts';
import { readSettings } from '../../bot/settings.ts';
import { openFaultPoints } from '../services/fault-points.ts';

const { bus, store } = openFaultPoints(process.env.FAULT_POINT);
process.exitCode = await serveCommand(readSettings(process.env, process.cwd()), { bus, store });
