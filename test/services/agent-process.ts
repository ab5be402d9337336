// The agent as `npm run agent` runs it, with fault points.
import { openAgentLog } from '../../agents/agent-log.ts';
import { startAgentProgram } from '../../agents/compose.ts';
import { readAgentSettings } from '../../agents/settings.ts';
import { openFaultPoints } from './fault-points.ts';

const settings = readAgentSettings(process.env, process.cwd());
const lost = (): void => process.exit(3);
const running = await startAgentProgram(
  settings,
  openAgentLog(settings),
  lost,
  openFaultPoints(process.env.FAULT_POINT),
);
process.stdout.write('ready\n');
process.once('SIGTERM', () => void running.close().then(() => process.exit(0)));
