// The bot as `npm start -- --json` runs it, with fault points.
import { chatCommand } from '../../bot/commands/chat.ts';
import { readSettings } from '../../bot/settings.ts';
import { openFaultPoints } from './fault-points.ts';

const { bus, store } = openFaultPoints(process.env.FAULT_POINT);
process.exitCode = await chatCommand(readSettings(process.env, process.cwd()), { json: true, seams: { bus, store } });
